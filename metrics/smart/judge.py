"""Puts the rules together: the findings of one cycle from its definitions and the evidence gathered for them."""

from collections.abc import Collection, Mapping
from datetime import date

from metrics.model.definition import Definitions, Goal, KeyResult, Metric, Objective
from metrics.model.scorecard import Cycle
from metrics.smart.achievable import key_result_achievable
from metrics.smart.evidence import NOT_SYNCED, Evidence
from metrics.smart.findings import (
    LETTERS,
    CycleFindings,
    Finding,
    GoalFindings,
    KeyResultFindings,
    Letter,
    ObjectiveFindings,
    Verdict,
)
from metrics.smart.measurable import key_result_measurable
from metrics.smart.relevant import goal_relevant, key_result_relevant
from metrics.smart.specific import key_result_specific, objective_specific
from metrics.smart.structure import cycle_structure, objective_structure
from metrics.smart.time_bound import goal_time_bound, key_result_time_bound
from metrics.smart.waiting import gone_dependencies


def judge_cycle(
    definitions: Definitions,
    cycle: Cycle,
    as_of: date,
    *,
    evidence: Mapping[str, Evidence],
    generation: str | None = None,
) -> CycleFindings:
    """Judge every objective and key result of a cycle.

    Args:
        definitions: all of them: parents may lie in other cycles.
        cycle: whose objectives are judged.
        as_of: today, in the organisation's zone.
        evidence: by key result (`cycle/id`); one that is missing counts as not synced.
        generation: which facts the evidence is from.
    """
    objectives = definitions.objectives_of(cycle.id)
    return CycleFindings(
        cycle=cycle,
        as_of=as_of,
        generation=generation,
        findings=cycle_structure(objectives),
        objectives=tuple(judge_objective(definitions, each, cycle, as_of, evidence=evidence) for each in objectives),
    )


def judge_objective(
    definitions: Definitions, objective: Objective, cycle: Cycle, as_of: date, *, evidence: Mapping[str, Evidence]
) -> ObjectiveFindings:
    """Judge one objective and its key results, beside the others of its cycle.

    Args:
        definitions: all of them, the objective among them.
        objective: may be a draft that is not stored anywhere.
        cycle: the objective's.
        as_of: today, in the organisation's zone.
        evidence: by key result (`cycle/id`); one that is missing counts as not synced.
    """
    metrics, known = definitions.metrics, definitions.served_keys
    beside = definitions.objectives_of(cycle.id)
    return ObjectiveFindings(
        objective,
        (
            *objective_specific(objective),
            *objective_structure(objective, metrics, beside),
            *gone_dependencies(objective, known),
        ),
        tuple(
            judge_key_result(
                one,
                objective,
                one.measured_by(metrics),
                cycle,
                as_of,
                evidence=evidence.get(one.key, NOT_SYNCED),
                known=known,
            )
            for one in objective.key_results
        ),
    )


def judge_goal(goal: Goal, metric: Metric | None, dates: Cycle, as_of: date, *, evidence: Evidence) -> GoalFindings:
    """Give the five verdicts of a goal, by the same rules: it is measured, and met as a commitment is.

    Args:
        goal: may be a draft.
        metric: None when its name stands for nothing.
        dates: the goal's own.
        as_of: today, in the organisation's zone.
        evidence: what the data say.
    """
    measured, unit = goal.measured, metric.unit if metric else ""
    found: Mapping[Letter, tuple[Finding, ...]] = {
        "specific": key_result_specific(measured, None),
        "measurable": key_result_measurable(measured, "committed", metric, evidence),
        "achievable": key_result_achievable(measured, "committed", unit, evidence, dates, as_of),
        "relevant": goal_relevant(goal),
        "time_bound": goal_time_bound(goal, dates, as_of),
    }
    verdicts = tuple(Verdict(letter, found[letter]) for letter in LETTERS)
    return GoalFindings(goal, KeyResultFindings(measured, unit, verdicts))


def judge_key_result(
    key_result: KeyResult,
    objective: Objective,
    metric: Metric | None,
    cycle: Cycle,
    as_of: date,
    *,
    evidence: Evidence,
    known: Collection[str],
) -> KeyResultFindings:
    """Give the five verdicts of one key result; cheap enough to be asked for at every keystroke.

    Args:
        key_result: may be a draft that is not stored anywhere.
        objective: the key result's.
        metric: None when its name stands for nothing.
        cycle: the key result's.
        as_of: today, in the organisation's zone.
        evidence: what the data say; it does not depend on the target.
        known: keys (`cycle/id`) of all objectives and key results, for the parent.
    """
    unit = metric.unit if metric else ""
    found: Mapping[Letter, tuple[Finding, ...]] = {
        "specific": key_result_specific(key_result, objective),
        "measurable": key_result_measurable(key_result, objective.kind, metric, evidence),
        "achievable": key_result_achievable(key_result, objective.kind, unit, evidence, cycle, as_of),
        "relevant": key_result_relevant(objective, known),
        "time_bound": key_result_time_bound(key_result, cycle, as_of),
    }
    return KeyResultFindings(key_result, unit, tuple(Verdict(letter, found[letter]) for letter in LETTERS))
