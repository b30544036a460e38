"""How far a survey's number may lie from everybody's: 95 % intervals of proportions and means of a sample."""

import math
from functools import lru_cache
from statistics import NormalDist

from metrics.model.definition import Metric
from metrics.model.reading import Reading
from metrics.model.scorecard import Interval

LEVEL = 0.95
_MANY = 200
"""From this many degrees of freedom on, Student's t is expanded around the normal distribution (error below 1e-9)."""


def interval_of(metric: Metric, reading: Reading, squares: float | None) -> Interval | None:
    """Give the interval of a sampled metric's value over one window; None where it has none.

    Args:
        metric: one that is declared a `sample`: a `ratio` of yes/no rows, or a `mean`.
        reading: its value over the window.
        squares: of a mean, the sum of the squared values over the same rows.
    """
    if not metric.sample or reading.value is None:
        return None
    if metric.aggregate == "ratio" and reading.numerator is not None and reading.denominator:
        return wilson(reading.numerator, reading.denominator)
    if metric.aggregate == "mean" and squares is not None:
        return student(reading.value, reading.rows, squares)
    return None


def squares_of(metric: Metric) -> Metric | None:
    """Give the metric that adds up the squared values of a sampled mean; None for any other."""
    if not metric.sample or metric.aggregate != "mean" or metric.rollup != "pooled":
        return None
    return Metric(
        id=f"squares of {metric.id}",
        title={},
        source=metric.source,
        time=metric.time,
        aggregate="sum",
        value=f"({metric.value}) * ({metric.value})",
        where=metric.where,
        dimensions=metric.dimensions,
    )


def wilson(successes: float, n: float) -> Interval | None:
    """Give Wilson's score interval (1927) of a proportion: inside 0..1, and sound for few answers and rare ones."""
    if n < 1 or not 0 <= successes <= n:
        return None
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, stretch = successes / n, z * z / n
    middle = (share + stretch / 2) / (1 + stretch)
    half = z / (1 + stretch) * math.sqrt(share * (1 - share) / n + stretch / (4 * n))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return Interval(low, high, round(n), "wilson")


def student(mean: float, n: int, squares: float) -> Interval | None:
    """Give Student's interval of a mean: mean +- t s / sqrt(n), with n - 1 degrees of freedom; None for one row."""
    if n < 2:
        return None
    variance = max(squares - n * mean * mean, 0.0) / (n - 1)
    half = quantile_of_t(n - 1) * math.sqrt(variance / n)
    return Interval(mean - half, mean + half, n, "t")


@lru_cache(maxsize=1024)
def quantile_of_t(freedom: int) -> float:
    """Give the two-sided 95 % quantile of Student's t."""
    if freedom >= _MANY:
        return _expanded(NormalDist().inv_cdf((1 + LEVEL) / 2), freedom)
    low, high = 0.0, 16.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < LEVEL else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Give P(|T| < t) for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine, cosine) if odd else (1.0, 1.0)
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine * cosine
        total += term
    if not odd:
        return sine * total
    return 2 / math.pi * (angle + (sine * total if freedom > 1 else 0.0))


def _expanded(z: float, freedom: int) -> float:
    """Expand the quantile around the normal's (Abramowitz and Stegun 26.7.5)."""
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / float(freedom) ** power for power, term in enumerate(terms))
