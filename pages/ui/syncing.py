"""A sync started from the browser: one process per workspace, watched by every viewer, blocking none."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import streamlit as st

from pages.ui.desk import Desk, event_in

Phase = Literal["running", "publishing", "done", "failed"]
StreamState = Literal["running", "done", "failed"]
_STATES: Mapping[Any, StreamState] = {
    "stream_started": "running",
    "rows": "running",
    "stream_done": "done",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class StreamProgress:
    """How far one stream is."""

    rows: int = 0
    state: StreamState = "running"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is.

    Attributes:
        total: how many streams will be read.
        generation: what it published; None when there was nothing new.
        message: the last line that was no event, such as the error it ended with.
    """

    phase: Phase = "running"
    total: int = 0
    streams: Mapping[str, StreamProgress] = field(default_factory=dict)
    generation: str | None = None
    message: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the process has ended."""
        return self.phase in {"done", "failed"}

    @property
    def share(self) -> float:
        """Share of the work that is done; publishing counts as one more stream."""
        read = sum(stream.state != "running" for stream in self.streams.values())
        return 1.0 if self.finished else read / (max(self.total, len(self.streams)) + 1)


def advance(progress: SyncProgress, line: str) -> SyncProgress:
    """Take in one line of `quarterline sync --progress json`."""
    event = event_in(line)
    if event is None:
        return replace(progress, message=line.removeprefix("error: ")) if line else progress
    kind, name = event.get("event"), str(event.get("stream"))
    if kind in _STATES:
        before = progress.streams.get(name, StreamProgress())
        stream = StreamProgress(int(event.get("rows", before.rows)), _STATES[kind], event.get("error"))
        total = int(event.get("total", progress.total))
        return replace(progress, total=total, streams={**progress.streams, name: stream})
    if kind in {"deriving", "publishing"}:
        return replace(progress, phase="publishing")
    return replace(progress, generation=event.get("generation")) if kind == "published" else progress


def finish(progress: SyncProgress, exit_code: int) -> SyncProgress:
    """Take in that the process has ended."""
    return replace(progress, phase="done" if exit_code == 0 else "failed")


class SyncDesk(Desk[SyncProgress]):
    """Starts at most one sync of a workspace at a time and knows how far it is; shared by all viewers."""

    def __init__(self, root: str) -> None:
        super().__init__(root, fresh=SyncProgress, advance=advance, finish=finish)
        self._next_at: float | None = None

    @property
    def next_in(self) -> timedelta | None:
        """How long until the next sync that is planned; None when none is."""
        return None if self._next_at is None else timedelta(seconds=max(self._next_at - time.monotonic(), 0))

    def plan(self, seconds: float) -> None:
        """Note that a sync will be started in so many seconds."""
        self._next_at = time.monotonic() + seconds

    def start(self, targets: Sequence[str]) -> None:
        """Start a sync of some sources (all when empty), unless one runs already."""
        self.run(["sync", "--progress", "json", *targets])


@st.cache_resource(show_spinner=False)
def sync_desk(root: str) -> SyncDesk:
    """Give the workspace's desk."""
    return SyncDesk(root)
