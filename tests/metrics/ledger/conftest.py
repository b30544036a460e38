"""Definitions to apply, and ledgers on a real SQLite file and a real PostgreSQL database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from metrics.ledger import Ledger, open_ledger
from metrics.model.definition import Definitions
from tests.metrics.ledger.samples import METRICS, Q1
from tests.metrics.ledger.writing import definitions_of

Define = Callable[..., Definitions]


@pytest.fixture
def define() -> Define:
    """Make definitions from the text of files."""

    def from_texts(*okrs: str, metrics: str = METRICS) -> Definitions:
        return definitions_of(metrics, *(okrs or (Q1,)))

    return from_texts


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty ledger: a file of the workspace, or a PostgreSQL database whose schema is made anew."""
    if request.param == "sqlite":
        yield "sqlite:///var/ledger.db"
        return
    server = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    yield server.render_as_string(hide_password=False)
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:  # a database of its own would cost every test a checkpoint of the server
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    admin.dispose()


@pytest.fixture
def ledger(url: str, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with open_ledger(url, tmp_path) as opened:
        yield opened
