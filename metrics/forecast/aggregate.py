"""Joins what the window has already shown with the simulated rest, into the one number that the key result is."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from metrics.forecast.question import Floats, Kind, Question, day_of
from metrics.forecast.result import FanPoint, quantiles
from metrics.forecast.series import RegularSeries
from metrics.forecast.settings import PATHS
from metrics.forecast.simulate import Paths

DIGITS = 12
"""Significant digits that are kept of a simulated value."""

_BANDS = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True, slots=True)
class Observed:
    """The known part of the window: values, the weight behind each, and the exact read where there is one."""

    values: Floats
    volumes: Floats
    exact: float | None

    @property
    def total(self) -> float:
        """Sum of the values."""
        return float(self.values.sum())

    @property
    def volume(self) -> float:
        """Sum of the weights."""
        return float(self.volumes.sum())

    @property
    def pooled(self) -> float:
        """Weighted mean of the values; 0 without any."""
        return float(self.values @ self.volumes) / self.volume if self.volume else 0.0


def observed_part(series: RegularSeries, question: Question) -> Observed:
    """Take the window's known values."""
    return Observed(series.observed, series.behind, question.known)


def settled_value(series: RegularSeries, question: Question) -> float:
    """Give the window's value when nothing of it is still to come; the newest known value where it saw none."""
    observed = observed_part(series, question)
    if not len(observed.values):
        return 0.0 if question.kind == "sum" else float(series.values[-1])
    pooled = observed.pooled if observed.exact is None else observed.exact
    values: dict[Kind, float] = {
        "last": float(observed.values[-1]),
        "sum": observed.total,
        "mean": observed.total / len(observed.values),
        "max": float(observed.values.max()),
        "min": float(observed.values.min()),
        "pooled": pooled,
    }
    value = values[question.kind]
    return value if question.kind in {"last", "max", "min"} else float(_rounded(np.array([value]))[0])


def final_values(series: RegularSeries, question: Question, paths: Paths, volumes: Paths | None) -> Floats:
    """Give the window's value per path, (paths,), inside what the bounds allow."""
    observed = observed_part(series, question)
    coming = paths.values[series.inside[series.length :]]
    volume = None if volumes is None else volumes.values[series.inside[series.length :]]
    return _value(question, observed, paths, coming, volumes, volume)


def fan_points(series: RegularSeries, question: Question, paths: Paths, volumes: Paths | None) -> tuple[FanPoint, ...]:
    """Give the bands of the window's value as it would stand after each period to come."""
    observed, points = observed_part(series, question), []
    for at in range(series.horizon):
        counted = series.inside[series.length : series.length + at + 1]
        if not counted[-1]:
            continue
        coming = paths.values[: at + 1][counted]
        volume = None if volumes is None else volumes.values[: at + 1][counted]
        values = np.sort(_value(question, observed, paths, coming, volumes, volume))
        bands = quantiles(values[:, None], _BANDS)[:, 0]
        points.append(FanPoint(day_of(int(series.stamps[series.length + at])), *(float(band) for band in bands)))
    return tuple(points)


def certain_floor(series: RegularSeries, question: Question) -> float | None:
    """Give what a sum of non-negative values has already reached; None for everything that can still fall.

    Where a value was below the bound, the bound proves nothing.
    """
    low = question.bounds[0]
    if question.kind != "sum" or low is None or low < 0:
        return None
    if np.nanmin(series.values) < low:
        return None
    return float(_rounded(np.array([observed_part(series, question).total]))[0])


def guessed(series: RegularSeries, question: Question, back: Callable[[Floats], Floats], z: float) -> Floats:
    """Spread the newest value by a quarter of its size: all that one or two points allow."""
    observed = observed_part(series, question)
    spread = np.random.default_rng(0).permutation(np.linspace(-2.0, 2.0, PATHS))
    rest = _clip(back(z + spread * 0.25 * abs(z)) + question.lift, question)
    coming = int(series.inside[series.length :].sum())
    joined = _joined(question, observed, rest, np.full(PATHS, series.volumes[series.seen].mean()), coming)
    return _possible(joined, question, len(observed.values) + coming)


def _value(
    question: Question, observed: Observed, paths: Paths, coming: Floats, volumes: Paths | None, volume: Floats | None
) -> Floats:
    rest = _clip(paths.widen(_rest(question.kind, coming, volume)) + question.lift, question)
    weight = np.ones(rest.shape) if volumes is None or volume is None else volumes.widen(volume.mean(axis=0))
    return _possible(
        _joined(question, observed, rest, weight, len(coming)), question, len(observed.values) + len(coming)
    )


def _rest(kind: Kind, coming: Floats, volume: Floats | None) -> Floats:
    """Bring the coming periods (periods, paths) down to one number per path."""
    rest: Floats = coming.mean(axis=0)
    match kind:
        case "last":
            rest = coming[-1]
        case "max":
            rest = coming.max(axis=0)
        case "min":
            rest = coming.min(axis=0)
        case "pooled" if volume is not None:
            total = volume.sum(axis=0)
            rest = np.where(total > 0, (coming * volume).sum(axis=0) / np.maximum(total, 1e-300), rest)
        case _:
            pass
    return rest


def _joined(question: Question, observed: Observed, rest: Floats, weight: Floats, coming: int) -> Floats:
    """Put the known part and the rest together; `weight` is the rest's mean weight per period."""
    known = len(observed.values)
    match question.kind:
        case "last":
            return rest
        case "max":
            return np.maximum(rest, observed.values.max()) if known else rest
        case "min":
            return np.minimum(rest, observed.values.min()) if known else rest
        case "sum":
            return observed.total + coming * rest
        case "mean":
            return (observed.total + coming * rest) / max(1, known + coming)
        case "pooled":
            return _pooled(question, observed, rest, coming * weight)


def _pooled(question: Question, observed: Observed, rest: Floats, weight: Floats) -> Floats:
    """Weigh both parts; what the periods' mean missed of the exact read before, it will miss of the rest as well."""
    exact = observed.pooled if observed.exact is None else observed.exact
    offset = question.offset
    if offset is None:
        offset = exact - observed.pooled if observed.volume else 0.0
    rest = _clip(rest + offset, question)
    total = observed.volume + weight
    return np.where(total > 0, (observed.volume * exact + weight * rest) / np.maximum(total, 1e-300), rest)


def _possible(values: Floats, question: Question, periods: float) -> Floats:
    """Keep the window's value inside the bounds, whatever was observed; a sum's are those of all of its periods."""
    low, high = question.bounds
    if question.kind == "sum":
        low, high = (None if bound is None else bound * periods for bound in (low, high))
    return _clip(_rounded(values), replace(question, bounds=(low, high)))


def _rounded(values: Floats) -> Floats:
    """Drop the digits that are noise of the arithmetic: what stays at its target meets it, by the exact comparator."""
    sizes = np.abs(values)
    with np.errstate(divide="ignore"):
        places = np.clip(DIGITS - np.ceil(np.log10(sizes)), 0.0, 300.0)
    units = 10.0**places
    return np.where(sizes > 0, np.rint(values * units) / units, 0.0)


def _clip(values: Floats, question: Question) -> Floats:
    low, high = question.bounds
    return values if low is None and high is None else np.clip(values, low, high)
