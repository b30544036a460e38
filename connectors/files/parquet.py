"""Parquet: batches as they are stored, times as instants in UTC."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import Stream
from connectors.columns import INSTANT, DeclaredColumn, declared_columns, type_name, widened
from connectors.errors import ContentError, DeclarationError, DriftError, UnavailableError, nearest, shortened
from connectors.files.paths import Found
from connectors.times import NAIVE, Clock, clock_of, instants_of_numbers

BATCH_ROWS = 64 << 10

_LEAVES_AS: tuple[tuple[tuple[Callable[[pa.DataType], bool], ...], pa.DataType], ...] = (
    ((pa.types.is_timestamp,), INSTANT),
    ((pa.types.is_large_string, pa.types.is_string_view), pa.string()),
    ((pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary), pa.binary()),
    ((pa.types.is_date64,), pa.date32()),
    ((pa.types.is_time,), pa.time64("us")),
    ((pa.types.is_float16,), pa.float32()),
)


@dataclass(slots=True)
class ParquetLoad:
    """One load of some Parquet files.

    Attributes:
        known: columns that every file must have because earlier ones had.
        without: for each file loaded before, the columns that it lacked then.
        lacking: for each file of this load, the columns that it lacks.
    """

    stream: Stream
    files: Sequence[Found]
    known: Sequence[str]
    without: Mapping[str, Sequence[str]]
    schema: pa.Schema = field(init=False)
    lacking: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0
    _clocks: dict[str, Clock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the files' footers and agree on one schema.

        Raises:
            ConnectorError: a file is damaged, or the files do not agree.
        """
        declared = declared_columns(self.stream)
        types: dict[str, pa.DataType] = {field.name: field.type for field in self.stream.pinned or ()}
        columns: dict[str, Sequence[str]] = {}
        required = dict.fromkeys(self.known)
        for found in self.files:
            with _reader(found) as reader:
                self.rows += reader.metadata.num_rows
                names = reader.schema_arrow.names
                for item in reader.schema_arrow:
                    target = declared[item.name].type if item.name in declared else _exact(item.type)
                    types[item.name] = self._agreed(types.get(item.name), target, item.name, found)
                columns[found.label] = names
                required |= dict.fromkeys(names)
                allowed = self.without.get(found.label, ())
                if gone := [name for name in required if name not in names and name not in allowed]:
                    raise self._gone(gone[0], names, found)
        if gone := [name for name in types if name not in required]:
            raise self._gone(gone[0], list(required), self.files[0])
        named = (*self.stream.primary_key, *([self.stream.cursor] if self.stream.cursor else []), *declared)
        for name in named:
            if name not in types:
                raise DeclarationError(
                    f"could not find column {name!r} that the stream names; {nearest(name, types)}",
                    file=self.files[0].label,
                    column=name,
                )
        self.lacking = {file: [name for name in types if name not in names] for file, names in columns.items()}
        self.schema = pa.schema(list(types.items()))
        self._clocks = {name: clock_of(self.stream) for name in types}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, file by file."""
        declared = declared_columns(self.stream)
        for found in self.files:
            with _reader(found) as reader:
                for batch in _batches(reader, found):
                    arrays = [
                        self._read(batch.column(item.name), item, declared.get(item.name), found)
                        if item.name in batch.schema.names
                        else pa.nulls(batch.num_rows, item.type)
                        for item in self.schema
                    ]
                    yield pa.record_batch(arrays, schema=self.schema)

    def scan(self) -> "ParquetScan | None":
        """Give the files for a reader that finds the very same values in them; None where it might not."""
        if declared_columns(self.stream) or any(set("*?[]{}") & set(str(found.path)) for found in self.files):
            return None  # such a path would name other files too
        size, naive = 0, set()
        for found in self.files:
            with _reader(found) as reader:
                if self.lacking[found.label] or not _reads_alike(reader, self.schema, self.stream.timezone):
                    return None
                groups = (reader.metadata.row_group(index) for index in range(reader.metadata.num_row_groups))
                size += sum(group.total_byte_size for group in groups)
                naive.add(frozenset(each.name for each in reader.schema_arrow if _is_naive(each.type)))
        if len(naive) != 1:
            return None
        return ParquetScan(self, [found.path for found in self.files], naive.pop(), self.rows, size)

    def learnt(self) -> dict[str, Any]:
        """Learn nothing: Parquet says what its values are."""
        return {}

    def notes(self) -> list[str]:
        """Say what a person should know about times."""
        return [note for name, clock in self._clocks.items() for note in clock.notes(name)]

    def _read(self, values: pa.Array, item: pa.Field, declared: DeclaredColumn | None, found: Found) -> pa.Array:
        if values.type == item.type:
            return values
        try:
            if declared is not None and declared.unit is not None:
                return instants_of_numbers(values.cast(pa.int64()), declared.unit)
            if pa.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            if pa.types.is_timestamp(values.type) and values.type.tz is None:
                return self._clocks[item.name].to_utc(values.cast(NAIVE))
            return values.cast(item.type)
        except (pa.ArrowException, ValueError) as error:
            raise ContentError(
                f"could not read a value as {type_name(item.type)}, because {shortened(str(error), 120)}; declare "
                f"another type under columns:",
                file=found.label,
                column=item.name,
            ) from None

    def _agreed(self, known: pa.DataType | None, found: pa.DataType, name: str, file: Found) -> pa.DataType:
        type_ = found if known is None else widened(known, found)
        if type_ is None:
            raise DriftError(
                f"could not read a column, because it is {type_name(found)} here and {type_name(known)} elsewhere; "
                f"declare its type under columns:",
                file=file.label,
                column=name,
            )
        return type_

    def _gone(self, name: str, names: Sequence[str], found: Found) -> DriftError:
        return DriftError(
            f"could not find column {name!r}, which other files have; restore it in this file; {nearest(name, names)}",
            file=found.label,
            column=name,
        )


@dataclass(slots=True)
class ParquetScan:
    """Implements `connectors.base.Scan`."""

    load: ParquetLoad
    files: Sequence[Path]
    naive: frozenset[str]
    rows: int
    bytes: int

    def check(self) -> None:
        """Make sure that the files are as they were when they were found.

        Raises:
            UnavailableError: one is not.
        """
        for found in self.load.files:
            if not found.still_the_same():
                raise UnavailableError(
                    "could not read the file whole, because it was changed meanwhile; sync again, and let whoever "
                    "writes it write another file and then rename it",
                    file=found.label,
                )

    def explain(self) -> None:
        """Read everything by batches.

        Raises:
            ConnectorError: why that is not possible.
        """
        for _ in self.load.batches():
            continue


def _reads_alike(reader: pq.ParquetFile, schema: pa.Schema, timezone: str) -> bool:
    """Whether DuckDB reads the same values from a file as we do, without any conversion that could differ."""
    arrow, stored = reader.schema_arrow, reader.metadata.schema
    if len(arrow) != len(stored) or len({name.lower() for name in arrow.names}) != len(arrow):
        return False  # something is nested, or named twice
    return all(
        schema.field(each.name).type == _exact(each.type)
        and _is_plain(each.type, stored.column(index))
        and (timezone == "UTC" or not _is_naive(each.type))
        for index, each in enumerate(arrow)
    )


def _is_naive(type_: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(type_) and type_.tz is None)


def _is_plain(type_: pa.DataType, column: pq.ColumnSchema) -> bool:
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return bool(column.logical_type.type == "STRING")
    if pa.types.is_timestamp(type_):
        return type_.unit in {"ms", "us"} and column.physical_type == "INT64"
    plain = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_date32, pa.types.is_decimal128)
    return any(match(type_) for match in (*plain, pa.types.is_float32, pa.types.is_float64))


def _exact(type_: pa.DataType) -> pa.DataType:
    """Return the type that a stored type leaves as."""
    if pa.types.is_dictionary(type_):
        return _exact(type_.value_type)
    return next((exact for matches, exact in _LEAVES_AS if any(match(type_) for match in matches)), type_)


def _batches(reader: pq.ParquetFile, found: Found) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader.iter_batches(BATCH_ROWS)
    except (OSError, pa.ArrowException) as error:
        raise ContentError(
            f"could not read the file to its end, because {shortened(str(error).splitlines()[0], 120)}; write it again",
            file=found.label,
        ) from None


def _reader(found: Found) -> pq.ParquetFile:
    if found.size == 0:
        raise ContentError("could not read the file, because it is an empty file; fetch it again", file=found.label)
    try:
        return pq.ParquetFile(found.path, pre_buffer=False)  # which would keep the whole file in memory
    except pa.ArrowException as error:
        raise ContentError(
            f"could not read the file as Parquet, because {shortened(str(error).splitlines()[0], 120)}; write it again",
            file=found.label,
        ) from None
