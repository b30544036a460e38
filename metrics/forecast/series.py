"""Lays a series on a regular grid of periods that reaches to the end of the window."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from metrics.forecast.question import Days, Floats, Kind, Question, day_number
from metrics.forecast.settings import Grain

NEWEST = {"day": 1500, "week": 520, "month": 240}
"""Periods of history that are looked at; older ones would only cost time."""

LARGEST = 1e290
"""Larger values are gaps as infinite ones are: a sum of them would be infinite."""

WEEKDAYS = 5
_SEEN_SPAN = 21
_SCHEDULE_POINTS = 8
_SCHEDULE_SHARE = 0.75
"""Share of periods with a row, or of rows on the same day of their period, from which on rows keep a schedule."""


@dataclass(frozen=True, slots=True)
class RegularSeries:
    """A series on its grid: `length` periods of history, then `horizon` periods still to come.

    Attributes:
        grain: the kind of period.
        per_year: periods per year; fewer than 365 for days when some weekdays never occur.
        weekly: periods per week of a daily series, else 0 (no weekly rhythm is looked for).
        stamps: day number on which each period ends, `length + horizon` of them.
        values: history, NaN at gaps.
        weights: evidence per period of history, 0 at gaps and 1 on average elsewhere.
        volumes: the question's own weights, 0 at gaps; equal to `weights` when it gives none.
        inside: which periods, past and future, count in the window.
        observed: values known of the window, one by one: where they come irregularly, a period may hold several.
        behind: the question's own weights of these.
        most: values that the fullest period holds.
    """

    grain: Grain
    per_year: float
    weekly: int
    stamps: Days
    values: Floats
    weights: Floats
    volumes: Floats
    inside: npt.NDArray[np.bool_]
    observed: Floats
    behind: Floats
    most: int

    @property
    def length(self) -> int:
        """Periods of history."""
        return len(self.values)

    @property
    def horizon(self) -> int:
        """Periods still to come."""
        return len(self.stamps) - len(self.values)

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Which periods of history have a value."""
        return self.weights > 0


def clean(question: Question) -> tuple[Days, Floats, Floats]:
    """Drop gaps and what is not known yet, sort by day, and keep the last of several values for one day."""
    days, values = np.asarray(question.days, np.int64), np.asarray(question.values, np.float64)
    weights = np.ones(len(values)) if question.weights is None else np.asarray(question.weights, np.float64)
    until = min(day_number(question.as_of), day_number(question.window.ends))
    kept = (np.abs(values) <= LARGEST) & np.isfinite(weights) & (weights > 0) & (days <= until)
    days, values, weights = days[kept], values[kept], weights[kept]
    order = np.argsort(days, kind="stable")
    days, values, weights = days[order], values[order], weights[order]
    if len(days) > 1:
        newest = np.append(days[1:] != days[:-1], [True])
        days, values, weights = days[newest], values[newest], weights[newest]
    return days, values, weights


def lay_out(question: Question) -> RegularSeries | None:
    """Put a question's series on its grid; None when no value is left."""
    days, values, weights = clean(question)
    if not len(days):
        return None
    ends = day_number(question.window.ends)
    gap = float(np.median(np.diff(days))) if len(days) > 1 else 7.0
    if gap >= 25:
        grid = _months(days, gap, ends)
    elif gap >= 5:
        grid = _steps("week", days, 7 * max(1, round(gap / 7)), ends)
    else:
        grid = _days(days, gap, ends)
    grid = _with_open_end(grid, days, question)
    history, volumes = _placed(grid, values, weights, question.kind)
    first = max(0, len(history) - NEWEST[grid.grain])
    evidence = volumes[first:] / volumes[first:][volumes[first:] > 0].mean()
    starts = day_number(question.window.starts)
    stamped = grid.stamps[grid.places] if grid.grain == "month" else days  # a month may be named by its first day
    counted = (stamped >= starts) & (stamped <= ends)
    stamps = grid.stamps[first:]
    return RegularSeries(
        grain=grid.grain,
        per_year=grid.per_year,
        weekly=grid.weekly,
        stamps=stamps,
        values=history[first:],
        weights=evidence,
        volumes=volumes[first:],
        inside=(stamps >= starts) & (stamps <= ends),
        observed=values[counted],
        behind=weights[counted],
        most=int(np.bincount(grid.places).max()),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where each value falls on the grid, and the grid's stamps to the window's end."""

    grain: Grain
    places: Days
    stamps: Days
    weekly: int
    per_year: float


def _with_open_end(grid: _Grid, days: Days, question: Question) -> _Grid:
    """Add a last period where the grid has none left but rows that keep no schedule may still come before the end."""
    ends, known = day_number(question.window.ends), int(grid.places[-1]) + 1
    if len(grid.stamps) > known or max(day_number(question.as_of), int(days[-1])) >= ends or _scheduled(grid, days):
        return grid
    return replace(grid, stamps=np.append(grid.stamps, [ends]))


def _scheduled(grid: _Grid, days: Days) -> bool:
    """Tell whether rows come by the calendar: nearly every period, or nearly always on the same day of it."""
    if grid.grain == "month" or len(days) < _SCHEDULE_POINTS:
        return True
    covered = len(np.unique(grid.places)) / (int(grid.places[-1]) + 1)
    step = int(grid.stamps[1] - grid.stamps[0]) if len(grid.stamps) > 1 else 1
    same = np.bincount(days % step).max() / len(days) if not grid.weekly else 0.0
    return bool(max(covered, same) >= _SCHEDULE_SHARE)


def _placed(grid: _Grid, values: Floats, weights: Floats, kind: Kind) -> tuple[Floats, Floats]:
    """Put values and their weights on their periods; where several share one, they become one as the window's do."""
    length = int(grid.places[-1]) + 1
    history, volumes = np.full(length, np.nan), np.zeros(length)
    history[grid.places], volumes[grid.places] = values, weights
    begins = np.flatnonzero(np.diff(grid.places, prepend=-1))
    if kind == "last" or len(begins) == len(values):
        return history, volumes
    periods, several = grid.places[begins], np.diff(begins, append=len(values))
    mass = np.add.reduceat(weights, begins)
    match kind:
        case "sum":
            history[periods] = np.add.reduceat(values, begins)
        case "max":
            history[periods] = np.maximum.reduceat(values, begins)
        case "min":
            history[periods] = np.minimum.reduceat(values, begins)
        case "mean":
            history[periods] = np.add.reduceat(values, begins) / several
        case "pooled":
            history[periods] = np.add.reduceat(values * weights, begins) / mass
    volumes[periods] = mass if kind == "pooled" else mass / several
    return history, volumes


def _months(days: Days, gap: float, ends: int) -> _Grid:
    step = max(1, round(gap / 30.44))
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    places = np.round((months - months[-1]) / step).astype(np.int64)
    end_month = int(np.array([ends + 1], "datetime64[D]").astype("datetime64[M]").astype(np.int64)[0]) - 1
    ahead = max(0, (end_month - int(months[-1])) // step)
    grid = months[-1] + step * np.arange(int(places[0]), ahead + 1)
    stamps = (grid + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    return _Grid("month", places - places[0], stamps, 0, 12.0 / step)


def _steps(grain: Grain, days: Days, step: int, ends: int) -> _Grid:
    places = np.round((days - days[-1]) / step).astype(np.int64)
    ahead = max(0, (ends - int(days[-1])) // step)
    stamps = days[-1] + step * np.arange(int(places[0]), ahead + 1)
    return _Grid(grain, places - places[0], stamps, 0, 365.25 / step)


def _days(days: Days, gap: float, ends: int) -> _Grid:
    weekdays = (days + 3) % 7  # day 0 was a Thursday; Monday is 0
    occurs = np.bincount(weekdays, minlength=7) > 0
    if days[-1] - days[0] < _SEEN_SPAN:
        occurs = np.arange(7) < (WEEKDAYS if len(days) >= WEEKDAYS and not occurs[WEEKDAYS:].any() else 7)
    if gap >= 2 and occurs.sum() > WEEKDAYS:
        return _steps("day", days, round(gap), ends)
    stamps = np.arange(days[0], max(ends, int(days[-1])) + 1)
    stamps = stamps[occurs[(stamps + 3) % 7]]
    weekly = int(occurs.sum())
    return _Grid("day", np.searchsorted(stamps, days), stamps, weekly, 365.25 * weekly / 7)
