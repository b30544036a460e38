"""Keeping daily parts true: only the days whose rows changed are computed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from metrics.compile.metric import CompiledMetric
from metrics.compile.parts import PartsTable, parts_table, plan_parts, short_hash
from metrics.compile.quoting import SPAN_OF_DAYS, identifier, literal, near_window, table_name
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.reading import Window

LARGEST_PRODUCT = 100_000
"""Rows of a parts table above which it must be at most half as large as the rows it summarises."""

HAS_ROWS = f"stream NOT IN (SELECT stream FROM {SCHEMA}.pushed)"
"""What was computed where the rows are is not ours to compute again."""


@dataclass(slots=True)
class Kept:
    """What keeping derived numbers true came to.

    Attributes:
        errors: one line by metric that could not be computed.
        notes: sentences by stream.
        changed: whether anything a reader could see changed.
    """

    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    changed: bool = False


def keep_days(writer: Writer, compiled: Sequence[CompiledMetric], kept: Kept) -> None:
    """Count every stream's rows by day for each time column that a metric uses."""
    wanted = {(each.metric.source, each.metric.time): each for each in compiled}
    tracked = set(writer.rows(f"SELECT stream, time_column FROM {SCHEMA}.tracked WHERE {HAS_ROWS}"))
    for stream, column in tracked - set(wanted):
        for table in ("tracked", "days", "stale_days"):
            writer.connection.execute(
                f"DELETE FROM {SCHEMA}.{table} WHERE stream = ? AND time_column = ?", [stream, column]
            )
    for (stream, column), each in wanted.items():
        stale = None if (stream, column) not in tracked else stale_days(writer, stream, column)
        if stale is None or stale.days:
            with writer.transaction():
                _count_days(writer, each, stale)
            kept.changed = True


@dataclass(frozen=True, slots=True)
class StaleDays:
    """Days of a stream, by one time column, whose rows changed."""

    stream: str
    column: str
    days: int
    span: Window | None

    def rows(self, day: str, column_type: str) -> str:
        """SQL of the raw rows on these days; `day` is the SQL of a row's day."""
        if self.span is None:
            return "FALSE"
        return f"{near_window(self.column, column_type, self.span)} AND {day} IN ({self.listed})"

    @property
    def listed(self) -> str:
        """SQL giving the days."""
        return (
            f"SELECT day FROM {SCHEMA}.stale_days WHERE stream = {literal(self.stream)} "
            f"AND time_column = {literal(self.column)}"
        )


def stale_days(writer: Writer, stream: str, column: str) -> StaleDays:
    """Find the days whose derived numbers must be computed again."""
    ((days, first, last),) = writer.rows(
        f"SELECT count(DISTINCT day), {SPAN_OF_DAYS} FROM {SCHEMA}.stale_days WHERE stream = ? AND time_column = ?",
        [stream, column],
    )
    return StaleDays(stream, column, days, Window(first, last) if days else None)


def keep_parts(
    writer: Writer, compiled: Sequence[CompiledMetric], tables: Mapping[str, Mapping[str, str]], kept: Kept
) -> None:
    """Bring every parts table up to its rows, building those anew whose definition or column types changed.

    `tables` has the column types by stream. A metric that fails on some row is reported and left out; the others over
    the same stream go on.
    """
    split = frozenset(stream for (stream,) in writer.rows(f"SELECT stream FROM {SCHEMA}.split_streams"))
    alive: set[str] = set()
    for table in plan_parts(compiled, split=split):
        members = [each for each in compiled if each.metric.id in table.metrics]
        alive |= _keep_table(writer, table, members, tables[table.stream], kept)
    for (name,) in writer.rows(f"SELECT name FROM {SCHEMA}.parts WHERE {HAS_ROWS}"):
        if name not in alive:
            _forget(writer, name)
            kept.changed = True


def _keep_table(
    writer: Writer, table: PartsTable, members: Sequence[CompiledMetric], types: Mapping[str, str], kept: Kept
) -> set[str]:
    """Bring one planned table up to its rows; gives the names of the tables that now hold its parts."""
    stored = dict(writer.rows(f"SELECT name, signature FROM {SCHEMA}.parts"))
    stale = stale_days(writer, table.stream, table.time)
    signature = _signature(table, types)
    if stored.get(table.name) == signature and not stale.days:
        return {table.name}
    try:
        if stored.get(table.name) == signature:
            writer.memory.growing(lambda: _refresh(writer, table, stale, members[0]))
        else:
            writer.memory.growing(lambda: _build(writer, table, signature))
    except duckdb.Error as error:
        healthy = _without_failing(writer, members, error, kept)
        rest = plan_parts(healthy)
        return {name for less in rest for name in _keep_table(writer, less, healthy, types, kept)}
    kept.changed = True
    _note_lost(writer, table, kept)
    if not _is_too_large(writer, table, members):
        return {table.name}
    writer.connection.execute(f"INSERT OR IGNORE INTO {SCHEMA}.split_streams VALUES (?)", [table.stream])
    pieces = plan_parts(members, split=frozenset({table.stream}))
    return {name for piece in pieces for name in _keep_table(writer, piece, _members(members, piece), types, kept)}


def _build(writer: Writer, table: PartsTable, signature: str) -> None:
    with writer.transaction():
        writer.connection.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.{table.name} AS {table.select()}")
        writer.connection.execute(
            f"INSERT OR REPLACE INTO {SCHEMA}.parts VALUES (?, ?, ?, ?, ?, ?)",
            [table.name, table.stream, table.time, list(table.dimensions), sorted(table.columns), signature],
        )


def _refresh(writer: Writer, table: PartsTable, stale: StaleDays, compiled: CompiledMetric) -> None:
    select = table.select(stale.rows(compiled.day, compiled.time_type))
    with writer.transaction():
        writer.connection.execute(f"DELETE FROM {SCHEMA}.{table.name} WHERE day IN ({stale.listed})")
        writer.connection.execute(f"INSERT INTO {SCHEMA}.{table.name} BY NAME {select}")


def _forget(writer: Writer, name: str) -> None:
    with writer.transaction():
        writer.connection.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
        writer.connection.execute(f"DELETE FROM {SCHEMA}.parts WHERE name = ?", [name])


def _signature(table: PartsTable, types: Mapping[str, str]) -> str:
    """Name what the table is computed by: its SQL and the types of the columns it reads."""
    return short_hash([table.select(), [*types.items()]])


def _without_failing(
    writer: Writer, members: Sequence[CompiledMetric], error: duckdb.Error, kept: Kept
) -> list[CompiledMetric]:
    """Find the metrics that cannot be computed on their own, report them, and give the others."""
    healthy = []
    for member in members:
        try:
            alone = parts_table([member], member.metric.dimensions).select()
            writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE temp.main.probe AS {alone}")
            healthy.append(member)
        except duckdb.Error as own:
            kept.errors[member.metric.id] = computing_failed(member, own)
    if len(healthy) == len(members):
        kept.errors |= {member.metric.id: computing_failed(member, error) for member in members}
        return []
    return healthy


def computing_failed(compiled: CompiledMetric, error: duckdb.Error) -> str:
    """Word why a metric could not be computed from its rows."""
    reason = " ".join(str(error).partition("LINE 1")[0].split())
    return (
        f"could not compute metric {compiled.metric.id!r} over {compiled.metric.source}, because {reason[:300]}; "
        f"correct its expression (try_cast gives NULL where a value cannot be converted)"
    )


def _note_lost(writer: Writer, table: PartsTable, kept: Kept) -> None:
    """Note how many rows a division by zero or a result that is not finite leaves out."""
    lost = [column for column in table.columns.values() if column.kind == "lost"]
    if not lost:
        return
    sums = ", ".join(f"coalesce(sum({column.name}), 0)" for column in lost)
    (counts,) = writer.rows(f"SELECT {sums} FROM {SCHEMA}.{table.name}")
    for column, count in zip(lost, counts, strict=True):
        if count:
            note = f"{column.value!r} gives no finite number on {int(count):,} rows, which count as missing"
            kept.notes.setdefault(table.stream, []).append(note)


def _is_too_large(writer: Writer, table: PartsTable, members: Sequence[CompiledMetric]) -> bool:
    if len({frozenset(member.metric.dimensions) for member in members}) < 2:
        return False
    ((rows, raw),) = writer.rows(
        f"SELECT (SELECT count(*) FROM {SCHEMA}.{table.name}), (SELECT count(*) FROM {table_name(table.stream)})"
    )
    return bool(rows > LARGEST_PRODUCT and rows > raw / 2)


def _members(members: Sequence[CompiledMetric], table: PartsTable) -> list[CompiledMetric]:
    return [member for member in members if member.metric.id in table.metrics]


def _count_days(writer: Writer, compiled: CompiledMetric, stale: StaleDays | None) -> None:
    metric = compiled.metric
    time = identifier(metric.time)
    instants = "NULL, NULL" if compiled.time_type == "DATE" else "epoch_us(min(moment)), epoch_us(max(moment))"
    rows = "TRUE" if stale is None else stale.rows(compiled.day, compiled.time_type)
    where = [metric.source, metric.time]
    drop = "TRUE" if stale is None else f"day IN ({stale.listed})"
    writer.connection.execute(f"DELETE FROM {SCHEMA}.days WHERE stream = ? AND time_column = ? AND {drop}", where)
    writer.connection.execute(
        f"INSERT INTO {SCHEMA}.days SELECT {literal(metric.source)}, {literal(metric.time)}, day, count(*), {instants} "
        f"FROM (SELECT {compiled.day} AS day, {time} AS moment FROM {table_name(metric.source)} WHERE {rows}) "
        f"WHERE day IS NOT NULL GROUP BY day"
    )
    writer.connection.execute(f"INSERT OR IGNORE INTO {SCHEMA}.tracked VALUES (?, ?)", where)
