"""The simulated final values in slices, each split by whether it meets the target."""

from dataclasses import dataclass

import numpy as np

from metrics.forecast.question import Floats
from metrics.forecast.result import Forecast, quantiles
from metrics.model.target import Target

SLICES = 24
_TAIL = 0.005


@dataclass(frozen=True, slots=True)
class Slice:
    """Final values between two bounds.

    Attributes:
        low: where it begins; the first slice also holds what lies below it.
        high: where it ends; the last slice also holds what lies above it.
        share: share of all paths.
        met: share of all paths that lie here and meet the target.
    """

    low: float
    high: float
    share: float
    met: float


def distribution_of(forecast: Forecast, target: Target) -> tuple[Slice, ...]:
    """Cut the final values into slices of one width, with an edge at the target; the outermost end where the values do.

    Empty where the forecast abstains, or where the value is settled: then there is nothing to spread.
    """
    if not forecast.has_range or not len(forecast.ordered):
        return ()
    low, high = (float(end) for end in quantiles(forecast.ordered[:, None], (_TAIL, 1 - _TAIL))[:, 0])
    if not high > low:
        return ()
    edges = _edges(low, high, target.value)
    edges[0], edges[-1] = max(edges[0], forecast.ordered[0]), min(edges[-1], forecast.ordered[-1])
    met = forecast.ordered[_meets(forecast.ordered, target)]
    every, good = _counts(forecast.ordered, edges), _counts(met, edges)
    total = len(forecast.ordered)
    return tuple(
        Slice(float(edges[at]), float(edges[at + 1]), float(every[at]) / total, float(good[at]) / total)
        for at in range(len(edges) - 1)
    )


def _edges(low: float, high: float, anchor: float) -> Floats:
    width = (high - low) / SLICES
    if not low <= anchor <= high:  # so far off that steps of this width may not even reach it
        anchor = low
    first = np.floor((low - anchor) / width)
    last = max(np.ceil((high - anchor) / width), first + 1)
    return np.asarray(anchor + width * np.arange(first, last + 1))


def _counts(values: Floats, edges: Floats) -> Floats:
    return np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0].astype(np.float64)


def _meets(ordered: Floats, target: Target) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([target.is_met(float(value)) for value in ordered], np.bool_)
