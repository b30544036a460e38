"""Scales on which errors look alike at every level, chosen by a series' bounds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.forecast.question import Bounds, Floats

EDGE = 0.002
"""Share by which the logit keeps away from the bounds, so that 0 % and 100 % stay finite."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A monotone scale and its way back; the way back never leaves the bounds."""

    forward: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


def choose_transform(bounds: Bounds, *, pooled: bool = False) -> Transform:
    """Pick the scale: logit between two bounds, square root above (or below) one, none without.

    A pooled share takes the arcsine root instead of the logit, because days with few rows are often exactly 0 or 1
    (Anscombe, 1948, on stabilising binomial and Poisson counts).
    """
    low, high = bounds
    if low is not None and high is not None and high > low:
        return _arcsine(low, high - low) if pooled else _logit(low, high - low)
    if low is not None:
        return Transform(lambda x: np.sqrt(np.maximum(x - low, 0.0)), lambda z: low + np.maximum(z, 0.0) ** 2)
    if high is not None:
        return Transform(lambda x: -np.sqrt(np.maximum(high - x, 0.0)), lambda z: high - np.minimum(z, 0.0) ** 2)
    return Transform(lambda x: x, lambda z: z)


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
