"""One set of metrics on DuckDB and on real engines: equal to 1e-9, days cut by a zone that changes its clock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from connectors.base import Stream
from connectors.spark import SparkConnector
from connectors.spark.computing import spark_client
from connectors.sql import SqlConnector
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Metric
from metrics.model.reading import Measure, Window
from tests.connectors.test_documented_runs import addressed, example, sync
from tests.metrics.pushdown.agreement import Agreement, check_everything
from tests.metrics.pushdown.dataset import COLUMNS, STREAM_ZONE, sales
from tests.metrics.pushdown.engines import SparkCluster, clickhouse, require, spark_cluster, store_in_spark

STREAM = Stream("shop", "sales", {"table": "sales"}, timezone=STREAM_ZONE)
POSTGRES = {
    "id": "bigint",
    "opened_at": "timestamptz",
    "closed_at": "timestamptz",
    "told_at": "timestamp",
    "due_on": "date",
    "team": "text",
    "seconds": "bigint",
    "qty": "integer",
    "price": "numeric(12,2)",
    "score": "double precision",
    "late": "boolean",
}
MARIADB = POSTGRES | {
    "opened_at": "timestamp(6) null",
    "closed_at": "timestamp(6) null",
    "told_at": "datetime(6)",
    "team": "varchar(40)",
    "price": "decimal(12,2)",
    "score": "double",
    "late": "tinyint(1)",
}


@contextmanager
def agreement(url: str, types: dict[str, str], *, odd: bool) -> Iterator[Agreement]:
    """Load the table and open a sitting over it."""
    rows = sales()
    written = [_odd(row) if odd else row for row in rows]
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "mysql":
            connection.execute(text("SET time_zone = '+00:00'"))
        connection.execute(text("DROP TABLE IF EXISTS sales"))
        connection.execute(text(f"CREATE TABLE sales ({', '.join(f'{n} {t}' for n, t in types.items())})"))
        marks = ", ".join(f":{name}" for name in COLUMNS)
        listed = [dict(zip(COLUMNS, row, strict=True)) for row in written]
        connection.execute(text(f"INSERT INTO sales ({', '.join(COLUMNS)}) VALUES ({marks})"), listed)
    engine.dispose()
    connector = SqlConnector("shop", {"url": url}, Path())
    with connector.computing(STREAM) as sitting:
        yield Agreement(rows, sitting.stored(), sitting.rows)


def _odd(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Store what is no finite number where DuckDB's rows have nothing."""
    return (*row[:-2], ([float("nan"), float("inf"), None][row[0] % 3] if row[-2] is None else row[-2]), row[-1])


@pytest.mark.service
def test_postgresql_agrees_with_duckdb(postgres_url: str) -> None:
    with agreement(postgres_url, POSTGRES, odd=True) as compared:
        check_everything(compared)


@pytest.mark.service
def test_mariadb_agrees_with_duckdb(mariadb_url: str) -> None:
    with agreement(mariadb_url, MARIADB, odd=False) as compared:
        check_everything(compared)


@pytest.mark.engine
def test_clickhouse_agrees_with_duckdb() -> None:
    require("chdb")
    rows = sales()
    with clickhouse([_odd(row) for row in rows]) as (stored, ask):
        check_everything(Agreement(rows, stored, ask))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    require("pyspark")
    if running := os.environ.get("QUARTERLINE_TEST_SPARK"):
        yield SparkCluster(running, workers=2)
        return
    with spark_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster


@pytest.mark.engine
def test_a_spark_cluster_agrees_with_duckdb(spark: SparkCluster) -> None:
    assert spark.workers == 2
    rows = sales()
    store_in_spark(spark, [_odd(row) for row in rows])
    with SparkConnector("shop", {"url": spark.url}, Path()).computing(STREAM) as sitting:
        check_everything(Agreement(rows, sitting.stored(), sitting.rows))


@pytest.mark.engine
def test_the_documented_example_runs_in_a_spark_cluster(
    spark: SparkCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_TOKEN", "none")
    session = spark_client().builder.remote(spark.url).create()
    try:
        session.sql("CREATE DATABASE IF NOT EXISTS web")
        session.sql("DROP TABLE IF EXISTS web.visits")
        session.sql(
            "CREATE TABLE web.visits USING parquet AS SELECT TIMESTAMP'2026-11-01 08:00:00Z' AS at, 3 AS visitors"
        )
    finally:
        session.stop()
    metric = Metric("visitors", {"en": "Visitors"}, "lake.visits", "at", "sum", value="visitors")
    written = addressed(example("spark", "lake"), "sc://spark.example:15002/;token=${SPARK_TOKEN}", spark.url)
    sync(tmp_path, written, Definitions({metric.id: metric}, ()))
    with open_facts(tmp_path / "var") as facts:
        day = date(2026, 11, 1)
        (found,) = facts.measure([Measure(metric, (), (Window(day, day),))])
    assert found.readings[0].value == 3.0
