"""Storing what an engine brought back, in the tables that locally computed series have, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from metrics.compile.parts import PartColumn, dimension_column, short_hash
from metrics.compile.quoting import day, literal
from metrics.facts.layout import SCHEMA
from metrics.facts.pieces import drop_all
from metrics.facts.writer import Writer, forget_derived
from metrics.model.reading import Window
from metrics.pushdown.rendering import kind_of
from metrics.sync.pushdown.fetch import Fetched, PartsAnswer, SeriesAnswer

_NEW, _WINDOWS = "temp.main.pushed_rows", "temp.main.pushed_windows"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store remembers of a pushed stream: its description, and the sync's state."""

    name: str
    description: str
    state: str
    cursor: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownDays:
    """Days by one time column once what was fetched is stored: how many rows they have, and which they are."""

    rows: int
    span: Window | None


def days_in_store(writer: Writer, stream: str, column: str, fetched: Fetched, *, whole: bool) -> KnownDays:
    """Tell what the days will come to."""
    counted = fetched.days.get(column)
    stale = fetched.stale.get(column) or []
    kept = (
        []
        if whole
        else writer.rows(
            f"SELECT day, rows FROM {SCHEMA}.days WHERE stream = ? AND time_column = ? AND NOT ({_on(stale)})",
            [stream, column],
        )
    )
    new = [] if counted is None else list(zip(counted["day"].to_pylist(), counted["rows"].to_pylist(), strict=True))
    days = [*kept, *new]
    span = Window(min(on for on, _ in days), max(on for on, _ in days)) if days else None
    return KnownDays(sum(rows for _, rows in days), span)


def stored_parts(writer: Writer, stream: str, column: str, *, until: date) -> date | None:
    """Give the newest day, up to one, of which rows are known."""
    ((newest,),) = writer.rows(
        f"SELECT max(day) FROM {SCHEMA}.days WHERE stream = ? AND time_column = ? AND day <= ?", [stream, column, until]
    )
    return newest if isinstance(newest, date) else None


def store(writer: Writer, stored: Stored, fetched: Fetched, *, whole: bool) -> int:
    """Exchange what changed; gives how many rows of series are new or different."""
    with writer.transaction():
        changed = _forget_rows(writer, stored.name) + _describe(writer, stored)
        changed += _store_days(writer, stored.name, fetched)
        changed += _store_parts(writer, stored.name, fetched, whole=whole)
        changed += _store_series(writer, stored.name, fetched, whole=whole)
        changed += _store_dimension_parts(writer, stored.name, fetched)
        writer.connection.execute(
            f"INSERT OR REPLACE INTO {SCHEMA}.streams VALUES (?, ?, NULL, ?, ?, ?)",
            [stored.name, stored.state, stored.cursor, fetched.source_rows, stored.at.isoformat()],
        )
        if changed:
            writer.count_change()
    return changed


def forget_pushed(writer: Writer, stream: str) -> None:
    """Forget the series of a stream that was pushed down, in the transaction that stores its rows or drops it."""
    if writer.rows(f"SELECT 1 FROM {SCHEMA}.pushed WHERE stream = ?", [stream]):
        _forget_series(writer, stream)
        writer.connection.execute(f"DELETE FROM {SCHEMA}.pushed WHERE stream = ?", [stream])


def _forget_rows(writer: Writer, stream: str) -> int:
    """Drop the rows of a stream that was pulled until now, and what was computed from them."""
    if not writer.columns(stream):
        return 0
    _forget_series(writer, stream)
    drop_all(writer.connection, stream)
    return 1


def _forget_series(writer: Writer, stream: str) -> None:
    for (name,) in writer.rows(f"SELECT name FROM {SCHEMA}.parts WHERE stream = ?", [stream]):
        writer.connection.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
    kept = f"SELECT series FROM {SCHEMA}.exact WHERE stream = {literal(stream)}"
    writer.connection.execute(f"DELETE FROM {SCHEMA}.exact_parts WHERE series IN ({kept})")
    forget_derived(writer.connection, stream)


def _describe(writer: Writer, stored: Stored) -> int:
    known = writer.rows(f"SELECT description FROM {SCHEMA}.pushed WHERE stream = ?", [stored.name])
    if known == [(stored.description,)]:
        return 0
    writer.connection.execute(
        f"INSERT OR REPLACE INTO {SCHEMA}.pushed VALUES (?, ?)", [stored.name, stored.description]
    )
    return 1


def _store_days(writer: Writer, stream: str, fetched: Fetched) -> int:
    wanted = ", ".join(literal(column) for column in fetched.stale) or "''"
    others = f"stream = {literal(stream)} AND time_column NOT IN ({wanted})"
    changed = _drop(writer, f"{SCHEMA}.days", others)
    _drop(writer, f"{SCHEMA}.tracked", others)
    for column, days in fetched.days.items():
        stale = fetched.stale[column]
        key = f"stream = {literal(stream)} AND time_column = {literal(column)}"
        where = key if stale is None else f"{key} AND ({_on(stale)})"
        select = f"SELECT {literal(stream)}, {literal(column)}, day, rows, first_at, last_at FROM {_NEW}"
        changed += _exchange(writer, f"{SCHEMA}.days", where, days, select)
        writer.connection.execute(f"INSERT OR IGNORE INTO {SCHEMA}.tracked VALUES (?, ?)", [stream, column])
    return changed


def _store_parts(writer: Writer, stream: str, fetched: Fetched, *, whole: bool) -> int:
    changed = 0
    alive = {answer.name for answer in fetched.parts}
    for (name,) in writer.rows(f"SELECT name FROM {SCHEMA}.parts WHERE stream = ?", [stream]):
        if whole and name not in alive:
            writer.connection.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
            writer.connection.execute(f"DELETE FROM {SCHEMA}.parts WHERE name = ?", [name])
            changed += 1
    for answer in fetched.parts:
        columns = dict(_part_types(answer))
        signature = short_hash(list(columns.items()))
        if writer.rows(f"SELECT signature FROM {SCHEMA}.parts WHERE name = ?", [answer.name]) != [(signature,)]:
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            writer.connection.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.{answer.name} ({listed})")
            writer.connection.execute(
                f"INSERT OR REPLACE INTO {SCHEMA}.parts VALUES (?, ?, ?, ?, ?, ?)",
                [
                    answer.name,
                    stream,
                    answer.time,
                    list(answer.dimensions),
                    sorted(column.name for column, _ in answer.columns),
                    signature,
                ],
            )
        stale = fetched.stale[answer.time]
        select = f"SELECT {', '.join(_part_columns(answer))} FROM {_NEW}"
        where = "TRUE" if stale is None else _on(stale)
        changed += _exchange(writer, f"{SCHEMA}.{answer.name}", where, answer.rows, select)
    return changed


def _part_types(answer: PartsAnswer) -> list[tuple[str, str]]:
    keys = [("day", "DATE"), *((dimension_column(name), "VARCHAR") for name in answer.dimensions)]
    return [*keys, *((column.name, _part_type(answer, column, kind)) for column, kind in answer.columns)]


def _part_type(answer: PartsAnswer, column: PartColumn, kind: str) -> str:
    """DuckDB's type of a part, as it would compute it."""
    match column.kind:
        case "n" | "lost":
            return "BIGINT"
        case "last":
            return f"STRUCT(moment {answer.time_type}, value {kind})"
        case "sum" if kind_of(kind) == "whole":
            return "HUGEINT"
        case "sum" if kind_of(kind) == "decimal":
            return f"DECIMAL(38,{kind.rpartition(',')[2].strip(' )')})"
    return kind


def _part_columns(answer: PartsAnswer) -> list[str]:
    selected = ["day", *map(dimension_column, answer.dimensions)]
    for column, kind in answer.columns:
        if column.kind == "last":
            value = f"CAST({column.name} AS {kind})"
            packed = f"struct_pack(moment := {column.name}_at, value := {value})"
            selected.append(f"CASE WHEN {column.name} IS NOT NULL THEN {packed} END")
        else:
            selected.append(f"CAST({column.name} AS {_part_type(answer, column, kind)})")
    return selected


def _store_series(writer: Writer, stream: str, fetched: Fetched, *, whole: bool) -> int:
    keys = [answer.key for answer in fetched.series]
    listed = ", ".join(map(literal, keys)) or "''"
    gone = f"SELECT series FROM {SCHEMA}.exact WHERE stream = {literal(stream)} AND series NOT IN ({listed})"
    changed = 0
    for table in ("exact_days", "exact_windows", "exact"):
        changed += _drop(writer, f"{SCHEMA}.{table}", f"series IN ({gone})") if table != "exact" else 0
    _drop(writer, f"{SCHEMA}.exact", f"stream = {literal(stream)} AND series NOT IN ({listed})")
    for answer in fetched.series:
        changed += _store_one(writer, stream, answer, fetched, whole=whole)
    return changed


def _store_one(writer: Writer, stream: str, answer: SeriesAnswer, fetched: Fetched, *, whole: bool) -> int:
    key = literal(answer.key)
    stale = fetched.stale[answer.metric.time]
    everything = whole or answer.fresh or stale is None
    where = f"series = {key}" if everything else f"series = {key} AND ({_on(stale or [])})"
    days = f"SELECT {key}, day, value, n FROM {_NEW}"
    changed = _exchange(writer, f"{SCHEMA}.exact_days", where, answer.days, days)
    writer.connection.execute(
        f"INSERT OR REPLACE INTO {SCHEMA}.exact VALUES (?, ?, ?, '')", [answer.key, stream, answer.metric.time]
    )
    held = {
        Window(starts, ends)
        for starts, ends in writer.rows(
            f"SELECT starts, ends FROM {SCHEMA}.exact_windows WHERE series = ?", [answer.key]
        )
    }
    replaced = sorted(
        (answer.computed | (held - answer.wanted)) if not everything else (answer.computed | held),
        key=lambda each: (each.starts, each.ends),
    )
    wanted = pa.table(
        {"starts": [each.starts for each in replaced], "ends": [each.ends for each in replaced]},
        schema=pa.schema([("starts", pa.date32()), ("ends", pa.date32())]),
    )
    writer.connection.register("quarterline_windows", wanted)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {_WINDOWS} AS FROM quarterline_windows")
    writer.connection.unregister("quarterline_windows")
    exchanged = f"series = {key} AND (starts, ends) IN (SELECT (starts, ends) FROM {_WINDOWS})"
    windows = f"SELECT {key}, starts, ends, value, n FROM {_NEW}"
    return changed + _exchange(writer, f"{SCHEMA}.exact_windows", exchanged, answer.windows, windows)


def _store_dimension_parts(writer: Writer, stream: str, fetched: Fetched) -> int:
    kept = f"SELECT series FROM {SCHEMA}.exact WHERE stream = {literal(stream)}"
    if not fetched.dimension_parts:
        return _drop(writer, f"{SCHEMA}.exact_parts", f"series IN ({kept})")
    rows = pa.concat_tables(fetched.dimension_parts)
    select = f"SELECT series, dimension, part, starts, ends, value, n FROM {_NEW}"
    return _exchange(writer, f"{SCHEMA}.exact_parts", f"series IN ({kept})", rows, select)


def _exchange(writer: Writer, table: str, where: str, rows: pa.Table, select: str) -> int:
    """Put new rows in the place of those that meet a condition; gives how many differ, and leaves equal ones alone."""
    connection = writer.connection
    connection.register("quarterline_pushed", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_NEW} AS FROM quarterline_pushed")
    connection.unregister("quarterline_pushed")
    old = f"SELECT * FROM {table} WHERE {where}"
    ways = (f"(SELECT count(*) FROM ({one} EXCEPT ALL {other}))" for one, other in ((select, old), (old, select)))
    ((differing,),) = writer.rows(f"SELECT {' + '.join(ways)}")
    if differing:
        connection.execute(f"DELETE FROM {table} WHERE {where}")
        connection.execute(f"INSERT INTO {table} {select}")
    connection.execute(f"DROP TABLE {_NEW}")
    return int(differing)


def _drop(writer: Writer, table: str, where: str) -> int:
    ((count,),) = writer.rows(f"SELECT count(*) FROM {table} WHERE {where}")
    if count:
        writer.connection.execute(f"DELETE FROM {table} WHERE {where}")
    return int(count)


def _on(windows: Sequence[Window]) -> str:
    """SQL of a condition that a day lies in one of some stretches."""
    return " OR ".join(f"day BETWEEN {day(each.starts)} AND {day(each.ends)}" for each in windows) or "FALSE"
