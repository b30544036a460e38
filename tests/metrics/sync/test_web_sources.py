"""A service that fails in any way: its stream keeps the last good rows and says why, and the others go on."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.definitions import load_workspace
from metrics.facts import open_facts
from metrics.ledger import open_ledger
from metrics.sync import StreamSync, run_sync
from tests.connectors.rest_server import Failure, RestServer

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CANARY = "SECRETCANARY0123456789"
ROWS: list[Mapping[str, Any]] = [
    {"id": number, "amount": number / 4, "updated_at": f"2026-01-{number:02d}T00:00:00Z"} for number in range(1, 9)
]
TEXT = """
organisation: {{name: Sao Mai, timezone: Asia/Ho_Chi_Minh}}
sources:
  desk:
    type: rest
    base_url: {url}
    allow_hosts: [127.0.0.1]
    timeout: 1s
    auth: {{type: api_key, name: key, api_key: "${{DESK_KEY}}", location: query}}
    paginator: {{type: page_number, base_page: 1, total_path: pages}}
    streams:
      orders:
        path: rows
        params: {{per_page: 3}}
        data_selector: data
        primary_key: id
        cursor: updated_at
        incremental: since
  files: {{type: files, streams: {{answers: {{path: "*.csv", primary_key: id}}}}}}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RestServer]:
    monkeypatch.setenv("DESK_KEY", CANARY)
    (tmp_path / "a.csv").write_text("id,score\n1,5\n")
    with RestServer(ROWS) as server:
        (tmp_path / "quarterline.yaml").write_text(TEXT.format(url=server.url))
        yield server


def sync(root: Path) -> dict[str, StreamSync]:
    workspace = load_workspace(root)
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        return {each.stream: each for each in run_sync(workspace, ledger, now=NOW).streams}


def ids(root: Path) -> list[int]:
    with open_facts(root / "var") as facts:
        return [number for (number,) in facts.query("SELECT id FROM desk.orders ORDER BY id")]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("500", "answers 500 Internal Server Error"),
        ("html", "web page titled 'Sign in'"),
        ("json", "could not find records at data_selector 'data'"),
        ("drip", "did not answer in full within 1 seconds"),
    ],
)
def test_a_failing_service_keeps_its_last_good_rows(
    server: RestServer, tmp_path: Path, failure: Failure, words: str
) -> None:
    server.rows = ROWS[:4]
    assert {each.outcome for each in sync(tmp_path).values()} == {"ok"}
    server.rows = ROWS
    (tmp_path / "a.csv").write_text("id,score\n1,5\n2,4\n")
    server.fail_often(1.0, failure)
    failed = sync(tmp_path)
    assert (failed["desk.orders"].outcome, failed["files.answers"].outcome) == ("failed", "ok")
    error = failed["desk.orders"].error or ""
    assert words in error
    assert "desk.orders" in error
    assert "\n" not in error
    assert CANARY not in json.dumps(error)
    assert ids(tmp_path) == [1, 2, 3, 4]
    server.fail_often(0.0)
    assert sync(tmp_path)["desk.orders"].outcome == "ok"
    assert ids(tmp_path) == list(range(1, 9))


def test_a_service_that_fails_now_and_then_loses_and_doubles_nothing(server: RestServer, tmp_path: Path) -> None:
    """A third of all answers fail in a way that passes; rows come in between the pulls."""
    server.fail_often(0.34, "429", "500", "cut", "reset", seed=11)
    for count in (2, 8):
        server.rows = ROWS[:count]
        for _ in range(5):
            if sync(tmp_path)["desk.orders"].outcome in {"ok", "unchanged"}:
                break
        assert ids(tmp_path) == list(range(1, count + 1))


def test_only_the_session_asks_a_failing_service_again(server: RestServer, tmp_path: Path) -> None:
    """Five requests in all, not five for each attempt of the sync."""
    server.fail_often(1.0, "500")
    assert "5 times" in (sync(tmp_path)["desk.orders"].error or "")
    assert len(server.seen) == 5


def test_a_service_that_asks_to_wait_longer_is_left_alone(server: RestServer, tmp_path: Path) -> None:
    server.retry_after = "3600"
    server.fail_often(1.0, "429")
    assert "asks to wait 3,600 seconds" in (sync(tmp_path)["desk.orders"].error or "")
    assert len(server.seen) == 1


def test_an_object_is_the_same_however_its_keys_stand(server: RestServer, tmp_path: Path) -> None:
    """Services written in Perl or Go give the keys of an object in another order with every answer."""
    server.rows = [{**ROWS[0], "queue": {"id": 7, "Tên": "Bảo hành"}}]
    assert sync(tmp_path)["desk.orders"].rows_changed == 1
    server.rows = [{**ROWS[0], "queue": {"Tên": "Bảo hành", "id": 7}}]
    assert sync(tmp_path)["desk.orders"].outcome == "unchanged"
    with open_facts(tmp_path / "var") as facts:
        assert facts.query("SELECT queue FROM desk.orders") == [('{"Tên": "Bảo hành", "id": 7}',)]
