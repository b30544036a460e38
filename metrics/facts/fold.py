"""Folding daily parts and daily values into readings: exact arithmetic, no store."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

from metrics.compile.parts import Role
from metrics.model.definition import Metric
from metrics.model.reading import Point, Reading, Window

Number: TypeAlias = int | float | Decimal
Column: TypeAlias = Sequence[Number | None]
Value: TypeAlias = tuple[float | None, int]
"""A day's value and the rows that count."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The days on which silence means something.

    Attributes:
        covered: from the stream's first day to its last; a day in it without rows was silent, a day outside is unknown.
        is_zero: whether a silent day of this metric counts as zero.
    """

    covered: Window | None
    is_zero: bool

    def zeros(self, window: Window) -> Window | None:
        """The days of a window on which silence is zero, None when there are none."""
        if not self.is_zero or self.covered is None:
            return None
        starts, ends = max(window.starts, self.covered.starts), min(window.ends, self.covered.ends)
        return Window(starts, ends) if starts <= ends else None


@dataclass(frozen=True, slots=True)
class DayParts:
    """Parts by day: one column per role, beside the days in their order."""

    days: Sequence[date]
    columns: Mapping[Role, Column]

    def between(self, window: Window) -> Mapping[Role, Column]:
        """The parts of a window's days."""
        part = slice(bisect_left(self.days, window.starts), bisect_right(self.days, window.ends))
        return {role: column[part] for role, column in self.columns.items()}


class FoldedReadings:
    """Readings of a foldable metric from its parts by day."""

    def __init__(self, metric: Metric, parts: DayParts, silence: Silence) -> None:
        self._metric, self._parts, self._silence = metric, parts, silence
        self._by_day: dict[date, Value] | None = None

    def reading(self, window: Window) -> Reading:
        """Read the metric over a window."""
        if self._metric.rollup == "pooled":
            zero = self._silence.zeros(window) is not None
            return pooled(self._metric, self._parts.between(window), zero=zero)
        return roll_up_days(self._metric, self.days(), window, self._silence)

    def days(self) -> Mapping[date, Value]:
        """Give the value and rows of every day that has rows."""
        if self._by_day is None:
            values = daily_values(self._metric, self._parts.columns)
            self._by_day = dict(zip(self._parts.days, values, strict=True))
        return self._by_day


def roll_up_days(metric: Metric, days: Mapping[date, Value], window: Window, silence: Silence) -> Reading:
    """Combine daily values by the metric's rollup: mean, max, min or the last of them."""
    points = spread_days(days, window, silence)
    values = [point.value for point in points if point.value is not None]
    rows = sum(point.rows for point in points)
    if not values:
        return Reading(None, rows)
    folds = {"mean": lambda: sum(values) / len(values), "max": lambda: max(values), "min": lambda: min(values)}
    return Reading(folds.get(metric.rollup, lambda: values[-1])(), rows)


def spread_days(days: Mapping[date, Value], window: Window, silence: Silence) -> list[Point]:
    """Give a point for each day of a window; a silent day's value is None, or 0 where silence means that."""
    nothing: Value = (None, 0)
    points = [Point(day, *days.get(day, nothing)) for day in each_day(window.starts, window.ends)]
    zeros = silence.zeros(window)
    if zeros is None:
        return points
    return [
        point
        if point.value is not None or not zeros.starts <= point.day <= zeros.ends
        else Point(point.day, 0.0, point.rows)
        for point in points
    ]


def pooled(metric: Metric, parts: Mapping[Role, Column], *, zero: bool) -> Reading:
    """Aggregate the rows of some days again; `zero` when silence over them is a zero."""
    rows = int(_sum(parts["n"]) or 0)
    if metric.aggregate == "ratio":
        above, below = _sum(parts["numerator"]), _sum(parts["denominator"])
        return Reading(_quotient(above, below), rows, _float(above), _float(below))
    if metric.aggregate == "count":
        return Reading(float(rows) if rows or zero else None, rows)
    if metric.aggregate == "sum":
        total = _sum(parts["sum"])
        return Reading(0.0 if total is None and zero else _float(total), rows)
    if metric.aggregate == "mean":
        total = _sum(parts["sum"])
        return Reading(_quotient(total, rows), rows)
    return Reading(_float(_extreme(metric, parts)), rows)


def daily_values(metric: Metric, parts: Mapping[Role, Column]) -> list[Value]:
    """Read every day by itself."""
    counts = [int(n or 0) for n in parts["n"]]
    if metric.aggregate == "ratio":
        pairs = zip(parts["numerator"], parts["denominator"], counts, strict=True)
        return [(_quotient(up, low), n) for up, low, n in pairs]
    if metric.aggregate == "count":
        return [(float(n) if n else None, n) for n in counts]
    if metric.aggregate == "mean":
        sums = zip(parts["sum"], counts, strict=True)
        return [(_quotient(total, n), n) for total, n in sums]
    role: Role = metric.aggregate if metric.aggregate in {"sum", "min", "max"} else "last"
    return [(_float(value), n) for value, n in zip(parts[role], counts, strict=True)]


@lru_cache(maxsize=256)
def each_day(first: date, last: date) -> tuple[date, ...]:
    """List the days from one to another, both included."""
    return tuple(date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _extreme(metric: Metric, parts: Mapping[Role, Column]) -> Number | None:
    if metric.aggregate == "min":
        return min(_present(parts["min"]), default=None)
    if metric.aggregate == "max":
        return max(_present(parts["max"]), default=None)
    newest = _present(parts["last"])
    return newest[-1] if newest else None


def _present(values: Column) -> list[Number]:
    return [value for value in values if value is not None]


def _sum(values: Column) -> Number | None:
    present = _present(values)
    return sum(present[1:], present[0]) if present else None


def _float(value: Number | None) -> float | None:
    """Give a number as a float; doubles that are finite each may add up to one that is not, which is missing."""
    return float(value) if value is not None and isfinite(value) else None


def _quotient(above: Number | None, below: Number | None) -> float | None:
    upper, lower = _float(above), _float(below)
    return _float(upper / lower) if upper is not None and lower else None
