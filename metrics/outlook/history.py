"""A key result's daily history as arrays: which days count, which are silent, which are not over yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from metrics.forecast.question import Days, Floats, Kind, day_number
from metrics.formula import adds_up, totals_of
from metrics.model.definition import HOLISTIC, QUANTILES, Metric, Read
from metrics.model.reading import Reading, Window

Flags = npt.NDArray[np.bool_]

SPARSE_GAP = 5.0
"""From this many days between rows on, a series is weekly or monthly rather than daily."""

MONTHLY_GAP = 25.0
_POOLED_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys([*QUANTILES, "mean", "ratio"], "pooled"),
    "sum": "sum",
    "count": "sum",
    "min": "min",
    "max": "max",
    "last": "last",
    "sql": "pooled",
}
REGULAR_SHARE = 0.8
"""Share of the gaps between rows that must be about as long as the middle one, for silence to be a schedule."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Days with a value, ascending.

    Attributes:
        days: days since 1970-01-01.
        values: in the metric's unit.
        weights: rows or denominator behind each value of what is pooled; 1 elsewhere.
    """

    days: Days
    values: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.days)

    @property
    def gap(self) -> float:
        """Days between neighbouring values, in the middle of all; 1 with fewer than two."""
        return float(np.median(np.diff(self.days))) if len(self.days) > 1 else 1.0

    def pooled(self, window: Window) -> float | None:
        """Give the weighted mean of the days of a window; None without any."""
        inside = (self.days >= day_number(window.starts)) & (self.days <= day_number(window.ends))
        weight = float(self.weights[inside].sum())
        return float((self.values * self.weights)[inside].sum()) / weight if weight else None

    def until(self, day: date) -> "History":
        """Give what was known at the end of a day."""
        kept = self.days <= day_number(day)
        return History(self.days[kept], self.values[kept], self.weights[kept])


def kind_of(metric: Metric) -> Kind | None:
    """Say how days become the metric's value over a window; None for distinct counts, which days do not add up to."""
    if metric.aggregate == "derived":
        return "sum" if adds_up(metric) else "pooled"
    return _POOLED_KINDS.get(metric.aggregate) if metric.rollup == "pooled" else metric.rollup


def needs_exact_part(metric: Metric) -> bool:
    """Tell whether the observed part of a window must be read exactly, because its days only approximate it."""
    if metric.aggregate == "derived":
        return kind_of(metric) == "pooled" and totals_of(metric).ratio is None
    return metric.rollup == "pooled" and metric.aggregate in HOLISTIC


def bounds_of(metric: Metric) -> tuple[float | None, float | None]:
    """Give the metric's bounds; a count is never negative."""
    low, high = metric.bounds
    return (0.0 if low is None and metric.aggregate in {"count", "count_distinct"} else low), high


def history_of(metric: Metric, first: date, readings: Sequence[Reading], *, confirmed: date) -> History:
    """Turn one reading per day from `first` on into a history.

    Args:
        metric: whose readings they are.
        first: the first reading's day.
        readings: one per day.
        confirmed: last day on which the stream has any row; silence after it says nothing yet.
    """
    start = day_number(first)
    rows = np.array([reading.rows for reading in readings], np.int64)
    values: Floats = np.array([np.nan if reading.value is None else reading.value for reading in readings], np.float64)
    weights = _weights(metric, readings, rows)
    days = np.arange(start, start + len(readings), dtype=np.int64)
    heard = rows > 0
    if kind_of(metric) == "sum":
        values = _with_silence(days, values, heard, metric)
    begun = days >= (days[heard][0] if heard.any() else start)
    kept = np.isfinite(values) & (weights > 0) & begun & (heard | (days <= day_number(confirmed)))
    return History(days[kept], values[kept], weights[kept])


def stamped_window(history: History, window: Window) -> Window | None:
    """Bring a window to whole months where values come once a month, on the day that they come on.

    A month belongs to the window when its day does. Other series keep the window. None when no month does.
    """
    if history.gap < MONTHLY_GAP:
        return window
    newest = date(1970, 1, 1) + timedelta(days=int(history.days[-1]))
    months = [month for month in _months(window) if window.starts <= _on_day(month, newest.day) <= window.ends]
    return Window(months[0], _last_day(months[-1])) if months else None


def read_length(read: Read, *, elapsed: int) -> int:
    """Give the days that a read covers; `elapsed` days of the cycle for one over the period."""
    return {"period": elapsed, "trailing": read.days or 1, "last week": 7, "last month": 30}[read.kind]


def _weights(metric: Metric, readings: Sequence[Reading], rows: Days) -> Floats:
    if kind_of(metric) != "pooled":
        return np.ones(len(readings))
    if metric.aggregate == "ratio" or (metric.aggregate == "derived" and totals_of(metric).ratio):
        return np.array([reading.denominator or 0.0 for reading in readings], np.float64)
    return rows.astype(np.float64)


def _with_silence(days: Days, values: Floats, heard: Flags, metric: Metric) -> Floats:
    """Say what silent days add to a total: nothing, but for days on which none is due.

    Rows that come every week or month leave their silent days out, and so do weekdays that never have a row.
    """
    at = days[heard]
    if len(at) < 2:
        return values if metric.counts_silence_as_zero else np.where(heard, values, np.nan)
    gaps = np.diff(at)
    middle = float(np.median(gaps))
    if middle >= SPARSE_GAP and float(np.mean(np.abs(gaps - middle) <= 0.2 * middle)) >= REGULAR_SHARE:
        return np.where(heard, values, np.nan)
    if metric.counts_silence_as_zero:
        return values
    occurs = np.bincount((at + 3) % 7, minlength=7) > 0
    silent = ~heard & occurs[(days + 3) % 7]
    return np.where(silent, 0.0, values)


def _months(window: Window) -> list[date]:
    months, month = [], window.starts.replace(day=1)
    while month <= window.ends:
        months.append(month)
        month = _last_day(month) + timedelta(days=1)
    return months


def _last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _on_day(month: date, day: int) -> date:
    return month.replace(day=min(day, _last_day(month).day))
