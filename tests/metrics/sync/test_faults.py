"""Whatever a source does, its last good rows stay with the reason, and its neighbours go on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Organisation
from metrics.sync import StreamSync, extraction, run_sync
from tests.connectors.rest_server import FAILURES, Failure, RestServer
from tests.metrics.sync.rig import NOON, MemoryLog

ROWS = [{"id": number, "n": number} for number in range(3)]


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer(ROWS) as server:
        yield server


@pytest.fixture
def workspace(server: RestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A web service and a file, both loaded once."""
    monkeypatch.setattr(extraction, "_FIRST_PAUSE_SECONDS", 0.01)
    (tmp_path / "good.csv").write_text("id,n\n1,1\n")
    service = {"base_url": server.url, "allow_hosts": ["127.0.0.1"], "timeout": "2s"}
    rows = Stream("web", "rows", {"path": "rows", "data_selector": "data"}, primary_key=("id",))
    good = Stream("disk", "good", {"path": "good.csv"}, primary_key=("id",))
    made = Workspace(
        root=tmp_path,
        organisation=Organisation("Test"),
        sources={
            "web": Source("web", "rest", service, "pull", {"rows": rows}),
            "disk": Source("disk", "files", {}, "pull", {"good": good}),
        },
    )
    web, disk = sync(made)
    assert (web.error, disk.error) == (None, None)
    (tmp_path / "good.csv").write_text("id,n\n1,1\n2,2\n")
    return made


def sync(workspace: Workspace) -> tuple[StreamSync, ...]:
    return run_sync(workspace, MemoryLog(Definitions({}, ())), now=NOON).streams


def survives(workspace: Workspace) -> str:
    """Sync, and check that the failing stream kept its rows and the other one has its new row; gives the reason."""
    web, disk = sync(workspace)
    assert (web.outcome, disk.outcome) == ("failed", "ok")
    with open_facts(workspace.var) as facts:
        assert facts.query("SELECT count(*), sum(n) FROM web.rows") == [(3, 3)]
        assert facts.query("SELECT count(*) FROM disk.good") == [(2,)]
        assert facts.notices == ()
    assert web.error
    assert "Traceback" not in web.error
    assert "\n" not in web.error
    return web.error


@pytest.mark.slow
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_service_keeps_its_last_good_rows(failure: Failure, server: RestServer, workspace: Workspace) -> None:
    server.rows = [{"id": 9, "n": 100}]
    server.fail_often(1, failure)
    assert survives(workspace).startswith("web.rows")
    server.fail_often(0)
    web, _ = sync(workspace)
    assert (web.outcome, web.rows_read) == ("ok", 1)


def test_a_service_that_is_down_keeps_its_last_good_rows(workspace: Workspace) -> None:
    down = {**workspace.sources["web"].options, "base_url": "http://127.0.0.1:9"}
    web = replace(workspace.sources["web"], options=down)
    reason = survives(replace(workspace, sources={**workspace.sources, "web": web}))
    assert "127.0.0.1" in reason
