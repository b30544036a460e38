import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from sample_data import SampleCompany, generate

Company = Callable[[date], SampleCompany]
Raw = Callable[[date], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Lay out the whole company of a day, once per day and session."""

    @cache
    def lay_out(today: date) -> SampleCompany:
        return generate(tmp_path_factory.mktemp(f"sao-mai-{today}"), today=today)

    return lay_out


@pytest.fixture(scope="session")
def raw(company: Company) -> Iterator[Raw]:
    """Open the raw files of a day in DuckDB: tickets, answers and transactions, all times naive and local."""
    opened: list[duckdb.DuckDBPyConnection] = []

    @cache
    def load(today: date) -> duckdb.DuckDBPyConnection:
        opened.append(_load(company(today).directory / "data"))
        return opened[-1]

    yield load
    for connection in opened:
        connection.close()


@pytest.fixture
def small(tmp_path: Path) -> SampleCompany:
    return generate(tmp_path / "workspace", today=date(2026, 11, 23), small=True)


def _load(data: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
    connection.register("helpdesk", _tickets(data / "helpdesk.db"))
    connection.execute(
        """
        CREATE TABLE tickets AS SELECT * REPLACE (
            opened_at::TIMESTAMP AS opened_at, first_response_at::TIMESTAMP AS first_response_at,
            resolved_at::TIMESTAMP AS resolved_at, updated_at::TIMESTAMP AS updated_at, reopened = 1 AS reopened
        ) FROM helpdesk
        """
    )
    connection.execute(f"CREATE TABLE answers AS FROM read_csv('{data}/survey/*.csv', header = true, filename = true)")
    connection.execute(
        "CREATE TABLE transactions AS SELECT * REPLACE (created_at::TIMESTAMP AS created_at) "
        f"FROM read_parquet('{data}/transactions/*.parquet', filename = true)"
    )
    return connection


def _tickets(path: Path) -> pa.Table:
    database = sqlite3.connect(path)
    try:
        cursor = database.execute("SELECT * FROM tickets")
        names = [column[0] for column in cursor.description]
        columns = zip(*cursor.fetchall(), strict=True)
        return pa.table(dict(zip(names, map(list, columns), strict=True)))
    finally:
        database.close()
