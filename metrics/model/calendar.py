"""When an organisation works: hours by weekday, public holidays, days off and days worked besides."""

from dataclasses import dataclass
from datetime import date

Span = tuple[int, int]
"""From one minute of the day to another, by the wall clock."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working hours as `quarterline.yaml` declares them.

    Attributes:
        hours: spans in their order, by weekday from Monday on.
        holidays: country, or country and subdivision (`VN`, `DE-BE`), whose public holidays are free; None for none.
        days_off: days that are free besides.
        extra: spans of days worked by these hours, whatever the weekday and the holidays say.
    """

    name: str
    hours: tuple[tuple[Span, ...], ...]
    holidays: str | None = None
    days_off: frozenset[date] = frozenset()
    extra: tuple[tuple[date, tuple[Span, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The working time between two instants of a row, in hours by a calendar.

    Attributes:
        starts: column of the earlier instant.
        ends: column of the later one; a row where it is missing or earlier does not count.
    """

    starts: str
    ends: str
    calendar: str

    def __str__(self) -> str:
        return f"working hours from {self.starts} to {self.ends} ({self.calendar})"
