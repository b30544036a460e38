"""Keeping working time: each calendar's spans as a table that metrics of working hours join."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import date

import pyarrow as pa

from metrics.compile.parts import short_hash
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.calendar import WorkCalendar
from metrics.working_time import working_spans

FIRST = date(2000, 1, 1)
"""Rows before it have no working time."""


def keep_calendars(writer: Writer, calendars: Iterable[WorkCalendar], timezone: str, *, today: date) -> dict[str, str]:
    """Bring the table of working time up to the calendars; gives the name that each stands under in it.

    The name changes with the spans, so whatever was computed from older ones is computed again. Spans reach to the end
    of next year.
    """
    names = {calendar.name: _keep(writer, calendar, timezone, date(today.year + 1, 12, 31)) for calendar in calendars}
    stored = dict(writer.rows(f"SELECT name, spans FROM {SCHEMA}.calendars"))
    if stored != names:
        with writer.transaction():
            writer.connection.execute(f"DELETE FROM {SCHEMA}.calendars")
            for name, spans in names.items():
                writer.connection.execute(f"INSERT INTO {SCHEMA}.calendars VALUES (?, ?)", [name, spans])
            writer.connection.execute(
                f"DELETE FROM {SCHEMA}.working_time WHERE calendar NOT IN (SELECT spans FROM {SCHEMA}.calendars)"
            )
            writer.count_change()
    return names


def _keep(writer: Writer, calendar: WorkCalendar, timezone: str, last: date) -> str:
    free = public_holidays(calendar.holidays, FIRST.year, last.year)
    spans = [astuple(span) for span in working_spans(calendar, timezone, FIRST, last, holidays=free)]
    name = f"{calendar.name} {short_hash(spans)}"
    if writer.rows(f"SELECT 1 FROM {SCHEMA}.working_time WHERE calendar = ? LIMIT 1", [name]):
        return name
    starts, ends, before = zip(*spans, strict=True)
    table = pa.table({"calendar": [name] * len(spans), "starts": starts, "ends": ends, "before": before})
    writer.connection.register("quarterline_working_time", table)
    with writer.transaction():
        writer.connection.execute(
            f"INSERT INTO {SCHEMA}.working_time BY NAME SELECT * FROM quarterline_working_time ORDER BY starts"
        )
    writer.connection.unregister("quarterline_working_time")
    return name


def public_holidays(code: str | None, first: int, last: int) -> Mapping[date, str]:
    """Name a country's public holidays, those of a subdivision (`DE-BE`) included, in some years."""
    if code is None:
        return {}
    import holidays  # noqa: PLC0415 - a fifth of a second that only workspaces with a calendar need

    country, _, subdivision = code.partition("-")
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=range(first, last + 1)))
