"""Quoting of names and values, and the day that a row belongs to, in DuckDB SQL."""

from datetime import date, timedelta

from metrics.model.definition import Filter
from metrics.model.reading import Window

SPAN_OF_DAYS = "min(greatest(day, DATE '0001-01-01')), max(least(day, DATE '9999-12-31'))"
"""SQL of the first and last of some days, as far as a calendar goes: DuckDB's goes further, as mistyped rows may."""


def identifier(name: str) -> str:
    """Quote a name of a schema, table or column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text value."""
    return "'" + text.replace("'", "''") + "'"


def table_name(stream: str) -> str:
    """Quote the raw table of a stream named `source.stream`."""
    schema, _, table = stream.partition(".")
    return f"{identifier(schema)}.{identifier(table)}"


def day_of(column: str, column_type: str, timezone: str) -> str:
    """SQL of the organisation's day of a row: a date is that day, an instant falls on a day of the zone."""
    if column_type == "DATE":
        return identifier(column)
    return f"CAST(timezone({literal(timezone)}, {identifier(column)}) AS DATE)"


def near_window(column: str, column_type: str, window: Window) -> str:
    """SQL of a condition that every row of `window` meets in any zone; it lets a scan skip what lies far away."""
    starts, ends = shifted(window.starts, -1), shifted(window.ends, 2)
    if column_type == "DATE":
        return f"{identifier(column)} BETWEEN {day(window.starts)} AND {day(window.ends)}"
    name = identifier(column)
    return f"{name} >= TIMESTAMPTZ '{starts} 00:00:00+00' AND {name} < TIMESTAMPTZ '{ends} 00:00:00+00'"


def day(value: date) -> str:
    """SQL of a day."""
    return f"DATE '{value.isoformat()}'"


def accepts(filter_: Filter, columns: dict[str, str]) -> str:
    """SQL of a filter's condition; `columns` gives each dimension's SQL as text. Empty for the empty filter."""
    return " AND ".join(
        f"{columns[dimension]} IN ({', '.join(literal(value) for value in values)})" for dimension, values in filter_
    )


def shifted(value: date, days: int) -> date:
    """Move a day, staying inside what a calendar can hold."""
    try:
        return value + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max
