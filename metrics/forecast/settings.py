"""Constants of the method, per grain: chosen by cross-validation by source, explained in docs/forecasting.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Grain = Literal["day", "week", "month"]

PATHS = 1000
"""Simulated futures per forecast."""

SEED = 20270101
"""One seed for every forecast: a page never flickers, and paths of different key results can be joined by index."""

RANGE_POINTS = 3
"""Below this many points there is no forecast at all."""

CHANCE_POINTS = 8
"""Below this many points there is a range but no chance."""

CONFIDENT_POINTS: Mapping[Grain, int] = {"day": 14, "week": 17, "month": 17}
"""Below this many points a chance is marked low confidence."""


@dataclass(frozen=True, slots=True)
class Yearly:
    """How a yearly profile is estimated.

    Attributes:
        period: periods per year.
        least: years of history from which a profile is looked for.
        harmonics: pairs of sine and cosine that stand in for the season while the trend is fitted.
        slope_ridge: pull of the trend's slope to zero; within one year slope and season cannot be told apart.
        knot_ridge: pull of the half-yearly changes of slope to zero; None keeps a line or, from 3 years, a parabola.
        half_width: periods on either side over which the profile is averaged.
        prior_pairs: weight of the prior share of repeating variance, in pairs of points one year apart.
        redundancy: neighbouring bins that carry about the same information.
    """

    period: float
    least: float
    harmonics: int
    slope_ridge: float
    knot_ridge: float | None
    half_width: int
    prior_pairs: float
    redundancy: float


@dataclass(frozen=True, slots=True)
class Settings:
    """How one grain is smoothed and simulated.

    Attributes:
        levels: rates of the exponential smoothers with a flat forecast.
        reversions: (slow, fast) rates; the forecast falls back from the fast level to the slow one ...
        decays: ... by each of these factors per period.
        trends: (level, slope) rates of the smoothers with a damped trend.
        damping: factor per period by which a trend fades.
        memory: factor per period by which past errors lose weight.
        residuals: newest one-step errors that are drawn from.
        residual_limit: robust standard deviations at which a drawn error is cut; None leaves it.
        unrest: share, in logarithms, by which drawn errors follow how large the newest ones were beside all.
        scale: factor on the spread, with `tail` the calibration by cross-validation.
        tail: degrees of freedom of the t-like tail.
        hold: share of the recent range by which paths may leave it before they are held back.
        hold_points: periods that make the recent range.
        rate_prior: log prior weight per log rate; above zero favours quick smoothers when there is little evidence.
    """

    levels: tuple[float, ...]
    reversions: tuple[tuple[float, float], ...]
    decays: tuple[float, ...]
    trends: tuple[tuple[float, float], ...]
    damping: float
    memory: float
    residuals: int
    residual_limit: float | None
    unrest: float
    scale: float
    tail: float
    hold: float
    hold_points: int
    rate_prior: float
    yearly: Yearly


SETTINGS: Mapping[Grain, Settings] = {
    "day": Settings(
        levels=(0.03, 0.06, 0.12, 0.22, 0.4, 0.65, 0.9),
        reversions=((0.03, 0.22), (0.03, 0.6), (0.1, 0.6), (0.01, 0.3)),
        decays=(0.7, 0.9, 0.97),
        trends=(),
        damping=0.9,
        memory=0.993,
        residuals=120,
        residual_limit=9.0,
        unrest=0.0,
        scale=1.1,
        tail=3.0,
        hold=0.0,
        hold_points=360,
        rate_prior=0.8,
        yearly=Yearly(365.25, 1.027, 4, 20.0, None, 5, 300.0, 0.1),
    ),
    "week": Settings(
        levels=(0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.0),
        reversions=((0.05, 0.35), (0.05, 0.6), (0.1, 0.6), (0.05, 1.0)),
        decays=(0.5, 0.8, 0.93),
        trends=((0.3, 0.1), (0.6, 0.1), (0.3, 0.05), (0.8, 0.05), (1.0, 0.03)),
        damping=0.9,
        memory=0.985,
        residuals=104,
        residual_limit=None,
        unrest=0.5,
        scale=1.05,
        tail=5.0,
        hold=0.5,
        hold_points=180,
        rate_prior=0.8,
        yearly=Yearly(52.18, 1.054, 5, 1.0, 2.0, 1, 26.0, 0.5),
    ),
    "month": Settings(
        levels=(0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.0),
        reversions=((0.05, 0.5), (0.05, 1.0), (0.2, 0.8)),
        decays=(0.4, 0.8),
        trends=((0.6, 0.1), (0.9, 0.1), (1.0, 0.05), (0.6, 0.3), (0.9, 0.3)),
        damping=0.85,
        memory=0.97,
        residuals=60,
        residual_limit=None,
        unrest=0.5,
        scale=1.08,
        tail=8.0,
        hold=0.1,
        hold_points=108,
        rate_prior=0.8,
        yearly=Yearly(12.0, 1.083, 4, 0.8, 0.2, 0, 10.0, 1.0),
    ),
}

ROOT_BLOCK: Mapping[Grain, int] = {"day": 7, "week": 4, "month": 4}
"""Periods of one block, whose level and mean change are compared with the other blocks'."""

ROOT_MOST = 6
"""The highest root that takes the place of the logarithm, which has none at zero."""

ROOT_PRIOR = 2.0
"""Summed squares of the blocks' log levels that the prior, the square root, counts as."""

UNREST_MEMORY = 0.8
"""Factor per period by which an error says less about how large the next ones will be."""

SEASON_SHARE = 0.85
"""Prior share of the variance around the trend that repeats every year."""

REVERSION_PRIOR = 2.0
"""Log prior weight of a smoother that falls back to a slow level."""

ERROR_POWER = 1.5
"""Errors are compared by their mean at this power: between absolute and squared."""

STEP_EVIDENCE = (0.7, 90.0)
"""Log weight per log error ratio and effective one-step error, and its cap."""

AIM_EVIDENCE = (3.0, 20.0)
"""The same for the error of the aggregate asked for, per effective past origin."""

NEAR_DIVISORS = (2, 6)
"""Past origins are also tried at these parts of the horizon, where there are more of them."""

NEAR_SHARE = 0.5
"""What an origin at a nearer horizon counts beside one at the real horizon."""

SPREAD_PRIOR = 6.0
"""Effective past origins that the model's own spread at the horizon counts as."""

HELD_SLOPE = 0.2
"""Share of a path's way beyond the recent range that remains."""
