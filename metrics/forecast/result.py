"""The forecast itself: simulated values at the end of the window, and what may be said from them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from metrics.forecast.question import Floats
from metrics.model.target import Target

Reason = Literal["no_history", "history_too_short", "chance_needs_history"]


@dataclass(frozen=True, slots=True)
class FanPoint:
    """The value's bands as they would stand at the end of one period to come."""

    day: date
    lo95: float
    lo80: float
    median: float
    hi80: float
    hi95: float


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What the window's value may be when it is over.

    Attributes:
        samples: the value per simulated path, in path order. The same index is the same draw in every forecast, so
            values of several key results can be combined path by path (see `metrics.forecast.joint`). Empty when there
            is no history at all.
        ordered: the same values, ascending.
        method: what was used, in a few words.
        history: points that the history rules count (since the last level shift).
        reason: why something is withheld, else None.
        low_confidence: whether the chance rests on a short history.
        certain: whether nothing of the window is left to come.
        floor: what the value cannot fall below any more (a sum of non-negative values), else None.
        fan: bands per period to come, when they were asked for.
    """

    samples: Floats
    ordered: Floats
    method: str
    history: int
    reason: Reason | None = None
    low_confidence: bool = False
    certain: bool = False
    floor: float | None = None
    fan: tuple[FanPoint, ...] = ()

    @property
    def has_range(self) -> bool:
        """Whether the history allows a median and intervals."""
        return self.certain or self.reason in {None, "chance_needs_history"}

    @property
    def has_chance(self) -> bool:
        """Whether the history allows a chance."""
        return self.certain or self.reason is None

    @property
    def median(self) -> float | None:
        """Middle of the simulated values; None when the forecast abstains."""
        return self._shown(0.5)

    @property
    def lo80(self) -> float | None:
        """Low end of the 80 % interval; None when the forecast abstains."""
        return self._shown(0.1)

    @property
    def hi80(self) -> float | None:
        """High end of the 80 % interval; None when the forecast abstains."""
        return self._shown(0.9)

    @property
    def lo95(self) -> float | None:
        """Low end of the 95 % interval; None when the forecast abstains."""
        return self._shown(0.025)

    @property
    def hi95(self) -> float | None:
        """High end of the 95 % interval; None when the forecast abstains."""
        return self._shown(0.975)

    def quantile(self, share: float) -> float:
        """Give the value below which `share` of the paths end, interpolated linearly.

        Raises:
            ValueError: there is no history, so there are no paths.
        """
        if not len(self.ordered):
            raise ValueError("could not give a quantile, because the series has no value; look at `reason` first")
        return float(quantiles(self.ordered[:, None], (share,))[0, 0])

    def p_hit(self, target: float, direction: Literal["increase", "decrease"]) -> float:
        """Share of paths at or beyond the target, whatever the history rules say (`chance` applies them)."""
        return self._share(Target(">=" if direction == "increase" else "<=", target, None, ""))

    def chance(self, target: Target) -> float | None:
        """Chance that the target is met at the end, by its exact comparator; None when the forecast abstains."""
        return self._share(target) if self.has_chance else None

    def _shown(self, share: float) -> float | None:
        return self.quantile(share) if self.has_range and len(self.ordered) else None

    def _share(self, target: Target) -> float:
        """(k + 1/2) / (n + 1), so that 0 and 1 are left to what arithmetic makes certain."""
        if self.certain and len(self.ordered):
            return float(target.is_met(float(self.ordered[0])))
        if self.floor is not None and (settled := _settled(target, self.floor)) is not None:
            return settled
        return (self._count(target) + 0.5) / (len(self.ordered) + 1)

    def _count(self, target: Target) -> int:
        below = int(np.searchsorted(self.ordered, target.value, "left"))
        upto = int(np.searchsorted(self.ordered, target.value, "right"))
        match target.comparator:
            case "<":
                return below
            case "<=":
                return upto
            case ">":
                return len(self.ordered) - upto
            case ">=":
                return len(self.ordered) - below
            case "within":
                high = target.value if target.high is None else target.high
                return max(0, int(np.searchsorted(self.ordered, high, "right")) - below)


def _settled(target: Target, floor: float) -> float | None:
    """Tell the outcome when the value can only grow from `floor`, and that decides it."""
    if target.direction == "higher":
        return 1.0 if target.is_met(floor) else None
    limit = target.high if target.comparator == "within" and target.high is not None else target.value
    exceeded = floor >= limit if target.comparator == "<" else floor > limit
    return 0.0 if exceeded else None


def quantiles(ordered: Floats, shares: tuple[float, ...]) -> Floats:
    """Quantiles down the first axis of sorted values, interpolated linearly: (shares, columns)."""
    at = np.clip(np.array(shares), 0.0, 1.0) * (len(ordered) - 1)
    below = np.floor(at).astype(np.intp)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = (at - below)[:, None]
    low, high = ordered[below], ordered[above]
    between: Floats = np.minimum(low + (high - low) * part, high)
    return between
