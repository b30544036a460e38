"""The chance of an objective: its key results' paths scored together.

Dependence: path i of every forecast uses the same draws. Key results of one grain draw the errors of the same past
periods, so shocks they shared then they share again; between grains (daily beside weekly), and where histories are of
different length, the draws meet different periods, and the key results count as nearly independent.
"""

from collections.abc import Sequence

import numpy as np

from metrics.forecast.question import Floats
from metrics.forecast.result import Forecast
from metrics.model.target import Target


def met_paths(samples: Floats, target: Target) -> Floats:
    """Tell per path whether the target is met by its exact comparator: 1 or 0."""
    match target.comparator:
        case "<":
            met = samples < target.value
        case "<=":
            met = samples <= target.value
        case ">":
            met = samples > target.value
        case ">=":
            met = samples >= target.value
        case "within":
            high = target.value if target.high is None else target.high
            met = (samples >= target.value) & (samples <= high)
    return met.astype(np.float64)


def score_paths(forecast: Forecast, target: Target, *, baseline: float | None) -> Floats:
    """Score a key result per path: its progress clipped to 0..1, and 1 only where the target is met.

    Without a baseline, or where it leaves no way to go, a path scores 1 or 0. What overshoots a range is off it as what
    is short of it is.
    """
    met = met_paths(forecast.samples, target)
    if baseline is None or target.is_met(baseline):
        return met
    distance = target.end_nearest(baseline) - baseline
    if distance == 0:
        return met
    if target.comparator == "within":
        high = target.value if target.high is None else target.high
        off = np.maximum(target.value - forecast.samples, forecast.samples - high)
        progress = np.clip(1.0 - off / abs(distance), 0.0, 1.0)
    else:
        progress = np.clip((forecast.samples - baseline) / distance, 0.0, 1.0)
    return np.where(met > 0, 1.0, np.minimum(progress, 1.0 - 1e-9))


def chance_of_objective(scores: Sequence[Floats], weights: Sequence[float], *, pass_mark: float) -> float:
    """Chance that the weighted mean of the key results' scores reaches the pass mark.

    Args:
        scores: of each key result per path, as `score_paths` gives them; a settled one is constant.
        weights: one per key result, above 0.
        pass_mark: 1.0 for a committed objective, such as 0.7 for an aspirational one.

    Raises:
        ValueError: there is no key result, or not one weight for each.
    """
    if not scores or len(scores) != len(weights):
        raise ValueError(
            "could not join key results, because each needs scores and a weight; pass one weight per score"
        )
    together = np.stack(scores)
    if pass_mark >= 1:  # in a mean, a miss of little weight would be rounded away
        score: Floats = together.min(axis=0)
    else:
        score = np.average(together, axis=0, weights=np.asarray(weights, np.float64)) + 1e-12
    reached = int(np.count_nonzero(score >= min(pass_mark, 1.0)))
    if all(float(np.ptp(each)) == 0.0 for each in scores):
        return float(reached > 0)
    return (reached + 0.5) / (len(score) + 1)
