"""The greatest cursor seen, kept exactly, and where the next pull begins."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Stream
from connectors.errors import DeclarationError

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
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(slots=True)
class Cursor:
    """Follows one cursor column through a pull, in the database's own terms."""

    column: str
    greatest: Any = None

    def see(self, values: Iterable[Any]) -> None:
        """Take note of a batch of values; NULLs are passed over.

        Text comes in the database's own order, which no other order may second-guess: its last value is the greatest.
        """
        present = [value for value in values if value is not None]
        if present:
            last = present[-1] if isinstance(present[-1], str) else _in_utc(max(present))
            if self.greatest is None or isinstance(last, str) or last > self.greatest:
                self.greatest = last

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
    if written is None or written.get("column") != stream.cursor:
        return Cursor(stream.cursor), None
    greatest = _READ[written["type"]](written["value"])
    since = _earlier(greatest, stream, unit)
    if stream.since is not None:
        since = min(since, _beginning(stream.since, greatest, stream, unit))
    return Cursor(stream.cursor, greatest), since


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
    if not back:
        return value
    if isinstance(value, datetime):
        return value - back
    if isinstance(value, date):
        return value - _whole_days(back)
    if isinstance(value, int) and unit is not None:
        return value - back * _PER_SECOND[unit] // timedelta(seconds=1)
    if isinstance(value, str) and (found := _TIME_TEXT.match(value)):
        return _earlier_text(value, back, found)
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


def _earlier_text(value: str, back: timedelta, found: re.Match[str]) -> str:
    """Go back in the writing that the column uses, as text is compared letter by letter."""
    moment = datetime.fromisoformat(value) - back
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


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else value
