"""Where a change still needed stands among the changes that the metric made before, over as many days."""

from dataclasses import replace
from datetime import date

import numpy as np

from metrics.forecast.question import Days, Floats, Kind
from metrics.model.definition import KeyResult
from metrics.model.scorecard import Needed
from metrics.outlook.ahead import Outlook
from metrics.outlook.history import History, read_length
from metrics.periods import days_left

LEAST_APART = 3
"""Fewer stretches than this that share no day are no history."""


def with_percentile(needed: Needed | None, outlook: Outlook, as_of: date) -> Needed | None:
    """Add to what is needed per week the share of the metric's own past stretches that fell short of it, 0 to 1.

    A stretch is as many days as are left of the cycle; stretches overlap, one beginning on each day of the history.
    None stays where nothing is needed any more, or the history holds no three stretches apart.
    """
    if needed is None or not needed.per_week or outlook.history is None or outlook.question is None:
        return needed
    left = days_left(outlook.cycle, as_of)
    elapsed = outlook.cycle.days - left
    moves = past_moves(outlook.history, outlook.question.kind, outlook.key_result, elapsed=elapsed, horizon=left)
    if len(moves) <= (LEAST_APART - 1) * left:
        return needed
    short = moves < needed.per_week if needed.per_week > 0 else moves > needed.per_week
    return replace(needed, percentile=float(np.mean(short)))


def past_moves(history: History, kind: Kind, key_result: KeyResult, *, elapsed: int, horizon: int) -> Floats:
    """Give per past stretch the change per week of the key result's read; of a total, the amount per week.

    Args:
        history: up to the day from which on nothing is known.
        kind: how days become a value; of the least and greatest of them no stretch is told.
        key_result: whose read and shape count.
        elapsed: days of a cycle before the stretch.
        horizon: days of a stretch.
    """
    length = read_length(key_result.read, elapsed=elapsed)
    if not len(history) or horizon < 1 or kind in {"min", "max"}:
        return np.empty(0)
    reads = Reads(history, kind)
    ends = np.arange(reads.first + length - 1, reads.last - horizon + 1)
    weeks = horizon / 7
    if key_result.shape == "total" and kind == "sum":
        return reads.over(ends + 1, ends + horizon) / weeks
    before = reads.over(ends - length + 1, ends)
    start = ends - length + 1 if key_result.read.kind == "period" else ends + horizon - length + 1
    moves = (reads.over(start, ends + horizon) - before) / weeks
    return moves[np.isfinite(moves)]


class Reads:
    """Reads of a history over any stretch of days, by running sums."""

    def __init__(self, history: History, kind: Kind) -> None:
        self.first, self.last = int(history.days[0]), int(history.days[-1])
        self._kind = kind
        at = history.days - self.first
        amounts, weights = np.zeros(self.last - self.first + 2), np.zeros(self.last - self.first + 2)
        amounts[at + 1], weights[at + 1] = history.values * history.weights, history.weights
        self._amounts, self._weights = np.cumsum(amounts), np.cumsum(weights)
        self._newest = np.interp(np.arange(self.last - self.first + 1), at, np.arange(len(at))).astype(np.intp)
        self._values = history.values

    def over(self, starts: Days, ends: Days) -> Floats:
        """Give the read from each start to each end, both included (day numbers); NaN where no row counts."""
        low, high = starts - self.first, ends - self.first + 1
        if self._kind == "last":
            return np.asarray(self._values[self._newest[high - 1]])
        amount = self._amounts[high] - self._amounts[low]
        if self._kind == "sum":
            return np.asarray(amount)
        weight = self._weights[high] - self._weights[low]
        return np.where(weight > 0, amount / np.maximum(weight, 1e-300), np.nan)
