"""The canonical form of definitions: what the ledger stores, YAML is written from, and hashes stand on.

A document has the keys of the YAML format; what has its default value is left out, so that a later version with more
keys gives the same document, and the same hash, for what was defined before.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from metrics.definitions.fields import format_duration
from metrics.model.calendar import WorkingHours
from metrics.model.definition import Definitions, Goal, Initiative, KeyResult, Metric, Milestone, Objective, Title
from metrics.model.target import Target

DocumentKind = Literal["metric", "cycle", "objective", "key_result", "goal"]

_METRIC_DEFAULTS: Mapping[str, Any] = {
    "rollup": "pooled",
    "better": "higher",
    "unit": "",
    "sample": False,
    "approx": False,
}
_KEY_RESULT_DEFAULTS: Mapping[str, Any] = {"shape": "reach", "read": "period", "weight": 1}
_MILESTONE_DEFAULTS: Mapping[str, Any] = {"weight": 1}
_INITIATIVE_DEFAULTS: Mapping[str, Any] = {"state": "planned"}
_GOAL_DEFAULTS: Mapping[str, Any] = {"level": "individual", "draft": False}
_OBJECTIVE_DEFAULTS: Mapping[str, Any] = {"kind": "committed", "level": "company", "priority": 0}


@dataclass(frozen=True, slots=True)
class DefinitionDocument:
    """One definition as the ledger stores it.

    Attributes:
        key: the metric's id, the cycle's id, or `cycle/id`.
        body: canonical JSON: sorted keys, no spaces, UTF-8.
    """

    kind: DocumentKind
    key: str
    body: str


def stored_documents(definitions: Definitions) -> tuple[DefinitionDocument, ...]:
    """Write every definition as a document: metrics, objectives, key results, goals, then each cycle's order."""
    documents = [
        DefinitionDocument("metric", metric.id, canonical_json(metric_document(metric)))
        for metric in definitions.metrics.values()
    ]
    for objective in definitions.objectives:
        body = {**objective_document(objective), "key_results": [one.id for one in objective.key_results]}
        documents.append(DefinitionDocument("objective", objective.key, canonical_json(body)))
        documents.extend(
            DefinitionDocument("key_result", one.key, canonical_json(key_result_document(one)))
            for one in objective.key_results
        )
    documents.extend(
        DefinitionDocument("goal", goal.key, canonical_json(goal_document(goal))) for goal in definitions.goals
    )
    documents.extend(_cycle_document(definitions, cycle) for cycle in definitions.cycle_ids)
    return tuple(documents)


def _cycle_document(definitions: Definitions, cycle: str) -> DefinitionDocument:
    body: dict[str, Any] = {"objectives": [one.id for one in definitions.objectives_of(cycle)]}
    if goals := [one.id for one in definitions.goals if one.cycle == cycle]:
        body["goals"] = goals
    return DefinitionDocument("cycle", cycle, canonical_json(body))


def definition_documents(definitions: Definitions) -> dict[str, dict[str, Any]]:
    """Write every definition with its hash as one JSON-able whole, as snapshots keep it: by kind, then by key.

    Drafts stay out, since a snapshot is for everybody.
    """
    published = [goal for goal in definitions.goals if not goal.draft]
    goals = {goal.key: {**goal_document(goal), "definition": goal.definition} for goal in published}
    return {
        "metrics": {
            metric.id: {**metric_document(metric), "definition": metric.definition}
            for metric in definitions.metrics.values()
        },
        "objectives": {
            objective.key: {
                **objective_document(objective),
                "key_results": [one.id for one in objective.key_results],
                "definition": objective.definition,
            }
            for objective in definitions.objectives
        },
        "key_results": {
            one.key: {**key_result_document(one), "definition": one.definition} for one in definitions.key_results()
        },
        **({"goals": goals} if goals else {}),
    }


def metric_document(metric: Metric) -> dict[str, Any]:
    """Write a metric as in metrics.yaml, without its id."""
    document = {
        "title": _ordered(metric.title),
        "description": _ordered(metric.description),
        "source": metric.source or None,
        "time": metric.time or None,
        "aggregate": metric.aggregate,
        "value": metric.value,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "where": metric.where,
        "expression": metric.expression,
        "query": metric.query,
        "working_hours": _working_hours(metric.working_hours),
        "dimensions": [] if metric.aggregate == "derived" else list(metric.dimensions),
        "rollup": metric.rollup,
        "unit": metric.unit,
        "better": metric.better,
        "bounds": None if metric.bounds == (None, None) else [_plain(end) for end in metric.bounds],
        "expected_every": None if metric.expected_every is None else format_duration(metric.expected_every),
        "sample": metric.sample,
        "approx": metric.approx,
        "owner": metric.owner,
    }
    return _without_defaults(document, _METRIC_DEFAULTS)


def key_result_document(key_result: KeyResult) -> dict[str, Any]:
    """Write a key result as in okrs/*.yaml, without its id."""
    document = {
        "title": _ordered(key_result.title),
        "metric": key_result.metric,
        "filter": {dimension: list(values) for dimension, values in key_result.filter},
        "shape": key_result.shape,
        "read": str(key_result.read),
        "baseline": _plain(key_result.baseline),
        "target": None if key_result.is_checklist else key_result.target.text,
        "stretch": key_result.stretch and key_result.stretch.text,
        "commit": key_result.commit and key_result.commit.text,
        "weight": _plain(key_result.weight),
        "owner": key_result.owner,
        "contributors": list(key_result.contributors),
        "plan": [{"by": point.by.isoformat(), "value": _plain(point.value)} for point in key_result.plan],
        "milestones": [_milestone(milestone) for milestone in key_result.milestones],
        "depends_on": list(key_result.depends_on),
        "initiatives": [_initiative(initiative) for initiative in key_result.initiatives],
    }
    return _without_defaults(document, _KEY_RESULT_DEFAULTS)


def _working_hours(working: WorkingHours | None) -> dict[str, Any] | None:
    return None if working is None else {"field": [working.starts, working.ends], "calendar": working.calendar}


def _milestone(milestone: Milestone) -> dict[str, Any]:
    document = {"id": milestone.id, "title": _ordered(milestone.title), "weight": _plain(milestone.weight)}
    return _without_defaults(document, _MILESTONE_DEFAULTS)


def _initiative(initiative: Initiative) -> dict[str, Any]:
    document = {
        "title": _ordered(initiative.title),
        "owner": initiative.owner,
        "state": initiative.state,
        "learned": _ordered(initiative.learned),
    }
    return _without_defaults(document, _INITIATIVE_DEFAULTS)


def objective_document(objective: Objective) -> dict[str, Any]:
    """Write an objective as in okrs/*.yaml, without its id and key results."""
    document = {
        "title": _ordered(objective.title),
        "why": _ordered(objective.why),
        "kind": objective.kind,
        "level": objective.level,
        "team": objective.team,
        "owner": objective.owner,
        "parent": objective.parent,
        "priority": objective.priority,
        "depends_on": list(objective.depends_on),
    }
    return _without_defaults(document, _OBJECTIVE_DEFAULTS)


def goal_document(goal: Goal) -> dict[str, Any]:
    """Write a goal as in okrs/*.yaml, without its id."""
    document = {
        "title": {},
        "why": _ordered(goal.why),
        "level": goal.level,
        "team": goal.team,
        **key_result_document(goal.measured),
        "starts": goal.starts.isoformat(),
        "ends": goal.ends.isoformat(),
        "draft": goal.draft,
    }
    return _without_defaults(document, _GOAL_DEFAULTS)


def seal_metric(metric: Metric) -> str:
    """Hash what a metric means, its components' meaning included: `sha256:...`."""
    document = {"id": metric.id, **metric_document(metric)}
    over = [seal_metric(component) for component in metric.components]
    return _seal({"computed_from": over, **document} if over else document)


def seal_key_result(key_result: KeyResult, metric: Metric | None) -> str:
    """Hash what a key result means, its metric's meaning included; how a target is spelt does not matter.

    What people do about it and learn while the cycle runs does not change what it means.
    """
    spelt_once = _spelt_once(key_result)
    written = key_result_document(replace(key_result, initiatives=()))
    return _seal_measured({"key": key_result.key, **written, **spelt_once}, metric)


def seal_goal(goal: Goal, metric: Metric | None) -> str:
    """Hash what a goal means; whether it is published yet does not matter."""
    written = goal_document(replace(goal, draft=False))
    return _seal_measured({"key": goal.key, **written, **_spelt_once(goal.measured)}, metric)


def seal_objective(objective: Objective) -> str:
    """Hash what an objective means, its sealed key results' meaning included."""
    key_results = [one.definition for one in objective.key_results]
    return _seal({"key": objective.key, **objective_document(objective), "key_results": key_results})


def canonical_json(document: Mapping[str, Any]) -> str:
    """Write JSON in the one way that hashes stand on."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _ordered(title: Title) -> dict[str, str]:
    return dict(sorted(title.items()))


def _seal_measured(document: Mapping[str, Any], metric: Metric | None) -> str:
    return _seal(document if metric is None else {"measures": seal_metric(metric), **document})


def _spelt_once(key_result: KeyResult) -> dict[str, list[Any]]:
    return {
        name: _meaning(target)
        for name in ("target", "stretch", "commit")
        if (target := getattr(key_result, name)) is not None
    }


def _seal(document: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(canonical_json(document).encode()).hexdigest()


def _meaning(target: Target) -> list[Any]:
    return [target.comparator, _plain(target.value), _plain(target.high)]


def _plain(number: float | None) -> float | int | None:
    """Write whole numbers without a fraction, so that 2 and 2.0 are one."""
    if number is not None and abs(number) < 2**53 and number == int(number):
        return int(number)
    return number


def _without_defaults(document: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in document.items()
        if value is not None and value not in ({}, []) and not (key in defaults and value == defaults[key])
    }
