"""A grid of exponential smoothers over one series, weighted by how well each would have forecast it.

Every smoother's forecast h periods ahead has the form `base + slope * shape[h]`: a flat level, a quick level that falls
back to a slow one, or a level with a damped trend. That lets all of them, at all past origins, be scored in a few array
operations.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from metrics.forecast.question import Floats
from metrics.forecast.settings import (
    AIM_EVIDENCE,
    ERROR_POWER,
    NEAR_DIVISORS,
    NEAR_SHARE,
    REVERSION_PRIOR,
    STEP_EVIDENCE,
    Settings,
)

BLOCK = 32
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Aim:
    """Which coming periods make up the value: from `first` (0 is the next one) to the end, as mean or as last."""

    first: int
    horizon: int
    last: bool

    @property
    def periods(self) -> int:
        """How many periods the value covers."""
        return 1 if self.last else self.horizon - self.first

    def trials(self) -> list["Aim"]:
        """Give what past origins are tried with: this aim and, because it has few origins, a nearer one."""
        near = sorted({self.horizon // divisor for divisor in NEAR_DIVISORS} - {0, 1, self.horizon}, reverse=True)
        return [self, *(Aim(0, horizon, self.last) for horizon in near)]

    def of(self, shapes: Floats) -> Floats:
        """Bring shapes (smoothers, horizon) down to the value's own."""
        return shapes[:, -1] if self.last else shapes[:, self.first :].mean(axis=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """The forecast replayed from past origins.

    Attributes:
        aim: what was forecast.
        miss: root mean square error.
        origins: effective number of origins.
    """

    aim: Aim
    miss: float
    origins: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What the smoothers say together.

    Attributes:
        weights: one per smoother, summing to 1.
        futures: each smoother's forecast, (smoothers, horizon).
        residuals: the weighted forecast's one-step errors, oldest first; each at the size that it would have with the
            mean evidence, for a thin day's share errs more than a busy one's and says no more about days to come.
        steady: share of a shock that stays for good.
        fading: share of a shock that fades, per factor of `decays`.
        decays: factors per period.
        trials: how the weighted forecast would have done from past origins, at the real horizon first.
        scatter: root mean square one-step error, by evidence.
    """

    weights: Floats
    futures: Floats
    residuals: Floats
    steady: float
    fading: Floats
    decays: Floats
    trials: tuple["Trial", ...]
    scatter: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """The grid of one grain, laid out for one horizon."""

    rates: tuple[float, ...]
    slow: np.ndarray[tuple[int], np.dtype[np.intp]]
    quick: np.ndarray[tuple[int], np.dtype[np.intp]]
    slopes: tuple[float, ...]
    trend: np.ndarray[tuple[int], np.dtype[np.intp]]
    lag: Floats
    constant: Floats
    fades: Floats
    decays: Floats
    shapes: Floats
    prior: Floats


@lru_cache(maxsize=512)
def _plan(settings: Settings, horizon: int) -> _Plan:
    rates = sorted(
        {*settings.levels, *(r for pair in settings.reversions for r in pair), *(a for a, _ in settings.trends)}
    )
    slopes = sorted({slope for _, slope in settings.trends})
    pairs = [(slow, quick, decay) for slow, quick in settings.reversions for decay in settings.decays]
    ahead = np.arange(1, horizon + 1)
    starts = [*settings.levels, *(slow for slow, _, _ in pairs), *(level for level, _ in settings.trends)]
    quicks = [*settings.levels, *(quick for _, quick, _ in pairs), *(level for level, _ in settings.trends)]
    speeds = [*settings.levels, *(d * q + (1 - d) * s for s, q, d in pairs), *(level for level, _ in settings.trends)]
    favour = [0.0] * len(settings.levels) + [REVERSION_PRIOR] * len(pairs) + [0.0] * len(settings.trends)
    decays = np.array([*settings.decays, settings.damping])
    lasting = settings.damping / (1 - settings.damping)  # a damped trend's whole way: damping + damping ** 2 + ...
    constant, fades = np.zeros(len(starts)), np.zeros((len(starts), len(decays)))
    for row, (_, _, decay) in enumerate(pairs, start=len(settings.levels)):
        fades[row, settings.decays.index(decay)] = 1.0
    constant[len(starts) - len(settings.trends) :] = lasting
    fades[len(starts) - len(settings.trends) :, -1] = -lasting
    return _Plan(
        rates=tuple(rates),
        slow=np.array([rates.index(rate) for rate in starts]),
        quick=np.array([rates.index(rate) for rate in quicks]),
        slopes=tuple(slopes),
        trend=np.array([slopes.index(slope) for _, slope in settings.trends], np.intp),
        lag=np.array([0.5 * min((1 - level) / level, 3.0) for level, _ in settings.trends]),
        constant=constant,
        fades=fades,
        decays=decays,
        shapes=constant[:, None] + fades @ decays[:, None] ** ahead,
        prior=settings.rate_prior * np.log(speeds) + np.array(favour),
    )


@lru_cache(maxsize=64)
def _kernel(rates: tuple[float, ...]) -> tuple[Floats, Floats]:
    keep = 1.0 - np.array(rates)
    age = np.arange(BLOCK)[None, :] - np.arange(BLOCK)[:, None]
    within = np.where(age >= 0, keep[:, None, None] ** np.maximum(age, 0), 0.0)
    return within, keep[:, None] ** np.arange(1, BLOCK + 1)


def discounted_sums(x: Floats, rates: tuple[float, ...]) -> Floats:
    """Sum each prefix of `x` with weights `(1 - rate) ** age`, for every rate at once: (rates, len(x)).

    Blocks of 32 are one matrix product; only what a block carries to the next is a loop.
    """
    within, carry = _kernel(rates)
    blocks = -(-len(x) // BLOCK)
    padded = np.zeros(blocks * BLOCK)
    padded[: len(x)] = x
    sums = padded.reshape(1, blocks, BLOCK) @ within
    for block in range(1, blocks):
        sums[:, block] += sums[:, block - 1, -1:] * carry
    return sums.reshape(len(rates), -1)[:, : len(x)]


def fit_smoothers(x: Floats, evidence: Floats, settings: Settings, aim: Aim) -> Fit:
    """Run the grid over a series and weight its smoothers.

    Args:
        x: the series on its transformed scale, season taken off; 0 at gaps.
        evidence: weight of each period, 0 at gaps.
        settings: of the series' grain.
        aim: what of the future counts; `aim.horizon` must be at least 1.
    """
    plan = _plan(settings, aim.horizon)
    trends = len(plan.trend) if int((evidence > 0).sum()) >= 6 else 0
    smoothers = len(plan.shapes) - len(plan.trend) + trends
    shapes, prior = plan.shapes[:smoothers], plan.prior[:smoothers]
    base, slope, base_gain, slope_gain = _states(x, evidence, plan, trends)
    errors = x[1:] - base[:, :-1]
    errors -= slope[:, :-1] * shapes[:, :1]
    step_evidence = _after_start(evidence[1:])
    recent = settings.memory ** np.arange(len(step_evidence) - 1.0, -1.0, -1.0) * step_evidence
    log_weights = prior + _log_evidence(_size(errors, recent), STEP_EVIDENCE, float(recent.sum()))
    replays = [
        replay
        for trial in aim.trials()
        if (replay := _replayed(x, evidence, base, slope, settings, trial, shapes[:, : trial.horizon]))
    ]
    for replay in replays:
        share = 1.0 if replay.aim == aim else NEAR_SHARE
        log_weights += _log_evidence(_size(replay.errors, replay.recent), AIM_EVIDENCE, share * replay.origins)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    counted = step_evidence > 0
    residuals = _mixed(weights, errors)[counted][-settings.residuals :]
    shares = step_evidence[counted][-settings.residuals :]
    constant, fades = plan.constant[:smoothers], plan.fades[:smoothers]
    return Fit(
        weights=weights,
        futures=base[:, -1:] + slope[:, -1:] * shapes,
        residuals=residuals * np.sqrt(shares / shares.mean()),
        steady=float(weights @ (base_gain + slope_gain * constant)),
        fading=weights @ (slope_gain[:, None] * fades),
        decays=plan.decays,
        trials=tuple(
            Trial(replay.aim, _root_mean_square(_mixed(weights, replay.errors), replay.recent), replay.origins)
            for replay in replays
        ),
        scatter=_root_mean_square(residuals, shares),
    )


def _states(x: Floats, evidence: Floats, plan: _Plan, trends: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Base and slope of every smoother after every period, and how far the newest value moved each."""
    mass = discounted_sums(evidence, plan.rates)
    levels = discounted_sums(x * evidence, plan.rates) / np.maximum(mass, _TINY)
    gain = 1.0 / np.maximum(mass[:, -1], 1.0)
    flat = len(plan.slow) - len(plan.trend)
    base, slope = levels[plan.slow[: flat + trends]], np.zeros((flat + trends, len(x)))
    base_gain, slope_gain = gain[plan.slow[: flat + trends]], np.zeros(flat + trends)
    slope[:flat] = levels[plan.quick[:flat]] - base[:flat]
    slope_gain[:flat] = gain[plan.quick[:flat]] - base_gain[:flat]
    if trends:
        seen = np.flatnonzero(evidence > 0)
        changes = np.diff(np.interp(np.arange(len(x)), seen, x[seen]), prepend=x[seen[0]])
        counted = np.ones(len(x))
        counted[0] = 0.0
        # two pseudo changes of zero: a slope must be earned
        behind = discounted_sums(counted, plan.slopes) + 2.0
        slopes = discounted_sums(changes, plan.slopes) / behind
        slope[flat:] = slopes[plan.trend]
        base[flat:] += slopes[plan.trend] * plan.lag[:, None]
        slope_gain[flat:] = 1.0 / behind[plan.trend, -1]
    return base, slope, base_gain, slope_gain


@dataclass(frozen=True, slots=True)
class _Replay:
    """Every smoother's errors of one aim from past origins, with their weights and effective number."""

    aim: Aim
    errors: Floats
    recent: Floats
    origins: float


def _replayed(
    x: Floats, evidence: Floats, base: Floats, slope: Floats, settings: Settings, aim: Aim, shapes: Floats
) -> _Replay | None:
    """Forecast an aim from every past origin; None when there are too few to learn from."""
    origins = slice(3, len(x) - aim.horizon)
    count = len(x) - aim.horizon - 3
    if count < 4:
        return None
    if aim.last:
        actual, counted = x[-count:], evidence[-count:] > 0
    else:
        mass = np.concatenate(([0.0], np.cumsum(evidence)))
        total = np.concatenate(([0.0], np.cumsum(x * evidence)))
        begins = slice(4 + aim.first, 4 + aim.first + count)
        behind = mass[-count:] - mass[begins]
        counted = behind >= 0.5 * aim.periods
        actual = (total[-count:] - total[begins]) / np.maximum(behind, _TINY)
    if np.count_nonzero(counted) < 4:
        return None
    errors = slope[:, origins] * -aim.of(shapes)[:, None]
    errors -= base[:, origins]
    errors += actual
    recent = settings.memory ** np.arange(len(x) - 4.0, aim.horizon - 1.0, -1.0) * counted
    return _Replay(aim, errors, recent, float(np.count_nonzero(counted)) / (1.0 + 0.5 * aim.horizon))


def _after_start(evidence: Floats) -> Floats:
    """Leave out the first three errors, which only show how a smoother starts, unless few others remain."""
    later = evidence.copy()
    later[: min(3, len(later) - 1)] = 0.0
    return later if np.count_nonzero(later) >= 3 else evidence


def _mixed(weights: Floats, errors: Floats) -> Floats:
    """Weight the smoothers' errors; einsum, because BLAS would start threads for it, which stalls a busy machine."""
    mixed: Floats = np.einsum("s,st->t", weights, errors)
    return mixed


def _size(errors: Floats, weights: Floats) -> Floats:
    powers = np.abs(errors)
    powers *= np.sqrt(powers)  # to the power of 1.5 (ERROR_POWER), five times as fast as a power
    mean: Floats = np.einsum("st,t->s", powers, weights) / weights.sum()
    return mean ** (1.0 / ERROR_POWER)


def _root_mean_square(errors: Floats, weights: Floats) -> float:
    return float(np.sqrt((errors**2) @ weights / weights.sum())) if len(errors) and weights.any() else 0.0


def _log_evidence(sizes: Floats, evidence: tuple[float, float], count: float) -> Floats:
    """Log weights by error size: each effective error speaks against a smoother by its log error ratio."""
    least = float(sizes.min())
    if least <= 0:
        return np.zeros(len(sizes))
    per_error, most = evidence
    against: Floats = np.log(sizes / least)
    return -min(per_error * count, most) * against
