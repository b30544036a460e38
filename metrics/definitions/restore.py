"""Stored documents back to definitions: the inverse of `stored_documents`."""

import json
from collections.abc import Iterable
from typing import Any

from metrics.definitions.build import build_goal, build_key_result, build_metric, build_objective, seal
from metrics.definitions.documents import DefinitionDocument, DocumentKind
from metrics.definitions.schema import (
    GoalEntry,
    InitiativeEntry,
    KeyResultEntry,
    MetricEntry,
    MilestoneEntry,
    ObjectiveEntry,
    PlanEntry,
)
from metrics.model.definition import Definitions, Goal, KeyResult, Language, Objective

_NO_LANGUAGE: Language = "en"  # stored titles always name their language


def restore_definitions(documents: Iterable[DefinitionDocument]) -> Definitions:
    """Build definitions from documents that belong together.

    Raises:
        KeyError: a document names another one that is not there.
        ValueError: a document does not hold what its kind must.
    """
    bodies: dict[tuple[DocumentKind, str], dict[str, Any]] = {
        (document.kind, document.key): json.loads(document.body) for document in documents
    }
    metrics = {
        key: build_metric(key, MetricEntry.model_validate(body), _NO_LANGUAGE)
        for (kind, key), body in sorted(bodies.items())
        if kind == "metric"
    }
    objectives = [
        _objective(bodies, cycle, objective_id)
        for (kind, cycle), body in sorted(bodies.items())
        if kind == "cycle"
        for objective_id in body["objectives"]
    ]
    goals = [
        _goal(bodies["goal", f"{cycle}/{goal_id}"], goal_id, cycle)
        for (kind, cycle), body in sorted(bodies.items())
        if kind == "cycle"
        for goal_id in body.get("goals", [])
    ]
    return seal(metrics, objectives, (key for kind, key in bodies if kind == "cycle"), goals)


def _objective(bodies: dict[tuple[DocumentKind, str], dict[str, Any]], cycle: str, objective_id: str) -> Objective:
    body = dict(bodies["objective", f"{cycle}/{objective_id}"])
    key_results = [
        _key_result(bodies["key_result", f"{cycle}/{key_result_id}"], key_result_id, objective_id, cycle)
        for key_result_id in body.pop("key_results", [])
    ]
    entry = ObjectiveEntry.model_validate({"id": objective_id, **body})
    return build_objective(objective_id, entry, key_results, cycle=cycle, language=_NO_LANGUAGE)


def _goal(body: dict[str, Any], goal_id: str, cycle: str) -> Goal:
    entry = GoalEntry.model_validate({"id": goal_id, **body})
    points = [PlanEntry.model_validate(point) for point in body.get("plan", [])]
    return build_goal(goal_id, entry, points, cycle=cycle, language=_NO_LANGUAGE)


def _key_result(body: dict[str, Any], key_result_id: str, objective_id: str, cycle: str) -> KeyResult:
    entry = KeyResultEntry.model_validate({"id": key_result_id, **body})
    points = [PlanEntry.model_validate(point) for point in body.get("plan", [])]
    milestones = [MilestoneEntry.model_validate(one) for one in body.get("milestones", [])]
    initiatives = [InitiativeEntry.model_validate(one) for one in body.get("initiatives", [])]
    return build_key_result(
        key_result_id,
        entry,
        points,
        milestones,
        initiatives,
        objective=objective_id,
        cycle=cycle,
        language=_NO_LANGUAGE,
    )
