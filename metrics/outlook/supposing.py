"""What if: the same forecast under another target, another last day, or another level from tomorrow on."""

from dataclasses import replace
from datetime import date

import numpy as np

from metrics.forecast import Forecast, Question, answer
from metrics.forecast.question import Floats
from metrics.forecast.series import lay_out
from metrics.model.scorecard import Cycle
from metrics.model.target import Target
from metrics.outlook.ahead import Outlook, shaped
from metrics.outlook.calendar import public_holidays
from metrics.outlook.history import stamped_window
from metrics.periods import read_window

_RECENT = 28
"""Newest values whose weight stands for that of the days to come."""


def what_if(
    outlook: Outlook, *, target: Target | None = None, ends: date | None = None, level_change: float = 0.0
) -> float | None:
    """Give the chance that a target is met, were something else than it is.

    Args:
        outlook: as `look_ahead` gave it; nothing is read again.
        target: in place of the key result's.
        ends: last day of the cycle.
        level_change: what every value from tomorrow on is higher by, in the metric's unit (per day for a daily series);
            below 0 is lower.

    Returns:
        None where the outlook abstains.

    Raises:
        ValueError: `ends` is not after the last day that is known.
    """
    forecast = suppose(outlook, ends=ends, level_change=level_change)
    return None if forecast is None else forecast.chance(target or outlook.key_result.target)


def suppose(outlook: Outlook, *, ends: date | None = None, level_change: float = 0.0) -> Forecast | None:
    """Forecast under another last day and another level; see `what_if`."""
    forecast, question = outlook.forecast, outlook.question
    if forecast is None or question is None or outlook.metric is None:
        return forecast
    if ends is not None and ends != outlook.cycle.ends:
        question = _until(outlook, question, ends)
        if question is None:
            return None
        begun = outlook.so_far if question.known == getattr(outlook.question, "known", None) else None
        forecast = shaped(answer(question), outlook.metric, question, begun)
    return forecast if not level_change or forecast.certain else _lifted(forecast, question, level_change)


def _until(outlook: Outlook, question: Question, ends: date) -> Question | None:
    if ends <= question.as_of:
        raise ValueError(f"could not end the cycle on {ends}, because {question.as_of} is over; choose a later day")
    cycle = Cycle(outlook.cycle.id, outlook.cycle.starts, ends)
    window = read_window(outlook.key_result.read, cycle, ends, outlook.organisation)
    if window is None or outlook.history is None:
        return None
    window = stamped_window(outlook.history, window)
    if window is None:
        return None
    first = min(question.holidays, default=outlook.cycle.starts)
    return replace(
        question,
        window=window,
        known=question.known if window.starts == question.window.starts else None,
        holidays=public_holidays(outlook.organisation, first, ends),
    )


def _lifted(forecast: Forecast, question: Question, change: float) -> Forecast:
    """Move each path by what the change of every coming value does to the window's value."""
    series = lay_out(question)
    if series is None:
        return forecast
    coming = float(series.inside[series.length :].sum())
    seen = series.inside[: series.length] & series.seen
    effect = 1.0
    if question.kind == "sum":
        effect = coming
    elif question.kind == "mean":
        effect = coming / max(1.0, coming + float(seen.sum()))
    elif question.kind == "pooled":
        rest = coming * float(series.volumes[series.seen][-_RECENT:].mean())
        effect = rest / (rest + float(series.volumes[seen].sum()))
    samples = _within(forecast.samples + effect * change, question, forecast.floor)
    return replace(forecast, samples=samples, ordered=np.sort(samples))


def _within(samples: Floats, question: Question, floor: float | None) -> Floats:
    low, high = (floor, None) if question.kind == "sum" else question.bounds
    return samples if low is None and high is None else np.clip(samples, low, high)
