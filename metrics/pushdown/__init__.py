"""Metrics computed where the data live: row expressions and exact aggregates in an engine's own SQL."""

from metrics.pushdown.engines import ENGINES, EngineError, engine_of, is_engine
from metrics.pushdown.metric import PushedMetric, check_pushed, number_of, push_metric, render_metric, text_of_dimension
from metrics.pushdown.statements import (
    PartsStatement,
    bounds_sql,
    come_sql,
    cursor_days_sql,
    days_sql,
    parts_statement,
    reading_sql,
    readings_sql,
)

__all__ = [
    "ENGINES",
    "EngineError",
    "PartsStatement",
    "PushedMetric",
    "bounds_sql",
    "check_pushed",
    "come_sql",
    "cursor_days_sql",
    "days_sql",
    "engine_of",
    "is_engine",
    "number_of",
    "parts_statement",
    "push_metric",
    "reading_sql",
    "readings_sql",
    "render_metric",
    "text_of_dimension",
]
