"""The worked example of the method: its workspace, loaded once per module."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metrics.assessment import Moment
from metrics.cli.session import Session
from metrics.cli.syncing import sync_workspace
from metrics.definitions import load_definitions
from metrics.facts import Facts, open_facts
from metrics.model.definition import Definitions
from tests.metrics.smart.company import TODAY, lay_out_company

NOW = datetime(2027, 1, 15, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = lay_out_company(tmp_path_factory.mktemp("company"))
    session = Session(directory)
    session.ledger.apply(load_definitions(session.workspace), actor="test", at=NOW)
    assert sync_workspace(session, now=NOW).ok
    return directory


@pytest.fixture(scope="module")
def facts(root: Path) -> Facts:
    return open_facts(Session(root).workspace.var)


@pytest.fixture(scope="module")
def definitions(root: Path) -> Definitions:
    return load_definitions(Session(root).workspace)


@pytest.fixture(scope="module")
def moment(root: Path) -> Moment:
    return Moment(Session(root).workspace.organisation, TODAY, NOW)
