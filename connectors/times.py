"""Times of any writing to instants in UTC; daylight-saving gaps and overlaps are counted, never resolved silently."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Stream
from connectors.columns import INSTANT, Unit
from connectors.errors import DeclarationError

NAIVE = pa.timestamp("us")

# A number of the wrong unit lands far outside these years, so that it is refused instead of read as 1970 or 57970.
_EPOCH_YEARS = (315_532_800, 7_258_118_400)
_PER_SECOND: dict[str, int] = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_WITH_CLOCK = r"^[0-9-]{10}[Tt ].*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"


def least_shown(moment: datetime, zone: str) -> datetime:
    """Give the least local time that a zone's clock shows from an instant on: while it is put back, an earlier one."""
    shown = moment.astimezone(ZoneInfo(zone))
    put_back = (shown.utcoffset() or timedelta(0)) - (shown.replace(fold=1).utcoffset() or timedelta(0))
    return shown.replace(tzinfo=None, fold=0) - max(put_back, timedelta(0))


@dataclass(slots=True)
class Clock:
    """Reads local times of one zone and counts those that the zone's clock never or twice showed."""

    zone: str
    gaps: int = 0
    overlaps: int = 0
    first_gap: str | None = None
    first_overlap: str | None = None

    def to_utc(self, local: pa.Array) -> pa.Array:
        """Read naive timestamps as times of the zone.

        A time that occurred twice is taken as the earlier; one that never occurred is read with the offset in force
        before the gap, as a clock that was not put forward would show it.

        Args:
            local: `timestamp('us')` without a zone.

        Returns:
            `timestamp('us', tz='UTC')`, same length.
        """
        if self.zone == "UTC":
            return local.cast(INSTANT)
        try:
            return pc.assume_timezone(local, self.zone, ambiguous="raise", nonexistent="raise").cast(INSTANT)
        except pa.ArrowInvalid:
            return self._resolve(local)

    def _resolve(self, local: pa.Array) -> pa.Array:
        earliest = pc.assume_timezone(local, self.zone, ambiguous="earliest", nonexistent="earliest").cast(INSTANT)
        latest = pc.assume_timezone(local, self.zone, ambiguous="latest", nonexistent="latest").cast(INSTANT)
        shown = pc.local_timestamp(earliest.cast(pa.timestamp("us", tz=self.zone)))
        gap = pc.fill_null(pc.not_equal(shown, local), fill_value=False)
        overlap = pc.fill_null(pc.and_not(pc.not_equal(earliest, latest), gap), fill_value=False)
        self._count(local, gap, overlap)
        # `latest` is the gap's end; a day earlier the clock showed the same time with the offset before the gap.
        day = pa.scalar(timedelta(days=1), pa.duration("us"))
        day_before = pc.assume_timezone(
            pc.subtract(local, day), self.zone, ambiguous="latest", nonexistent="latest"
        ).cast(INSTANT)
        return pc.if_else(gap, pc.add(day_before, day), earliest)

    def _count(self, local: pa.Array, gap: pa.Array, overlap: pa.Array) -> None:
        self.gaps += pc.sum(gap).as_py() or 0
        self.overlaps += pc.sum(overlap).as_py() or 0
        if self.first_gap is None and self.gaps:
            self.first_gap = str(local.filter(gap)[0].as_py())
        if self.first_overlap is None and self.overlaps:
            self.first_overlap = str(local.filter(overlap)[0].as_py())

    def add(self, other: "Clock") -> None:
        """Add another clock's counts, of the same zone."""
        self.gaps += other.gaps
        self.overlaps += other.overlaps
        self.first_gap = self.first_gap or other.first_gap
        self.first_overlap = self.first_overlap or other.first_overlap

    def notes(self, column: str) -> list[str]:
        """Say what was counted, for a column."""
        said = []
        if self.gaps:
            said.append(
                f"column {column!r}: {self.gaps} local times never occurred in {self.zone} (daylight-saving gap, first "
                f"{self.first_gap}); read with the offset before the gap"
            )
        if self.overlaps:
            said.append(
                f"column {column!r}: {self.overlaps} local times occurred twice in {self.zone} (daylight-saving "
                f"overlap, first {self.first_overlap}); taken as the earlier"
            )
        return said


@lru_cache(maxsize=64)
def zone_exists(zone: str) -> bool:
    """Tell whether an IANA zone of that name is known here."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def clock_of(stream: Stream) -> Clock:
    """Return the clock of a stream's zone.

    Raises:
        DeclarationError: there is no such zone.
    """
    if not zone_exists(stream.timezone):
        raise DeclarationError(
            f"could not use the time zone {stream.timezone!r}, because it is no IANA zone; write one such as "
            f"'Asia/Ho_Chi_Minh'",
            source=stream.source,
            stream=stream.name,
        )
    return Clock(stream.timezone)


def instants_of_text(text: pa.Array, clock: Clock) -> tuple[pa.Array, int]:
    """Read ISO 8601 texts, with an offset or in the clock's zone.

    Returns:
        Instants, and how many of the texts carried no offset although others did.

    Raises:
        pa.ArrowInvalid: a text is no ISO 8601 time, or finer than a microsecond.
    """
    first = next((value.as_py() for value in text if value.is_valid), None)
    if first is None:
        return pa.nulls(len(text), INSTANT), 0
    if re.match(_WITH_CLOCK, first):
        try:
            return text.cast(INSTANT), 0
        except pa.ArrowInvalid:
            return _mixed_offsets(text, clock)
    try:
        return clock.to_utc(text.cast(NAIVE)), 0
    except pa.ArrowInvalid:
        return _mixed_offsets(text, clock)


def instants_of_numbers(numbers: pa.Array, unit: Unit) -> pa.Array:
    """Read whole numbers since 1970.

    Raises:
        pa.ArrowInvalid: a number lies outside 1980 to 2200, so that its unit is another one.
    """
    per_second = _PER_SECOND[unit]
    low, high = (limit * per_second for limit in _EPOCH_YEARS)
    bounds = pc.min_max(numbers).as_py()
    if bounds["min"] is not None and not low <= bounds["min"] <= bounds["max"] <= high:
        raise pa.ArrowInvalid(f"outside the years 1980 to 2200 in unit {unit}")
    return numbers.cast(pa.timestamp(unit, tz="UTC")).cast(INSTANT)


def instants_of_format(text: pa.Array, format_: str, clock: Clock) -> pa.Array:
    """Read times written in a strptime format, in the clock's zone unless the format has `%z`.

    Raises:
        ValueError: a text does not follow the format, or names a day or time that does not exist.
    """
    if "%z" in format_:
        return _each_once(text, lambda value: _aware(value, format_), INSTANT)
    return clock.to_utc(_naive_of_format(text, format_))


def days_of_format(text: pa.Array, format_: str) -> pa.Array:
    """Read days written in a strptime format; errors as of `instants_of_format`."""
    return _naive_of_format(text, format_).cast(pa.date32())


def times_of_text(text: pa.Array, format_: str | None) -> pa.Array:
    """Read times of day, ISO 8601 unless a strptime format is given; errors as of `instants_of_format`."""
    read = time.fromisoformat if format_ is None else lambda value: datetime.strptime(value, format_).time()  # noqa: DTZ007
    return _each_once(text, read, pa.time64("us"))


def _naive_of_format(text: pa.Array, format_: str) -> pa.Array:
    # Arrow reads 31 February as 3 March; what it writes back tells. Other spellings (2/1/2018) go the strict, slow way.
    if len(text) == text.null_count:
        return pa.nulls(len(text), NAIVE)
    try:
        fast = pc.strptime(text, format=format_, unit="us")
        if pc.all(pc.equal(pc.strftime(fast.cast(pa.timestamp("s")), format=format_), text), min_count=0).as_py():
            return fast
    except pa.ArrowException:
        pass
    return _each_once(text, lambda value: datetime.strptime(value, format_), NAIVE)  # noqa: DTZ007


def _each_once(text: pa.Array, read: Callable[[str], Any], type_: pa.DataType) -> pa.Array:
    coded = text.dictionary_encode()
    values = pa.array([None if value is None else read(value) for value in coded.dictionary.to_pylist()], type_)
    return values.take(coded.indices)


def _aware(value: str, format_: str) -> datetime:
    return datetime.strptime(value, format_).astimezone(UTC)


def _mixed_offsets(text: pa.Array, clock: Clock) -> tuple[pa.Array, int]:
    zoned = pc.match_substring_regex(text, _WITH_CLOCK)
    none = pa.scalar(None, pa.string())
    naive = pc.if_else(zoned, none, text)
    instants = pc.coalesce(pc.if_else(zoned, text, none).cast(INSTANT), clock.to_utc(naive.cast(NAIVE)))
    without = len(naive) - naive.null_count
    return instants, without if without < len(text) - text.null_count else 0
