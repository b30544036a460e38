"""Files that survive a crash: written beside, made durable, then put in place."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, text: str, *, mode: int) -> None:
    """Write a small file whole or not at all."""
    unfinished = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def replace_durably(new: Path, old: Path) -> None:
    """Put a finished file in the place of another."""
    sync_file(new)
    new.replace(old)
    sync_folder(old.parent)


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files; one that cannot be removed is in nobody's way, and tried again at the next sync."""
    for path in list(paths):
        with suppress(OSError):
            path.unlink()
