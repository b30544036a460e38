"""A reading straight from a metric's raw rows: what lineage shows, and what answers a question nothing is kept for."""

from collections.abc import Mapping, Sequence

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
    return _both(conditions)


def counted_rows(compiled: CompiledMetric, filter_: Filter, window: Window, *more: str) -> str:
    """SQL of the rows that count: day, moment, value (numerator and denominator of a ratio) and `more`."""
    values = [f"{term.sql} AS {key}" for key, term in compiled.terms.items() if key != "where"]
    columns = [f"{compiled.day} AS day", f"{identifier(compiled.metric.time)} AS moment", *values, *more]
    conditions = [rows_condition(compiled, filter_, window)]
    conditions += [compiled.where] if compiled.where else []
    return f"SELECT\n    {_listed(columns)}\n  FROM {compiled.table}\n  WHERE {_both(conditions)}"


def aggregate_columns(compiled: CompiledMetric) -> tuple[str, str]:
    """SQL of (value, rows) over the columns of `counted_rows`."""
    aggregate = compiled.metric.aggregate
    if aggregate == "ratio":
        return "CAST(sum(numerator) AS DOUBLE) / nullif(CAST(sum(denominator) AS DOUBLE), 0)", "count(denominator)"
    if aggregate == "count":
        counted = "count(value)" if "value" in compiled.terms else "count(*)"
        return f"nullif({counted}, 0)", counted
    if aggregate in QUANTILES:
        return f"quantile_cont(CAST(value AS DOUBLE), {QUANTILES[aggregate]})", "count(value)"
    values = {
        "mean": "CAST(sum(value) AS DOUBLE) / nullif(count(value), 0)",
        "count_distinct": "nullif(count(DISTINCT value), 0)",
        "last": "max(CASE WHEN value IS NOT NULL THEN struct_pack(moment := moment, value := value) END).value",
    }
    return values.get(aggregate, f"{aggregate}(value)"), "count(value)"


def reading_sql(compiled: CompiledMetric, filter_: Filter, window: Window, *, covered: Window | None = None) -> str:
    """SQL giving (value, rows) over one window.

    `covered` is the part of the window on which a day without rows is a zero, for a metric where silence is zero.
    """
    metric = compiled.metric
    value, rows = aggregate_columns(compiled)
    counted = f"FROM (\n  {counted_rows(compiled, filter_, window)}\n)"
    zeros = covered if metric.counts_silence_as_zero else None
    if metric.rollup == "pooled":
        value = f"coalesce({value}, 0)" if zeros else value
        return f"SELECT CAST({value} AS DOUBLE) AS value, {rows} AS rows\n{counted}"
    daily = f"SELECT day, CAST({value} AS DOUBLE) AS value, {rows} AS rows\n{counted}\nGROUP BY day"
    if zeros:
        daily = _with_silent_days(daily, zeros)
    folds = {"mean": "avg(value)", "last": "arg_max(value, day)"}
    rolled_up = folds.get(metric.rollup, f"{metric.rollup}(value)")
    return f"SELECT {rolled_up} AS value, CAST(coalesce(sum(rows), 0) AS BIGINT) AS rows\nFROM (\n{daily}\n)"


def raw_rows_sql(compiled: CompiledMetric, filter_: Filter, window: Window, *, limit: int) -> str:
    """SQL giving the newest raw rows that a metric counts in one window."""
    conditions = [rows_condition(compiled, filter_, window), *([compiled.where] if compiled.where else [])]
    ordered = f"ORDER BY {identifier(compiled.metric.time)} DESC LIMIT {limit}"
    return f"SELECT *\nFROM {compiled.table}\nWHERE {_both(conditions)}\n{ordered}"


def with_instants_as_text(sql: str, columns: Mapping[str, str]) -> str:
    """SQL giving the rows of a query over a table's columns, every instant as text."""
    instants = [identifier(name) for name, kind in columns.items() if kind == "TIMESTAMP WITH TIME ZONE"]
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in instants)
    return f"SELECT * REPLACE ({texts}) FROM ({sql})"


def windows_sql(compiled: CompiledMetric, filter_: Filter, windows: Sequence[Window]) -> str:
    """SQL giving (window's index, value, rows) of pooled readings over those windows that hold rows."""
    listed = ", ".join(f"({index}, {day(each.starts)}, {day(each.ends)})" for index, each in enumerate(windows))
    whole = Window(min(each.starts for each in windows), max(each.ends for each in windows))
    value, rows = aggregate_columns(compiled)
    return (
        f"SELECT asked.id, CAST({value} AS DOUBLE) AS value, {rows} AS rows\n"
        f"FROM (VALUES {listed}) AS asked(id, starts, ends)\n"
        f"JOIN (\n  {counted_rows(compiled, filter_, whole)}\n) AS counted\n"
        f"ON counted.day BETWEEN asked.starts AND asked.ends\nGROUP BY asked.id"
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
    return f"SELECT {keys}, CAST({value} AS DOUBLE), {rows}, {sums}\nFROM (\n  {counted}\n)\nGROUP BY {keys}"


def _both(conditions: Sequence[str]) -> str:
    return "\n    AND ".join(conditions)


def _listed(columns: Sequence[str]) -> str:
    return ",\n    ".join(columns)


def _with_silent_days(daily: str, zeros: Window) -> str:
    days = f"range({day(zeros.starts)}, {day(zeros.ends)} + 1, INTERVAL 1 DAY)"
    calendar = f"SELECT CAST(range AS DATE) AS day FROM {days}"
    value = "CASE WHEN calendar.day IS NULL THEN daily.value ELSE coalesce(daily.value, 0) END"
    return (
        f"SELECT day, {value} AS value, coalesce(daily.rows, 0) AS rows\n"
        f"FROM (\n{daily}\n) AS daily FULL JOIN (\n{calendar}\n) AS calendar USING (day)"
    )


def filter_flag(filter_: Filter) -> str:
    """SQL that is true on the rows that a filter accepts."""
    return f"({accepts(filter_, {name: dimension_text(name) for name, _ in filter_})})" if filter_ else "TRUE"
