"""Simulates paths of a series to the end of the window: bootstrap of its own errors, common random numbers.

The same path index stands for the same draws in every forecast: errors are drawn by their distance from the newest one,
so series on the same grid receive the errors of the same past days and keep the co-movement those days had.
"""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from metrics.forecast.question import Floats, Question, day_number
from metrics.forecast.seasonality import holiday_effect, rhythm_strength, weekly_rhythm, yearly_profile
from metrics.forecast.series import RegularSeries
from metrics.forecast.settings import (
    HELD_SLOPE,
    NEAR_SHARE,
    PATHS,
    SEED,
    SETTINGS,
    SPREAD_PRIOR,
    UNREST_MEMORY,
    Settings,
)
from metrics.forecast.smoothers import Aim, Fit, fit_smoothers
from metrics.forecast.transform import Transform

_STREAM = {"day": 1, "week": 2, "month": 3}
_SHIFT_PERIODS = {"day": 56, "week": 8, "month": 6}
_MOST_STRETCH = 8.0
_LARGEST_RATIO = 1e6
_UNREST_POINTS = 10
_COLUMNS = 50
_GROW = 64


@dataclass(frozen=True, slots=True)
class Paths:
    """Simulated futures of one series.

    Attributes:
        values: (horizon, paths), in the series' own unit, inside its bounds.
        stretch: factor per path by which an aggregate's distance from its median is widened, on the scale of
            `transform`: the calibration of the spread at this horizon and the weight of its tails.
        transform: the scale that `stretch` works on.
    """

    values: Floats
    stretch: Floats
    transform: Transform

    def widen(self, aggregate: Floats) -> Floats:
        """Spread an aggregate of the paths about its median; the median stays, the order of paths of one side too."""
        z = self.transform.forward(aggregate)
        middle = np.median(z)
        return self.transform.back(middle + (z - middle) * self.stretch)


def simulate(series: RegularSeries, question: Question, transform: Transform, aim: Aim) -> Paths:
    """Simulate a series over its horizon (at least one period)."""
    settings = SETTINGS[series.grain]
    with np.errstate(invalid="ignore"):
        z = transform.forward(series.values)
    unit = float(np.abs(z[series.seen]).max()) or 1.0  # so that neither 1e-30 nor 1e30 meets the limits of a float
    z = _aligned(z / unit, series, question)
    season, spent = _seasons(z, series, question)
    x = z - season[: series.length]
    middle = float(np.median(x[series.seen][-30:]))
    x = np.where(series.seen, x - middle, 0.0)
    fit = fit_smoothers(x, series.weights, settings, aim)
    residuals = _as_of_late(_limited(fit.residuals, z[series.seen], settings), settings)
    paths = _spread(fit, residuals, aim.horizon, _STREAM[series.grain])
    low, high = _recent_range(x[series.seen][-settings.hold_points :], settings.hold)
    paths = _held(paths, low, high)
    values = transform.back((paths + (middle + season[series.length :])[:, None]) * unit)
    stretch = _calibration(fit, residuals, settings, aim, spent=spent, points=int(series.seen.sum()))
    return Paths(_clipped(values, question), stretch * _tails(settings.tail), transform)


def _aligned(z: Floats, series: RegularSeries, question: Question) -> Floats:
    """Lift everything before a level shift to the level after it, newest shift first."""
    z = z.copy()
    near = _SHIFT_PERIODS[series.grain]
    for shift in sorted(question.level_shifts, reverse=True):
        at = int(np.searchsorted(series.stamps[: series.length], day_number(shift)))
        before, after = np.flatnonzero(series.seen[:at])[-near:], at + np.flatnonzero(series.seen[at:])[:near]
        if len(before) and len(after) and shift <= question.as_of:
            z[:at] += np.median(z[after]) - np.median(z[before])
    return z


def _seasons(z: Floats, series: RegularSeries, question: Question) -> tuple[Floats, float]:
    rhythm = weekly_rhythm(z, series)
    season, strength = rhythm.effect, 1.0
    if series.grain == "day":
        season = season + holiday_effect(z - rhythm.effect[: series.length], series, question.holidays)
        strength = min(1.0, 0.2 + 2.0 * rhythm_strength(z, rhythm.effect[: series.length], series.seen))
    yearly = yearly_profile(z - season[: series.length], series, SETTINGS[series.grain].yearly, strength=strength)
    return season + yearly.effect, min(0.8, rhythm.spent + yearly.spent)


def _limited(residuals: Floats, z: Floats, settings: Settings) -> Floats:
    """Cut wild errors; how wild is told by what usually happens, and of rare events by the days on which they happen.

    Where most days have one and the same value, as days without a complaint have, the usual error is next to none and
    would cut away every event there was.
    """
    if settings.residual_limit is None or len(residuals) < 5:
        return residuals
    sizes, newest = np.abs(residuals), z[-len(residuals) :]
    events = newest != np.median(newest)
    if 0 < np.count_nonzero(events) <= len(events) / 2:
        sizes = sizes[events]
    limit = settings.residual_limit * 1.4826 * float(np.median(sizes))
    return np.clip(residuals, -limit, limit) if limit > 0 else residuals


def _as_of_late(residuals: Floats, settings: Settings) -> Floats:
    """Bring errors part of the way to the size of the newest ones: quiet and restless times last for a while."""
    if not settings.unrest or len(residuals) < _UNREST_POINTS:
        return residuals
    sizes = np.abs(residuals)
    weights = UNREST_MEMORY ** np.arange(len(sizes) - 1.0, -1.0, -1.0)
    usual, late = float(sizes.mean()), float(weights @ sizes / weights.sum())
    if usual <= 0:
        return residuals
    resized: Floats = residuals * min(max(late / usual, 0.3), 3.0) ** settings.unrest
    return resized


def _spread(fit: Fit, residuals: Floats, horizon: int, stream: int) -> Floats:
    """Draw a smoother per path, and its future with bootstrapped shocks: (horizon, paths)."""
    chosen = np.searchsorted(np.cumsum(fit.weights)[:-1], _ranks())
    futures = fit.futures.T.astype(np.float32).take(chosen, axis=1)
    if not len(residuals):
        return futures
    newest_first = residuals[::-1].astype(np.float32)
    shocks = newest_first[_drawn(stream, horizon, len(residuals))]
    futures += _accumulated(shocks, fit)
    return futures


def _accumulated(shocks: npt.NDArray[np.float32], fit: Fit) -> npt.NDArray[np.float32]:
    """Let every shock work on the periods after it, as far as it moves the levels: (horizon, paths)."""
    horizon = len(shocks)
    response = _response(fit, horizon).astype(np.float32)
    age = np.arange(horizon)[:, None] - np.arange(horizon)
    works = np.where(age >= 0, response[np.maximum(age, 0)], np.float32(0))
    moved = np.empty_like(shocks)
    for first in range(0, PATHS, _COLUMNS):
        np.matmul(works, shocks[:, first : first + _COLUMNS], out=moved[:, first : first + _COLUMNS])
    return moved


def _response(fit: Fit, horizon: int) -> Floats:
    """What a shock of 1 does to the periods from its own on."""
    ahead = np.arange(1, horizon)
    return np.concatenate(([1.0], fit.steady + fit.fading @ fit.decays[:, None] ** ahead))


def _recent_range(x: Floats, hold: float) -> tuple[float, float]:
    low, high = float(x.min()), float(x.max())
    room = (high - low) * hold + 1e-12
    return low - room, high + room


def _held(paths: Floats, low: float, high: float) -> Floats:
    inside = np.clip(paths, low, high)
    paths -= inside
    paths *= HELD_SLOPE
    paths += inside
    return paths


def _clipped(values: Floats, question: Question) -> Floats:
    low, high = question.bounds
    return values if low is None and high is None else np.clip(values, low, high)


def _calibration(fit: Fit, residuals: Floats, settings: Settings, aim: Aim, *, spent: float, points: int) -> float:
    """How much wider than the bootstrap the aggregate should be.

    Three things widen it: freedom spent on the season, few residuals, and a horizon that is long beside the history.
    Where past origins show the aggregate's real error, that is weighed against the model's own spread.
    """
    count = len(residuals)
    inflate = settings.scale * np.sqrt((1 + spent) / (1 - spent) * (count + 2) / max(count - 1, 1))
    expected = 1.0 + min(_MOST_STRETCH, aim.horizon / points)
    response = _response(fit, aim.horizon)
    seen, weight = SPREAD_PRIOR * expected, SPREAD_PRIOR
    for trial in fit.trials:
        own = fit.scatter * _scatter(response, trial.aim)
        if own > 0:
            origins = trial.origins * (1.0 if trial.aim == aim else NEAR_SHARE)
            ratio = min(trial.miss / own, _LARGEST_RATIO)
            seen += origins * min(max(ratio**2, 0.2), 6.0)
            weight += origins
    return float(inflate * np.sqrt(seen / weight))


def _scatter(response: Floats, aim: Aim) -> float:
    if aim.last:
        return float(np.sqrt((response[: aim.horizon] ** 2).sum()))
    return _window_scatter(response[: aim.horizon], aim)


def _window_scatter(response: Floats, aim: Aim) -> float:
    """Standard deviation of the mean over the last periods of the horizon, per unit of one-step error."""
    reach = np.concatenate((np.zeros(aim.horizon), np.cumsum(response)))
    shocks = np.arange(aim.horizon)
    upto, before = reach[2 * aim.horizon - 1 - shocks], reach[aim.horizon + aim.first - 1 - shocks]
    return float(np.sqrt(((upto - before) ** 2).sum())) / aim.periods


@lru_cache(maxsize=16)
def _draws(stream: int, size: int) -> npt.NDArray[np.float32]:
    order = np.random.default_rng((SEED, stream)).random((size, PATHS), dtype=np.float32).argsort(axis=1)
    return (order.argsort(axis=1).astype(np.float32) + np.float32(0.5)) / np.float32(PATHS)


@lru_cache(maxsize=32)
def _drawn(stream: int, horizon: int, count: int) -> npt.NDArray[np.intp]:
    """Which of so many residuals is drawn, newest first: (horizon, paths)."""
    return (uniform_draws(stream, horizon) * np.float32(count * (1 - 1e-6))).astype(np.intp)


def uniform_draws(stream: int, horizon: int) -> npt.NDArray[np.float32]:
    """Uniform numbers (horizon, paths); a longer horizon only adds rows, so forecasts of one stream share theirs.

    Every period's numbers are spread evenly over the paths, in an order of their own (a Latin hypercube; McKay, Beckman
    and Conover, 1979): the same thousand paths then say more about a sum of shocks than independent ones.
    """
    size = _GROW
    while size < horizon:
        size *= 2
    return _draws(stream, size)[:horizon]


@lru_cache(maxsize=1)
def _ranks() -> Floats:
    return (np.random.default_rng((SEED, 101)).permutation(PATHS) + 0.5) / PATHS


@lru_cache(maxsize=8)
def _tails(freedom: float) -> Floats:
    """Factors sqrt(freedom / chi-square), one per path: normal errors become t-like (Wilson-Hilferty quantiles)."""
    normal = np.array([NormalDist().inv_cdf((i + 0.5) / PATHS) for i in range(PATHS)])
    share = 2 / (9 * freedom)
    chi_square = freedom * np.maximum(1 - share + normal * np.sqrt(share), 0.05) ** 3
    return np.random.default_rng((SEED, 102)).permutation(np.minimum(np.sqrt(freedom / chi_square), 4.0))
