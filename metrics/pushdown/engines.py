"""The engines that metrics can be pushed down to, by the dialect's name."""

from collections.abc import Mapping

from metrics.errors import nearest
from metrics.pushdown.clickhouse import ClickHouse
from metrics.pushdown.engine import Engine
from metrics.pushdown.mysql import MySQL
from metrics.pushdown.postgresql import PostgreSQL
from metrics.pushdown.spark import Databricks, Spark
from metrics.pushdown.warehouses import BigQuery, Snowflake, Trino

ENGINES: Mapping[str, Engine] = {
    each.name: each
    for each in (PostgreSQL(), MySQL(), Spark(), ClickHouse(), Trino(), Snowflake(), BigQuery(), Databricks())
}
_ALIASES = {"mariadb": "mysql", "clickhousedb": "clickhouse", "postgres": "postgresql"}


class EngineError(ValueError):
    """A dialect that metrics cannot be pushed down to; its text is the end of a message."""


def is_engine(dialect: str) -> bool:
    """Whether metrics can be pushed down to a dialect."""
    return _ALIASES.get(dialect, dialect) in ENGINES


def engine_of(dialect: str) -> Engine:
    """Find the engine behind a dialect.

    Raises:
        EngineError: there is none whose aggregates are known to be exact.
    """
    name = _ALIASES.get(dialect, dialect)
    if name not in ENGINES:
        raise EngineError(
            f"metrics cannot be pushed down to {dialect!r}, whose aggregates are not known to be exact"
            f"{nearest(name, ENGINES)}; leave out mode to pull its rows instead"
        )
    return ENGINES[name]
