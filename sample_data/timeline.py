"""The company's days, each with its place in the story: quarters before and shares into the current one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from sample_data.fiscal import Quarter, add_months
from sample_data.seasons import Floats, Seasons, seasons
from sample_data.story import Curve

ZONE = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has kept seven hours ahead of UTC since 1975."""

HISTORY_MONTHS = 18
_MORNING = time(9, 30)
_AVERAGE_QUARTER = 365.25 / 4

Times = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Days in order, with what the generators ask of each.

    Attributes:
        phase: -1.5 is one and a half quarters before the current one began, 0.6 is sixty percent into it.
        growth: size of the company, 1 at the beginning of the current quarter.
        until: naive local time after which nothing has happened yet.
    """

    quarter: Quarter
    days: tuple[date, ...]
    phase: Floats
    growth: Floats
    season: Seasons
    until: np.datetime64

    def follow(self, knots: Curve) -> Floats:
        """Read a curve of the story on every day."""
        return np.interp(self.phase, list(knots), list(knots.values()))

    def on_phase(self, phase: float, *, length: int = 1) -> NDArray[np.bool_]:
        """Mark the `length` days that begin at a place in the story."""
        first = self.quarter.starts + timedelta(days=round(phase * _AVERAGE_QUARTER))
        return np.array([0 <= (day - first).days < length for day in self.days])

    @property
    def midnights(self) -> Times:
        """Naive local midnight of every day, in microseconds."""
        return np.array(self.days, dtype="datetime64[D]").astype("datetime64[us]")


def timeline(quarter: Quarter, first: date, last: date, *, until: datetime | None = None) -> Timeline:
    """Lay the days from `first` to `last` along the story of a quarter; `until` is naive local time."""
    days = tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))
    since = np.array([(day - quarter.starts).days for day in days], dtype=np.float64)
    phase = np.where(since < 0, since / _AVERAGE_QUARTER, since / quarter.days)
    end = until if until is not None else datetime.combine(last + timedelta(days=1), time())
    return Timeline(quarter, days, phase, 1 + 0.025 * phase, seasons(days), np.datetime64(end, "us"))


def first_day(today: date) -> date:
    """Give the oldest day of the history: the first of the month, a year and a half back."""
    return add_months(today.replace(day=1), -HISTORY_MONTHS)


def morning_of(today: date) -> datetime:
    """Give the moment at which the company is shown."""
    return datetime.combine(today, _MORNING, ZONE)
