"""Working hours as SQL: a metric's raw table with the working time between two of its instants beside each row."""

from collections.abc import Mapping

from metrics.compile.quoting import identifier, literal, table_name
from metrics.errors import nearest
from metrics.model.calendar import WorkingHours
from metrics.model.definition import Metric

COLUMN = "quarterline working hours"
_INSTANT = "TIMESTAMP WITH TIME ZONE"


def table_with_hours(source: str, working: WorkingHours, spans: str) -> str:
    """SQL of a table with a column `COLUMN` more: hours worked, NULL where an instant is missing or they are reversed.

    Both instants are looked up among the calendar's spans (the last one that has begun), so a row costs the same
    however long it lasted. `spans` is the calendar's name in the table of working time.
    """
    starts, ends = f"ql_rows.{identifier(working.starts)}", f"ql_rows.{identifier(working.ends)}"
    calendar = f"(SELECT starts, ends, before FROM quarterline.working_time WHERE calendar = {literal(spans)})"
    hours = (
        f"CASE WHEN {ends} >= {starts} THEN ({_worked('ql_until', ends)} - {_worked('ql_from', starts)}) / 3.6e9 END"
    )
    return (
        f"(\n    SELECT ql_rows.*, {hours} AS {identifier(COLUMN)}\n    FROM {table_name(source)} AS ql_rows\n"
        f"    ASOF LEFT JOIN {calendar} AS ql_from ON epoch_us({starts}) >= ql_from.starts\n"
        f"    ASOF LEFT JOIN {calendar} AS ql_until ON epoch_us({ends}) >= ql_until.starts\n  )"
    )


def working_hours_problems(metric: Metric, columns: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the columns that working hours are counted between."""
    working = metric.working_hours
    if working is None:
        return []
    return [
        f"could not find column {name!r} in {metric.source}{nearest(name, columns)}"
        if name not in columns
        else f"column {name!r} is {columns[name]}, and working hours lie between instants; declare its type under "
        f"columns: of stream {metric.source}"
        for name in (working.starts, working.ends)
        if columns.get(name) != _INSTANT
    ]


def no_calendar(metric: Metric) -> str:
    """Word why working hours cannot be counted by a calendar that is not kept."""
    name = "" if metric.working_hours is None else metric.working_hours.calendar
    return (
        f"could not compute metric {metric.id!r}, because calendar {name!r} is not in the facts store; declare it "
        f"under calendars: in quarterline.yaml and run `quarterline sync`"
    )


def _worked(span: str, instant: str) -> str:
    """SQL of the working time up to an instant, in microseconds."""
    return f"({span}.before + least(epoch_us({instant}), {span}.ends) - {span}.starts)"
