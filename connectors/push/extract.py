"""One pull of one inbox, and the columns that pushed observations have."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyarrow as pa

from connectors.base import Mode, State, Stream
from connectors.columns import declared_columns
from connectors.errors import ContentError, DeclarationError, nearest, placed
from connectors.exact.pull import RowsLoad, pages_of
from connectors.exact.strictjson import decode
from connectors.push.inbox import Held, Inbox

KEY, TIME, VALUE = "key", "time", "value"

_FIXED: dict[str, Any] = {KEY: "text", TIME: "timestamp", VALUE: "double"}


class PushExtract:
    """Implements `connectors.base.Extract` for an inbox."""

    def __init__(self, inbox: Inbox, stream: Stream, state: State | None) -> None:
        """Read what came.

        Raises:
            ConnectorError: the inbox was changed by hand, or the stream's declaration was.
        """
        self.notes: list[str] = []
        number, offset = (0, 0) if state is None else (int(state.get("compacted", 0)), int(state["offset"]))
        with suppress(OSError, ValueError):  # it can wait; what is wrong with a line is told by those who read it
            inbox.compact(number, offset)
        self._held = held = inbox.held()
        place = held.place_of(number, offset)
        # An inbox that is shorter than it was, or was compacted less often, is another one.
        fresh = state is None or number > held.compaction.number or (place is not None and place > held.end)
        fresh = fresh or stream.since is not None  # when an observation came is not known
        self.mode: Mode = "replace" if fresh else "merge"
        start = held.compaction.begins if fresh or place is None else place
        with placed(stream.source, stream.name, in_rows=True):
            self._typed = typed_stream(stream)
            rows = _Rows(held, start, inbox.label)
            self._load = load_rows(self._typed, rows, inbox.label)
            self.schema = schema_of(self._typed, self._load)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the observations in the order they came."""
        with placed(self._typed.source, self._typed.name, in_rows=True):
            for batch in self._load.batches():
                yield _widened(batch, self.schema)
        self.notes += self._load.notes()

    def state(self) -> State:
        """Return how far the inbox was read."""
        return {"version": 1, "offset": self._held.end, "compacted": self._held.compaction.number}


def typed_stream(stream: Stream) -> Stream:
    """Return the stream with a type for each column that observations always have.

    Raises:
        DeclarationError: its primary key is not the key of its observations.
    """
    declared = declared_columns(stream)
    names = [*_FIXED, *(name for name in declared if name not in _FIXED)]
    for name in (*stream.primary_key, *([stream.cursor] if stream.cursor else [])):
        if name not in names:
            raise DeclarationError(
                f"could not find column {name!r} that the stream names; {nearest(name, names)}", column=name
            )
    if stream.primary_key != (KEY,):
        raise DeclarationError(
            "could not use the stream, because observations are told apart by their key; write primary_key: key"
        )
    return replace(stream, columns=_FIXED | dict(stream.columns))


def load_rows(stream: Stream, rows: Iterable[Mapping[str, Any]], label: str) -> RowsLoad:
    """Type rows of a stream that `typed_stream` gave; a column that is not declared is text.

    Args:
        stream: with its columns.
        rows: gone through twice.
        label: where they come from, in messages.

    Raises:
        ConnectorError: a value does not fit its column.
    """
    seen: dict[str, None] = {}
    for row in rows:
        seen |= dict.fromkeys(row)
    columns = {name: stream.columns.get(name, "text") for name in seen}
    return RowsLoad(replace(stream, columns=columns, primary_key=(), cursor=None), pages_of(rows, label), label)


def schema_of(stream: Stream, load: RowsLoad) -> pa.Schema:
    """Return the columns that observations always have, then those that some have."""
    types = {name: column.type for name, column in declared_columns(stream).items()}
    known = {item.name: item.type for item in stream.pinned or ()}
    return pa.schema(list((types | known | {item.name: item.type for item in load.schema} | types).items()))


def _widened(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        batch.column(item.name) if item.name in batch.schema.names else pa.nulls(batch.num_rows, item.type)
        for item in schema
    ]
    return pa.record_batch(arrays, schema=schema)


class _Rows:
    """Observations of an inbox from an offset on, decoded anew each time they are gone through."""

    def __init__(self, held: Held, start: int, label: str) -> None:
        self._held, self._start, self._label = held, start, label

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row, line in enumerate(self._held.lines(self._start, self._held.end), 1):
            yield _decoded(line, self._label, row)


def _decoded(line: str, label: str, row: int) -> Any:
    try:
        return decode(line)
    except ValueError as error:
        raise ContentError(
            f"could not read an observation, because {error}; the inbox must not be changed by hand: restore it, or "
            f"remove that line",
            file=label,
            line=row,
        ) from None
