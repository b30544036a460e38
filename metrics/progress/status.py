"""The status of one key result as of a day, and the reason for it.

Reason codes, to be worded by the front ends:
    not_started(days) · error(message) · no_rows · not_due(due) · no_baseline · stale(last_event_at, would_be)
    check_in_overdue(days, would_be)
    all_done(milestones) · undone_at_close(progress)
    met_at_close(value, target) · pass_mark_at_close(progress, pass_mark) · missed_at_close(value, target, progress)
    unmet_at_close(value, target), where no distance can be measured
    total_reached(value, target) · within_limit(value, target) · within_budget(burn, rest_rate)
    burning_too_fast(burn, rest_rate) · recoverable(burn, rest_rate) · budget_gone(spent, allowed)
    outside_limit(value, target)
    ahead_of_pace / on_pace / behind_pace / far_behind_pace(progress, expected, threshold, policy)
    chance_high / chance_even / chance_low(p_hit, median, pass_mark, target, policy)

Where a policy goes by the chance and the forecast abstains, the value `no_forecast` says why it did.
"""

from dataclasses import dataclass, field
from datetime import date

from metrics.model.definition import KeyResult, Kind
from metrics.model.scorecard import Budget, Cycle, ForecastCard, Freshness, Reason, Status
from metrics.progress.measure import is_limit
from metrics.progress.policies import Policy, judge_chance, judge_open, without_forecast

PASS_MARKS = {"committed": 1.0, "aspirational": 0.7}
"""Closing score at which each kind of objective passes."""

_TOLERANCE = 1e-9  # a mark met exactly in decimals must not be lost to binary rounding


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict on one key result rests on.

    Attributes:
        silent_days: days since the last check-in where the next one is overdue, else None.
        due: day of the next measurement of a metric that is measured once a month or less, else None.
    """

    value: float | None
    progress_raw: float | None
    expected: float
    budget: Budget | None
    freshness: Freshness
    error: str | None = None
    silent_days: int | None = None
    forecast: ForecastCard = field(default_factory=lambda: ForecastCard(reason="not_available"))
    due: date | None = None


def passes(kind: Kind, progress: float) -> bool:
    """Tell whether a closing score reaches the pass mark of its kind."""
    return progress >= PASS_MARKS[kind] - _TOLERANCE


def judge(
    key_result: KeyResult, kind: Kind, cycle: Cycle, as_of: date, *, evidence: Evidence, policy: Policy
) -> tuple[Status, Reason]:
    """Decide the status. Stale beats green: old data, or an owner's silence, may confirm trouble, never success."""
    if as_of < cycle.starts:
        return "not_started", Reason("not_started", (("days", float((cycle.starts - as_of).days)),))
    if evidence.error is not None:
        return "no_data", Reason("error", (("message", evidence.error),))
    if evidence.value is None:
        return "no_data", _without_rows(evidence)
    status, reason = _judge_fresh(key_result, kind, cycle, as_of, evidence, policy)
    if status in {"on_track", "achieved"}:
        if evidence.freshness.stale:
            last = evidence.freshness.last_event_at
            return "stale", Reason("stale", (("last_event_at", last.isoformat() if last else ""), ("would_be", status)))
        if evidence.silent_days is not None:
            return "stale", Reason("check_in_overdue", (("days", float(evidence.silent_days)), ("would_be", status)))
    return status, reason


def _without_rows(evidence: Evidence) -> Reason:
    """A measurement that is not due yet is not missing."""
    if evidence.due is None or evidence.freshness.stale:
        return Reason("no_rows")
    return Reason("not_due", (("due", evidence.due.isoformat()),))


def _judge_fresh(
    key_result: KeyResult, kind: Kind, cycle: Cycle, as_of: date, evidence: Evidence, policy: Policy
) -> tuple[Status, Reason]:
    if key_result.is_checklist and key_result.target.is_met(evidence.value or 0.0):
        return "achieved", Reason("all_done", (("milestones", float(len(key_result.milestones) or 1)),))
    if as_of >= cycle.ends:
        return _judge_closed(key_result, kind, evidence)
    if is_limit(key_result):
        return _judge_limit(key_result, evidence, policy)
    value, target = evidence.value or 0.0, key_result.target
    if key_result.shape == "total" and target.direction == "higher" and target.is_met(value):
        return "achieved", Reason("total_reached", (("value", value), ("target", target.text)))
    if evidence.progress_raw is None:
        return "no_data", Reason("no_baseline")
    return judge_open(
        policy,
        forecast=evidence.forecast,
        pass_mark=PASS_MARKS[kind],
        target=target.text,
        progress=evidence.progress_raw,
        expected=evidence.expected,
    )


def _judge_closed(key_result: KeyResult, kind: Kind, evidence: Evidence) -> tuple[Status, Reason]:
    value, progress = evidence.value or 0.0, evidence.progress_raw
    numbers: tuple[tuple[str, float | str], ...] = (("value", value), ("target", key_result.target.text))
    if key_result.target.is_met(value):
        return "achieved", Reason("met_at_close", numbers)
    if progress is None:
        return "missed", Reason("unmet_at_close", numbers)
    if kind == "aspirational" and passes(kind, progress):
        return "achieved", Reason("pass_mark_at_close", (("progress", progress), ("pass_mark", PASS_MARKS[kind])))
    if key_result.is_checklist:
        return "missed", Reason("undone_at_close", (("progress", progress),))
    return "missed", Reason("missed_at_close", (*numbers, ("progress", progress)))


def _judge_limit(key_result: KeyResult, evidence: Evidence, policy: Policy) -> tuple[Status, Reason]:
    budget = evidence.budget
    lost = key_result.shape == "total" and not key_result.target.is_met(evidence.value or 0.0)  # `< 510` at 510
    if budget is not None and budget.burn is not None and (lost or budget.spent > budget.allowed):
        return "off_track", Reason("budget_gone", (("spent", budget.spent), ("allowed", budget.allowed)))
    judged = judge_chance(policy, forecast=evidence.forecast, pass_mark=1.0, target=key_result.target.text)
    if judged is not None:
        return judged
    status, reason = _judge_budget(key_result, evidence)
    return status, without_forecast(reason, evidence.forecast) if policy.chances else reason


def _judge_budget(key_result: KeyResult, evidence: Evidence) -> tuple[Status, Reason]:
    value, budget = evidence.value or 0.0, evidence.budget
    held = key_result.target.is_met(value)
    if budget is None or budget.burn is None:
        numbers: tuple[tuple[str, float | str], ...] = (("value", value), ("target", key_result.target.text))
        return (
            ("on_track", Reason("within_limit", numbers)) if held else ("off_track", Reason("outside_limit", numbers))
        )
    burning = (("burn", budget.burn), ("rest_rate", budget.rest_rate if budget.rest_rate is not None else 0.0))
    if not held:
        return "at_risk", Reason("recoverable", burning)
    if budget.burn > 1:
        return "at_risk", Reason("burning_too_fast", burning)
    return "on_track", Reason("within_budget", burning)
