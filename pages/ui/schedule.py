"""Syncs at fixed intervals for as long as the dashboard runs, whether or not anybody looks on."""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from metrics.cli.dashboard import SYNC_EVERY, WORKSPACE
from pages.ui.syncing import SyncDesk, sync_desk


@asynccontextmanager
async def scheduled(_app: object) -> AsyncIterator[dict[str, Any]]:
    """Keep syncing from the server's start to its end, if `serve --sync-every` asked for it."""
    every, root, stop = os.environ.get(SYNC_EVERY), os.environ.get(WORKSPACE), threading.Event()
    if every and root:
        threading.Thread(
            target=keep_syncing, args=(sync_desk(root), float(every), stop), name="schedule", daemon=True
        ).start()
    try:
        yield {}
    finally:
        stop.set()


def keep_syncing(desk: SyncDesk, every: float, stop: threading.Event) -> None:
    """Start a sync every so many seconds until told to stop; one that still runs is left to end."""
    while not stop.is_set():
        desk.start([])
        desk.plan(every)
        stop.wait(every)
