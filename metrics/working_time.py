"""Working hours as instants: the spans of a calendar's days with the working time that lies before each."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metrics.model.calendar import Span, WorkCalendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class WorkingSpan:
    """A stretch of working time; everything in microseconds, instants since 1970 (UTC).

    Attributes:
        before: working time from the calendar's first day up to this span.
    """

    starts: int
    ends: int
    before: int


def working_spans(
    calendar: WorkCalendar, timezone: str, first: date, last: date, *, holidays: Collection[date]
) -> Iterator[WorkingSpan]:
    """Yield a calendar's spans between two days, in their order.

    Wall-clock hours become instants, so a span across a change of clocks is as long as people really worked. The first
    one is empty and marks the first day, before which nothing is known; of others no two begin together, as those
    would that lie where the clocks are put forward.
    """
    zone, extra, worked = ZoneInfo(timezone), dict(calendar.extra), 0
    until = _instant(first, 0, zone)
    yield WorkingSpan(until, until, 0)
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        for begins, ends in spans_on(calendar, day, extra=extra, holidays=holidays):
            starts = max(_instant(day, begins, zone), until)
            until = max(_instant(day, ends, zone), starts)
            if until == starts:
                continue
            yield WorkingSpan(starts, until, worked)
            worked += until - starts


def spans_on(
    calendar: WorkCalendar, day: date, *, extra: dict[date, tuple[Span, ...]], holidays: Collection[date]
) -> tuple[Span, ...]:
    """Give the hours of one day: what is declared for it, nothing on a day off or holiday, else its weekday's."""
    if day in extra:
        return extra[day]
    return () if day in calendar.days_off or day in holidays else calendar.hours[day.weekday()]


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    wall = datetime.combine(day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), zone)
    return (wall.astimezone(UTC) - _EPOCH) // _MICROSECOND
