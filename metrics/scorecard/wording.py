"""English sentences for reasons, for the command line, JSON and CSV; pages have catalogues of their own."""

from collections.abc import Mapping, Sequence

from metrics.model.decision import Band, Verdict
from metrics.model.scorecard import Reason
from metrics.model.target import Target, parse_target
from metrics.model.written import bounded_chance, first_apart

SENTENCES: Mapping[str, str] = {
    "not_started": "the cycle begins in {days:.0f} days",
    "error": "{message}",
    "no_rows": "no rows in the window",
    "not_due": "nothing was measured in the window yet; the next measurement is due on {due}",
    "no_baseline": "no distance to measure: the automatic baseline has no rows, or already stands at the target",
    "stale": "no rows since {last_event_at}; with older rows it would be {would_be}",
    "check_in_overdue": "no check-in for {days:.0f} days; with one it would be {would_be}",
    "all_done": "everything is done",
    "undone_at_close": "{progress} of it was done at the close",
    "met_at_close": "{value} met {target} at the close",
    "pass_mark_at_close": "progress {progress} reached the pass mark of {pass_mark} at the close",
    "missed_at_close": "{value} did not meet {target} at the close (progress {progress})",
    "unmet_at_close": "{value} did not meet {target} at the close",
    "total_reached": "{value} has reached {target}",
    "within_limit": "{value} is within {target}",
    "outside_limit": "{value} is outside {target}",
    "within_budget": "the budget burns at {burn:.2f}x of what the time allows",
    "burning_too_fast": "within the limit, but the budget burns at {burn:.2f}x of what the time allows",
    "recoverable": "outside the limit: budget burns at {burn:.2f}x; the rest must run at {rest_rate}",
    "budget_gone": "the budget is gone: {spent:.6g} spent of {allowed:.6g} allowed",
    "ahead_of_pace": "progress {progress}, expected {expected} ({policy})",
    "on_pace": "progress {progress}, expected {expected} ({policy})",
    "behind_pace": "progress {progress}, expected {expected}, on track from {threshold} ({policy})",
    "far_behind_pace": "progress {progress}, expected {expected}, at risk from {threshold} ({policy})",
    "chance_high": "chance {chance} {aim}; heading for {median}",
    "chance_even": "chance {chance} {aim}; heading for {median}",
    "chance_low": "chance {chance} {aim}; heading for {median}",
}

NO_FORECAST: Mapping[str, str] = {
    "not_available": "there is none",
    "not_begun": "the cycle has not begun",
    "no_rows": "there are no rows to go by",
    "stale_source": "the newest rows are too old",
    "no_history": "there is no history",
    "history_too_short": "the history is too short",
    "chance_needs_history": "the history is too short for a chance",
    "distinct_over_days": "distinct counts of days do not add up",
    "shape_without_forecast": "milestones are done or not",
    "error": "the metric cannot be read",
}
"""Why there is no chance, by the forecast's reason."""

BANDS: Mapping[Band, str] = {
    "green": "delivered (0.7 to 1.0)",
    "yellow": "made progress but fell short (0.4 to 0.6)",
    "red": "made no real progress (0.0 to 0.3)",
}
"""Google's reading of a closing score."""

VERDICTS: Mapping[Verdict, str] = {
    "met": "target met",
    "passed": "a success for an aspirational key result",
    "within_band": "within the band of an aspirational key result, short of the pass mark",
    "missed": "missed",
    "no_data": "no data to score",
}


_SHARES = frozenset({"progress", "expected", "threshold", "pass_mark"})
_IN_UNIT = frozenset({"value", "median", "rest_rate"})
_MOST_DIGITS = 12
_LARGE = 1_000_000


def explain(reason: Reason, unit: str = "") -> str:
    """Word a reason as one English sentence without its full stop.

    Args:
        unit: that its values are told in.
    """
    values = {name: _told(name, value, reason, unit) for name, value in reason.values}
    if "p_hit" in values:
        mark = float(dict(reason.values)["pass_mark"])
        part = "to close at" if mark >= 1 else f"to close {values['pass_mark']} of the way to"
        values |= {"chance": chance_text(float(values["p_hit"])), "aim": f"{part} {values['target']}"}
    sentence = SENTENCES[reason.code].format(**values)
    if "no_forecast" in values:
        sentence += f"; no chance, because {NO_FORECAST[str(values['no_forecast'])]}"
    return sentence


def chance_text(chance: float) -> str:
    """Write a chance as whole per cent; only what is certain is shown as 0 % or 100 %."""
    sign, shown = bounded_chance(chance)
    return f"{sign}{shown:.0%}"


def share_text(share: float, *, apart_from: float = 1.0) -> str:
    """Write a share as whole per cent, with decimals where it would seem to be all (or another) and is not."""
    return _apart([f".{decimals}%" for decimals in range(7)], share, apart_from)


def in_unit(value: float, unit: str, *, beside: Target | None = None) -> str:
    """Write a value for people in its unit; a percentage is held as a fraction.

    Args:
        beside: the target that it is read beside, at which it must not seem to stand unless it does.
    """
    other = value if beside is None else beside.end_nearest(value)
    if unit == "percent":
        return _apart([f".{decimals}%" for decimals in range(2, 7)], value, other)
    large = [f",.{decimals}f" for decimals in range(7)]
    written = large if abs(value) >= _LARGE else [f",.{digits}g" for digits in range(6, _MOST_DIGITS + 1)]
    return f"{_apart(written, value, other)} {unit}".rstrip()


def _apart(ways: Sequence[str], value: float, other: float) -> str:
    """Write a number in the first way that tells it from another one; zero has no sign."""
    shown = format(value, first_apart(ways, format, value, other))
    return shown if any(digit in shown for digit in "123456789") else shown.removeprefix("-")


def _told(name: str, value: float | str, reason: Reason, unit: str) -> float | str:
    if isinstance(value, str):
        return value
    if name in _SHARES:
        return share_text(value)
    if name in _IN_UNIT:
        target = dict(reason.values).get("target")
        return in_unit(value, unit, beside=None if target is None else parse_target(str(target)))
    return value
