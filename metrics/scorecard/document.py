"""The scorecard as JSON (schema 1) and as CSV rows with stable English headers."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from metrics.model.definition import Filter, Language, Objective
from metrics.model.scorecard import GoalCard, KeyResultCard, ObjectiveCard, Scorecard
from metrics.scorecard.told import (
    check_in_document,
    dropped_document,
    initiative_document,
    milestone_document,
    revision_document,
    title_in,
)
from metrics.scorecard.wording import explain
from metrics.tabular import Cell

SCHEMA = 1

Document = dict[str, Any]


def scorecard_document(scorecard: Scorecard, language: Language) -> Document:
    """Give the scorecard as a JSON document; numbers are not rounded, so they equal those on screen and in CSV."""
    cycle = scorecard.cycle
    return {
        "schema": SCHEMA,
        "generation": scorecard.generation,
        "ledger_revision": scorecard.ledger_revision,
        "as_of": scorecard.as_of.isoformat(),
        "policy": scorecard.policy,
        "cycle": {
            "id": cycle.id,
            "starts": cycle.starts.isoformat(),
            "ends": cycle.ends.isoformat(),
            "elapsed": scorecard.elapsed,
        },
        "cycle_state": scorecard.state,
        "objectives": [_objective(card, language) for card in scorecard.objectives],
        "key_results": [_key_result(card, language) for card in scorecard.key_results],
        "dropped": [dropped_document(each, language) for each in scorecard.dropped],
        "goals": [goal_document(each, language) for each in scorecard.goals],
    }


def canonical_json(document: Mapping[str, Any]) -> str:
    """Write a document byte-stable: the same content is the same text, ended by a line feed."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _objective(card: ObjectiveCard, language: Language) -> Document:
    objective = card.objective
    return {
        "id": objective.id,
        "title": title_in(objective.title, language),
        "kind": objective.kind,
        "level": objective.level,
        "team": objective.team,
        "owner": objective.owner,
        "parent": objective.parent,
        "progress": card.progress,
        "expected": card.expected,
        "p_hit": card.p_hit,
        "status": card.status,
        "worst": card.worst,
        "without_data": list(card.without_data),
        "key_results": [each.key_result.id for each in card.key_results],
        "depends_on": list(objective.depends_on),
    }


def _key_result(card: KeyResultCard, language: Language) -> Document:
    key_result = card.key_result
    forecast = asdict(card.forecast)
    last = card.freshness.last_event_at
    return {
        "id": key_result.id,
        "objective": key_result.objective,
        "title": title_in(key_result.title, language),
        "metric": key_result.metric,
        "filter": {dimension: list(values) for dimension, values in key_result.filter},
        "shape": key_result.shape,
        "read": str(key_result.read),
        "unit": card.unit,
        "owner": key_result.owner,
        "contributors": list(key_result.contributors),
        "weight": key_result.weight,
        "value": card.value,
        "rows": card.rows,
        "baseline": card.baseline,
        "target": card.target.text,
        "original_target": card.original_target.text,
        "met": card.met,
        "progress_raw": card.progress_raw,
        "progress": card.progress,
        "original_progress": card.original_progress,
        "original_met": card.original_met,
        "revision": revision_document(card.revision) if card.revision else None,
        "expected": card.expected,
        "forecast": forecast,
        "needed": asdict(card.needed) if card.needed else None,
        "budget": asdict(card.budget) if card.budget else None,
        "status": card.status,
        "why": explain(card.why, card.unit),
        "freshness": {
            "last_event_at": last.isoformat() if last else None,
            "stale": card.freshness.stale,
            "future_rows": card.freshness.future_rows,
        },
        "confidence": card.confidence,
        "check_in": check_in_document(card.check_in) if card.check_in else None,
        "definition": key_result.definition,
        "milestones": [milestone_document(one, language) for one in card.milestones],
        "done_on": card.done_on.isoformat() if card.done_on else None,
        "depends_on": list(key_result.depends_on),
        "initiatives": [initiative_document(each, language) for each in key_result.initiatives],
        "commit": key_result.commit.text if key_result.commit else None,
        "stretch": key_result.stretch.text if key_result.stretch else None,
        "zone": card.zone,
        "interval": asdict(card.interval) if card.interval else None,
        "due": card.due.isoformat() if card.due else None,
        "approximate": card.approximate,
    }


_OBJECTIVES_OWN = frozenset({"objective", "weight", "milestones", "done_on", "depends_on", "initiatives"})
"""Keys that only a key result of an objective has."""


def goal_document(goal: GoalCard, language: Language) -> Document:
    """Write a goal with the keys of a key result, but those of an objective."""
    measured = _key_result(goal.card, language)
    return {
        **{key: value for key, value in measured.items() if key not in _OBJECTIVES_OWN},
        "why_it_matters": title_in(goal.goal.why, language) or None,
        "level": goal.goal.level,
        "team": goal.goal.team,
        "starts": goal.goal.starts.isoformat(),
        "ends": goal.goal.ends.isoformat(),
        "elapsed": goal.elapsed,
        "locked": goal.locked,
    }


KEY_RESULT_COLUMNS = (
    "as_of",
    "cycle",
    "cycle_starts",
    "cycle_ends",
    "elapsed",
    "objective",
    "objective_title_en",
    "objective_title_vi",
    "objective_kind",
    "objective_level",
    "objective_team",
    "key_result",
    "title_en",
    "title_vi",
    "owner",
    "metric",
    "filter",
    "shape",
    "read",
    "unit",
    "value",
    "rows",
    "baseline",
    "target",
    "original_target",
    "met",
    "progress_raw",
    "progress",
    "expected",
    "weight",
    "needed_per_week",
    "budget_allowed",
    "budget_spent",
    "budget_burn",
    "budget_rest_rate",
    "forecast_median",
    "forecast_lo80",
    "forecast_hi80",
    "forecast_lo95",
    "forecast_hi95",
    "p_hit",
    "forecast_reason",
    "status",
    "why",
    "last_event_at",
    "stale",
    "confidence",
    "policy",
    "generation",
    "ledger_revision",
    "definition",
    "original_progress",
    "original_met",
    "revised_on",
    "revision_reason",
    "checked_in_on",
    "milestones_done",
    "milestones_left",
    "done_on",
    "p_pass",
    "forecast_low_confidence",
    "needed_percentile",
    "commit",
    "stretch",
    "zone",
    "interval_lo95",
    "interval_hi95",
    "interval_n",
    "due",
    "approximate",
)
"""Headers of the key-result table; new ones are only ever added at the end."""

OBJECTIVE_COLUMNS = (
    "as_of",
    "cycle",
    "objective",
    "title_en",
    "title_vi",
    "kind",
    "level",
    "team",
    "owner",
    "parent",
    "progress",
    "expected",
    "p_hit",
    "status",
    "worst",
    "key_results",
    "without_data",
    "policy",
    "generation",
    "ledger_revision",
    "definition",
    "dropped",
)


def key_result_rows(scorecard: Scorecard) -> list[tuple[Cell, ...]]:
    """Give one row per key result, in `KEY_RESULT_COLUMNS`."""
    return [
        key_result_row(scorecard, objective.objective, card)
        for objective in scorecard.objectives
        for card in objective.key_results
    ]


def objective_rows(scorecard: Scorecard) -> list[tuple[Cell, ...]]:
    """Give one row per objective, in `OBJECTIVE_COLUMNS`."""
    return [
        (
            scorecard.as_of,
            scorecard.cycle.id,
            card.objective.id,
            card.objective.title.get("en"),
            card.objective.title.get("vi"),
            card.objective.kind,
            card.objective.level,
            card.objective.team,
            card.objective.owner,
            card.objective.parent,
            card.progress,
            card.expected,
            card.p_hit,
            card.status,
            card.worst,
            " ".join(each.key_result.id for each in card.key_results),
            " ".join(card.without_data),
            scorecard.policy,
            scorecard.generation,
            scorecard.ledger_revision,
            card.objective.definition,
            " ".join(each.id for each in scorecard.dropped if each.objective == card.objective.id),
        )
        for card in scorecard.objectives
    ]


def filter_text(filters: Filter) -> str:
    """Write a filter as `team=north|south; region=hn`."""
    return "; ".join(f"{dimension}={'|'.join(values)}" for dimension, values in filters)


def key_result_row(scorecard: Scorecard, objective: Objective | None, card: KeyResultCard) -> tuple[Cell, ...]:
    """Give the row of one key result; a goal has no objective."""
    key_result, budget, forecast = card.key_result, card.budget, card.forecast
    return (
        scorecard.as_of,
        scorecard.cycle.id,
        scorecard.cycle.starts,
        scorecard.cycle.ends,
        scorecard.elapsed,
        key_result.objective,
        objective.title.get("en") if objective else None,
        objective.title.get("vi") if objective else None,
        objective.kind if objective else None,
        objective.level if objective else None,
        objective.team if objective else None,
        key_result.id,
        key_result.title.get("en"),
        key_result.title.get("vi"),
        key_result.owner,
        key_result.metric,
        filter_text(key_result.filter),
        key_result.shape,
        str(key_result.read),
        card.unit,
        card.value,
        card.rows,
        card.baseline,
        card.target.text,
        card.original_target.text,
        card.met,
        card.progress_raw,
        card.progress,
        card.expected,
        key_result.weight,
        card.needed.per_week if card.needed else None,
        budget.allowed if budget else None,
        budget.spent if budget else None,
        budget.burn if budget else None,
        budget.rest_rate if budget else None,
        forecast.median,
        forecast.lo80,
        forecast.hi80,
        forecast.lo95,
        forecast.hi95,
        forecast.p_hit,
        forecast.reason,
        card.status,
        explain(card.why, card.unit),
        card.freshness.last_event_at,
        card.freshness.stale,
        card.confidence,
        scorecard.policy,
        scorecard.generation,
        scorecard.ledger_revision,
        key_result.definition,
        card.original_progress,
        card.original_met,
        card.revision.decision.effective_on if card.revision else None,
        card.revision.decision.reason if card.revision else None,
        card.check_in.decision.day if card.check_in else None,
        " ".join(one.id for one in card.milestones if one.done_on is not None) or None,
        " ".join(one.id for one in card.milestones if one.done_on is None) or None,
        card.done_on,
        forecast.p_pass,
        forecast.low_confidence,
        card.needed.percentile if card.needed else None,
        key_result.commit.text if key_result.commit else None,
        key_result.stretch.text if key_result.stretch else None,
        card.zone,
        card.interval.lo if card.interval else None,
        card.interval.hi if card.interval else None,
        card.interval.n if card.interval else None,
        card.due,
        card.approximate,
    )
