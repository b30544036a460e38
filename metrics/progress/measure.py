"""Progress, expected progress, needed change and error budget of one key result."""

from datetime import date

from metrics.model.definition import KeyResult, Metric
from metrics.model.reading import Reading
from metrics.model.scorecard import Budget, Cycle, Needed
from metrics.model.target import Target
from metrics.periods import days_left, elapsed_share, planned_value


def is_limit(key_result: KeyResult) -> bool:
    """Tell whether the key result holds a line rather than closes a distance: any `keep`, and a `total` with a cap."""
    return key_result.shape == "keep" or (key_result.shape == "total" and key_result.target.direction == "lower")


def goal_of(target: Target, baseline: float) -> float:
    """Give the number that progress runs to: the target, or the end of a range nearest to the baseline."""
    if target.comparator == "within" and target.high is not None and baseline > target.high:
        return target.high
    return target.value


def effective_baseline(key_result: KeyResult, automatic: float | None) -> float | None:
    """Give the baseline that counts: the declared number, zero for a total or what is ticked off, else the measured."""
    if key_result.baseline is not None:
        return key_result.baseline
    return 0.0 if key_result.shape == "total" or key_result.is_checklist else automatic


def raw_progress(key_result: KeyResult, *, value: float | None, baseline: float | None) -> float | None:
    """Measure progress as p = (value - baseline) / (target - baseline), neither clipped nor rounded.

    A limit (see `is_limit`), and a target that an automatic baseline meets already, is held or not: 1.0 or 0.0. All of
    a range is 1.0, and what has overshot it is off it as what is short of it is. None where the value or the baseline
    is unknown, or the baseline stands at a target that it does not meet (`< 2` from 2), which leaves no distance.
    """
    if value is None:
        return None
    target, held = key_result.target, 1.0 if key_result.target.is_met(value) else 0.0
    if is_limit(key_result) or (baseline is not None and target.is_met(baseline)):
        return held
    if baseline is None:
        return None
    distance = goal_of(target, baseline) - baseline
    if distance == 0:
        return held or None
    if target.comparator == "within" and (value - goal_of(target, baseline)) * distance > 0:
        return held or 1.0 - abs(value - target.end_nearest(value)) / abs(distance)
    return (value - baseline) / distance + 0.0  # none of a falling way is 0, not the -0 of binary numbers


def clip(progress: float) -> float:
    """Bring progress into 0..1, as roll-ups count it."""
    return min(max(progress, 0.0), 1.0)


def expected_progress(key_result: KeyResult, cycle: Cycle, as_of: date, *, baseline: float | None) -> float:
    """Give the progress expected by now: the plan's curve, else the elapsed share.

    A limit must hold throughout; what is done or not is expected on the last day and no part of it before.
    """
    if is_limit(key_result):
        return 1.0 if as_of >= cycle.starts else 0.0
    if key_result.shape == "binary":
        return 1.0 if as_of >= cycle.ends else 0.0
    if key_result.plan and baseline is not None:
        goal = goal_of(key_result.target, baseline)
        if goal != baseline:
            planned = planned_value(key_result.plan, cycle, as_of, baseline=baseline, target=goal)
            return (planned - baseline) / (goal - baseline)
    return elapsed_share(cycle, as_of)


def needed_change(key_result: KeyResult, cycle: Cycle, as_of: date, *, value: float | None) -> Needed | None:
    """Give the change per week (for a `total`, the amount per week) that still meets the target by the last day.

    None for a limit, whose budget says it better, for what is done or not, and once no day is left.
    """
    weeks_left = days_left(cycle, as_of) / 7
    if value is None or weeks_left == 0 or is_limit(key_result) or key_result.shape == "binary":
        return None
    if key_result.target.is_met(value):
        return Needed(0.0)
    return Needed((key_result.target.end_nearest(value) - value) / weeks_left)


def error_budget(
    key_result: KeyResult, metric: Metric, cycle: Cycle, as_of: date, *, to_date: Reading
) -> Budget | None:
    """Work out the error budget of a pooled proportion that must stay on one side, or of a capped total.

    `< 5 %` of 1.2 M transactions allows 60,000; 24,000 spent at a third of the cycle burns 1.2 times too fast, and the
    rest must run at 4.5 %. The cycle's volume is what was seen so far over the elapsed share. Where other days
    than the cycle's decide (the last month), what was spent over the cycle says nothing, and there is none.

    Args:
        to_date: the metric over the cycle up to `as_of`.
    """
    elapsed = elapsed_share(cycle, as_of)
    if not is_limit(key_result) or key_result.read.kind != "period" or elapsed == 0 or to_date.value is None:
        return None
    if key_result.shape == "total":
        return _total_budget(key_result.target.value, to_date.value, cycle, as_of)
    if to_date.numerator is None or not to_date.denominator:
        return None
    match key_result.target.direction:
        case "lower":
            share, spent = key_result.target.value, to_date.numerator
        case "higher" if metric.bounds[1] == 1 or metric.unit == "percent":
            share, spent = 1 - key_result.target.value, to_date.denominator - to_date.numerator
        case _:
            return None
    volume = to_date.denominator / elapsed
    rest, allowed = volume - to_date.denominator, share * volume
    rest_share = (allowed - spent) / rest if rest > 0 else None
    if rest_share is not None and key_result.target.direction == "higher":
        rest_share = 1 - rest_share
    return Budget(allowed, spent, (spent / allowed) / elapsed if allowed else None, rest_share)


def _total_budget(allowed: float, spent: float, cycle: Cycle, as_of: date) -> Budget:
    left = days_left(cycle, as_of)
    burn = (spent / allowed) / elapsed_share(cycle, as_of) if allowed else None
    return Budget(allowed, spent, burn, (allowed - spent) / left if left else None)
