"""A metric by the values of one dimension."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from metrics.compile.exact import series_key
from metrics.compile.metric import dimension_text
from metrics.compile.parts import Role, dimension_column, folds_from_parts
from metrics.compile.quoting import day, literal, table_name
from metrics.compile.rows import breakdown_sql
from metrics.errors import NotFoundError
from metrics.facts.answers import Compile
from metrics.facts.catalogue import Catalogue, Query, StoredParts
from metrics.facts.fold import Column, FoldedReadings, Value, pooled, roll_up_days
from metrics.facts.folded import PartsQuery, day_parts, transposed
from metrics.facts.layout import SCHEMA
from metrics.model.definition import Filter, Metric
from metrics.model.reading import Part, Reading, Window

_MOST_VALUES = 1_000


def break_down(
    metric: Metric,
    dimension: str,
    window: Window,
    filter_: Filter,
    catalogue: Catalogue,
    query: Query,
    compiled: Compile,
) -> tuple[Part, ...]:
    """Read a metric for each value of a dimension, the values with most rows first.

    Raises:
        NotFoundError: the metric has no such dimension.
    """
    check_dimension(metric, dimension)
    table = catalogue.parts_for(metric, filter_, dimension) if folds_from_parts(metric) else None
    away = metric.source in catalogue.pushed and table is None
    brought = _brought_back(metric, dimension, window, filter_, query) if away else None
    if brought is not None:
        parts = brought
    elif table is None:
        parts = _from_rows(metric, dimension, window, filter_, catalogue, query, compiled)
    else:
        parts = _from_parts(metric, dimension, window, filter_, table, catalogue, query)
    accepted = dict(filter_).get(dimension)
    counted = (
        part
        for part in parts
        if (part.reading.rows or part.reading.value is not None) and (accepted is None or part.value in accepted)
    )
    return tuple(sorted(counted, key=lambda part: (-part.reading.rows, part.value or "")))


def dimension_values(metric: Metric, dimension: str, catalogue: Catalogue, query: Query) -> tuple[str, ...]:
    """List the values that a dimension takes in the metric's stream, sorted; at most a thousand."""
    kept = [
        table
        for table in catalogue.parts
        if (table.stream, table.time) == (metric.source, metric.time) and dimension in table.dimensions
    ]
    catalogue.columns(metric.source)
    column, table = dimension_text(dimension), table_name(metric.source)
    if not kept and metric.source in catalogue.pushed:
        return ()
    if kept:
        column, table = dimension_column(dimension), f"{SCHEMA}.{kept[0].name}"
    sql = f"SELECT DISTINCT {column} AS value FROM {table} WHERE value IS NOT NULL ORDER BY value LIMIT {_MOST_VALUES}"
    return tuple(value for (value,) in query(sql))


def check_dimension(metric: Metric, dimension: str) -> None:
    """Refuse a dimension that the metric does not declare.

    Raises:
        NotFoundError: it has no such dimension.
    """
    if dimension not in metric.dimensions:
        raise NotFoundError(f"dimension of metric {metric.id}", dimension, metric.dimensions)


def _brought_back(metric: Metric, dimension: str, window: Window, filter_: Filter, query: Query) -> list[Part] | None:
    """Look up what the sync brought back of a metric whose rows are elsewhere; None when it did not bring this."""
    of_window = f"starts = {day(window.starts)} AND ends = {day(window.ends)}"
    series = f"series = {literal(series_key(metric, filter_))} AND {of_window}"
    rows = query(f"SELECT part, value, n FROM {SCHEMA}.exact_parts WHERE {series} AND dimension = {literal(dimension)}")
    if not rows and query(f"SELECT sum(n) FROM {SCHEMA}.exact_windows WHERE {series}") != [(0,)]:
        return None
    return [Part(value, Reading(found, n)) for value, found, n in rows]


def _from_parts(
    metric: Metric,
    dimension: str,
    window: Window,
    filter_: Filter,
    table: StoredParts,
    catalogue: Catalogue,
    query: Query,
) -> list[Part]:
    scan = PartsQuery(table, window)
    positions = scan.include(metric, filter_, window)
    daily = metric.rollup != "pooled"
    by_value: dict[str | None, list[tuple[Any, ...]]] = defaultdict(list)
    for value, *row in scan.run(query, by=dimension, daily=daily):
        by_value[value].append(tuple(row))
    if not daily:
        return [Part(value, pooled(metric, _one_row(row, positions), zero=False)) for value, (row,) in by_value.items()]
    silence = catalogue.silence(metric)
    parts = {value: day_parts(transposed(rows), positions) for value, rows in by_value.items()}
    return [Part(value, FoldedReadings(metric, days, silence).reading(window)) for value, days in parts.items()]


def _one_row(row: tuple[Any, ...], positions: Mapping[Role, int]) -> dict[Role, Column]:
    return {role: (row[position],) for role, position in positions.items()}


def _from_rows(
    metric: Metric,
    dimension: str,
    window: Window,
    filter_: Filter,
    catalogue: Catalogue,
    query: Query,
    compiled: Compile,
) -> list[Part]:
    of_metric = compiled(metric)
    if metric.rollup == "pooled":
        rows = query(breakdown_sql(of_metric, dimension, filter_, window))
        return [Part(value, Reading(*reading)) for value, *reading in rows]
    by_value: dict[str | None, dict[date, Value]] = defaultdict(dict)
    for value, on, found, rows_of_day, *_ in query(breakdown_sql(of_metric, dimension, filter_, window, daily=True)):
        by_value[value][on] = found, rows_of_day
    silence = catalogue.silence(metric)
    return [Part(value, roll_up_days(metric, days, window, silence)) for value, days in by_value.items()]
