"""A reading straight from a metric's raw rows: what lineage shows, and what answers a question nothing is kept for."""

from collections.abc import Sequence

from metrics.compile.metric import CompiledMetric, dimension_text
from metrics.compile.quoting import accepts, day, identifier, near_window
from metrics.model.definition import QUANTILES, Filter
from metrics.model.reading import Window


def rows_condition(compiled: CompiledMetric, filter_: Filter, window: Window) -> str:
    """SQL of the raw rows that a window and a filter accept; the metric's own condition is apart."""
    near = near_window(compiled.metric.time, compiled.time_type, window)
    exact = f"{compiled.day} BETWEEN {day(window.starts)} AND {day(window.ends)}"
    conditions = [near] if compiled.time_type == "DATE" else [near, exact]
    if filter_:
        conditions.append(accepts(filter_, {name: dimension_text(name) for name, _ in filter_}))
    return " AND ".join(conditions)


def counted_rows(compiled: CompiledMetric, filter_: Filter, window: Window, *more: str) -> str:
    """SQL of the rows that count: (day, at, value) or, for a ratio, (day, at, numerator, denominator), and `more`."""
    values = [f"{term.sql} AS {key}" for key, term in compiled.terms.items() if key != "where"]
    columns = ", ".join([f"{compiled.day} AS day", f"{identifier(compiled.metric.time)} AS at", *values, *more])
    condition = rows_condition(compiled, filter_, window)
    where = f"{condition} AND {compiled.where}" if compiled.where else condition
    return f"SELECT {columns} FROM {compiled.table} WHERE {where}"


def aggregate_columns(compiled: CompiledMetric) -> tuple[str, str]:
    """SQL of (value, rows) over the columns of `counted_rows`."""
    metric = compiled.metric
    match metric.aggregate:
        case "ratio":
            value = "CAST(sum(numerator) AS DOUBLE) / nullif(CAST(sum(denominator) AS DOUBLE), 0)"
            return value, "count(denominator)"
        case "count":
            counted = "count(value)" if "value" in compiled.terms else "count(*)"
            return f"nullif({counted}, 0)", counted
        case "count_distinct":
            return "nullif(count(DISTINCT value), 0)", "count(value)"
        case "mean":
            return "CAST(sum(value) AS DOUBLE) / nullif(count(value), 0)", "count(value)"
        case "last":
            newest = "max(CASE WHEN value IS NOT NULL THEN struct_pack(at := at, value := value) END).value"
            return newest, "count(value)"
        case "sum" | "min" | "max" as name:
            return f"{name}(value)", "count(value)"
        case quantile:
            return f"quantile_cont(CAST(value AS DOUBLE), {QUANTILES[quantile]})", "count(value)"


def reading_sql(compiled: CompiledMetric, filter_: Filter, window: Window, *, covered: Window | None = None) -> str:
    """SQL giving (value, rows) over one window.

    `covered` is the part of the window on which a day without rows is a zero, for a metric where silence is zero.
    """
    value, rows = aggregate_columns(compiled)
    counted = counted_rows(compiled, filter_, window)
    silent = compiled.metric.counts_silence_as_zero and covered is not None
    if compiled.metric.rollup == "pooled":
        value = f"coalesce({value}, 0)" if silent else value
        return f"SELECT CAST({value} AS DOUBLE) AS value, {rows} AS rows\nFROM ({counted})"
    daily = f"SELECT day, CAST({value} AS DOUBLE) AS value, {rows} AS rows FROM ({counted}) GROUP BY day"
    if silent and covered is not None:
        days = f"SELECT CAST(range AS DATE) AS day FROM range({day(covered.starts)}, {day(covered.ends)} + 1, INTERVAL 1 DAY)"
        daily = (
            "SELECT day, CASE WHEN calendar.day IS NULL THEN value ELSE coalesce(value, 0) END AS value, "
            f"coalesce(rows, 0) AS rows FROM ({daily}) FULL JOIN ({days}) AS calendar USING (day)"
        )
    folded = "arg_max(value, day)" if compiled.metric.rollup == "last" else f"{compiled.metric.rollup}(value)"
    return f"SELECT {folded.replace('mean(', 'avg(')} AS value, CAST(coalesce(sum(rows), 0) AS BIGINT) AS rows\nFROM ({daily})"


def windows_sql(compiled: CompiledMetric, filter_: Filter, windows: Sequence[Window]) -> str:
    """SQL giving (window's index, value, rows) for pooled readings over many windows; those without rows are left out."""
    listed = ", ".join(f"({index}, {day(each.starts)}, {day(each.ends)})" for index, each in enumerate(windows))
    whole = Window(min(each.starts for each in windows), max(each.ends for each in windows))
    value, rows = aggregate_columns(compiled)
    return (
        f"SELECT asked.id, CAST({value} AS DOUBLE) AS value, {rows} AS rows\n"
        f"FROM (VALUES {listed}) AS asked(id, starts, ends)\n"
        f"JOIN ({counted_rows(compiled, filter_, whole)}) AS counted ON counted.day BETWEEN asked.starts AND asked.ends\n"
        f"GROUP BY asked.id"
    )


def breakdown_sql(
    compiled: CompiledMetric, dimension: str, filter_: Filter, window: Window, *, daily: bool = False
) -> str:
    """SQL giving (dimension's value as text, [day,] value, rows, numerator, denominator) over one window."""
    value, rows = aggregate_columns(compiled)
    ratio = compiled.metric.aggregate == "ratio"
    sums = "CAST(sum(numerator) AS DOUBLE), CAST(sum(denominator) AS DOUBLE)" if ratio else "NULL, NULL"
    keys = "dimension, day" if daily else "dimension"
    counted = counted_rows(compiled, filter_, window, f"{dimension_text(dimension)} AS dimension")
    return f"SELECT {keys}, CAST({value} AS DOUBLE), {rows}, {sums}\nFROM ({counted})\nGROUP BY {keys}"


def filter_flag(filter_: Filter) -> str:
    """SQL that is true on the rows that a filter accepts."""
    return f"({accepts(filter_, {name: dimension_text(name) for name, _ in filter_})})" if filter_ else "TRUE"
