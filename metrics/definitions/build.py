"""Checked entries to the frozen model, and definitions sealed with the hashes of what they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from metrics.definitions.derived import resolve_derived
from metrics.definitions.documents import seal_goal, seal_key_result, seal_metric, seal_objective
from metrics.definitions.schema import (
    GoalEntry,
    InitiativeEntry,
    KeyResultEntry,
    MetricEntry,
    MilestoneEntry,
    ObjectiveEntry,
    PlanEntry,
)
from metrics.model.calendar import WorkingHours
from metrics.model.definition import (
    ALL_DONE,
    Definitions,
    Goal,
    Initiative,
    KeyResult,
    Language,
    Metric,
    Milestone,
    Objective,
    PlanPoint,
    Title,
)


def build_metric(metric_id: str, entry: MetricEntry, language: Language) -> Metric:
    """Make a metric; without a title its id is worded."""
    values = {name: getattr(entry, name) for name in MetricEntry.model_fields}
    worded = metric_id.replace("_", " ").replace("-", " ").strip().capitalize()
    values |= {"source": entry.source or "", "time": entry.time or "", "working_hours": _hours(entry)}
    values["title"] = _titled(entry.title or worded, language)
    values["description"] = _titled(entry.description, language)
    return Metric(id=metric_id, **values)


def build_key_result(
    key_result_id: str,
    entry: KeyResultEntry,
    plan: Iterable[PlanEntry],
    milestones: Iterable[MilestoneEntry],
    initiatives: Iterable[InitiativeEntry],
    *,
    objective: str,
    cycle: str,
    language: Language,
) -> KeyResult:
    """Make a key result of an objective."""
    values = {name: getattr(entry, name) for name in KeyResultEntry.model_fields}
    values |= {
        "id": key_result_id,
        "title": _titled(entry.title, language),
        "target": entry.target or ALL_DONE,
        "plan": tuple(PlanPoint(point.by, point.value) for point in plan),
        "milestones": tuple(Milestone(one.id, _titled(one.title, language), one.weight) for one in milestones),
        "initiatives": tuple(_initiative(one, language) for one in initiatives),
    }
    return KeyResult(objective=objective, cycle=cycle, **values)


def _initiative(entry: InitiativeEntry, language: Language) -> Initiative:
    return Initiative(_titled(entry.title, language), entry.owner, entry.state, _titled(entry.learned, language))


def build_objective(
    objective_id: str, entry: ObjectiveEntry, key_results: Iterable[KeyResult], *, cycle: str, language: Language
) -> Objective:
    """Make an objective with its key results."""
    values = {name: getattr(entry, name) for name in ObjectiveEntry.model_fields}
    values |= {
        "id": objective_id,
        "title": _titled(entry.title, language),
        "why": _titled(entry.why, language),
        "key_results": tuple(key_results),
    }
    return Objective(cycle=cycle, **values)


def build_goal(goal_id: str, entry: GoalEntry, plan: Iterable[PlanEntry], *, cycle: str, language: Language) -> Goal:
    """Make a goal of a file, which belongs to no objective."""
    shared = KeyResultEntry.model_fields.keys() & GoalEntry.model_fields.keys()
    values = {name: getattr(entry, name) for name in shared}
    values |= {
        "id": goal_id,
        "title": _titled(entry.title, language),
        "plan": tuple(PlanPoint(point.by, point.value) for point in plan),
    }
    return Goal(
        KeyResult(objective="", cycle=cycle, **values),
        entry.starts,
        entry.ends,
        why=_titled(entry.why, language),
        level=entry.level,
        team=entry.team,
        draft=entry.draft,
    )


def seal(
    metrics: Mapping[str, Metric],
    objectives: Iterable[Objective],
    cycles: Iterable[str] = (),
    goals: Iterable[Goal] = (),
) -> Definitions:
    """Give derived metrics their components, every definition its hash, and put the cycles in order.

    Raises:
        ValueError: a derived metric cannot be computed.
    """
    resolved = resolve_derived(metrics, metrics, _must_hold)
    sealed = {key: replace(metric, definition=seal_metric(metric)) for key, metric in resolved.items()}
    ordered = sorted(objectives, key=lambda objective: objective.cycle)
    standing = sorted(goals, key=lambda goal: goal.cycle)
    spoken_of = sorted({*cycles, *(each.cycle for each in ordered), *(each.cycle for each in standing)})
    return Definitions(
        sealed,
        tuple(_seal_objective(objective, sealed) for objective in ordered),
        tuple(spoken_of),
        tuple(_seal_goal(goal, sealed) for goal in standing),
    )


def _seal_goal(goal: Goal, metrics: Mapping[str, Metric]) -> Goal:
    definition = seal_goal(goal, goal.measured.measured_by(metrics))
    return replace(goal, measured=replace(goal.measured, definition=definition))


def _must_hold(metric_id: str, message: str) -> None:
    raise ValueError(f"metric {metric_id!r}: {message}")


def _seal_objective(objective: Objective, metrics: Mapping[str, Metric]) -> Objective:
    key_results = tuple(
        replace(key_result, definition=seal_key_result(key_result, key_result.measured_by(metrics)))
        for key_result in objective.key_results
    )
    whole = replace(objective, key_results=key_results)
    return replace(whole, definition=seal_objective(whole))


def _hours(entry: MetricEntry) -> WorkingHours | None:
    working = entry.working_hours
    return None if working is None else WorkingHours(working.field[0], working.field[1], working.calendar)


def _titled(value: Any, language: Language) -> Title:
    if value is None:
        return {}
    return {language: value} if isinstance(value, str) else dict(value)
