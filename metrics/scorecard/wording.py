"""English sentences for reasons, for the command line, JSON and CSV; pages have catalogues of their own."""

from collections.abc import Mapping

from metrics.model.decision import Band, Verdict
from metrics.model.scorecard import Reason

SENTENCES: Mapping[str, str] = {
    "not_started": "the cycle begins in {days:.0f} days",
    "error": "{message}",
    "no_rows": "no rows in the window",
    "no_baseline": "no distance to measure: the automatic baseline has no rows, or already stands at the target",
    "stale": "no rows since {last_event_at}; with older rows it would be {would_be}",
    "check_in_overdue": "no check-in for {days:.0f} days; with one it would be {would_be}",
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
}

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
    return SENTENCES[reason.code].format(**dict(reason.values))
