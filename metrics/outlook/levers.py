"""What may be moved in a what-if: targets, last days and changes of level worth trying, as round numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from metrics.model.definition import Metric
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target, parse_target
from metrics.outlook.ahead import Outlook
from metrics.outlook.history import bounds_of

STEPS = 60
"""About as many targets as a hand can tell apart on a slider."""

CHANGES = 10
"""Changes of level to either side of none."""

MOST_CHANGE = 0.25
"""The largest change of level that is offered, as a share of the newest values."""

_RECENT = 28
_LATER = timedelta(weeks=13)
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Levers:
    """What may be tried on a key result.

    Attributes:
        targets: numbers in the metric's unit, ascending, the ends of the target in force among them.
        ends: last days of the cycle, ascending, its own among them.
        changes: what every value to come may be higher by, ascending, 0 in the middle.
    """

    targets: tuple[float, ...]
    ends: tuple[date, ...]
    changes: tuple[float, ...]


def levers_of(outlook: Outlook, card: KeyResultCard) -> Levers | None:
    """Choose what may be tried; None where there is no forecast, or nothing is left to come."""
    forecast, question, metric = outlook.forecast, outlook.question, outlook.metric
    if forecast is None or question is None or metric is None or forecast.certain or not forecast.has_range:
        return None
    target = outlook.key_result.target
    numbers = [forecast.lo95, forecast.hi95, card.value, card.baseline, target.value, target.high]
    first = question.as_of + timedelta(days=1)
    last = outlook.cycle.ends + _LATER
    return Levers(
        targets=_targets([each for each in numbers if each is not None], target, metric),
        ends=tuple(first + timedelta(days=at) for at in range((last - first).days + 1)),
        changes=_changes(question.values[np.isfinite(question.values)][-_RECENT:].tolist()),
    )


def retarget(target: Target, value: float, high: float | None = None) -> Target:
    """Give a target of the same comparator at another number, written the same way."""
    if target.comparator == "within":
        return parse_target(f"{_written(value, target)}..{_written(value if high is None else high, target)}")
    return parse_target(f"{target.comparator} {_written(value, target)}")


def round_step(rough: float) -> float:
    """Give the next round number, 1, 2 or 5 times a power of ten, that is not below a positive one."""
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough * (1 - 1e-9))


def _targets(numbers: list[float], target: Target, metric: Metric) -> tuple[float, ...]:
    low, high = min(numbers), max(numbers)
    span = (high - low) or abs(high) or 1.0
    step = round_step(span / STEPS)
    first, last = math.floor((low - span / 4) / step), math.ceil((high + span / 4) / step)
    found = {round(index * step, _DIGITS) for index in range(first, last + 1)}
    own = {each for each in (target.value, target.high) if each is not None}
    return tuple(sorted(_inside(found, metric) | own))


def _inside(values: Iterable[float], metric: Metric) -> set[float]:
    low, high = bounds_of(metric)
    return {each for each in values if (low is None or each >= low) and (high is None or each <= high)}


def _changes(newest: list[float]) -> tuple[float, ...]:
    size = abs(float(np.median(newest))) if newest else 0.0
    size = size or max((abs(each) for each in newest), default=0.0) or 1.0
    step = round_step(MOST_CHANGE * size / CHANGES)
    return tuple(round(index * step, _DIGITS) for index in range(-CHANGES, CHANGES + 1))


def _written(value: float, target: Target) -> str:
    return f"{100 * value:.10g} %" if "%" in target.text else f"{value:.10g}"
