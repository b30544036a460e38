"""A sync from the browser: what its events mean, and a real one from start to end."""

import json
import threading
import time
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest

from pages.ui.syncing import StreamProgress, SyncDesk, SyncProgress, advance, finish


def after(*events: dict[str, object] | str) -> SyncProgress:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return reduce(advance, lines, SyncProgress())


STARTED = {"event": "stream_started", "stream": "helpdesk.tickets", "position": 1, "total": 3}


def test_a_stream_goes_from_started_over_rows_to_done() -> None:
    done = {"event": "stream_done", "stream": "helpdesk.tickets", "rows": 2200, "error": None}
    assert after(STARTED).streams["helpdesk.tickets"] == StreamProgress(0, "running")
    rows = {"event": "rows", "stream": "helpdesk.tickets", "rows": 1000, "bytes": 9}
    assert after(STARTED, rows).streams["helpdesk.tickets"] == StreamProgress(1000, "running")
    assert after(STARTED, rows, done).streams["helpdesk.tickets"] == StreamProgress(2200, "done")


def test_the_share_grows_and_is_whole_only_at_the_end() -> None:
    failed = {"event": "failed", "stream": "helpdesk.tickets", "rows": 0, "error": "no such table"}
    steps = [after(), after(STARTED), after(STARTED, failed), after(STARTED, failed, {"event": "publishing"})]
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 0.25
    assert finish(steps[-1], 0).share == 1.0


def test_a_failed_stream_keeps_its_error_and_the_sync_goes_on() -> None:
    failed = {"event": "failed", "stream": "helpdesk.tickets", "rows": 0, "error": "no such table"}
    progress = after(STARTED, failed, {"event": "published", "generation": "facts-3", "ok": False})
    assert progress.streams["helpdesk.tickets"] == StreamProgress(0, "failed", "no such table")
    assert progress.generation == "facts-3"
    assert finish(progress, 1).phase == "failed"


@pytest.mark.parametrize("line", ["", "[1, 2]", '"text"', "null"])
def test_a_line_that_is_no_event_changes_no_stream(line: str) -> None:
    assert after(line).streams == {}


def test_the_last_line_of_an_error_is_kept() -> None:
    assert after("error: could not sync, because another sync is running").message == (
        "could not sync, because another sync is running"
    )


def ended(desk: SyncDesk, seconds: float = 60) -> SyncProgress:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if desk.progress is not None and desk.progress.finished:
            return desk.progress
        time.sleep(0.05)
    raise TimeoutError


def test_a_sync_of_nothing_says_why_it_could_not(tmp_path: Path) -> None:
    desk = SyncDesk(str(tmp_path))
    assert desk.progress is None
    desk.start([])
    progress = ended(desk)
    assert progress.phase == "failed"
    assert "could not find a workspace" in (progress.message or "")


def test_a_second_start_joins_the_first(tmp_path: Path) -> None:
    desk = SyncDesk(str(tmp_path))
    desk.start([])
    running = desk.progress
    desk.start([])
    assert desk.progress is running or desk.progress is not None
    assert ended(desk).finished


def test_a_schedule_syncs_again_and_again_until_it_is_stopped(tmp_path: Path) -> None:
    from pages.ui.schedule import keep_syncing

    desk, stop = SyncDesk(str(tmp_path)), threading.Event()
    assert desk.next_in is None
    begun: list[float] = []
    planned = desk.plan

    def plan(seconds: float) -> None:
        begun.append(seconds)
        planned(seconds)
        if len(begun) == 3:
            stop.set()

    desk.plan = plan  # type: ignore[method-assign]
    keep_syncing(desk, 0.05, stop)
    assert begun == [0.05] * 3
    assert ended(desk).phase == "failed"
    assert desk.next_in == timedelta(0)
