"""Time-bound: everything that has a date lies inside the cycle, and the cycle is not over."""

from collections.abc import Iterator
from datetime import date

from metrics.model.definition import Goal, KeyResult
from metrics.model.scorecard import Cycle
from metrics.periods import days_left
from metrics.smart.findings import Finding, Severity, Values


def key_result_time_bound(key_result: KeyResult, cycle: Cycle, as_of: date) -> tuple[Finding, ...]:
    """Check a key result's dates, and say how many days are left."""
    return (
        *_plan(key_result, cycle),
        *_read(key_result, cycle),
        _clock(cycle, as_of, ahead="cycle_ahead", over="cycle_over"),
    )


def goal_time_bound(goal: Goal, dates: Cycle, as_of: date) -> tuple[Finding, ...]:
    """Check a goal's own dates, and say how many days are left."""
    return (
        *_plan(goal.measured, dates),
        *_read(goal.measured, dates),
        _clock(dates, as_of, ahead="goal_ahead", over="goal_over"),
    )


def _plan(key_result: KeyResult, cycle: Cycle) -> Iterator[Finding]:
    for point in key_result.plan:
        if not cycle.starts <= point.by <= cycle.ends:
            yield _finding("plan_outside_cycle", "error", (("by", point.by.isoformat()), *_days(cycle)))


def _read(key_result: KeyResult, cycle: Cycle) -> Iterator[Finding]:
    days = key_result.read.days
    if key_result.read.kind == "trailing" and days is not None and days > cycle.days:
        values = (("read_days", days), ("cycle_days", cycle.days))
        yield _finding("read_exceeds_cycle", "warning", values)


def _clock(cycle: Cycle, as_of: date, *, ahead: str, over: str) -> Finding:
    if as_of > cycle.ends:
        return _finding(over, "warning", _days(cycle))
    if as_of < cycle.starts:
        until = ("days_until", (cycle.starts - as_of).days)
        return _finding(ahead, "ok", (until, *_days(cycle)))
    return _finding("days_left", "ok", (("days_left", days_left(cycle, as_of)), *_days(cycle)))


def _days(cycle: Cycle) -> Values:
    return (("starts", cycle.starts.isoformat()), ("ends", cycle.ends.isoformat()))


def _finding(code: str, severity: Severity, values: Values = ()) -> Finding:
    return Finding(code, "time_bound", severity, values)
