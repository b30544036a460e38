"""One sync at a time: an operating-system lock that tells who holds it and dies with its holder."""

import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from metrics.errors import FactsError

_ATTEMPTS, _PAUSE_SECONDS = 3, 0.05


@contextmanager
def sync_lock(path: Path, *, since: datetime) -> Iterator[None]:
    """Hold the lock while the block runs.

    Raises:
        FactsError: another sync holds it; the message says which process, since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _lock(descriptor):
            raise FactsError(
                f"could not start a sync, because {_read_holder(descriptor)} is running one; wait until it is done"
            )
        os.ftruncate(descriptor, 0)
        held = {"pid": os.getpid(), "host": platform.node(), "since": since.isoformat()}
        os.pwrite(descriptor, json.dumps(held).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take the lock, trying again for a moment: somebody may only be looking who holds it."""
    for attempt in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS if attempt < _ATTEMPTS - 1 else 0)
        else:
            return True
    return False


def lock_holder(path: Path) -> str | None:
    """Say who runs a sync now, such as `process 12 on db1 (since ...)`; None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def _read_holder(descriptor: int) -> str:
    try:
        held = json.loads(os.pread(descriptor, 1_000, 0))
        return f"process {held['pid']} on {held['host']} (since {held['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
