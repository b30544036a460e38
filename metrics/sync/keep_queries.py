"""Keeping the days that metrics' own queries give: each query runs once per sync that brought something."""

from collections.abc import Iterable, Mapping
from functools import partial

import duckdb

from metrics.compile.expression import ExpressionError
from metrics.compile.parts import query_key, short_hash
from metrics.compile.query import check_query
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.definition import Metric
from metrics.sync.keep_parts import Kept

_FOUND = "temp.main.query_days"


def keep_queries(
    writer: Writer, metrics: Iterable[Metric], tables: Mapping[str, Mapping[str, str]], kept: Kept
) -> None:
    """Bring the days of every query up to its rows; one that fails is reported on its metric and keeps nothing."""
    asked = {query_key(metric): metric for metric in metrics}
    stored = dict(writer.rows(f"SELECT series, signature FROM {SCHEMA}.queries"))
    for key in set(stored) - set(asked):
        _drop(writer, key)
        kept.changed = True
    for key, metric in asked.items():
        try:
            query = check_query(metric, tables, writer.connection)
            if stored.get(key) != short_hash(query.sql) or writer.unpublished:
                writer.memory.growing(partial(_run, writer, key, query.sql, kept))
        except (ExpressionError, duckdb.Error) as error:
            reason = " ".join(str(error).partition("LINE 1")[0].split())
            kept.errors[metric.id] = f"could not compute metric {metric.id!r}, because its query {reason[:300]}"
            _drop(writer, key)


def _run(writer: Writer, key: str, sql: str, kept: Kept) -> None:
    connection = writer.connection
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_FOUND} AS {sql}")
    twice = writer.rows(f"SELECT day FROM {_FOUND} GROUP BY day HAVING count(*) > 1 ORDER BY day LIMIT 1")
    if twice:
        raise ExpressionError(f"gives {twice[0][0]} more than once; group by day")
    signature, own = short_hash(sql), f"SELECT day, value, n FROM {SCHEMA}.query_days WHERE series = '{key}'"
    differs = f"(FROM {_FOUND} EXCEPT {own}) UNION ALL ({own} EXCEPT FROM {_FOUND})"
    known = writer.rows(f"SELECT 1 FROM {SCHEMA}.queries WHERE series = '{key}' AND signature = '{signature}'")
    if known and not writer.rows(f"SELECT 1 FROM ({differs}) LIMIT 1"):
        return
    with writer.transaction():
        connection.execute(f"DELETE FROM {SCHEMA}.query_days WHERE series = ?", [key])
        connection.execute(f"INSERT INTO {SCHEMA}.query_days SELECT '{key}', day, value, n FROM {_FOUND} ORDER BY day")
        connection.execute(f"INSERT OR REPLACE INTO {SCHEMA}.queries VALUES (?, ?)", [key, signature])
    kept.changed = True


def _drop(writer: Writer, key: str) -> None:
    with writer.transaction():
        for table in ("queries", "query_days"):
            writer.connection.execute(f"DELETE FROM {SCHEMA}.{table} WHERE series = ?", [key])
