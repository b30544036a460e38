"""The greatest cursor seen, kept exactly, and where the next pull begins."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.base import LATE, LATE_NUMBERS, Stream
from connectors.errors import DeclarationError
from connectors.times import least_shown

_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
    "text": str,
}
_TIME_TEXT = re.compile(
    r"^\d{4}-\d{2}-\d{2}(?P<between>[T ])\d{2}:\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d{1,6})?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?$"
)
_DAY_TEXT = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_SKEW = timedelta(days=1)
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(slots=True)
class Cursor:
    """Follows one cursor column through a pull, in the database's own terms.

    Attributes:
        greatest: of the values seen that had come by the time of the pull.
        future: rows whose value lies so far after it that no clock's error explains it.
    """

    column: str
    greatest: Any = None
    zone: str = "UTC"
    unit: str | None = None
    asked_at: datetime | None = None
    future: int = 0

    def see(self, values: Iterable[Any]) -> None:
        """Take note of a batch of values; NULLs are passed over.

        Text comes in the database's own order, which no other order may second-guess: its last value is the greatest.
        """
        present = [value for value in values if value is not None]
        if present and self.is_future(_last(present)):
            come = [value for value in present if not self.is_future(value)]
            self.future += sum(self.is_future(value, by=_SKEW) for value in present)
            present = come
        if present:
            last = _last(present)
            if self.greatest is None or isinstance(last, str) or last > self.greatest:
                self.greatest = last

    def see_ascending(self, values: pa.Array) -> None:
        """Take note of many values in ascending order, none of them text or NULL, by looking at a few."""

        def begins(by: timedelta) -> int:
            return bisect_left(values, x=True, key=lambda value: self.is_future(value.as_py(), by=by))

        self.future += len(values) - begins(_SKEW)
        if come := begins(timedelta(0)):
            self.see([values[come - 1].as_py()])

    def is_future(self, value: Any, *, by: timedelta = timedelta(0)) -> bool:
        """Tell whether a value is a time later than that of the pull, by more than some time."""
        if self.asked_at is None:
            return False
        latest = (self.asked_at + by).astimezone(ZoneInfo(self.zone))
        if isinstance(value, int):
            return self.unit is not None and value > latest.timestamp() * _PER_SECOND[self.unit]
        moment = _moment(value)
        if isinstance(moment, datetime):
            return moment > (latest if moment.tzinfo else latest.replace(tzinfo=None))
        return moment is not None and moment > latest.date()

    def notes(self) -> list[str]:
        """Say what a person should know about the column's values."""
        said = (
            f"column {self.column!r} lies in the future on {self.future:,} rows; they are kept, and how far was read "
            f"follows from the others"
        )
        return [said] if self.future else []

    def state(self) -> dict[str, str] | None:
        """Write the greatest value as JSON; None when none was seen."""
        if self.greatest is None:
            return None
        kind = _kind(self.greatest)
        written = self.greatest.isoformat() if kind in {"timestamp", "date"} else str(self.greatest)
        return {"column": self.column, "type": kind, "value": written}


def resume(stream: Stream, written: Mapping[str, str] | None, *, unit: str | None) -> tuple[Cursor | None, Any]:
    """Return the cursor to follow and the least value to ask for, None for everything.

    Args:
        stream: names the key, the cursor and the look-back.
        written: what `Cursor.state` gave; not used when it is another column's.
        unit: of a cursor that counts from 1970, else None.

    Raises:
        DeclarationError: the cursor is no time, so that a look-back has no meaning.
    """
    if stream.cursor is None or not stream.primary_key:  # without a key a pull must bring everything
        return None, None
    cursor = Cursor(stream.cursor, zone=stream.timezone, unit=unit, asked_at=stream.asked_at)
    if written is None or written.get("column") != stream.cursor:
        return cursor, None
    greatest = _READ[written["type"]](written["value"])
    if cursor.is_future(greatest):  # what came until then was passed over, so everything is read again
        return cursor, None
    since = _earlier(greatest, stream, unit)
    if stream.since is not None:
        since = min(since, _beginning(stream.since, greatest, stream, unit))
    cursor.greatest = greatest
    return cursor, since


def _beginning(day: date, like: Any, stream: Stream, unit: str | None) -> Any:
    """Give the first moment of a day in the stream's zone, in the writing of a cursor value."""
    midnight = datetime.combine(day, time(), ZoneInfo(stream.timezone))
    if isinstance(like, datetime):
        return midnight.astimezone(UTC) if like.tzinfo is not None else midnight.replace(tzinfo=None)
    if isinstance(like, date):
        return day
    if isinstance(like, int) and unit is not None:
        return int(midnight.timestamp()) * _PER_SECOND[unit]
    if isinstance(like, str) and (found := _TIME_TEXT.match(like) or _DAY_TEXT.match(like)):
        has_zone = "zone" in found.groupdict() and found["zone"]
        return (day - timedelta(days=1) if has_zone else day).isoformat()
    raise DeclarationError(
        f"could not go back to {day} from cursor {like!r}, because it is no time; read everything again with "
        f"`quarterline sync --full`",
        source=stream.source,
        stream=stream.name,
        column=stream.cursor,
    )


def _earlier(value: Any, stream: Stream, unit: str | None) -> Any:
    back = stream.lookback
    if isinstance(_moment(value), datetime) or unit is not None:
        back = back or LATE
    if isinstance(value, datetime):
        return _shown_since(value, back, stream.timezone)
    if isinstance(moment := _moment(value), datetime) and (found := _TIME_TEXT.match(value)):
        return _as_written(_shown_since(moment, back, stream.timezone), found)
    if not back:
        return value - LATE_NUMBERS if isinstance(value, int) else value
    if isinstance(value, date):
        return value - _whole_days(back)
    if isinstance(value, int) and unit is not None:
        return value - back * _PER_SECOND[unit] // timedelta(seconds=1)
    if isinstance(value, str) and _DAY_TEXT.match(value):
        return (date.fromisoformat(value) - _whole_days(back)).isoformat()
    raise DeclarationError(
        f"could not look back {back} from cursor {value!r}, because it is no time; remove lookback: or choose a time",
        source=stream.source,
        stream=stream.name,
        column=stream.cursor,
    )


def _whole_days(back: timedelta) -> timedelta:
    return timedelta(days=-(-back // timedelta(days=1)))


def _shown_since(value: datetime, back: timedelta, zone: str) -> datetime:
    """Give the least time that is shown from `back` before a time on, also where the zone's clock was put back since.

    While the clocks go back, what is changed later may show an earlier time.
    """
    if value.tzinfo is not None or not datetime(1900, 1, 2) <= value <= datetime(9999, 12, 30):  # noqa: DTZ001
        return value - back
    moment = value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - back
    return min(value - back, least_shown(moment, zone))


def _as_written(moment: datetime, found: re.Match[str]) -> str:
    """Write a time in the way that the column does, as text is compared letter by letter."""
    digits = len(found["fraction"] or "")
    text = moment.strftime(f"%Y-%m-%d{found['between']}%H:%M" + (":%S" if found["seconds"] else ""))
    return text + (f".{moment.microsecond:06d}"[:digits] if digits else "") + (found["zone"] or "")


def _kind(value: Any) -> str:
    if isinstance(value, datetime):
        return "timestamp"
    if isinstance(value, date):
        return "date"
    if isinstance(value, int):
        return "integer"
    return "decimal" if isinstance(value, Decimal) else "text"


def _last(present: Sequence[Any]) -> Any:
    return present[-1] if isinstance(present[-1], str) else _in_utc(max(present))


def _moment(value: Any) -> date | None:
    """Give the time or day that a value is or is written as; None when it is neither."""
    if not isinstance(value, str):
        return value if isinstance(value, date) else None
    read = datetime if _TIME_TEXT.match(value) else date if _DAY_TEXT.match(value) else None
    try:
        return read and read.fromisoformat(value)
    except ValueError:  # such as 30 February
        return None


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else value
