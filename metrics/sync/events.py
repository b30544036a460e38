"""What a sync tells while it runs, and what it came to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from connectors.base import Mode

Outcome = Literal["ok", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """A stream is about to be read; `position` counts from 1 to `total`."""

    stream: str
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class RowsRead:
    """So many rows and bytes of a stream have come so far."""

    stream: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StreamSync:
    """What became of one stream.

    Attributes:
        stream: `source.stream`.
        mode: None when the pull failed before it was known.
        bytes: of the rows in memory.
        cursor: greatest stored value of the cursor column, as text.
        error: one line, without secrets; only of a failed stream.
        notes: what a person should know about the pull, one sentence each.
    """

    stream: str
    outcome: Outcome
    mode: Mode | None = None
    rows_read: int = 0
    rows_changed: int = 0
    bytes: int = 0
    seconds: float = 0.0
    cursor: str | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamDone:
    """A stream was read, or failed."""

    result: StreamSync


@dataclass(frozen=True, slots=True)
class Deriving:
    """Daily parts and exact readings are being brought up to the rows."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """The new generation is being written."""


SyncEvent: TypeAlias = StreamStarted | RowsRead | StreamDone | Deriving | Publishing
OnEvent: TypeAlias = Callable[[SyncEvent], None]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync came to.

    Attributes:
        streams: in the order they were read.
        generation: the one that was published; None when nothing changed or nothing could be published.
        metric_errors: one line by metric that could not be computed; its key results have no value, others go on.
        error: why nothing could be published, one line; else None.
        seconds: from the first stream to the published generation.
    """

    streams: tuple[StreamSync, ...]
    generation: str | None
    metric_errors: Mapping[str, str]
    error: str | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every stream was read, every metric computed and the outcome published."""
        return not self.error and not self.metric_errors and all(each.outcome != "failed" for each in self.streams)
