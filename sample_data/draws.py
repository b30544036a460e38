"""Seeded randomness: every day of every table has its own stream, so that a later `today` only adds days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sample_data.seasons import Floats
from sample_data.timeline import Timeline, Times

SEED = 20_270_115

Ints = NDArray[np.int64]
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Draws:
    """Rows of a table before they are given meaning, in order of their time.

    Attributes:
        day: index into the timeline's days.
        number: 1, 2, 3 ... within the day.
        moment: naive local time, whole seconds.
        uniform: one row of numbers in [0, 1) per column asked for.
    """

    day: Ints
    number: Ints
    moment: Times
    uniform: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.day)

    def normal(self, first: int, second: int) -> Floats:
        """Standard normal numbers from two columns of uniform ones (Box and Muller, 1958)."""
        radius = np.sqrt(-2 * np.log1p(-self.uniform[first]))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform[second]))


def draw(line: Timeline, *, table: int, rates: Floats, hours: Sequence[float], columns: int) -> Draws:
    """Draw a Poisson number of rows for every day, placed within the day by the weight of its hours.

    Rows are numbered before those that lie after `line.until` are left out, so that numbers never change.
    """
    blocks = [_day(table, day.toordinal(), rate, columns + 1) for day, rate in zip(line.days, rates, strict=True)]
    counts = np.array([block.shape[1] for block in blocks])
    uniform = np.concatenate(blocks, axis=1)
    day = np.repeat(np.arange(len(blocks)), counts)
    edges = np.concatenate(([0.0], np.cumsum(hours))) / sum(hours)
    second = np.floor(np.interp(uniform[-1], edges, np.arange(25)) * 3600).astype(np.int64)
    order = np.lexsort((second, day))
    moment = line.midnights[day] + second[order] * np.timedelta64(1_000_000, "us")
    number = np.arange(len(day)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    happened = moment < line.until
    return Draws(day[happened], number[happened], moment[happened], uniform[:-1, order][:, happened])


def pick(uniform: Floats, weights: Mapping[str, float]) -> Words:
    """Choose a word per row by the words' weights."""
    edges = np.cumsum(list(weights.values())) / sum(weights.values())
    index = np.minimum(np.searchsorted(edges, uniform, side="right"), len(weights) - 1)
    return np.array(list(weights))[index]


def lookup(keys: Words, table: Mapping[str, float]) -> Floats:
    """Translate a word per row into its number."""
    names, index = np.unique(keys, return_inverse=True)
    return np.array([table[str(name)] for name in names])[index]


def _day(table: int, ordinal: int, rate: float, columns: int) -> NDArray[np.float64]:
    generator = np.random.Generator(np.random.PCG64([SEED, table, ordinal]))
    return generator.random((columns, generator.poisson(rate)))
