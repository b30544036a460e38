"""Fixtures shared by all tests: real databases on loopback and the shared specification folder."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

POSTGRES_URL = os.environ.get("QUARTERLINE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
MARIADB_URL = os.environ.get("QUARTERLINE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test?charset=utf8mb4")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The specification folder beside the project, with real data and bad files."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not here: it holds the real data and bad files that this test reads")
    return folder


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database of this module's own."""
    yield from _scratch(POSTGRES_URL, drop="DROP DATABASE {} WITH (FORCE)")


@pytest.fixture(scope="module")
def mariadb_url() -> Iterator[str]:
    """URL of an empty MariaDB database of this module's own."""
    yield from _scratch(MARIADB_URL, drop="DROP DATABASE {}")


def _scratch(server: str, *, drop: str) -> Iterator[str]:
    name = f"quarterline_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.DBAPIError as error:
        reason = f"no database server at {sa.make_url(server).render_as_string()}: {error.orig}".splitlines()[0]
        if os.environ.get("QUARTERLINE_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(drop.format(name))
