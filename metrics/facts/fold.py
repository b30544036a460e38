"""Folding daily parts and daily values into readings and series: exact arithmetic, no store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from metrics.compile.parts import Role
from metrics.model.definition import Metric
from metrics.model.reading import Point, Reading, Window

Number: TypeAlias = int | float | Decimal
DayParts: TypeAlias = Mapping[Role, Number | None]


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


def fold_parts(metric: Metric, days: Mapping[date, DayParts], window: Window, silence: Silence) -> Reading:
    """Read a foldable metric over a window from its parts by day."""
    chosen = [days[day] for day in each_day(window) if day in days]
    if metric.rollup == "pooled":
        return pooled(metric, chosen, zero=silence.zeros(window) is not None)
    values = {day: pooled(metric, [days[day]], zero=False) for day in each_day(window) if day in days}
    return roll_up_days(metric, values, window, silence)


def roll_up_days(metric: Metric, days: Mapping[date, Reading], window: Window, silence: Silence) -> Reading:
    """Combine daily values by the metric's rollup: mean, max, min or the last of them."""
    values: list[float] = []
    rows = 0
    zeros = silence.zeros(window)
    for day in each_day(window):
        reading = days.get(day)
        rows += reading.rows if reading else 0
        if reading and reading.value is not None:
            values.append(reading.value)
        elif zeros and zeros.starts <= day <= zeros.ends:
            values.append(0.0)
    if not values:
        return Reading(None, rows)
    match metric.rollup:
        case "mean":
            return Reading(sum(values) / len(values), rows)
        case "max":
            return Reading(max(values), rows)
        case "min":
            return Reading(min(values), rows)
        case _:
            return Reading(values[-1], rows)


def pooled(metric: Metric, days: Sequence[DayParts], *, zero: bool) -> Reading:
    """Aggregate the rows of some days again; `zero` when silence over them is a zero."""
    rows = int(_sum(day["n"] for day in days) or 0)
    if metric.aggregate == "ratio":
        numerator = _sum(day["numerator"] for day in days)
        denominator = _sum(day["denominator"] for day in days)
        value = float(numerator) / float(denominator) if numerator is not None and denominator else None
        return Reading(value, rows, _float(numerator), _float(denominator))
    if metric.aggregate == "count":
        return Reading(float(rows) if rows or zero else None, rows)
    if metric.aggregate == "sum":
        total = _sum(day["sum"] for day in days)
        return Reading(0.0 if total is None and zero else _float(total), rows)
    if metric.aggregate == "mean":
        total = _sum(day["sum"] for day in days)
        return Reading(float(total) / rows if total is not None and rows else None, rows)
    return Reading(_float(_extreme(metric, days)), rows)


def points(buckets: Iterable[tuple[Window, Reading]]) -> tuple[Point, ...]:
    """Make a series of bucket readings, without its leading gap."""
    series: list[Point] = []
    for bucket, reading in buckets:
        if series or reading.value is not None:
            series.append(Point(bucket.starts, reading.value, reading.rows))
    return tuple(series)


def each_day(window: Window) -> Iterable[date]:
    """Yield the days of a window."""
    return (window.starts + timedelta(days=offset) for offset in range(window.days))


def _extreme(metric: Metric, days: Sequence[DayParts]) -> Number | None:
    if metric.aggregate == "min":
        return min(_present(day["min"] for day in days), default=None)
    if metric.aggregate == "max":
        return max(_present(day["max"] for day in days), default=None)
    newest = _present(day["last"] for day in days)
    return newest[-1] if newest else None


def _present(values: Iterable[Number | None]) -> list[Number]:
    return [value for value in values if value is not None]


def _sum(values: Iterable[Number | None]) -> Number | None:
    present = _present(values)
    return sum(present[1:], present[0]) if present else None


def _float(value: Number | None) -> float | None:
    return None if value is None else float(value)
