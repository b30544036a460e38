"""A compacted inbox: nothing is lost or read twice, whoever writes meanwhile and whenever it is killed."""

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.base import State, Stream
from connectors.push import PushConnector, inbox
from connectors.push.inbox import Inbox

STREAM = Stream("floor", "output", {}, primary_key=("key",), columns={"value": "bigint"})
KEYS = 40


@pytest.fixture(autouse=True)
def _worth_compacting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LEAST_BYTES", 1)


def send(box: Inbox, values: Mapping[str, int]) -> None:
    box.append([json.dumps({"key": k, "time": "2026-11-01T08:00:00Z", "value": value}) for k, value in values.items()])


def pull(root: Path, state: State | None, stored: dict[str, Any]) -> tuple[State, str, int]:
    """Pull and merge by key, as a sync does."""
    extract = PushConnector("floor", {}, root).extract(STREAM, state)
    rows = [row for batch in extract.batches() for row in batch.to_pylist()]
    if extract.mode == "replace":
        stored.clear()
    stored |= {row["key"]: row["value"] for row in rows}
    return extract.state(), extract.mode, len(rows)


def everything(root: Path) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    pull(root, None, stored)
    return stored


def size(root: Path) -> int:
    return (root / Inbox(root, "floor", "output").label).stat().st_size


def test_an_inbox_grows_with_its_keys_and_not_with_what_is_sent(tmp_path: Path) -> None:
    box, state, stored = Inbox(tmp_path, "floor", "output"), None, dict[str, Any]()
    sizes = []
    for turn in range(50):
        sent = {f"k{number}": turn * 100 + number for number in range(KEYS)}
        send(box, sent)
        state, mode, rows = pull(tmp_path, state, stored)
        assert (mode, rows) == ("merge" if turn else "replace", KEYS)
        assert stored == sent == everything(tmp_path)
        sizes.append(size(tmp_path))
    assert max(sizes) < 4 * sizes[0]


def test_a_pull_that_was_not_stored_is_read_again(tmp_path: Path) -> None:
    """The state of an older sync leads into the compacted lines, all of which are merged then."""
    box, stored = Inbox(tmp_path, "floor", "output"), dict[str, Any]()
    send(box, {"a": 1, "b": 1})
    old, _, _ = pull(tmp_path, None, stored)
    newer = old
    for value in range(2, 9):
        send(box, {"a": value})
        newer, _, _ = pull(tmp_path, newer, {})
    assert newer["compacted"] > old.get("compacted", 0) + 1
    _, mode, _ = pull(tmp_path, old, stored)
    assert mode == "merge"
    assert stored == {"a": 8, "b": 1}


def test_a_back_fill_reads_the_whole_inbox_again(tmp_path: Path) -> None:
    """When an observation came is not known, so every day's is read."""
    send(Inbox(tmp_path, "floor", "output"), {"a": 1, "b": 2})
    state, _, _ = pull(tmp_path, None, {})
    extract = PushConnector("floor", {}, tmp_path).extract(replace(STREAM, since=date(2026, 11, 1)), state)
    assert (extract.mode, sum(batch.num_rows for batch in extract.batches())) == ("replace", 2)


def test_an_inbox_from_another_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    send(Inbox(tmp_path, "floor", "output"), {"a": 1})
    stored: dict[str, Any] = {"gone": 1}
    _, mode, _ = pull(tmp_path, {"version": 1, "offset": 10, "compacted": 7}, stored)
    assert (mode, stored) == ("replace", {"a": 1})


def compact_forever(root: Path) -> None:
    inbox.LEAST_BYTES = 1
    box = Inbox(root, "floor", "output")
    while True:
        held = box.held()
        box.compact(held.compaction.number, held.end)


def test_compactions_that_are_killed_among_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    box, chance = Inbox(tmp_path, "floor", "output"), random.Random(4)
    state: State | None = None
    stored: dict[str, Any] = {}
    sent: dict[str, int] = {}
    context = multiprocessing.get_context("forkserver")
    for turn in range(int(os.environ.get("QUARTERLINE_KILLS", "12"))):
        workers = [context.Process(target=compact_forever, args=(tmp_path,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        until = time.monotonic() + 0.1 + chance.random() * 0.3
        number = 0
        while time.monotonic() < until:
            more = {f"k{chance.randrange(KEYS)}": turn * 100_000 + number + each for each in range(3)}
            send(box, more)
            sent |= more
            number += 3
        for worker in workers:
            os.kill(worker.pid or 0, signal.SIGKILL)
            worker.join()
        assert everything(tmp_path) == sent
        state, mode, _ = pull(tmp_path, state, stored)
        assert mode == ("merge" if turn else "replace")
        assert stored == sent
    assert state is not None
    assert state["compacted"] > 0


def test_where_nothing_can_be_written_the_inbox_is_read_as_it_is(tmp_path: Path) -> None:
    box, stored = Inbox(tmp_path, "floor", "output"), dict[str, Any]()
    send(box, {f"k{number}": number for number in range(KEYS)})
    state, _, _ = pull(tmp_path, None, stored)
    (tmp_path / "var/inbox/floor.output.tmp").mkdir()
    send(box, {"k1": 5})
    _, mode, rows = pull(tmp_path, state, stored)
    assert (mode, rows, stored["k1"]) == ("merge", 1, 5)
    assert len(stored) == KEYS
