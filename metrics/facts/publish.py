"""Publishing: the writer's file becomes an immutable generation, whole or not at all."""

import errno
import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from metrics.errors import FactsError
from metrics.facts.files import file_hash, remove_files, sync_folder, write_durably
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
        pieces: numbers of the pieces that it names.
    """

    generation: str
    size: int
    sha256: str
    published_at: str
    changes: int
    pieces: tuple[int, ...] = ()

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
    counted = (sidecar.size, sidecar.changes, *(sidecar.pieces if isinstance(sidecar.pieces, list) else ()))
    numbers = all(isinstance(each, int) for each in counted)
    return sidecar if numbers and sidecar.generation == generation else None


def next_generation(layout: Layout, *, last: int) -> str:
    """Name a generation that never was; `last` is the greatest number that the writer remembers."""
    seen = [number_of(name) for name in layout.generations()]
    if (pointed := layout.pointed()) is not None:
        seen.append(number_of(pointed))
    return f"facts-{max([last, *seen]) + 1}"


def publish(layout: Layout, generation: str, *, changes: int, pieces: Iterable[int], at: datetime) -> None:
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
        sidecar = Sidecar(generation, size, digest, at.astimezone(UTC).isoformat(), changes, tuple(pieces))
        write_durably(layout.sidecar(generation), json.dumps(asdict(sidecar)), mode=0o444)
        sync_folder(layout.folder)
        write_durably(layout.current, generation + "\n", mode=0o644)
        sync_folder(layout.folder)
    except OSError as error:
        remove_files([unfinished])
        raise FactsError(
            f"could not publish {generation}, because {error.strerror or error} ({layout.folder.name}/); the last good "
            f"generation stays; make room or allow writing there, then sync again"
        ) from error
    clean(layout)


def clean(layout: Layout) -> None:
    """Remove unfinished files and all generations but the last three; the one that `current` names always stays."""
    remove_files([*layout.folder.glob("*.tmp"), *layout.spill.glob("*")])
    old = [name for name in layout.generations()[KEPT_GENERATIONS:] if name != layout.pointed()]
    remove_files(layout.database(name) for name in old)
    known = set(layout.generations())
    remove_files(path for path in layout.folder.glob("facts-*.json") if path.stem not in known)


def clean_pieces(layout: Layout, named: Iterable[int]) -> None:
    """Remove the pieces that neither the writer, which names `named`, nor any generation needs."""
    sidecars = [read_sidecar(layout, generation) for generation in layout.generations()]
    if None in sidecars:
        return
    needed = {*named, *(number for sidecar in sidecars if sidecar for number in sidecar.pieces)}
    remove_files(layout.piece(number) for number in layout.pieces() if number not in needed)


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
