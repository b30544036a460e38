"""Judges what nobody has saved yet, as fast as somebody types: the data are asked once, the rules every time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from metrics.assessment.gathering import FactsHistory, Moment, evidence_of
from metrics.definitions.documents import seal_metric
from metrics.model.definition import Definitions, Goal, KeyResult, Objective
from metrics.model.scorecard import Cycle
from metrics.outlook import Outlook, look_ahead
from metrics.periods import goal_window
from metrics.scorecard.build import Frame
from metrics.smart import (
    NOT_SYNCED,
    Evidence,
    KeyResultFindings,
    ObjectiveFindings,
    judge_goal,
    judge_key_result,
    judge_objective,
)


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What the data say about a draft whatever its title, target, baseline and plan are.

    Attributes:
        outlook: where the key result is heading; None before the cycle begins and before the first sync.
    """

    evidence: Evidence = NOT_SYNCED
    outlook: Outlook | None = None


NOTHING_KNOWN = Background()
"""Before the first sync."""


def background_key(definitions: Definitions, key_result: KeyResult, moment: Moment, cycle: Cycle) -> tuple[str, ...]:
    """Name everything that a draft's background depends on beside the generation: drafts of one key share it."""
    metric = key_result.measured_by(definitions.metrics)
    return (
        seal_metric(metric) if metric else "",
        repr(key_result.filter),
        str(key_result.read),
        key_result.shape,
        f"{cycle.starts}..{cycle.ends}",
        moment.as_of.isoformat(),
    )


def background_of(
    definitions: Definitions,
    key_result: KeyResult,
    facts: FactsHistory,
    moment: Moment,
    cycle: Cycle,
    *,
    level_shifts: Mapping[str, tuple[date, ...]] | None = None,
) -> Background:
    """Ask the data about one draft; keep the answer for as long as `background_key` stays the same.

    Args:
        definitions: with the draft's metric, which may be a draft too.
        key_result: the draft.
        facts: one generation.
        moment: as of when.
        cycle: the draft's; it may lie ahead.
        level_shifts: days by metric on which its level changed for good.
    """
    gathered = evidence_of((key_result,), definitions.metrics, facts, moment, cycle)
    evidence = gathered.get(key_result.key, NOT_SYNCED)
    if not evidence.synced or evidence.error is not None or not cycle.starts <= moment.as_of <= cycle.ends:
        return Background(evidence)
    frame = Frame(moment.organisation, cycle, moment.as_of, moment.now)
    ahead = look_ahead((key_result,), definitions.metrics, facts, frame, level_shifts=level_shifts)
    return Background(evidence, ahead[key_result.key])


def assess_draft(
    definitions: Definitions,
    objective: Objective,
    key_result: KeyResult,
    moment: Moment,
    cycle: Cycle,
    *,
    background: Background = NOTHING_KNOWN,
) -> KeyResultFindings:
    """Give the five verdicts of a draft; reads nothing, so it may be asked at every keystroke.

    Args:
        definitions: all that are saved, and the draft's metric.
        objective: the draft's, itself perhaps a draft.
        key_result: the draft.
        moment: as of when.
        cycle: the draft's.
        background: see `background_of`.
    """
    return judge_key_result(
        key_result,
        objective,
        key_result.measured_by(definitions.metrics),
        cycle,
        moment.as_of,
        evidence=_with_chance(background, key_result),
        known=definitions.served_keys,
    )


def assess_draft_objective(
    definitions: Definitions,
    objective: Objective,
    moment: Moment,
    cycle: Cycle,
    *,
    backgrounds: Mapping[str, Background] | None = None,
) -> ObjectiveFindings:
    """Judge a draft objective with its key results, beside what is saved in its cycle.

    Args:
        definitions: all that are saved; an objective of the draft's key in them is left aside.
        objective: the draft.
        moment: as of when.
        cycle: the draft's.
        backgrounds: by key result (`cycle/id`).
    """
    known = backgrounds or {}
    evidence = {one.key: _with_chance(known.get(one.key, NOTHING_KNOWN), one) for one in objective.key_results}
    return judge_objective(_with_draft(definitions, objective), objective, cycle, moment.as_of, evidence=evidence)


def assess_draft_goal(
    definitions: Definitions, goal: Goal, moment: Moment, *, background: Background = NOTHING_KNOWN
) -> KeyResultFindings:
    """Give the five verdicts of a SMART goal that is being written; reads nothing.

    Args:
        definitions: all that are saved, and the goal's metric.
        goal: the draft.
        moment: as of when.
        background: see `background_of`, over the goal's own dates.
    """
    metric, evidence = goal.measured.measured_by(definitions.metrics), _with_chance(background, goal.measured)
    return judge_goal(goal, metric, goal_window(goal), moment.as_of, evidence=evidence).measured


def _with_draft(definitions: Definitions, draft: Objective) -> Definitions:
    """Put a draft where the saved objective of its key stands, else at the end."""
    saved = definitions.objectives
    if any(each.key == draft.key for each in saved):
        return replace(definitions, objectives=tuple(draft if each.key == draft.key else each for each in saved))
    return replace(definitions, objectives=(*saved, draft))


def _with_chance(background: Background, key_result: KeyResult) -> Evidence:
    """Read the chance of the draft's target off the paths that are known already."""
    forecast = background.outlook.forecast if background.outlook else None
    return (
        background.evidence
        if forecast is None
        else replace(background.evidence, chance=forecast.chance(key_result.target))
    )
