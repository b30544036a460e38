"""`calendars:` of quarterline.yaml: hours by weekday, public holidays, days off and days worked besides."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from metrics.definitions.checking import Checker
from metrics.definitions.schema import CalendarEntry
from metrics.definitions.strict_yaml import Path
from metrics.errors import nearest
from metrics.model.calendar import WEEKDAYS, Span, WorkCalendar

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


def read_calendars(checker: Checker, raw: Any) -> dict[str, WorkCalendar]:
    """Read every calendar, noting what cannot be accepted."""
    return {
        name: calendar
        for name, value, path in checker.items(raw, ("calendars",))
        if (calendar := _calendar(checker, str(name), value, path)) is not None
    }


def _calendar(checker: Checker, name: str, raw: Any, path: Path) -> WorkCalendar | None:
    known = len(checker.problems)
    entry = checker.check(CalendarEntry, raw, path).entry
    if entry is None:
        return None
    hours: list[tuple[Span, ...]] = [()] * len(WEEKDAYS)
    for days, spans, below in checker.items(raw.get("hours"), (*path, "hours")):
        read = _spans(checker, spans, below)
        for weekday in _weekdays(checker, str(days), below):
            if hours[weekday]:
                checker.note(below, f"{WEEKDAYS[weekday]} has hours already; give each weekday once")
            hours[weekday] = read
    extra = [
        (day, _spans(checker, spans, below))
        for written, spans, below in checker.items(raw.get("extra"), (*path, "extra"))
        for day in _days(checker, str(written), below)
    ]
    _check_holidays(checker, entry.holidays, (*path, "holidays"))
    if len(checker.problems) > known:
        return None
    return WorkCalendar(name, tuple(hours), entry.holidays, frozenset(entry.days_off), tuple(sorted(extra)))


def _weekdays(checker: Checker, written: str, path: Path) -> range:
    first, dash, last = written.partition("-")
    if first in WEEKDAYS and (not dash or last in WEEKDAYS):
        days = range(WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first) + 1)
        if days:
            return days
    checker.note(path, f"{written[:40]!r} is no weekday or range of them; write mon, or mon-fri, or sat-sun")
    return range(0)


def _days(checker: Checker, written: str, path: Path) -> Iterator[date]:
    try:
        yield date.fromisoformat(written)
    except ValueError:
        checker.note(path, f"{written[:40]!r} is no date; write it as 2027-01-31")


def _spans(checker: Checker, raw: Any, path: Path) -> tuple[Span, ...]:
    spans: list[Span] = []
    for text in raw if isinstance(raw, list) else [raw]:
        found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            checker.note(path, 'is no list of hours; write for example ["08:00-12:00", "13:00-17:30"]')
            return ()
        numbers = [int(part) for part in found.groups() if part is not None]
        begins, ends = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        if ends <= begins:
            checker.note(path, f"{text!r} ends before it begins; split hours across midnight over two days")
        if spans and begins < spans[-1][1]:
            checker.note(path, f"{text!r} begins before the hours before it end; list them in their order")
        spans.append((begins, ends))
    return tuple(spans)


def _check_holidays(checker: Checker, code: str | None, path: Path) -> None:
    if code is None:
        return
    import holidays  # noqa: PLC0415 - a fifth of a second that only workspaces with a calendar need

    countries: Mapping[str, list[str]] = holidays.list_supported_countries()
    country, dash, subdivision = code.partition("-")
    if country not in countries:
        checker.note(path, f"{code[:40]!r} is no country whose holidays are known{nearest(country, countries)}")
    elif dash and subdivision not in countries[country]:
        checker.note(path, f"{code[:40]!r} names no part of {country}{nearest(subdivision, countries[country])}")
