"""One pull of one table or query, through a server-side cursor to typed Arrow batches."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.engine import Connection

from connectors.base import Mode, State, Stream
from connectors.columns import type_name, widened
from connectors.errors import ContentError, DeclarationError, DriftError, nearest, shortened
from connectors.sql.copying import can_copy, copied_blocks, parsed_batches, settled
from connectors.sql.cursor import resume
from connectors.sql.discover import estimated_rows, result_columns
from connectors.sql.engine import Database
from connectors.sql.lines import can_write_lines, line_blocks, line_of
from connectors.sql.query import Relation, Select, relation_of
from connectors.sql.values import MisfitError, ResultColumn

BATCH_ROWS = 20_000


class SqlExtract:
    """Implements `connectors.base.Extract` for a database.

    Attributes:
        expected_rows: of the whole table, as far as the server knows them without counting; asked at a first pull only.
    """

    mode: Mode

    def __init__(self, database: Database, stream: Stream, state: State | None) -> None:
        """Find out the columns; the rows are read by `batches`."""
        self._database, self._stream = database, stream
        with database.connect(stream.name) as connection:
            self._relation, self._columns = describe(database, connection, stream)
            first = state is None and "query" not in stream.options
            self.expected_rows = estimated_rows(connection, stream) if first else None
        self.schema = agreed_schema(stream, self._columns)
        written = (state or {}).get("cursor")
        unit = next((column.unit for column in self._columns if column.name == stream.cursor), None)
        self._cursor, self._since = resume(stream, written, unit=unit)
        self.mode = "merge" if self._since is not None else "replace"
        self.notes: list[str] = _new_columns(stream, self.schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one snapshot of the database.

        Raises:
            ConnectorError: the database fails, or a value does not fit its column's type.
        """
        with self._database.connect(self._stream.name) as connection:
            yield from self._written(connection) or self._fetched(connection)
        for column in self._columns:
            self.notes.extend(column.all_notes())
        if self._cursor is not None:
            self.notes.extend(self._cursor.notes())

    def state(self) -> State:
        """Return the greatest cursor seen, of this pull or the one before."""
        return {"version": 1, "cursor": self._cursor.state() if self._cursor else None}

    def _select(self, listed: str = "*") -> Select:
        cursor = next((column for column in self._columns if column.name == self._stream.cursor), None)
        # Values that arrive as text must come in order even on a full pull: which is greatest, the collation says.
        compared_here = self._database.dialect in {"postgresql", "mysql", "mariadb"} and _compares(cursor)
        ordered = cursor is not None and (self._since is not None or not compared_here)
        return self._relation.rows(listed, ordered_by=self._stream.cursor if ordered else None, since=self._since)

    def _fetched(self, connection: Connection) -> Iterator[pa.RecordBatch]:
        for rows in fetch(connection, self._select()):
            values = [[row[index] for row in rows] for index in range(len(self._columns))]
            self._follow(dict(zip(self.schema.names, values, strict=True)))
            try:
                arrays = [column.to_arrow(each) for column, each in zip(self._columns, values, strict=True)]
            except MisfitError as misfit:
                misfit.values = rows[misfit.row]
                raise self._refusal(misfit) from None
            yield self._batch(arrays)

    def _written(self, connection: Connection) -> Iterator[pa.RecordBatch] | None:
        """Read what the database writes as CSV; None when this one does not."""
        if can_copy(connection):
            return self._parsed(copied_blocks(connection, self._select()), zones=True)
        if can_write_lines(connection, self._columns):
            lines = self._select(line_of(self._relation, self._columns))
            return self._parsed(line_blocks(connection, lines), zones=False)
        return None

    def _parsed(self, blocks: Iterator[bytes], *, zones: bool) -> Iterator[pa.RecordBatch]:
        try:
            for raw in parsed_batches(blocks, self._columns, zones=zones):
                self._follow(dict(zip(self.schema.names, raw, strict=True)))
                yield self._batch(self._settled(raw))
        except MisfitError as misfit:
            raise self._refusal(misfit) from None

    def _settled(self, raw: Sequence[pa.Array]) -> list[pa.Array]:
        try:
            return [settled(column, array) for column, array in zip(self._columns, raw, strict=True)]
        except MisfitError as misfit:
            misfit.values = [array[misfit.row].as_py() for array in raw]
            raise

    def _follow(self, columns: Mapping[str, Any]) -> None:
        if self._cursor is None:
            return
        values = columns[self._cursor.column]
        if isinstance(values, pa.Array):
            present = values.drop_null()
            ends = (present[-1:] if pa.types.is_string(present.type) else [pc.max(present)]) if len(present) else []
            values = [value.as_py() for value in ends]
            if values and self._cursor.is_future(values[-1]):
                if not pa.types.is_string(present.type):
                    self._cursor.see_ascending(present.sort())
                    return
                values = present.to_pylist()
        self._cursor.see(values)

    def _batch(self, arrays: Sequence[pa.Array]) -> pa.RecordBatch:
        cast = [
            array if array.type == field.type else array.cast(field.type)
            for array, field in zip(arrays, self.schema, strict=True)
        ]
        return pa.record_batch(cast, schema=self.schema)

    def _refusal(self, misfit: MisfitError) -> ContentError:
        row = dict(zip(self.schema.names, misfit.values, strict=False))
        key = ", ".join(f"{name} {shortened(row[name])}" for name in self._stream.primary_key if name in row)
        return ContentError(
            f"could not read {shortened(misfit.value)}{f' in the row with {key}' if key else ''} as "
            f"{type_name(misfit.column.type)}, because it does not fit; correct the row, or declare the column "
            f"under columns:",
            source=self._stream.source,
            stream=self._stream.name,
            column=misfit.column.name,
        )


def _compares(column: ResultColumn | None) -> bool:
    return column is not None and not column.declared and not pa.types.is_string(column.type)


def describe(database: Database, connection: Connection, stream: Stream) -> tuple[Relation, list[ResultColumn]]:
    """Find the relation of a stream and its columns, and that every column the stream names is there.

    Raises:
        ConnectorError: the table or a named column does not exist.
    """
    relation = relation_of(stream, connection.dialect)
    try:
        columns = result_columns(connection, relation, stream)
    except Exception as error:
        hint = _similar_tables(database, stream)
        if hint is None or isinstance(error, (ContentError, DeclarationError)):
            raise
        raise DeclarationError(
            f"could not read table {relation.label!r}, because the database has none of that name; {hint}",
            source=stream.source,
            stream=stream.name,
        ) from None
    names = [column.name for column in columns]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise DeclarationError(
            f"could not read {relation.label}, because it has several columns {repeated[0]!r}; rename all but one",
            source=stream.source,
            stream=stream.name,
            column=repeated[0],
        )
    wanted = [
        *stream.primary_key,
        *([stream.cursor] if stream.cursor else []),
        *([stream.deleted] if stream.deleted else []),
        *stream.columns,
    ]
    for name in wanted:
        if name not in names:
            raise DeclarationError(
                f"could not find column {name!r} in {relation.label}; {nearest(name, names)}",
                source=stream.source,
                stream=stream.name,
                column=name,
            )
    return relation, columns


def agreed_schema(stream: Stream, columns: Sequence[ResultColumn]) -> pa.Schema:
    """Return the schema of a pull: what the database says, wide enough for what an earlier load learnt.

    Raises:
        DriftError: a column is gone, or its type changed to one that does not hold the earlier values.
    """
    pinned = {field.name: field.type for field in stream.pinned or ()}
    names = {column.name for column in columns}
    if gone := [name for name in pinned if name not in names]:
        raise DriftError(
            f"could not read column {gone[0]!r}, because it is gone from the source; restore it, or run "
            f"`quarterline sync --relearn` if it is gone for good; {nearest(gone[0], names)}",
            source=stream.source,
            stream=stream.name,
            column=gone[0],
        )
    fields = []
    for column in columns:
        known = pinned.get(column.name, column.type)
        type_ = widened(known, column.type)
        if type_ is None:
            raise DriftError(
                f"could not read a column, because its type was {type_name(known)} and is now "
                f"{type_name(column.type)}; declare the type under columns:, or take the new one with "
                f"`quarterline sync --relearn`",
                source=stream.source,
                stream=stream.name,
                column=column.name,
            )
        fields.append((column.name, type_))
    return pa.schema(fields)


def fetch(connection: Connection, select: Select) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield rows as the driver gives them, without holding the result in memory."""
    options = {"stream_results": True, "max_row_buffer": BATCH_ROWS}
    with connection.exec_driver_sql(select.sql, select.parameters, execution_options=options) as result:
        yield from result.partitions(BATCH_ROWS)


def _new_columns(stream: Stream, schema: pa.Schema) -> list[str]:
    if stream.pinned is None:
        return []
    return [f"column {name!r} is new" for name in schema.names if name not in stream.pinned.names]


def _similar_tables(database: Database, stream: Stream) -> str | None:
    """Word a hint about the stream's table; None when it is there, or when the stream is a query."""
    if stream.options.get("table") is None:
        return None
    schema, _, table = str(stream.options["table"]).rpartition(".")
    with database.connect(stream.name) as connection:
        names = database.table_names(connection, schema or None)
    return None if table in names else nearest(table, names)
