"""The inbox of one stream: observations appended as lines of JSON, on disk before the sender is told so.

Once it has doubled, what was loaded of it is compacted: of lines with the same key only the last one stays, so that
the inbox grows with the keys and everything can still be read anew. A compacted file begins with a line that says so.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import finalize

LEAST_BYTES = 1 << 20
"""An inbox smaller than this is not worth compacting."""

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Compaction:
    """What a compacted inbox says of itself.

    Attributes:
        number: how often it was compacted.
        through: the offset, in the inbox before, up to which it was.
        begins: where its lines begin.
        ends: where lines stand as they came, from `through` on.
    """

    number: int = 0
    through: int = 0
    begins: int = 0
    ends: int = 0


class Held:
    """An inbox as it is now; it stays readable when it is compacted meanwhile."""

    def __init__(self, file: int | None) -> None:
        self._file = file
        if file is not None:
            finalize(self, os.close, file)
        self.end = 0 if file is None else _whole_end(file)
        self.compaction = Compaction() if file is None else _compaction(file)

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Yield the lines between two offsets."""
        place, rest = start, b""
        while self._file is not None and place < end:
            block = os.pread(self._file, min(_MIB, end - place), place)
            if not block:
                return
            place += len(block)
            *whole, rest = (rest + block).split(b"\n")
            yield from (f"{line.decode()}\n" for line in whole)

    def place_of(self, number: int, offset: int) -> int | None:
        """Find an offset of the inbox as it was compacted `number` times; None when it is among compacted lines."""
        known = self.compaction
        if number == known.number:
            return offset
        if number == known.number - 1 and offset >= known.through:
            return known.ends + offset - known.through
        return None


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

    def held(self) -> Held:
        """Look at the inbox; there need not be one yet."""
        try:
            return Held(os.open(self._path, os.O_RDONLY))
        except FileNotFoundError:
            return Held(None)

    def compact(self, number: int, through: int) -> None:
        """Compact what was loaded, up to an offset of the inbox as it was compacted `number` times, if it is worth it.

        Dying at any point leaves the inbox as it was or compacted.

        Raises:
            OSError: it cannot be written.
            ValueError: a line is no observation.
        """
        if through < LEAST_BYTES:
            return
        with self._locked():
            held = self.held()
            known = held.compaction
            if known.number != number or through > held.end or through < 2 * known.ends:
                return
            unfinished = self._path.with_suffix(".tmp")
            try:
                _write_compacted(held, unfinished, through)
                unfinished.replace(self._path)
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
        _sync_folder(self._path.parent)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open and lock the file that bears the name, which another one may have taken while we waited."""
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self._is_named(file):
                    yield file
                    return
            finally:
                os.close(file)

    def _is_named(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self._path.stat())
        except FileNotFoundError:
            return False


def _write_compacted(held: Held, path: Path, through: int) -> None:
    begins, number = held.compaction.begins, held.compaction.number + 1
    newest: dict[str, int] = {}
    for place, line in enumerate(held.lines(begins, through)):
        newest[json.loads(line)["key"]] = place
    places = frozenset(newest.values())
    del newest
    kept = (line for place, line in enumerate(held.lines(begins, through)) if place in places)
    size = sum(len(line.encode()) for place, line in enumerate(held.lines(begins, through)) if place in places)
    with path.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(json.dumps({"compacted": number, "through": through, "bytes": size}).encode() + b"\n")
        for line in kept:
            file.write(line.encode())
        for line in held.lines(through, held.end):
            file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _compaction(file: int) -> Compaction:
    first = os.pread(file, 200, 0).partition(b"\n")[0] + b"\n"
    if not first.startswith(b'{"compacted": '):
        return Compaction()
    said = json.loads(first)
    return Compaction(said["compacted"], said["through"], len(first), len(first) + said["bytes"])


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
