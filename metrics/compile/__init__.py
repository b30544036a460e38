"""Metric definitions to DuckDB SQL: expressions checked, daily parts, exact windows."""

from metrics.compile.derived import derived_sql
from metrics.compile.exact import ExactSeries, bucket_windows, series_key, wanted_series
from metrics.compile.expression import Expression, ExpressionError, ExpressionReader
from metrics.compile.metric import CompiledMetric, check_metric, compile_metric
from metrics.compile.parts import PartColumn, PartsTable, folds_from_parts, part_columns, parts_table, plan_parts
from metrics.compile.rows import breakdown_sql, raw_rows_sql, reading_sql, windows_sql

__all__ = [
    "CompiledMetric",
    "ExactSeries",
    "Expression",
    "ExpressionError",
    "ExpressionReader",
    "PartColumn",
    "PartsTable",
    "breakdown_sql",
    "bucket_windows",
    "check_metric",
    "compile_metric",
    "derived_sql",
    "folds_from_parts",
    "part_columns",
    "parts_table",
    "plan_parts",
    "raw_rows_sql",
    "reading_sql",
    "series_key",
    "wanted_series",
    "windows_sql",
]
