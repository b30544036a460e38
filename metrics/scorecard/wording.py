"""English sentences for reasons, for the command line, JSON and CSV; pages have catalogues of their own."""

from collections.abc import Mapping

from metrics.model.decision import Band, Verdict
from metrics.model.scorecard import Reason

SENTENCES: Mapping[str, str] = {
    "not_started": "the cycle begins in {days:.0f} days",
    "error": "{message}",
    "no_rows": "no rows in the window",
    "not_due": "nothing was measured in the window yet; the next measurement is due on {due}",
    "no_baseline": "no distance to measure: the automatic baseline has no rows, or already stands at the target",
    "stale": "no rows since {last_event_at}; with older rows it would be {would_be}",
    "check_in_overdue": "no check-in for {days:.0f} days; with one it would be {would_be}",
    "all_done": "everything is done",
    "undone_at_close": "{progress:.0%} of it was done at the close",
    "met_at_close": "{value:.6g} met {target} at the close",
    "pass_mark_at_close": "progress {progress:.0%} reached the pass mark of {pass_mark:.0%} at the close",
    "missed_at_close": "{value:.6g} did not meet {target} at the close (progress {progress:.0%})",
    "total_reached": "{value:.6g} has reached {target}",
    "within_limit": "{value:.6g} is within {target}",
    "outside_limit": "{value:.6g} is outside {target}",
    "within_budget": "the budget burns at {burn:.2f}x of what the time allows",
    "burning_too_fast": "within the limit, but the budget burns at {burn:.2f}x of what the time allows",
    "recoverable": "outside the limit: budget burns at {burn:.2f}x; the rest must run at {rest_rate:.4g}",
    "budget_gone": "the budget is gone: {spent:.6g} spent of {allowed:.6g} allowed",
    "ahead_of_pace": "progress {progress:.0%}, expected {expected:.0%} ({policy})",
    "on_pace": "progress {progress:.0%}, expected {expected:.0%} ({policy})",
    "behind_pace": "progress {progress:.0%}, expected {expected:.0%}, on track from {threshold:.0%} ({policy})",
    "far_behind_pace": "progress {progress:.0%}, expected {expected:.0%}, at risk from {threshold:.0%} ({policy})",
    "chance_high": "chance {chance} {aim}; heading for {median:.6g}",
    "chance_even": "chance {chance} {aim}; heading for {median:.6g}",
    "chance_low": "chance {chance} {aim}; heading for {median:.6g}",
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


def explain(reason: Reason) -> str:
    """Word a reason as one English sentence without its full stop."""
    values = dict(reason.values)
    if "p_hit" in values:
        mark = float(values["pass_mark"])
        part = "to close at" if mark >= 1 else f"to close {mark:.0%} of the way to"
        values |= {"chance": chance_text(float(values["p_hit"])), "aim": f"{part} {values['target']}"}
    sentence = SENTENCES[reason.code].format(**values)
    if "no_forecast" in values:
        sentence += f"; no chance, because {NO_FORECAST[str(values['no_forecast'])]}"
    return sentence


def chance_text(chance: float) -> str:
    """Write a chance as whole per cent; only what is certain is shown as 0 % or 100 %."""
    if 0 < chance < 0.01:
        return "<1%"
    return ">99%" if 0.99 < chance < 1 else f"{chance:.0%}"
