"""What is sent is stored whole or refused with every fault named, and nothing in the inbox can stop a sync."""

import json
import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.push.inbox import Inbox
from metrics.definitions import Workspace, load_workspace
from metrics.errors import DefinitionError, PushError
from metrics.facts import open_facts
from metrics.ledger import open_ledger
from metrics.observations import RefusedError, is_token, push_token, store_observations
from metrics.sync import run_sync

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef"
TEXT = """
organisation: {name: Sao Mai, timezone: Asia/Ho_Chi_Minh}
push: {token: "${PUSH_TOKEN}"}
sources:
  floor:
    type: push
    streams:
      output: {primary_key: key, columns: {value: "decimal(12, 3)", shift: integer, checked: boolean, day: date}}
      noise: {primary_key: key}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "quarterline.yaml").write_text(TEXT)
    return load_workspace(tmp_path)


def observation(key: Any = "a", **keys: Any) -> dict[str, Any]:
    return {"key": key, "time": "2026-11-01T08:00:00+07:00", "value": 1.5, **keys}


def body(*observations: Any, stream: str = "floor.output") -> bytes:
    return json.dumps({"stream": stream, "observations": list(observations)}).encode()


def rows(workspace: Workspace, table: str = "floor.output") -> list[tuple[Any, ...]]:
    with open_facts(workspace.var) as facts:
        return list(facts.query(f"SELECT * FROM {table} ORDER BY key"))


def sync(workspace: Workspace) -> list[str | None]:
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        return [each.error for each in run_sync(workspace, ledger, now=NOW).streams]


def test_what_was_sent_arrives_with_the_next_sync(workspace: Workspace) -> None:
    assert store_observations(workspace, body(observation(team="Bắc", shift=2), observation("b", checked=True))) == 2
    store_observations(workspace, body(observation("n"), stream="floor.noise"))
    assert sync(workspace) == [None, None]
    columns = ["key", "value", "shift", "checked", "team"]
    with open_facts(workspace.var) as facts:
        found = facts.query(f"SELECT {', '.join(columns)} FROM floor.output ORDER BY key")
    assert [tuple(map(str, row)) for row in found] == [
        ("a", "1.500", "2", "None", "Bắc"),
        ("b", "1.500", "None", "True", "None"),
    ]


def test_the_same_key_again_replaces_and_never_doubles(workspace: Workspace) -> None:
    for value in (1, 2):
        store_observations(workspace, body(observation(value=value)))
        store_observations(workspace, body(observation(value=value)))
    sync(workspace)
    store_observations(workspace, body(observation(value=3), observation("b")))
    sync(workspace)
    with open_facts(workspace.var) as facts:
        assert [
            (key, float(value)) for key, value in facts.query("SELECT key, value FROM floor.output ORDER BY key")
        ] == [
            ("a", 3.0),
            ("b", 1.5),
        ]


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ([observation(key=1)], [(1, "key", "text expected, got number '1'")]),
        ([observation(key="")], [(1, "key", "has 0 characters; 1 to 200 are allowed")]),
        ([{"key": "a"}], [(1, "time", "is missing"), (1, "value", "is missing")]),
        ([observation(time="yesterday")], [(1, "time", "'yesterday' is no time")]),
        ([observation(value="1")], [(1, "value", "number expected, got text '\"1\"'")]),
        ([observation(value=None)], [(1, "value", "is missing")]),
        ([observation(), observation("b", Team="x")], [(2, "Team", "is no name")]),
        ([observation(team=7)], [(1, "team", "text expected, got number '7'")]),
        ([observation(team=["x"])], [(1, "team", "text expected, got nested value")]),
        ([observation(shift="2")], [(1, "shift", "number expected, got text")]),
        ([observation(shift=2.5)], [(1, "shift", "could not read '2.5' as integer")]),
        ([observation(shift=99999999999)], [(1, "shift", "could not read '99999999999' as integer")]),
        ([observation(), observation("b", value=1.2345)], [(2, "value", "could not read '1.2345' as decimal(12, 3)")]),
        ([observation(day="2026-02-30")], [(1, "day", "could not read '2026-02-30' as date")]),
        ([observation(time="20261101T080000Z")], [(1, "time", "could not read '20261101T080000Z' as timestamp")]),
        ([observation(), observation()], [(2, "key", "'a' is the key of row 1 too")]),
        ([observation(), 3], [(2, "", "'3' is no object")]),
    ],
)
def test_every_fault_is_named_and_nothing_is_stored(
    workspace: Workspace, sent: list[Any], faults: list[tuple[int, str, str]]
) -> None:
    with pytest.raises(RefusedError) as refused:
        store_observations(workspace, body(*sent))
    found = refused.value.faults
    assert [(fault.row, fault.key) for fault in found] == [(row, key) for row, key, _ in faults]
    assert all(fault.message.startswith(words) for fault, (_, _, words) in zip(found, faults, strict=True)), found
    assert not (workspace.var / "inbox").exists()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the body is no JSON"),
        (b"\xff", "byte 1 of the body is no UTF-8"),
        (b"[1]", "the body is not"),
        (b'{"stream": "floor.output", "stream": "x", "observations": []}', "key 'stream' is repeated"),
        (b'{"stream": "floor.output", "observations": [{"key": "a", "value": NaN}]}', "NaN is no JSON number"),
        (b'{"stream": "floor.output", "observations": []}', "an empty one"),
        (b'{"stream": "floor.ouput", "observations": [1]}', "did you mean 'floor.output'"),
        (b'{"stream": "floor.output", "observations": [1], "force": true}', "the body is not"),
        (body(observation(value=1)).replace(b"1}", b"1e999}"), "'1e999' is too large"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(workspace: Workspace, raw: bytes, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        store_observations(workspace, raw)


def test_a_part_of_a_line_is_cut_off_by_the_next_writer(workspace: Workspace) -> None:
    """A power cut leaves half a line behind, which nobody was told is stored."""
    store_observations(workspace, body(observation()))
    path = workspace.root / Inbox(workspace.root, "floor", "output").label
    with path.open("ab") as file:
        file.write(b'{"key": "half')
    assert sync(workspace)[0] is None
    assert len(rows(workspace)) == 1
    store_observations(workspace, body(observation("b")))
    assert sync(workspace)[0] is None
    assert [row[0] for row in rows(workspace)] == ["a", "b"]


def send_forever(root: Path, name: str) -> None:
    workspace = load_workspace(root)
    for number in range(10_000):
        store_observations(workspace, body(*[observation(f"{name}-{number}-{each}") for each in range(5)]))
        with (root / f"{name}.told").open("a") as told:
            told.write(f"{number}\n")


def test_writers_that_are_killed_lose_nothing_that_they_were_told_is_stored(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    for round_number in range(3):
        writers = [
            context.Process(target=send_forever, args=(workspace.root, f"w{round_number}{each}")) for each in range(2)
        ]
        for writer in writers:
            writer.start()
        for each in range(2):
            told = workspace.root / f"w{round_number}{each}.told"
            while not told.exists() or told.stat().st_size < 10:
                assert all(writer.is_alive() for writer in writers)
        for writer in writers:
            os.kill(writer.pid or 0, signal.SIGKILL)
            writer.join()
    held = Inbox(workspace.root, "floor", "output").held()
    stored = {json.loads(line)["key"] for line in held.lines(0, held.end)}
    for told in workspace.root.glob("*.told"):
        for number in told.read_text().split():
            assert {f"{told.stem}-{number}-{each}" for each in range(5)} <= stored
    assert sync(workspace)[0] is None
    assert len(rows(workspace)) == len(stored)


def test_a_token_is_a_reference_and_long_enough(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_TOKEN", TOKEN)
    assert push_token(workspace) == TOKEN
    assert is_token(TOKEN, TOKEN)
    assert not is_token(TOKEN, TOKEN[:-1])
    monkeypatch.setenv("PUSH_TOKEN", TOKEN[:-1])
    with pytest.raises(PushError, match="fewer than 32 characters"):
        push_token(workspace)
    monkeypatch.delenv("PUSH_TOKEN")
    with pytest.raises(PushError, match="PUSH_TOKEN is not set"):
        push_token(workspace)


def test_a_token_that_is_written_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "quarterline.yaml").write_text(TEXT.replace("${PUSH_TOKEN}", TOKEN))
    with pytest.raises(DefinitionError, match=r"push\.token: is no reference") as refused:
        load_workspace(tmp_path)
    assert TOKEN not in str(refused.value)


def test_without_a_token_nobody_may_send(tmp_path: Path) -> None:
    (tmp_path / "quarterline.yaml").write_text(TEXT.replace('push: {token: "${PUSH_TOKEN}"}', ""))
    assert push_token(load_workspace(tmp_path)) is None
