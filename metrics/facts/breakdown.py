"""A metric by the values of one dimension."""

from collections import defaultdict
from datetime import date

from metrics.compile.metric import dimension_text
from metrics.compile.parts import dimension_column, folds_from_parts
from metrics.compile.quoting import table_name
from metrics.compile.rows import breakdown_sql
from metrics.errors import NotFoundError
from metrics.facts.answers import Compile
from metrics.facts.catalogue import Catalogue, Query
from metrics.facts.fold import DayParts, Silence, fold_parts, pooled, roll_up_days
from metrics.facts.folded import PartsQuery
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
    _check(metric, dimension)
    table = catalogue.parts_for(metric, filter_, dimension) if folds_from_parts(metric) else None
    if table is None:
        parts = _from_rows(metric, dimension, window, filter_, catalogue, query, compiled)
    else:
        scan = PartsQuery(table, window)
        positions = scan.include(metric, filter_, window)
        daily = metric.rollup != "pooled"
        by_value: dict[str | None, dict[date, DayParts]] = defaultdict(dict)
        for value, *row in scan.run(query, by=dimension, daily=daily):
            on = row.pop(0) if daily else window.starts
            by_value[value][on] = {role: row[index] for role, index in positions.items()}
        parts = [
            Part(value, _reading(metric, days, window, catalogue.silence(metric))) for value, days in by_value.items()
        ]
    accepted = dict(filter_).get(dimension)
    counted = (
        part
        for part in parts
        if (part.reading.rows or part.reading.value is not None) and (accepted is None or part.value in accepted)
    )
    return tuple(sorted(counted, key=lambda part: (-part.reading.rows, part.value or "")))


def dimension_values(metric: Metric, dimension: str, catalogue: Catalogue, query: Query) -> tuple[str, ...]:
    """List the values that a dimension takes in the metric's stream, sorted; at most a thousand."""
    _check(metric, dimension)
    kept = [
        table
        for table in catalogue.parts
        if (table.stream, table.time) == (metric.source, metric.time) and dimension in table.dimensions
    ]
    catalogue.columns(metric.source)
    column, table = dimension_text(dimension), table_name(metric.source)
    if kept:
        column, table = dimension_column(dimension), f"{SCHEMA}.{kept[0].name}"
    sql = f"SELECT DISTINCT {column} AS value FROM {table} WHERE value IS NOT NULL ORDER BY value LIMIT {_MOST_VALUES}"
    return tuple(value for (value,) in query(sql))


def _check(metric: Metric, dimension: str) -> None:
    if dimension not in metric.dimensions:
        raise NotFoundError(f"dimension of metric {metric.id}", dimension, metric.dimensions)


def _reading(metric: Metric, days: dict[date, DayParts], window: Window, silence: Silence) -> Reading:
    if metric.rollup == "pooled":
        return pooled(metric, list(days.values()), zero=False)
    return fold_parts(metric, days, window, silence)


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
    by_value: dict[str | None, dict[date, Reading]] = defaultdict(dict)
    for value, on, *reading in query(breakdown_sql(of_metric, dimension, filter_, window, daily=True)):
        by_value[value][on] = Reading(*reading)
    silence = catalogue.silence(metric)
    return [Part(value, roll_up_days(metric, days, window, silence)) for value, days in by_value.items()]
