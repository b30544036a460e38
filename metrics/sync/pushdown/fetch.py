"""Asking an engine for series: days, daily parts, exact readings; held as Arrow tables until they are stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from connectors.computing import Computation
from connectors.errors import ContentError
from metrics.compile.exact import ExactSeries
from metrics.compile.parts import PartColumn, short_hash
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.definition import HOLISTIC, QUANTILES, Metric
from metrics.model.reading import Window
from metrics.pushdown import PushedMetric, days_sql, parts_statement, readings_sql, text_of_dimension
from metrics.sync.pushdown.windows import WantedParts

MOST_ROWS = 2_000_000
"""Of one answer: a series that is longer is no series, and is not worth keeping twice."""

_WINDOWS_AT_ONCE = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = pa.timestamp("us", tz="UTC")
_READINGS = pa.schema([("value", pa.float64()), ("n", pa.int64())])

Compile = Callable[[Metric, Window], PushedMetric]


@dataclass(frozen=True, slots=True)
class PartsAnswer:
    """Daily parts of one table.

    Attributes:
        columns: part columns with DuckDB's type of their value.
        rows: day, dimensions as text, and per part its value as text; of a `last` its moment besides.
    """

    name: str
    time: str
    time_type: str
    dimensions: tuple[str, ...]
    columns: tuple[tuple[PartColumn, str], ...]
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """Readings of one holistic series.

    Attributes:
        fresh: whether nothing is kept of it yet, so that `days` are all of them.
        wanted: windows to keep; those among the kept ones that are not here are dropped.
        computed: windows that were asked for.
    """

    key: str
    metric: Metric
    fresh: bool
    days: pa.Table
    wanted: frozenset[Window]
    computed: frozenset[Window]
    windows: pa.Table


@dataclass(slots=True)
class Fetched:
    """Everything that came back for one stream.

    Attributes:
        source_rows: rows that the stream has at the source.
        stale: by time column, the days that were computed again; None for all of them.
        days: by time column.
        dimension_parts: (series, dimension, part, starts, ends, value, n), always all of them.
    """

    source_rows: int = 0
    rows: int = 0
    bytes: int = 0
    stale: dict[str, list[Window] | None] = field(default_factory=dict)
    days: dict[str, pa.Table] = field(default_factory=dict)
    parts: list[PartsAnswer] = field(default_factory=list)
    series: list[SeriesAnswer] = field(default_factory=list)
    dimension_parts: list[pa.Table] = field(default_factory=list)

    def forget(self, column: str) -> None:
        """Note that there are no rows by a time column."""
        self.stale[column], self.days[column] = None, _DAYS.empty_table()

    def count(self, table: pa.Table) -> pa.Table:
        """Note that a table came back."""
        self.rows += table.num_rows
        self.bytes += table.nbytes
        return table


_DAYS = pa.schema([("day", pa.date32()), ("rows", pa.int64()), ("first_at", pa.int64()), ("last_at", pa.int64())])


def fetch_days(
    sitting: Computation, pushed: PushedMetric, now: datetime, stale: Sequence[Window] | None, fetched: Fetched
) -> None:
    """Ask how many rows each day has, and when the first and last of them happened."""
    found = [
        (day, int(rows), _microseconds(first), _microseconds(last))
        for day, _, rows, first, last in ask(sitting, days_sql(pushed, now, stale), pushed)
    ]
    column = pushed.metric.time
    fetched.stale[column] = None if stale is None else list(stale)
    fetched.days[column] = fetched.count(_table(_DAYS, found))


def fetch_parts(
    sitting: Computation, members: Sequence[PushedMetric], stale: Sequence[Window] | None, fetched: Fetched
) -> None:
    """Ask for daily parts, in one scan per set of dimensions; of what does not fold for its rows by dimension."""
    groups: dict[tuple[str, ...], list[PushedMetric]] = {}
    for member in members:
        groups.setdefault(tuple(sorted(member.metric.dimensions)), []).append(_foldable(member))
    for dimensions, group in groups.items():
        statement = parts_statement(group, dimensions, stale)
        first = group[0]
        found = ask(sitting, statement.sql, first)
        columns: dict[str, pa.Array] = {"day": pa.array([row[0] for row in found], pa.date32())}
        for at, name in enumerate(dimensions, 1):
            columns[f"dim_{name}"] = pa.array([text_of_dimension(row[at]) for row in found], pa.string())
        at = 1 + len(dimensions)
        for column, _ in statement.columns:
            columns[column.name] = pa.array([_number(row[at]) for row in found], pa.string())
            at += 1
            if column.kind == "last":
                columns[f"{column.name}_at"] = _moments([row[at] for row in found], first.time_type)
                at += 1
        table = fetched.count(pa.table(columns))
        name = f"parts_{short_hash([first.metric.source, first.metric.time, dimensions])}"
        fetched.parts.append(
            PartsAnswer(name, first.metric.time, first.time_type, dimensions, statement.columns, table)
        )


def fetch_readings(
    sitting: Computation,
    writer: Writer,
    compiled: Compile,
    series: Sequence[ExactSeries],
    parts: Sequence[WantedParts],
    stale: Sequence[Window] | None,
    span: Window,
    fetched: Fetched,
) -> None:
    """Ask for the readings of what does not fold: whatever is not kept, or holds a day that may have changed."""
    kept = {key for (key,) in writer.rows(f"SELECT series FROM {SCHEMA}.exact")}
    for family in _families(series):
        fresh = stale is None or any(each.key not in kept for each in family)
        days = None if fresh else stale
        held = {} if fresh else {each.key: _held(writer, each, stale or ()) for each in family}
        lacking = frozenset().union(*(each.windows - held.get(each.key, frozenset()) for each in family))
        windows = sorted((each for each in lacking if each.days > 1), key=lambda each: (each.starts, each.ends))
        filter_ = family[0].filter
        members = [compiled(each.metric, span) for each in family]
        by_day = ask(sitting, readings_sql(members, filter_, days=days), members[0]) if days is None or days else []
        over = list(_over_windows(sitting, compiled, family, windows))
        for at, each in enumerate(family):
            of_days = [(row[0], row[2 + at], row[1]) for row in by_day]
            of_windows = [(*_ends(window), row[1 + at], row[0]) for window, row in over if window in each.windows]
            answer = SeriesAnswer(
                each.key,
                each.metric,
                fresh,
                fetched.count(_readings(_DAY, of_days)),
                frozenset(window for window in each.windows if window.days > 1),
                each.windows & frozenset(windows),
                fetched.count(_readings(_WINDOW, of_windows)),
            )
            fetched.series.append(answer)
    for wanted in parts:
        if wanted.metric.aggregate in HOLISTIC:
            _fetch_by_dimension(sitting, compiled, wanted, fetched)


def _ends(window: Window) -> tuple[date, date]:
    return window.starts, window.ends


_DAY = [("day", pa.date32())]
_WINDOW = [("starts", pa.date32()), ("ends", pa.date32())]
_PART = [("series", pa.string()), ("dimension", pa.string()), ("part", pa.string()), *_WINDOW]


def ask(sitting: Computation, sql: str, pushed: PushedMetric) -> list[tuple[Any, ...]]:
    """Ask for a series.

    Raises:
        ContentError: it is too long to be one.
    """
    found = sitting.rows(sql)
    if len(found) > MOST_ROWS:
        raise ContentError(
            f"metric {pushed.metric.id!r} brings {len(found):,} rows back and {MOST_ROWS:,} is the limit; leave out "
            f"the dimension with the most values"
        )
    return found


def _over_windows(
    sitting: Computation, compiled: Compile, family: Sequence[ExactSeries], windows: Sequence[Window]
) -> Iterator[tuple[Window, tuple[Any, ...]]]:
    for start in range(0, len(windows), _WINDOWS_AT_ONCE):
        numbered = dict(enumerate(windows[start : start + _WINDOWS_AT_ONCE]))
        hull = Window(min(each.starts for each in numbered.values()), max(each.ends for each in numbered.values()))
        members = [compiled(each.metric, hull) for each in family]
        answers = {
            int(row[0]): row[1:]
            for row in ask(sitting, readings_sql(members, family[0].filter, windows=numbered), members[0])
        }
        nothing = (0, *[None] * len(family))
        yield from ((window, answers.get(number, nothing)) for number, window in numbered.items())


def _fetch_by_dimension(sitting: Computation, compiled: Compile, wanted: WantedParts, fetched: Fetched) -> None:
    windows = sorted(wanted.windows, key=lambda each: (each.starts, each.ends))
    numbered = dict(enumerate(windows))
    hull = Window(min(each.starts for each in windows), max(each.ends for each in windows))
    member = compiled(wanted.metric, hull)
    sql = readings_sql([member], wanted.filter, windows=numbered, dimension=wanted.dimension)
    key = ExactSeries(wanted.metric, wanted.filter, frozenset()).key
    rows = []
    for number, part, n, value in ask(sitting, sql, member):
        window = numbered[int(number)]
        rows.append((key, wanted.dimension, text_of_dimension(part), window.starts, window.ends, value, n))
    fetched.dimension_parts.append(fetched.count(_readings(_PART, rows)))


def _families(series: Sequence[ExactSeries]) -> list[list[ExactSeries]]:
    """Group series over the same values and rows, which one statement answers."""
    grouped: dict[tuple[object, ...], list[ExactSeries]] = {}
    for each in series:
        metric = each.metric
        values = (metric.time, metric.value, metric.where, each.filter, metric.aggregate in QUANTILES)
        grouped.setdefault(values, []).append(each)
    return list(grouped.values())


def _held(writer: Writer, series: ExactSeries, stale: Sequence[Window]) -> frozenset[Window]:
    """Give the kept windows that hold no changed day."""
    rows = writer.rows(f"SELECT starts, ends FROM {SCHEMA}.exact_windows WHERE series = ?", [series.key])
    kept = (Window(starts, ends) for starts, ends in rows)
    return frozenset(
        window
        for window in kept
        if not any(each.starts <= window.ends and each.ends >= window.starts for each in stale)
    )


def _foldable(member: PushedMetric) -> PushedMetric:
    """Take what does not fold as a count of its rows, so that its dimensions' values are known."""
    if member.metric.aggregate not in HOLISTIC:
        return member
    counted = replace(member.metric, aggregate="count", value=None)
    return replace(member, metric=counted, terms={})


def _readings(keys: Sequence[tuple[str, pa.DataType]], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    converted = [(*row[:-2], None if row[-2] is None else float(row[-2]), int(row[-1])) for row in rows]
    return _table(pa.schema([*keys, *_READINGS]), converted)


def _table(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table([pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)], schema=schema)


def _number(value: Any) -> str | None:
    return None if value is None else repr(value) if isinstance(value, float) else str(value)


def _moments(values: Sequence[Any], time_type: str) -> pa.Array:
    if time_type == "DATE":
        return pa.array(values, pa.date32())
    return pa.array([None if value is None else _instant(value) for value in values], _INSTANT)


def _instant(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _microseconds(value: datetime | None) -> int | None:
    return None if value is None else (_instant(value) - _EPOCH) // (date.resolution / 86_400_000_000)
