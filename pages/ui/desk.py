"""A command that runs beside the pages: at most one of a kind per workspace, watched by every viewer, blocking none."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar


class Finishing(Protocol):
    """What a command's progress must tell."""

    @property
    def finished(self) -> bool:
        """Whether the process has ended."""


P = TypeVar("P", bound=Finishing)


class Desk(Generic[P]):
    """Starts a command line of ours and takes in what it says, line by line.

    Args:
        root: the workspace.
        fresh: gives the progress of a command that has just begun.
        advance: takes in one line that it said.
        finish: takes in that it ended, with its exit code.
    """

    def __init__(
        self,
        root: str,
        *,
        fresh: Callable[[], P],
        advance: Callable[[P, str], P],
        finish: Callable[[P, int], P],
    ) -> None:
        self._root = root
        self._fresh, self._advance, self._finish = fresh, advance, finish
        self._lock = threading.Lock()
        self._progress: P | None = None
        self._ended_at = 0.0

    @property
    def progress(self) -> P | None:
        """How far the newest one is; None when none was started here, or it ended a while ago."""
        progress = self._progress
        old = progress is not None and progress.finished and time.monotonic() - self._ended_at > _SHOWN_SECONDS
        return None if old else progress

    @property
    def running(self) -> bool:
        """Whether one is running."""
        return self._progress is not None and not self._progress.finished

    def run(self, arguments: Sequence[str]) -> None:
        """Start `quarterline` with some arguments, unless one of this kind runs already."""
        with self._lock:
            if self.running:
                return
            self._progress = self._fresh()
        command = [sys.executable, "-m", "metrics.cli", "--workspace", self._root, *arguments]
        threading.Thread(target=self._follow, args=(command,), name=arguments[0], daemon=True).start()

    def _follow(self, command: Sequence[str]) -> None:
        progress = self._fresh()
        try:
            with subprocess.Popen(  # noqa: S603 - our own command line, its arguments from the configuration
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", cwd=_PROJECT
            ) as process:
                for line in process.stdout or ():
                    progress = self._progress = self._advance(progress, line.strip())
            progress = self._finish(progress, process.returncode)
        except OSError as error:
            progress = self._finish(self._advance(progress, str(error)), 1)
        self._ended_at = time.monotonic()
        self._progress = progress


def event_in(line: str) -> Mapping[str, Any] | None:
    """Read a line of `--progress json`; None where it is a message instead."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


_PROJECT = Path(__file__).parents[2]
_SHOWN_SECONDS = 120
