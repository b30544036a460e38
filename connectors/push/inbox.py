"""The inbox of one stream: observations appended as lines of JSON, on disk before the sender is told so."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_MIB = 1 << 20


class Inbox:
    """One append-only file; several processes may append and read at once."""

    def __init__(self, workspace: Path, source: str, stream: str) -> None:
        self.label = f"var/inbox/{source}.{stream}.jsonl"
        self._path = workspace / self.label

    def append(self, lines: Sequence[str]) -> None:
        """Append lines, all or none of them, and return when they are on disk.

        Raises:
            OSError: they cannot be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        data = "".join(f"{line}\n" for line in lines).encode()
        with self._locked() as file:
            end = _whole_end(file)
            try:
                os.ftruncate(file, end)
                _write_all(file, data, end)
                os.fsync(file)
            except OSError:
                os.ftruncate(file, end)
                raise
        _sync_folder(self._path.parent)

    def end(self) -> int:
        """Return the offset after the last whole line."""
        try:
            with self._path.open("rb") as file:
                return _whole_end(file.fileno())
        except FileNotFoundError:
            return 0

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Yield the lines between two offsets."""
        if start >= end:
            return
        with self._path.open("rb") as file:
            file.seek(start)
            while file.tell() < end:
                yield file.readline().decode()

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _whole_end(file: int) -> int:
    """Return where the last whole line ends; a power cut may leave a part of one behind it."""
    end = os.fstat(file).st_size
    while end:
        start = max(end - _MIB, 0)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _sync_folder(folder: Path) -> None:
    """Let the folder's entry of a new file survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
