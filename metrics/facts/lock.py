"""One sync at a time: an operating-system lock that tells who holds it and dies with its holder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from metrics.errors import FactsError


@contextmanager
def sync_lock(path: Path, *, since: datetime) -> Iterator[None]:
    """Hold the lock while the block runs.

    Raises:
        FactsError: another sync holds it; the message says which process, since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FactsError(
                f"could not start a sync, because {_holder(descriptor)} is running one; wait until it is done"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": since.isoformat()}).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    try:
        held = json.loads(os.pread(descriptor, 1_000, 0))
        return f"process {held['pid']} (since {held['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
