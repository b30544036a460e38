"""How busy a day is in Vietnam: weekdays, Tết and public holidays on their real dates, shopping events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seasons:
    """Multiples of an average day, one per day."""

    store: Floats
    online: Floats
    helpdesk: Floats


_WEEK_STORE = (0.82, 0.82, 0.86, 0.92, 1.08, 1.32, 1.18)  # Monday first
_WEEK_ONLINE = (1.06, 1.02, 1.00, 1.02, 1.00, 0.92, 0.98)
_WEEK_HELPDESK = (1.28, 1.12, 1.06, 1.04, 1.02, 0.82, 0.66)

# Days from the first day of the lunar year, and the multiple on that day; straight lines between.
_TET_STORE = {
    -24: 1.0,
    -14: 1.25,
    -7: 1.65,
    -3: 1.75,
    -2: 1.3,
    -1: 0.5,
    0: 0.05,
    1: 0.1,
    2: 0.2,
    4: 0.5,
    9: 0.85,
    14: 1,
}
_TET_ONLINE = {-26: 1.0, -18: 1.35, -9: 1.55, -5: 1.1, -3: 0.6, 0: 0.18, 2: 0.22, 5: 0.6, 9: 0.85, 14: 1}
_TET_HELPDESK = {-20: 1.0, -10: 1.2, -4: 1.25, -1: 0.5, 0: 0.12, 2: 0.15, 4: 0.55, 6: 1.3, 10: 1.2, 14: 1}

_HOLIDAY = (1.25, 0.95, 0.55)  # store, online, help desk
# (month, day): store, online, help desk
_EVENTS = {
    (2, 14): (1.15, 1.25, 1.0),
    (3, 8): (1.35, 1.4, 1.05),
    (6, 1): (1.25, 1.1, 1.0),
    (10, 20): (1.35, 1.4, 1.05),
    (11, 11): (1.1, 2.1, 1.2),
    (12, 12): (1.15, 2.3, 1.25),
    (12, 24): (1.45, 1.2, 1.0),
}
_BLACK_FRIDAY = (1.6, 2.4, 1.35)
_AFTER_EVENT = (1.0, 1.0, 1.4)  # two days later, when parcels are on their way
_YEARLY_SWING = 0.05
_YEARLY_PEAK = 340  # day of the year


def seasons(days: Sequence[date]) -> Seasons:
    """Work out how busy each day is, for stores, the online shop and the help desk."""
    levels = np.array([_levels(day) for day in days], dtype=np.float64).reshape(-1, 3)
    return Seasons(levels[:, 0], levels[:, 1], levels[:, 2])


@cache
def tet(year: int) -> date:
    """First day of the lunar year that begins in a calendar year."""
    named = [day for day, name in _holidays(year).items() if name == "Lunar New Year"]
    return min(named)


def is_public_holiday(day: date) -> bool:
    """Tell whether a day is a public holiday in Vietnam."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> Mapping[date, str]:
    from holidays.countries.vietnam import Vietnam  # noqa: PLC0415 - a third of a second

    return dict(Vietnam(years=year, language="en_US"))  # type: ignore[no-untyped-call]


def _levels(day: date) -> tuple[float, float, float]:
    weekday = day.weekday()
    swing = 1 + _YEARLY_SWING * float(np.cos(2 * np.pi * (day.timetuple().tm_yday - _YEARLY_PEAK) / 365.25))
    tet_offset = (day - tet((day + timedelta(days=-min(_TET_ONLINE))).year)).days
    special = _special(day, near_tet=min(_TET_ONLINE) <= tet_offset <= max(_TET_ONLINE))
    store, online, helpdesk = (
        swing * week[weekday] * _between(lunar, tet_offset) * factor
        for week, lunar, factor in zip(
            (_WEEK_STORE, _WEEK_ONLINE, _WEEK_HELPDESK), (_TET_STORE, _TET_ONLINE, _TET_HELPDESK), special, strict=True
        )
    )
    return store, online, helpdesk


def _between(knots: Mapping[int, float], at: int) -> float:
    return float(np.interp(at, list(knots), list(knots.values())))


def _special(day: date, *, near_tet: bool) -> tuple[float, float, float]:
    """Multiples of an event, of what follows it, or of a public holiday; Tết has its own curve."""
    if (event := _event(day)) is not None:
        return event
    if _event(day - timedelta(days=2)) is not None:
        return _AFTER_EVENT
    if is_public_holiday(day) and not near_tet:
        return _HOLIDAY
    return 1.0, 1.0, 1.0


def _event(day: date) -> tuple[float, float, float] | None:
    if day.month == 11 and day.weekday() == 4 and day.day >= 24:
        return _BLACK_FRIDAY
    return _EVENTS.get((day.month, day.day))
