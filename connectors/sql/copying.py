"""Rows that leave a database as CSV: the fastest exact way out, as every type has one text form that loses nothing."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from sqlalchemy.engine import Connection

from connectors.sql.query import Select
from connectors.sql.values import MisfitError, ResultColumn
from connectors.times import NAIVE

BLOCK_ROWS = 20_000
AHEAD = 2
"""Blocks that may wait to be parsed while the next one is fetched."""


def can_copy(connection: Connection) -> bool:
    """Tell whether the connection's driver offers COPY."""
    return connection.dialect.name == "postgresql" and connection.dialect.driver == "psycopg"


def parsed_batches(
    blocks: Iterable[bytes], columns: Sequence[ResultColumn], *, zones: bool
) -> Iterator[list[pa.Array]]:
    """Yield rows written as CSV as arrays in the database's own terms: times as they stand, zones still to come.

    Args:
        blocks: CSV, many rows at a time.
        columns: what the fields are.
        zones: whether instants carry their offset; otherwise they are in UTC.

    Raises:
        MisfitError: a value has no place in its column's type, such as the date `infinity`.
    """
    types = [_read_as(column, zones=zones) for column in columns]
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[list[pa.Array]]] = deque()
        for block in blocks:
            waiting.append(pool.submit(_read, block, types, columns))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def settled(column: ResultColumn, array: pa.Array) -> pa.Array:
    """Finish what COPY's text does not say: zones, bytes, declared formats, and numbers that are none.

    Raises:
        MisfitError: a value does not fit its declared type.
    """
    if _needs_words(column):
        return column.to_arrow(array.to_pylist())
    match column.arrives:
        case "naive":
            return column.clock.to_utc(array)
        case "epoch":
            return column.to_arrow(array)
        case "float":
            return column.finite(array)
    if pa.types.is_binary(column.type):
        return pa.array([None if text is None else bytes.fromhex(text[2:]) for text in array.to_pylist()], pa.binary())
    return pc.assume_timezone(array, "UTC") if array.type == NAIVE else array


def copied_blocks(connection: Connection, select: Select) -> Iterator[bytes]:
    """Yield what PostgreSQL's COPY writes of a SELECT."""
    driver: Any = connection.connection.driver_connection
    copy = f"COPY ({select.sql}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    with driver.cursor() as cursor, cursor.copy(copy, select.parameters) as rows:
        remaining = iter(rows)
        while block := b"".join(map(bytes, islice(remaining, BLOCK_ROWS))):
            yield block


def _read(block: bytes, types: Sequence[pa.DataType], columns: Sequence[ResultColumn]) -> list[pa.Array]:
    try:
        return _parse(block, types)
    except pa.ArrowInvalid:
        return _parse_slowly(block, types, columns)


def _parse(block: bytes, types: Sequence[pa.DataType]) -> list[pa.Array]:
    names = list(map(str, range(len(types))))
    table = pyarrow.csv.read_csv(
        pa.BufferReader(block),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t", "1"],
            false_values=["f", "0"],
            check_utf8=False,
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def _parse_slowly(block: bytes, types: Sequence[pa.DataType], columns: Sequence[ResultColumn]) -> list[pa.Array]:
    """Read a block in which some value does not fit: numeric NaN is taken as missing, anything else refused."""
    texts = _parse(block, [pa.string()] * len(types))
    try:
        return [_cast(column, text, type_) for column, type_, text in zip(columns, types, texts, strict=True)]
    except MisfitError as misfit:
        misfit.values = [text[misfit.row].as_py() for text in texts]
        raise


def _cast(column: ResultColumn, text: pa.Array, type_: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(type_):
        odd = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, pa.array(["t", "f", "1", "0"]))))
        if (row := pc.index(odd, pa.scalar(value=True)).as_py()) >= 0:
            raise MisfitError(row, text[row].as_py(), column)
        return pc.or_(pc.equal(text, "t"), pc.equal(text, "1"))
    if column.arrives == "decimal":
        odd = pc.is_in(text, pa.array(["NaN", "Infinity", "-Infinity"]))
        column.missing += pc.sum(odd).as_py() or 0
        text = pc.if_else(odd, pa.scalar(None, pa.string()), text)
    if pa.types.is_time(type_):
        return column.to_arrow(text.to_pylist())
    try:
        return text.cast(type_)
    except pa.ArrowInvalid:
        row = next(row for row, value in enumerate(text) if not _casts(value, type_))
        raise MisfitError(row, text[row].as_py(), column) from None


def _casts(value: pa.Scalar, type_: pa.DataType) -> bool:
    try:
        value.cast(type_)
    except pa.ArrowInvalid:
        return False
    return True


def _needs_words(column: ResultColumn) -> bool:
    """Tell whether a declared date or time is read from text of any form."""
    return column.declared and column.arrives in {"naive", "aware", "day", "clock"}


def _read_as(column: ResultColumn, *, zones: bool) -> pa.DataType:
    if _needs_words(column) or pa.types.is_binary(column.type):
        return pa.string()
    if column.arrives == "aware" and not zones:
        return NAIVE
    return {"naive": NAIVE, "epoch": pa.int64()}.get(column.arrives, column.type)
