"""Separates what repeats from the level: the weekly rhythm, the yearly profile and holidays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from metrics.forecast.question import Floats, day_number
from metrics.forecast.series import RegularSeries
from metrics.forecast.settings import SEASON_SHARE, Yearly

SHORT_WEEKS = 4
"""Below this many weeks of days the weekly rhythm is a ridge regression, above it a trimmed mean per weekday."""

RHYTHM_WEEKS = 104
RHYTHM_TRIM = 0.15
RHYTHM_RIDGE = 0.05
RHYTHM_SLOPE_RIDGE = 3.0


@dataclass(frozen=True, slots=True)
class Season:
    """What repeats, on the transformed scale.

    Attributes:
        effect: to be taken off the history and added to the future, one per period of the grid.
        spent: share of the history's freedom that estimating it took; the errors left over look that much too small.
    """

    effect: Floats
    spent: float


def weekly_rhythm(z: Floats, series: RegularSeries) -> Season:
    """Estimate the effect of each weekday, shrunk by what its own scatter says about it."""
    none = Season(np.zeros(len(series.stamps)), 0.0)
    seen, weekdays = series.seen, (series.stamps + 3) % 7
    count = int(seen.sum())
    if series.weekly < 2 or count <= series.weekly:
        return none
    if count < SHORT_WEEKS * series.weekly:
        return _short_rhythm(z, seen, weekdays)
    newest = slice(max(0, series.length - RHYTHM_WEEKS * series.weekly), series.length)
    off, days = _off_level(z[newest], seen[newest], series.weekly), weekdays[newest]
    known = np.isfinite(off)
    off, days = off[known], days[known]
    counts = np.bincount(days, minlength=7)
    effect, scatter = _trimmed(off, days, counts)
    active = counts > 0
    effect[active] -= effect[active].mean()
    noise = scatter[active].mean() / max(1.0, counts[active].mean())
    signal = max(0.0, float((effect[active] ** 2).mean()) - noise)
    shrink = signal / (signal + noise) if signal > 0 else 0.0
    return Season((effect * shrink)[weekdays], min(0.5, active.sum() * shrink / max(1, counts.sum())))


def _trimmed(off: Floats, days: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Mean and variance of each weekday's deviations, the most extreme left out on both sides."""
    ranked = off[np.lexsort((off, days))]
    sums = np.concatenate(([0.0], np.cumsum(ranked)))
    squares = np.concatenate(([0.0], np.cumsum(ranked**2)))
    cut = (RHYTHM_TRIM * counts).astype(np.int64)
    ends = np.cumsum(counts)
    low, high = ends - counts + cut, ends - cut
    kept = np.maximum(high - low, 1)
    mean = (sums[high] - sums[low]) / kept
    return mean, np.maximum((squares[high] - squares[low]) / kept - mean**2, 0.0)


def _short_rhythm(z: Floats, seen: npt.NDArray[np.bool_], weekdays: npt.NDArray[np.int64]) -> Season:
    """Fit level, slope and weekdays at once by ridge regression: one or two of each weekday are all there is."""
    at = np.flatnonzero(seen)
    design = np.zeros((len(at), 9))
    design[:, 0], design[:, 1] = 1.0, (at - at.mean()) / 7.0
    design[np.arange(len(at)), 2 + weekdays[at]] = 1.0
    ridge = np.diag([1e-9, RHYTHM_SLOPE_RIDGE] + [RHYTHM_RIDGE] * 7)
    gram = design.T @ design
    effect = np.linalg.solve(gram + ridge, design.T @ (z[at] - z[at].mean()))[2:]
    active = np.bincount(weekdays[at], minlength=7) > 0
    effect = np.where(active, effect - effect[active].mean(), 0.0)
    spent = float(np.trace(np.linalg.solve(gram + ridge, gram))) / len(at)
    return Season(effect[weekdays], min(spent, 0.9))


def _off_level(z: Floats, seen: npt.NDArray[np.bool_], width: int) -> Floats:
    """Deviation from the mean of the week around each period, NaN at gaps and at the two ends."""
    window = np.ones(width)
    level = np.convolve(np.where(seen, z, 0.0), window, "same") / np.maximum(np.convolve(seen, window, "same"), 1.0)
    off = np.where(seen, z - level, np.nan)
    off[: width // 2] = np.nan
    off[len(off) - width // 2 :] = np.nan
    return off


def rhythm_strength(z: Floats, rhythm: Floats, seen: npt.NDArray[np.bool_]) -> float:
    """Share of the day-to-day movement that the weekly rhythm explains, 0 to 1.

    A daily series without any weekly rhythm, such as a price, seldom has a yearly one either: a year of a random walk
    merely looks like a season.
    """
    before = float(np.abs(np.diff(z[seen])).sum())
    after = float(np.abs(np.diff((z - rhythm)[seen])).sum())
    return max(0.0, 1.0 - after / before) if before > 0 else 0.0


def yearly_profile(x: Floats, series: RegularSeries, settings: Yearly, *, strength: float) -> Season:
    """Estimate what repeats every year, shrunk by how well one year predicts another (leave one year out).

    Args:
        strength: factor on the prior share of repeating variance, 0 to 1.
    """
    none = Season(np.zeros(len(series.stamps)), 0.0)
    if series.length < settings.least * series.per_year or series.per_year < 4:
        return none
    bins = round(series.per_year)
    turn = (np.arange(len(series.stamps)) - series.length) / series.per_year
    years = np.floor(turn + 1e-9).astype(np.int64)
    places = np.minimum(((turn - years) * bins + 1e-6).astype(np.int64), bins - 1)
    table = np.full((-int(years[0]), bins), np.nan)
    table[years[: series.length] - years[0], places[: series.length]] = _off_trend(x, series, settings)
    if series.grain == "month":
        table -= np.nanmean(table, axis=1, keepdims=True)
    profile, spent = _shrunk(table, settings, SEASON_SHARE * strength)
    return Season(profile[places], spent)


def _shrunk(table: Floats, settings: Yearly, share: float) -> tuple[Floats, float]:
    """Average the years and shrink: the covariance of a year with the mean of the others is what repeats."""
    known = np.isfinite(table)
    filled = np.where(known, table, 0.0)
    count, total = known.sum(axis=0), filled.sum(axis=0)
    others = np.where(known & (count >= 2), (total - filled) / np.maximum(count - 1, 1), 0.0)
    variance = float((filled**2).sum() / known.sum())
    pairs = int((known & (count >= 2)).sum())
    covariance = (float((filled * others).sum()) + settings.prior_pairs * share * variance) / (
        pairs + settings.prior_pairs
    )
    signal = min(max(covariance, 0.0), variance)
    if signal <= 0:
        return np.zeros(table.shape[1]), 0.0
    noise = variance - signal + 1e-12 * variance
    times = np.maximum(count, 1)
    shrink = signal / (signal + noise / times)
    spent = float((shrink / times)[count > 0].mean()) * settings.redundancy
    return np.where(count > 0, total / times * shrink, 0.0), spent


def _off_trend(x: Floats, series: RegularSeries, settings: Yearly) -> Floats:
    """Fit trend and harmonics together, and give the history's deviation from the trend alone."""
    length, seen = series.length, series.seen
    steps = np.arange(length)
    filled = np.interp(steps, np.flatnonzero(seen), x[seen])
    filled -= filled.mean()  # or the ridge on the level would leave a trace of it in the season
    t = steps / series.per_year
    columns, ridges = [np.ones(length), t - t[-1] / 2], [1e-6, settings.slope_ridge]
    if settings.knot_ridge is not None:
        knots = np.arange(1, int(2 * t[-1] + 2 / series.per_year)) / 2
        columns += [np.maximum(t - knot, 0.0) for knot in knots]
        ridges += [settings.knot_ridge] * len(knots)
    elif t[-1] >= 3:
        columns.append(columns[1] ** 2)
        ridges.append(1e-6)
    trend = len(columns)
    harmonics = min(settings.harmonics, int(series.per_year // 2 - 1))
    for k in range(1, harmonics + 1):
        columns += [np.cos(2 * np.pi * k * t), np.sin(2 * np.pi * k * t)]
    design = np.stack(columns, axis=1)
    ridge = np.diag(ridges + [0.1] * (2 * harmonics))
    fit = np.linalg.solve(design.T @ design + ridge, np.einsum("tk,t->k", design, filled))
    off: Floats = filled - np.einsum("tk,k->t", design[:, :trend], fit[:trend])
    width = settings.half_width
    if not width:
        return off
    return np.convolve(np.pad(off, width, mode="edge"), np.full(2 * width + 1, 1 / (2 * width + 1)), "valid")


def holiday_effect(x: Floats, series: RegularSeries, holidays: Mapping[date, str]) -> Floats:
    """Estimate how holidays differ from the days around them, per name, shrunk to what holidays do on the whole.

    Only days are looked at: in a week or a month a moving holiday is a small part. A name that never occurred in the
    history takes the effect of all holidays; without any past holiday there is none.
    """
    effect = np.zeros(len(series.stamps))
    named = {day_number(day): name for day, name in holidays.items()}
    if series.grain != "day" or not named:
        return effect
    marked = np.flatnonzero(np.isin(series.stamps, list(named)))
    names = [named[int(series.stamps[at])] for at in marked]
    past = [(at, name) for at, name in zip(marked, names, strict=True) if at < series.length and series.seen[at]]
    if not past:
        return effect
    ordinary = series.seen.copy()
    ordinary[marked[marked < series.length]] = False
    differences = [_beside(x, ordinary, int(at)) for at, _ in past]
    overall = sum(differences) / (len(differences) + 1)
    for at, name in zip(marked, names, strict=True):
        own = [difference for difference, (_, other) in zip(differences, past, strict=True) if other == name]
        effect[at] = (sum(own) + overall) / (len(own) + 1)
    return effect


def _beside(x: Floats, ordinary: npt.NDArray[np.bool_], at: int) -> float:
    near = slice(max(0, at - 10), at + 11)
    around = x[near][ordinary[near]]
    return float(x[at] - np.median(around)) if len(around) else 0.0
