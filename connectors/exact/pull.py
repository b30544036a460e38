"""One pull of rows in pages: every value is seen before any row is handed on, and no page is asked for twice."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import LATE, LATE_NUMBERS, Stream
from connectors.errors import DeclarationError, DriftError, nearest
from connectors.exact.jsonrows import block_of_rows
from connectors.exact.load import TextLoad
from connectors.exact.numbers import Writing
from connectors.exact.spool import Spool
from connectors.exact.text import TextBlock

BLOCK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """Decoded rows, as `connectors.exact.jsonrows` decodes them.

    Attributes:
        label: where they come from, in messages.
        first: number of the first row there.
    """

    rows: Sequence[Any]
    label: str
    first: int = 1


@dataclass(frozen=True, slots=True)
class Whole:
    """All pages of a pull, as one part."""

    label: str

    def still_the_same(self) -> bool:
        """Say that it is: it is on disk, out of the source's reach."""
        return True


class Pages:
    """The pages of a pull as blocks of text, read from the source the first time and from disk later.

    Attributes:
        always: columns that no row so far was without; None before the first row.
    """

    every_row_has_every_column: ClassVar[bool] = False

    def __init__(self, pages: Iterable[Page]) -> None:
        self._pages = pages
        self._spool: Spool | None = None
        self.names: dict[str, None] = {}
        self.always: set[str] | None = None

    def jobs(self, _part: Whole, /) -> Iterator[Callable[[], TextBlock]]:
        """Yield the blocks."""
        for block in self._fetched() if self._spool is None else self._kept(self._spool):
            yield lambda block=block: block  # type: ignore[misc]

    def columns_of(self, _part: Whole, /) -> tuple[str, ...]:
        """Return the keys seen."""
        return tuple(self.names)

    def facts_to_state(self) -> dict[str, Any]:
        """Pin nothing: JSON says what its values are."""
        return {}

    def notes(self) -> list[str]:
        """Nothing is detected."""
        return []

    def close(self) -> None:
        """Drop what is on disk."""
        if self._spool is not None:
            self._spool.close()

    def _fetched(self) -> Iterator[TextBlock]:
        self._spool = Spool()
        for page in self._pages:
            for start in range(0, len(page.rows), BLOCK_ROWS):
                rows = page.rows[start : start + BLOCK_ROWS]
                block = block_of_rows(rows, page.label, _numbered(page.first + start))
                self._note_keys(rows, block)
                self._spool.add(_stored(block, page.first + start))
                yield block

    def _note_keys(self, rows: Sequence[Any], block: TextBlock) -> None:
        self.names |= dict.fromkeys(block.columns)
        width = len(block.columns)
        whole = all(len(row) == width for row in rows)
        here = set(block.columns) if whole else {name for name in block.columns if all(name in row for row in rows)}
        self.always = here if self.always is None else self.always & here

    def _kept(self, spool: Spool) -> Iterator[TextBlock]:
        for batch in spool.batches():
            facts = json.loads(batch.schema.metadata[b"block"])
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            yield TextBlock(facts["label"], columns, facts["forms"], _numbered(facts["first"]), batch.num_rows)


@dataclass(slots=True)
class RowsLoad:
    """One pull, typed.

    Attributes:
        pages: asked for once, in order.
        label: the pull's name in messages.
        learnt: what `learnt()` gave after an earlier pull; empty before the first.
        newest: greatest value of the cursor column among the rows handed on; a time after that of the pull is none.
    """

    stream: Stream
    pages: Iterable[Page]
    label: str
    learnt: Mapping[str, Any] = field(default_factory=dict)
    newest: Any = None
    _format: Pages = field(init=False)
    _load: TextLoad[Whole] = field(init=False)

    def __post_init__(self) -> None:
        """Read the pages, and settle their columns' types.

        Raises:
            ConnectorError: they cannot be read exactly.
        """
        self._format = Pages(self.pages)
        self._load = TextLoad(self.stream, self._format, Writing("."), frozenset() if self.learnt else None, {})
        self._load.run([Whole(self.label)])
        self._refuse_gone()
        self._format.close()

    @property
    def schema(self) -> pa.Schema:
        """Types of the rows, columns of earlier pulls first."""
        return self._load.schema

    @property
    def rows(self) -> int:
        """How many rows came."""
        return self._load.rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        cursor = self.stream.cursor
        for batch in self._load.batches():
            if cursor in batch.schema.names:
                self._advance(batch.column(cursor))
            yield batch

    def learnt_now(self) -> dict[str, Any]:
        """Return what later pulls must agree with, as JSON."""
        before = self.learnt.get("always")
        now = self._format.always
        always = set(before or ()) if now is None else now if before is None else self._still_always(set(before), now)
        return {"always": sorted(always)}

    def notes(self) -> list[str]:
        """Say what a person should know."""
        return self._load.notes()

    def _still_always(self, before: set[str], now: set[str]) -> set[str]:
        known = set(self.stream.pinned.names) if self.stream.pinned is not None else set()
        return (before & now) | (now - known)

    def _refuse_gone(self) -> None:
        """Refuse rows that all lack a column which every row had before: it was renamed, or left out by mistake."""
        if not self._load.rows:
            return
        names = self._format.names
        gone = [name for name in self.learnt.get("always", ()) if name not in names]
        if gone:
            raise DriftError(
                f"could not find column {gone[0]!r}, which every row had before ({nearest(gone[0], names)}); "
                f"bring it back, or run `quarterline sync --relearn` if it is gone for good",
                file=self.label,
                column=gone[0],
            )

    def _advance(self, values: pa.Array) -> None:
        latest = latest_of(self.stream, values.type)
        if latest is not None:
            values = values.filter(pc.less_equal(values, pa.scalar(latest, values.type)))
        greatest = pc.max(values).as_py()
        if greatest is not None and (self.newest is None or greatest > self.newest):
            self.newest = greatest


def pages_of(rows: Iterable[Any], label: str) -> Iterator[Page]:
    """Cut a long run of rows into pages."""
    source, first = iter(rows), 1
    while taken := list(islice(source, BLOCK_ROWS)):
        yield Page(taken, label, first)
        first += len(taken)


def latest_of(stream: Stream, type_: pa.DataType) -> Any:
    """Give the greatest cursor of a type that can be by the time of the pull; None where that is not known."""
    if stream.asked_at is None or not (pa.types.is_timestamp(type_) or pa.types.is_date(type_)):
        return None
    return (
        stream.asked_at
        if pa.types.is_timestamp(type_)
        else stream.asked_at.astimezone(ZoneInfo(stream.timezone)).date()
    )


def cursor_to_state(value: Any) -> Any:
    """Write a cursor's value as JSON."""
    return value.isoformat() if hasattr(value, "isoformat") else value if isinstance(value, int | str) else str(value)


def cursor_from_state(written: Any, type_: pa.DataType | None) -> Any:
    """Read what `cursor_to_state` wrote; None stays None."""
    if isinstance(written, str) and type_ is not None and pa.types.is_timestamp(type_):
        return datetime.fromisoformat(written)
    if isinstance(written, str) and type_ is not None and pa.types.is_date(type_):
        return date.fromisoformat(written)
    return written


def resumed(greatest: Any, stream: Stream) -> Any:
    """Give where the next pull begins: the look-back before the greatest cursor, or the day of a back-fill before that.

    Raises:
        DeclarationError: the cursor is no time, so that neither has a meaning.
    """
    if isinstance(greatest, datetime):
        begin = greatest - (stream.lookback or LATE)
        midnight = None if stream.since is None else datetime.combine(stream.since, time(), ZoneInfo(stream.timezone))
        return begin if midnight is None else min(begin, midnight)
    if isinstance(greatest, date):
        begin_day = greatest - timedelta(days=-(-stream.lookback // timedelta(days=1)))
        return begin_day if stream.since is None else min(begin_day, stream.since)
    if stream.lookback or stream.since is not None:
        raise DeclarationError(
            f"could not go back from cursor {greatest!r}, because it is no time; remove lookback:, or read everything "
            f"again with `quarterline sync --full`",
            column=stream.cursor,
        )
    return max(greatest - LATE_NUMBERS, 0) if isinstance(greatest, int) else greatest


def _numbered(first: int) -> Callable[[int], int]:
    return lambda row: first + row


def _stored(block: TextBlock, first: int) -> pa.RecordBatch:
    facts = json.dumps({"label": block.file, "forms": dict(block.forms), "first": first})
    batch = pa.record_batch(list(block.columns.values()), names=list(block.columns))
    return batch.replace_schema_metadata({"block": facts})
