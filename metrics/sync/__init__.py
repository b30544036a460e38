"""Pull, merge, keep daily parts, publish."""

from metrics.sync.engine import run_sync
from metrics.sync.events import (
    Deriving,
    OnEvent,
    Publishing,
    RowsRead,
    StreamDone,
    StreamStarted,
    StreamSync,
    SyncEvent,
    SyncResult,
)

__all__ = [
    "Deriving",
    "OnEvent",
    "Publishing",
    "RowsRead",
    "StreamDone",
    "StreamStarted",
    "StreamSync",
    "SyncEvent",
    "SyncResult",
    "run_sync",
]
