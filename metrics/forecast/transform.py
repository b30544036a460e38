"""Scales on which errors look alike at every level, chosen by a series' bounds and by its own errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.forecast.question import Bounds, Floats
from metrics.forecast.series import RegularSeries
from metrics.forecast.settings import ROOT_BLOCK, ROOT_MOST, ROOT_PRIOR

EDGE = 0.002
"""Share by which the logit keeps away from the bounds, so that 0 % and 100 % stay finite."""

SQUARE = 2


@dataclass(frozen=True, slots=True)
class Transform:
    """A monotone scale and its way back; the way back never leaves the bounds."""

    forward: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


def choose_transform(bounds: Bounds, *, pooled: bool = False, root: int = SQUARE) -> Transform:
    """Pick the scale: logit between two bounds, a root above one, the square root below one, none without.

    A pooled share takes the arcsine root instead of the logit, because days with few rows are often exactly 0 or 1
    (Anscombe, 1948, on stabilising binomial and Poisson counts).
    """
    low, high = bounds
    if low is not None and high is not None and high > low:
        return _arcsine(low, high - low) if pooled else _logit(low, high - low)
    if low is not None:
        return _rooted(low, root)
    if high is not None:
        return Transform(lambda x: -np.sqrt(np.maximum(high - x, 0.0)), lambda z: high - np.minimum(z, 0.0) ** 2)
    return Transform(lambda x: x, lambda z: z)


def steadying_root(series: RegularSeries, low: float) -> int:
    """Choose the root, 1 to 6, on whose scale a series' changes are alike at every level.

    The mean change of a block of periods grows with the block's level as level ** (1 - 1 / root): with the square root
    as counts do, with high roots as percentages do (Guerrero, 1993). The slope of their logarithms is shrunk to that of
    the square root, so few blocks, or blocks of one level, keep it.
    """
    above = series.values[series.seen] - low
    block = ROOT_BLOCK[series.grain]
    blocks = above[len(above) % block :].reshape(-1, block)
    level, change = blocks.mean(axis=1), np.abs(np.diff(blocks, axis=1)).mean(axis=1)
    counted = (level > 0) & (change > 0)
    if np.count_nonzero(counted) < 3:
        return SQUARE
    level, change = np.log(level[counted]), np.log(change[counted])
    level -= level.mean()
    slope = (float(level @ change) + ROOT_PRIOR / SQUARE) / (float(level @ level) + ROOT_PRIOR)
    return round(1.0 / min(max(1.0 - slope, 1.0 / ROOT_MOST), 1.0))


def _rooted(low: float, root: int) -> Transform:
    def forward(x: Floats) -> Floats:
        above = np.maximum(x - low, 0.0)
        scaled: Floats = np.sqrt(above) if root == SQUARE else above ** (1.0 / root)
        return scaled

    def back(z: Floats) -> Floats:
        above = np.maximum(z, 0.0)
        power = above.copy()
        for _ in range(root - 1):  # a product is many times as fast as a power
            power *= above
        power += low
        return power

    return Transform(forward, back)


def _logit(low: float, width: float) -> Transform:
    inner = 1.0 - 2.0 * EDGE

    def forward(x: Floats) -> Floats:
        share: Floats = np.clip((x - low) / width, 0.0, 1.0) * inner + EDGE
        return np.log(share / (1.0 - share))

    def back(z: Floats) -> Floats:
        share: Floats = np.clip((1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))) - EDGE) / inner, 0.0, 1.0)
        return low + width * share

    return Transform(forward, back)


def _arcsine(low: float, width: float) -> Transform:
    def forward(x: Floats) -> Floats:
        root: Floats = np.sqrt(np.clip((x - low) / width, 0.0, 1.0))
        return np.arcsin(root)

    def back(z: Floats) -> Floats:
        share: Floats = np.sin(np.clip(z, 0.0, np.pi / 2.0)) ** 2
        return low + width * share

    return Transform(forward, back)
