"""Publishing: the writer's file becomes an immutable generation, whole or not at all."""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from metrics.errors import FactsError
from metrics.facts.layout import KEPT_GENERATIONS, Layout, number_of

_FICLONE = 0x40049409
_CHUNK = 1 << 26


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known about a generation's file.

    Attributes:
        size: in bytes.
        sha256: of the whole file, in hexadecimal.
        published_at: ISO 8601, UTC.
        changes: the writer's change count that the file holds.
    """

    generation: str
    size: int
    sha256: str
    published_at: str
    changes: int

    @property
    def published(self) -> datetime:
        """When it was published (UTC)."""
        return datetime.fromisoformat(self.published_at).astimezone(UTC)


def read_sidecar(layout: Layout, generation: str) -> Sidecar | None:
    """Read what is known about a generation; None when that cannot be read."""
    try:
        held = json.loads(layout.sidecar(generation).read_text("utf-8"))
        sidecar = Sidecar(**held)
        sidecar.published  # noqa: B018  # a time that cannot be read makes the sidecar unusable
    except (OSError, ValueError, TypeError):
        return None
    numbers = isinstance(sidecar.size, int) and isinstance(sidecar.changes, int)
    return sidecar if numbers and sidecar.generation == generation else None


def next_generation(layout: Layout, *, last: int) -> str:
    """Name a generation that never was; `last` is the greatest number that the writer remembers."""
    seen = [number_of(name) for name in layout.generations()]
    if (pointed := layout.pointed()) is not None:
        seen.append(number_of(pointed))
    return f"facts-{max([last, *seen]) + 1}"


def publish(layout: Layout, generation: str, *, changes: int, at: datetime) -> None:
    """Copy the writer's closed, checkpointed file to `generation` and point readers at it.

    Dying at any point leaves the last good generation in place.

    Raises:
        FactsError: the disk is full or cannot be written; the last good generation stays.
    """
    target = layout.database(generation)
    unfinished = target.with_suffix(".duckdb.tmp")
    try:
        _copy(layout.work, unfinished)
        size, digest = unfinished.stat().st_size, file_hash(unfinished)
        unfinished.chmod(0o444)
        unfinished.replace(target)
        sidecar = Sidecar(generation, size, digest, at.astimezone(UTC).isoformat(), changes)
        _write(layout.sidecar(generation), json.dumps(asdict(sidecar)), mode=0o444)
        _sync_folder(layout.folder)
        _write(layout.current, generation + "\n", mode=0o644)
        _sync_folder(layout.folder)
    except OSError as error:
        _remove([unfinished])
        raise FactsError(
            f"could not publish {generation}, because {error.strerror or error} ({layout.folder.name}/); the last good "
            f"generation stays; make room or allow writing there, then sync again"
        ) from error
    clean(layout)


def clean(layout: Layout) -> None:
    """Remove unfinished files and all generations but the last three; the one that `current` names always stays."""
    _remove([*layout.folder.glob("*.tmp"), *layout.spill.glob("*")])
    old = [name for name in layout.generations()[KEPT_GENERATIONS:] if name != layout.pointed()]
    _remove(layout.database(name) for name in old)
    known = set(layout.generations())
    _remove(path for path in layout.folder.glob("facts-*.json") if path.stem not in known)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy a file durably: by sharing its blocks where the file system can, else inside the kernel."""
    with source.open("rb") as read, target.open("wb") as written:
        try:
            fcntl.ioctl(written.fileno(), _FICLONE, read.fileno())
        except OSError:
            _copy_bytes(read.fileno(), written.fileno(), source.stat().st_size)
        os.fsync(written.fileno())


def _copy_bytes(source: int, target: int, size: int) -> None:
    copied = 0
    while copied < size:
        try:
            count = os.copy_file_range(source, target, min(_CHUNK, size - copied), copied, copied)
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}:
                raise
            count = os.pwrite(target, os.pread(source, min(_CHUNK, size - copied), copied), copied)
        if count == 0:
            raise OSError(errno.EIO, "the writer's file ended early")
        copied += count


def _write(path: Path, text: str, *, mode: int) -> None:
    unfinished = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        with suppress(OSError):  # what cannot be removed is in nobody's way; the next sync tries again
            path.unlink()
