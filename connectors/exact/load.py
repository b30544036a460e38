"""Text of files or web pages to one exactly typed spool: every value is seen before any row is handed on."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic

import pyarrow as pa

from connectors.base import Stream
from connectors.columns import DeclaredColumn, declared_columns, schema_to_state
from connectors.errors import ContentError, DeclarationError, DriftError, UnavailableError, nearest
from connectors.exact.infer import ColumnReader
from connectors.exact.numbers import Writing
from connectors.exact.observe import Observation
from connectors.exact.spool import Spool
from connectors.exact.text import PartT, TextBlock, TextFormat
from connectors.times import clock_of

WORKERS = 2
AHEAD = 4


@dataclass(slots=True)
class TextLoad(Generic[PartT]):
    """One load of some text files.

    Attributes:
        writing: how numbers are written, as declared or pinned.
        percent: columns known to carry percent signs; None before the first load.
        without: for each file loaded before, the columns that it lacked then.
        readers: one per column, in order of appearance.
        lacking: for each file of this load, the columns that it lacks.
    """

    stream: Stream
    format: TextFormat[PartT]
    writing: Writing
    percent: frozenset[str] | None
    without: Mapping[str, Sequence[str]]
    readers: dict[str, ColumnReader] = field(default_factory=dict)
    lacking: dict[str, list[str]] = field(default_factory=dict)
    spool: Spool = field(default_factory=Spool)
    rows: int = 0
    _fixed: dict[str, DeclaredColumn] = field(default_factory=dict)

    def run(self, files: Sequence[PartT], *, blocks: int | None = None) -> None:
        """Read the files, twice where the first pass shows that a column must be read differently.

        Args:
            files: in the order they are to be loaded.
            blocks: read no more than so many blocks of each file, to look at it.

        Raises:
            ConnectorError: a file cannot be read exactly.
        """
        settled: dict[str, pa.DataType] = {}
        while True:
            self._begin(settled)
            for found in files:
                self._read(found, blocks)
            again = {name: reader.type for name, reader in self.readers.items() if reader.needs_text}
            if not again:
                break
            settled |= again
        self._refuse_missing(files)
        self._refuse_two_decimals()
        for found in files:
            names = self.format.columns_of(found)
            self.lacking[found.label] = [name for name in self.schema.names if name not in names]

    @property
    def schema(self) -> pa.Schema:
        """Types of this load: columns of an earlier load first, new ones after."""
        known = {item.name: item.type for item in self.stream.pinned or ()}
        return pa.schema(list((known | {name: reader.type for name, reader in self.readers.items()}).items()))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows with the load's schema."""
        schema = self.schema
        for block in self.spool.batches():
            names = set(block.schema.names)
            arrays = [
                self.readers[item.name].settle(block.column(item.name))
                if item.name in names
                else pa.nulls(block.num_rows, item.type)
                for item in schema
            ]
            yield pa.record_batch(arrays, schema=schema)
        self.spool.close()

    def learnt(self) -> dict[str, Any]:
        """Return what later loads must agree with, as JSON."""
        kinds = {reader.kind for reader in self.readers.values()}
        decimal = "," if "comma" in kinds else "." if kinds & {"decimal", "double"} else None
        percent = {name for name, reader in self.readers.items() if reader.kind == "percent"}
        return {
            **self.format.facts_to_state(),
            "decimal": self.writing.decimal or decimal,
            "percent": sorted(percent | (self.percent or frozenset())),
        }

    def notes(self) -> list[str]:
        """Say what a person should know about this load."""
        said = self.format.notes()
        for reader in self.readers.values():
            said += reader.notes()
        if self.stream.pinned is None and self.readers:
            types = schema_to_state(self.schema)
            return [*said, "types: " + ", ".join(f"{name} {types.get(name, 'unknown yet')}" for name in self.readers)]
        known = self.stream.pinned.names if self.stream.pinned is not None else ()
        return said + [f"column {name!r} is new" for name in self.readers if name not in known]

    def _begin(self, settled: Mapping[str, pa.DataType]) -> None:
        self.spool.close()
        self.spool, self.rows, self.readers = Spool(), 0, {}
        declared = declared_columns(self.stream)
        self._fixed = declared | {name: DeclaredColumn(type_) for name, type_ in settled.items()}

    def _read(self, found: PartT, blocks: int | None) -> None:
        try:
            for block, seen in self._observed(found, blocks):
                for name in block.columns:
                    self.readers.setdefault(name, self._reader(name))
                arrays = [self.readers[name].take(seen[name], block) for name in block.columns]
                self.spool.add(pa.record_batch(arrays, names=list(block.columns)))
                self.rows += block.rows
        except OSError as error:
            raise UnavailableError(
                f"could not read the file, because {error.strerror or error}; try again", file=found.label
            ) from None
        self._note_columns(found)
        if blocks is None and not found.still_the_same():
            raise UnavailableError(
                "could not read the file, because it changed while it was read; sync again when it is complete",
                file=found.label,
            )

    def _observed(self, found: PartT, blocks: int | None) -> Iterator[tuple[TextBlock, dict[str, Observation]]]:
        """Parse and look at blocks in a few threads, and give them back in order."""
        with ThreadPoolExecutor(WORKERS) as pool:
            waiting: deque[Future[tuple[TextBlock, dict[str, Observation]]]] = deque()
            try:
                for count, job in enumerate(self.format.jobs(found)):
                    if blocks is not None and count >= blocks:
                        break
                    waiting.append(pool.submit(self._look, job))
                    if len(waiting) >= AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _look(self, job: Callable[[], TextBlock]) -> tuple[TextBlock, dict[str, Observation]]:
        block = job()
        readers = {name: self.readers.get(name) or self._reader(name) for name in block.columns}
        return block, {name: reader.look(block) for name, reader in readers.items()}

    def _reader(self, name: str) -> ColumnReader:
        pinned = None
        if self.stream.pinned is not None and name in self.stream.pinned.names:
            pinned = self.stream.pinned.field(name).type
        fixed = self._fixed.get(name)
        # Text and doubles have room for everything that later files may hold, so nothing is left to tell.
        if fixed is None and pinned is not None and (pa.types.is_string(pinned) or pa.types.is_floating(pinned)):
            fixed = DeclaredColumn(pinned)
        return ColumnReader(
            name,
            self.writing,
            clock_of(self.stream),
            fixed=fixed,
            pinned=pinned,
            percent=None if self.percent is None or pinned is None else name in self.percent,
        )

    def _note_columns(self, found: PartT) -> None:
        names = self.format.columns_of(found)
        if not self.format.every_row_has_every_column:
            return
        known = self.stream.pinned.names if self.stream.pinned is not None and self.percent is not None else ()
        allowed = self.without.get(found.label, ())
        required = [name for name in dict.fromkeys([*known, *self.readers]) if name not in allowed]
        if gone := [name for name in required if name not in names]:
            raise DriftError(
                f"could not find column {gone[0]!r}, which the files before it have; restore it in this file, or "
                f"remove the file; {nearest(gone[0], names)}",
                file=found.label,
                line=1,
                column=gone[0],
            )

    def _refuse_missing(self, files: Sequence[PartT]) -> None:
        if not self.rows and not self.format.every_row_has_every_column:
            return
        stream = self.stream
        known = {
            *self.readers,
            *(stream.pinned.names if stream.pinned is not None and self.percent is not None else ()),
        }
        for name in (*stream.primary_key, *([stream.cursor] if stream.cursor else []), *stream.columns):
            if name not in known:
                raise DeclarationError(
                    f"could not find column {name!r} that the stream names; {nearest(name, known)}",
                    file=files[0].label,
                    column=name,
                )
        gone = [name for name in (stream.pinned.names if stream.pinned is not None else ()) if name not in known]
        if gone and self.format.every_row_has_every_column:
            raise DriftError(
                f"could not find column {gone[0]!r}, which earlier loads had; restore it in the files; "
                f"{nearest(gone[0], known)}",
                file=files[0].label,
                column=gone[0],
            )

    def _refuse_two_decimals(self) -> None:
        comma = [name for name, reader in self.readers.items() if reader.kind == "comma"]
        point = [name for name, reader in self.readers.items() if reader.kind in {"decimal", "double"}]
        if comma and point:
            raise ContentError(
                f"could not tell the decimal sign, because column {comma[0]!r} has commas and column {point[0]!r} has "
                f'points; declare decimal: ","'
            )
