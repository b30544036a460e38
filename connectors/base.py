"""What a connector is: streams in, typed Arrow batches out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa

State: TypeAlias = Mapping[str, Any]
"""JSON-able; what the connector wants back at the next pull. Only the connector that wrote it reads it."""

Mode: TypeAlias = Literal["merge", "replace"]

LATE = timedelta(minutes=5)
"""Look-back of a cursor of time for which none is declared: a source sets a row's time before it shows the row."""

LATE_NUMBERS = 1_000
"""Look-back of a cursor of numbers: a row gets its number before it shows, so that a greater one may be seen first."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One declared stream of one source.

    Attributes:
        source: name of the source that it belongs to.
        options: the connector's own keys (path, table, query ...).
        primary_key: columns by which rows are merged; without them a pull replaces the whole stream.
        cursor: column that grows with every change of a row.
        lookback: how far behind the greatest cursor seen the next pull begins.
        deadline: how long a pull may take before it is given up.
        deleted: column that marks rows as deleted: true, a number other than 0, or a time.
        since: day from which rows are read again, whatever the state says; None except for a back-fill.
        asked_at: instant of the pull, with a zone: a cursor beyond it is a mistake, and does not say how far was read.
        edition: names what was handed over to be read, where that is all there is: of another edition nothing stays.
        timezone: IANA zone of times that carry none.
        columns: declared types, `{name: type}` or `{name: {type: ..., format: ..., unit: ...}}`.
        pinned: types learnt by an earlier load; later loads must agree, or widen exactly.
    """

    source: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None
    lookback: timedelta = timedelta(0)
    deadline: timedelta | None = None
    deleted: str | None = None
    since: date | None = None
    asked_at: datetime | None = None
    edition: str = ""
    timezone: str = "UTC"
    columns: Mapping[str, Any] = field(default_factory=dict)
    pinned: pa.Schema | None = None


class Extract(Protocol):
    """One pull of one stream.

    `batches` may be read once; `state` and `notes` are complete when it is exhausted. An error on the way means that
    nothing of the pull may be kept.

    Attributes:
        schema: exact types; times are `timestamp('us', tz='UTC')`, dates `date32`. Every batch has this schema. A
            column whose type is not declared and that has no value yet is of type `null`.
        mode: `replace` when the batches are the whole stream, `merge` when they are what is new or changed.
        notes: what a person should know about this pull, one sentence each.

    An extract may also have `has_versions`: whether a pull may bring a row as it was before what an earlier pull
    brought (daily exports do, databases do not). Such a row does not replace one whose cursor is greater. And it may
    have `scan`, a `Scan` or None: its rows as whoever stores them can read them faster than by `batches`; and
    `expected_rows`: about how many they are, None where that is not known beforehand.
    """

    schema: pa.Schema
    mode: Mode
    notes: list[str]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        ...

    def state(self) -> State:
        """Return what the connector wants back at the next pull."""
        ...


class Scan(Protocol):
    """Parquet files that hold exactly the rows of an extract, in the same types.

    Attributes:
        files: in the order of the rows.
        naive: columns of times that say no zone, and mean UTC.
        rows: in all of them.
        bytes: of the rows without compression.
    """

    files: Sequence[Path]
    naive: frozenset[str]
    rows: int
    bytes: int

    def check(self) -> None:
        """Make sure that what was read since the extract began is one state of the files.

        Raises:
            ConnectorError: a file was changed meanwhile.
        """
        ...

    def explain(self) -> None:
        """Read everything by batches, after something else could not read it.

        Raises:
            ConnectorError: why not, with the place in the file.
        """
        ...


Total: TypeAlias = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What a stream comes to, counted where its rows are.

    Attributes:
        values: how many values each column has.
        sums: of numbers their sum, of booleans how many are true, of texts their bytes in UTF-8; others have none.
    """

    rows: int
    values: Mapping[str, int]
    sums: Mapping[str, Total]


@runtime_checkable
class Totalling(Protocol):
    """What a connector may offer besides, so that loads can be proved without reading everything again."""

    def totals(self, stream: Stream) -> Totals | None:
        """Count a stream at its source; None where that cannot be done exactly.

        Raises:
            ConnectorError: the stream cannot be read.
        """
        ...


class Connector(Protocol):
    """Reads one source; it knows no metric and writes nothing.

    Attributes:
        source_keys: option keys of a source of this type, apart from `type`, `mode` and `streams`.
        stream_keys: option keys of its streams, apart from those of `Stream` itself.

    A connector may also have `nested_keys`: the keys of mappings that stand under a key, such as `{"auth": {"token"}}`.
    """

    source_keys: ClassVar[frozenset[str]]
    stream_keys: ClassVar[frozenset[str]]

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None: ...

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema that `extract` would give, as cheaply as can be known before the first load.

        Raises:
            ConnectorError: the stream cannot be read.
        """
        ...

    def extract(self, stream: Stream, state: State | None) -> Extract:
        """Begin a pull of what changed since `state`, or of everything when it is None.

        Raises:
            ConnectorError: the stream cannot be read; `Extract.batches` raises it too.
        """
        ...

    def check(self) -> None:
        """Tell whether the source can be reached.

        Raises:
            ConnectorError: it cannot.
        """
        ...
