"""What tests share: the folder beside the project, and scratch databases on real servers."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

POSTGRES = os.environ.get("QUARTERLINE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
MARIADB = os.environ.get("QUARTERLINE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/")
REQUIRED = os.environ.get("QUARTERLINE_REQUIRE_SERVICES") == "1"
THOROUGH = os.environ.get("QUARTERLINE_THOROUGH") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is slow to thorough runs, as `.ci/run` makes them; a slow test that is named is run all the same."""
    if THOROUGH or config.option.markexpr or any("::" in argument for argument in config.invocation_params.args):
        return
    slow = [item for item in items if item.get_closest_marker("slow") is not None]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item.get_closest_marker("slow") is None]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, cases and harnesses beside the project."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"the shared folder {folder} is absent: real data, hostile files and harnesses lie there")
    return folder


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A scratch database on PostgreSQL, dropped afterwards."""
    yield from _scratch_database(POSTGRES, drop="drop database {} with (force)")


@pytest.fixture(scope="module")
def mariadb_url() -> Iterator[str]:
    """A scratch database on MariaDB, dropped afterwards."""
    yield from _scratch_database(MARIADB, drop="drop database {}", options=" character set utf8mb4")


def _scratch_database(server: str, *, drop: str, options: str = "") -> Iterator[str]:
    name = f"quarterline_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"create database {name}{options}"))
    except SQLAlchemyError as error:
        engine.dispose()
        reason = f"no database server to test against at {make_url(server).render_as_string()}: {error}"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(drop.format(name)))
    engine.dispose()
