"""A sync started from the browser: one process per workspace, watched by every viewer, blocking none."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import streamlit as st

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
    event = _event(line)
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


class SyncDesk:
    """Starts at most one sync of a workspace at a time and knows how far it is; shared by all viewers."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._progress: SyncProgress | None = None
        self._ended_at = 0.0

    @property
    def progress(self) -> SyncProgress | None:
        """How far the newest sync is; None when none was started here, or it ended a while ago."""
        progress = self._progress
        old = progress is not None and progress.finished and time.monotonic() - self._ended_at > _SHOWN_SECONDS
        return None if old else progress

    @property
    def running(self) -> bool:
        """Whether a sync is running."""
        return self._progress is not None and not self._progress.finished

    def start(self, targets: Sequence[str]) -> None:
        """Start a sync of some sources (all when empty), unless one runs already."""
        with self._lock:
            if self.running:
                return
            self._progress = SyncProgress()
        command = [
            sys.executable,
            "-m",
            "metrics.cli",
            "--workspace",
            self._root,
            "sync",
            "--progress",
            "json",
            *targets,
        ]
        threading.Thread(target=self._run, args=(command,), name="sync", daemon=True).start()

    def _run(self, command: Sequence[str]) -> None:
        progress = SyncProgress()
        try:
            with subprocess.Popen(  # noqa: S603 - our own command line, its arguments from the configuration
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", cwd=_PROJECT
            ) as process:
                for line in process.stdout or ():
                    progress = self._progress = advance(progress, line.strip())
            progress = finish(progress, process.returncode)
        except OSError as error:
            progress = finish(replace(progress, message=str(error)), 1)
        self._ended_at = time.monotonic()
        self._progress = progress


@st.cache_resource(show_spinner=False)
def sync_desk(root: str) -> SyncDesk:
    """Give the workspace's desk."""
    return SyncDesk(root)


_PROJECT = Path(__file__).parents[2]
_SHOWN_SECONDS = 120


def _event(line: str) -> Mapping[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
