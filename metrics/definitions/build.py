"""Checked entries to the frozen model, and definitions sealed with the hashes of what they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from metrics.definitions.derived import resolve_derived
from metrics.definitions.documents import seal_key_result, seal_metric, seal_objective
from metrics.definitions.schema import (
    InitiativeEntry,
    KeyResultEntry,
    MetricEntry,
    MilestoneEntry,
    ObjectiveEntry,
    PlanEntry,
)
from metrics.model.definition import (
    ALL_DONE,
    Definitions,
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
    values |= {"source": entry.source or "", "time": entry.time or ""}
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


def seal(metrics: Mapping[str, Metric], objectives: Iterable[Objective], cycles: Iterable[str] = ()) -> Definitions:
    """Give derived metrics their components, every definition its hash, and put the cycles in order.

    Raises:
        ValueError: a derived metric cannot be computed.
    """
    resolved = resolve_derived(metrics, metrics, _must_hold)
    sealed = {key: replace(metric, definition=seal_metric(metric)) for key, metric in resolved.items()}
    ordered = sorted(objectives, key=lambda objective: objective.cycle)
    spoken_of = sorted({*cycles, *(objective.cycle for objective in ordered)})
    return Definitions(sealed, tuple(_seal_objective(objective, sealed) for objective in ordered), tuple(spoken_of))


def _must_hold(metric_id: str, message: str) -> None:
    raise ValueError(f"metric {metric_id!r}: {message}")


def _seal_objective(objective: Objective, metrics: Mapping[str, Metric]) -> Objective:
    key_results = tuple(
        replace(key_result, definition=seal_key_result(key_result, key_result.measured_by(metrics)))
        for key_result in objective.key_results
    )
    whole = replace(objective, key_results=key_results)
    return replace(whole, definition=seal_objective(whole))


def _titled(value: Any, language: Language) -> Title:
    if value is None:
        return {}
    return {language: value} if isinstance(value, str) else dict(value)
