"""The clock of a time zone as a table of its changes, rendered into SQL where an engine has none of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from metrics.model.reading import Window

_STEP = timedelta(days=7)
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MARGIN_DAYS = 3
"""Rows this far around a window are looked at, since a day of one zone is not a day of another."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One change of a zone's clock.

    Attributes:
        at: the instant (UTC).
        before: seconds ahead of UTC until then.
        after: seconds ahead of UTC from then on.
    """

    at: datetime
    before: int
    after: int


def clock_changes(zone: str, window: Window) -> tuple[int, tuple[ClockChange, ...]]:
    """Give the offset at a window's first day, in seconds ahead of UTC, and the changes around its days."""
    first = datetime.combine(window.starts, time(), UTC) if window.starts.year >= _EARLIEST.year else _EARLIEST
    last = datetime.combine(window.ends, time(), UTC) if window.ends.year < _LATEST.year else _LATEST
    margin = timedelta(days=MARGIN_DAYS)
    starts, ends = max(first, _EARLIEST) - margin, min(last, _LATEST) + margin
    return _offset(ZoneInfo(zone), starts), _changes(zone, starts, ends)


def offset_sql(
    zone: str, window: Window, moment: str, literal: Callable[[datetime], str], *, of_local: bool = False
) -> str:
    """SQL of the seconds that a zone's clock is ahead of UTC at a moment.

    Args:
        zone: IANA name.
        window: days that the moments lie around.
        moment: SQL of a time without a zone: in UTC, or with `of_local` as the zone's clock showed it.
        literal: SQL of a time without a zone.
        of_local: a time that was shown twice is taken as the earlier, one that never was keeps the offset before, as
            `connectors.times` reads them.
    """
    offset, changes = clock_changes(zone, window)
    arms = ""
    for change in changes:
        shown = max(change.before, change.after) if of_local else 0
        border = change.at.replace(tzinfo=None) + timedelta(seconds=shown)
        arms += f" WHEN {moment} < {literal(border)} THEN {change.before}"
        offset = change.after
    return f"CASE{arms} ELSE {offset} END" if arms else str(offset)


@lru_cache(maxsize=256)
def _changes(zone: str, starts: datetime, ends: datetime) -> tuple[ClockChange, ...]:
    clock, at = ZoneInfo(zone), starts
    found: list[ClockChange] = []
    while at < ends:
        following = min(at + _STEP, ends)
        found += _between(clock, at, following)
        at = following
    return tuple(found)


def _between(clock: ZoneInfo, low: datetime, high: datetime) -> Sequence[ClockChange]:
    before, after = _offset(clock, low), _offset(clock, high)
    if before == after:
        return ()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(clock, middle) == before else (low, middle)
    return (ClockChange(high, before, _offset(clock, high)),)


def _offset(clock: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(clock).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
