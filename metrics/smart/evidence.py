"""What the data say about one key result, gathered beforehand so that the rules stay pure."""

from dataclasses import dataclass
from datetime import datetime

from metrics.model.reading import Window


@dataclass(frozen=True, slots=True)
class Stretch:
    """One past stretch of days as long as the cycle: the key result's read at its two ends, None without rows."""

    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a key result's metric under its filter and read.

    Attributes:
        synced: whether the metric's stream has been loaded; without it nothing else is known.
        error: why the metric cannot be computed from its stream, if it cannot.
        window: days of the read as of today.
        value: over that window.
        rows: rows that count in that window.
        ever: whether any row counts at all, in any window.
        measured_baseline: the read that an automatic baseline takes, also where the baseline is declared.
        last_event_at: time (UTC) of the stream's newest row.
        stale: that is longer ago than the metric declares.
        past: stretches that are over, newest first.
        overlapping: whether these stretches share days with each other.
        chance: probability of meeting the target by the cycle's end, where a forecast gives one.
    """

    synced: bool = False
    error: str | None = None
    window: Window | None = None
    value: float | None = None
    rows: int = 0
    ever: bool = False
    measured_baseline: float | None = None
    last_event_at: datetime | None = None
    stale: bool = False
    past: tuple[Stretch, ...] = ()
    overlapping: bool = False
    chance: float | None = None


NOT_SYNCED = Evidence()
"""Before the first sync: whatever needs data is unknown."""
