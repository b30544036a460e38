"""What a generation holds: raw tables, parts tables, kept exact series, and the days that each stream covers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from metrics.compile.exact import series_key
from metrics.compile.parts import part_columns
from metrics.compile.quoting import SPAN_OF_DAYS
from metrics.errors import FactsError, NotFoundError
from metrics.facts.fold import Silence
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Window
from metrics.pushdown.stored import PushedStream

Query = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class StoredParts:
    """A parts table as the generation holds it."""

    name: str
    stream: str
    time: str
    dimensions: frozenset[str]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything about a generation that answers need, read once.

    Attributes:
        tables: column types by table (`source.stream`).
        rows: rows by table.
        spans: days with rows, up to the day of the sync, by (stream, time column).
        queries: keys of the metrics' own queries whose days are kept.
        pushed: streams whose rows stay at their source, by name.
        calendars: name of each calendar in the table of working time.
    """

    timezone: str
    week_start: str
    today: date
    tables: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, int]
    parts: tuple[StoredParts, ...]
    exact: frozenset[str]
    spans: Mapping[tuple[str, str], Window]
    calendars: Mapping[str, str] = field(default_factory=dict)
    queries: frozenset[str] = frozenset()
    pushed: Mapping[str, PushedStream] = field(default_factory=dict)

    def columns(self, table: str) -> Mapping[str, str]:
        """Types by column of a raw table, or of a stream whose rows stay at their source.

        Raises:
            NotFoundError: the generation has no such table.
        """
        if table in self.pushed:
            return self.pushed[table].types
        if table not in self.tables:
            raise NotFoundError("table", table, self.tables)
        return self.tables[table]

    def parts_for(self, metric: Metric, filter_: Filter, *dimensions: str) -> StoredParts | None:
        """Find the smallest parts table that answers a foldable metric under a filter, None when rows must be read."""
        needed = {column.name for column in part_columns(metric).values()}
        kept_by = {name for name, _ in filter_} | set(dimensions)
        fitting = [
            table
            for table in self.parts
            if (table.stream, table.time) == (metric.source, metric.time)
            and needed <= table.columns
            and kept_by <= table.dimensions
        ]
        return min(fitting, key=lambda table: len(table.dimensions), default=None)

    def keeps(self, metric: Metric, filter_: Filter) -> bool:
        """Whether a holistic metric is kept by day under a filter."""
        return series_key(metric, filter_) in self.exact

    def silence(self, metric: Metric) -> Silence:
        """What a day without rows means for a metric."""
        return Silence(self.spans.get((metric.source, metric.time)), metric.counts_silence_as_zero)


def read_catalogue(query: Query) -> Catalogue:
    """Read the catalogue of an open generation."""
    ((timezone, week_start, today),) = query(f"SELECT timezone, week_start, today FROM {SCHEMA}.store")
    if today is None:
        raise FactsError("could not read the generation, because its sync did not finish; run `quarterline sync`")
    tables: dict[str, dict[str, str]] = {}
    described = (
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        f"WHERE database_name = current_database() AND schema_name <> '{SCHEMA}' AND NOT internal "
        f"ORDER BY 1, column_index"
    )
    for table, column, kind in query(described):
        tables.setdefault(table, {})[column] = kind
    spans = query(
        f"SELECT stream, time_column, {SPAN_OF_DAYS} FROM {SCHEMA}.days WHERE day <= DATE '{today}' GROUP BY ALL"
    )
    parts = query(f"SELECT name, stream, time_column, dimensions, part_columns FROM {SCHEMA}.parts ORDER BY name")
    return Catalogue(
        timezone,
        week_start,
        today,
        tables,
        dict(query(f"SELECT stream, rows FROM {SCHEMA}.streams")),
        tuple(
            StoredParts(name, stream, time, frozenset(by), frozenset(columns))
            for name, stream, time, by, columns in parts
        ),
        frozenset(series for (series,) in query(f"SELECT series FROM {SCHEMA}.exact")),
        {(stream, time): Window(first, last) for stream, time, first, last in spans},
        dict(_added_later(query, "calendars", "name, spans")),
        frozenset(series for (series,) in _added_later(query, "queries", "series")),
        {stream: PushedStream.from_text(told) for stream, told in _added_later(query, "pushed", "stream, description")},
    )


def _added_later(query: Query, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Read a table that a generation of an earlier version does not have."""
    known = f"schema_name = '{SCHEMA}' AND table_name = '{table}'"
    ((there,),) = query(f"SELECT count(*) FROM duckdb_tables() WHERE {known}")
    return query(f"SELECT {columns} FROM {SCHEMA}.{table}") if there else []
