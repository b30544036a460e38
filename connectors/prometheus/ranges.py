"""A range query as it is declared, and the chunks of time it is asked for in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from connectors.base import Stream
from connectors.columns import INSTANT
from connectors.errors import DeclarationError, nearest

CHUNK_POINTS = 2_000
"""Points of a series per answer: below the server's own limit of 11,000, so that many series fit into one answer."""

_DURATION = re.compile(r"^([1-9]\d{0,4})(s|m|h|d|w)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DEFAULT_START = "90d"


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """What a stream asks for.

    Attributes:
        step: seconds between points; points lie at whole multiples of it, so that a later pull finds the same ones.
        start: of the back-fill; seconds since 1970, or before now when negative.
        labels: which become columns, after the time and before the value.
    """

    query: str
    step: int
    start: int
    labels: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """Types of the rows."""
        labels = [(label, pa.string()) for label in self.labels]
        return pa.schema([("time", INSTANT), *labels, ("value", pa.float64())])

    def begin(self, now: int) -> int:
        """Return when a pull of everything starts."""
        return self.aligned(self.start if self.start > 0 else now + self.start)

    def aligned(self, seconds: int) -> int:
        """Return the last point at or before an instant."""
        return seconds - seconds % self.step

    def chunks(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield first and last point of each chunk from `start` to `end`, both included."""
        width = self.step * (CHUNK_POINTS - 1)
        while start <= end:
            yield start, min(start + width, end)
            start += width + self.step


def range_query(stream: Stream) -> RangeQuery:
    """Read a stream's options.

    Raises:
        DeclarationError: one of them cannot be used, or the primary key does not tell points apart.
    """
    options = stream.options
    query = options.get("query")
    if not isinstance(query, str) or not query.strip():
        raise DeclarationError("could not read, because the stream has no 'query'; write one such as query: up")
    labels = options.get("labels") or ()
    labels = (labels,) if isinstance(labels, str) else tuple(map(str, labels))
    if reserved := [label for label in labels if label in {"time", "value"}]:
        raise DeclarationError(
            f"could not use label {reserved[0]!r}, because a column has that name already; rename it in the query with "
            f"label_replace"
        )
    found = RangeQuery(query, _step(options.get("step", "1m")), _start(options.get("start", _DEFAULT_START)), labels)
    _check_key(stream, found)
    return found


def _check_key(stream: Stream, query: RangeQuery) -> None:
    names = query.schema.names
    for name in (*stream.primary_key, *([stream.cursor] if stream.cursor else [])):
        if name not in names:
            raise DeclarationError(
                f"could not find column {name!r} that the stream names; {nearest(name, names)}", column=name
            )
    needed = ("time", *query.labels)
    if stream.primary_key and set(stream.primary_key) != set(needed):
        raise DeclarationError(
            f"could not use the primary key, because it does not tell points apart; write primary_key: "
            f"[{', '.join(needed)}]"
        )


def _step(written: Any) -> int:
    if found := _DURATION.match(str(written)):
        return int(found.group(1)) * _SECONDS[found.group(2)]
    raise DeclarationError(f"could not use step {str(written)[:20]!r}, because it is no time; write one such as 1m")


def _start(written: Any) -> int:
    if found := _DURATION.match(str(written)):
        return -int(found.group(1)) * _SECONDS[found.group(2)]
    try:
        instant = written if isinstance(written, date) else datetime.fromisoformat(str(written))
    except ValueError:
        raise DeclarationError(
            f"could not use start {str(written)[:30]!r}, because it is neither a day nor a time before now; write "
            f"2026-01-01 or 90d"
        ) from None
    if not isinstance(instant, datetime):
        instant = datetime(instant.year, instant.month, instant.day)  # noqa: DTZ001  # its zone follows
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())
