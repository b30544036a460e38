"""Staging: a pull's batches in a table of their own, checked and cleaned before they may touch stored rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import ContentError
from metrics.compile.quoting import identifier
from metrics.facts.memory import LARGE_BYTES

STAGED, _LAST = "temp.main.staged", "temp.main.last_rows"
_ROW_GROUP = 122_880
"""Rows that DuckDB stores as one piece; batches of another size are stored twice, first as they come, then joined."""

_GROUPS_AT_ONCE = 4
"""Row groups that are stored at once, each on a core, until a load proves large; from then on one after the other."""

_BYTES_AT_ONCE = 128 << 20

_BYTES_PER_ROW, _BYTES_PER_KEY = 40, 32
_BYTES_COUNTED_AT_ONCE = 32 << 20
"""Keys are looked through for repeated ones in shares of about this size, so that memory stays flat."""

RowsSeen = Callable[[int, int], None]
"""Called with the rows and bytes so far."""


def create_table(connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]) -> None:
    """Create a table, replacing a temporary one of the same name."""
    columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in types.items())
    replacing = "OR REPLACE TEMP " if table == STAGED else ""
    connection.execute(f"CREATE {replacing}TABLE {table} ({columns})")


@dataclass(frozen=True, slots=True)
class Inserted:
    """What was appended.

    Attributes:
        bytes: of the rows in memory.
        has_ascending_keys: whether the key is seen to be there on every row and to grow with each; so none repeats.
    """

    rows: int
    bytes: int
    has_ascending_keys: bool


def insert_batches(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    *,
    key: Sequence[str],
    on_rows: RowsSeen,
) -> Inserted:
    """Append batches to a table, whose columns stand in the given order, as they come."""
    rows = size = 0
    ascent = Ascent(key[0]) if len(key) == 1 and key[0] in columns else None
    for chunk in _chunks(batches):
        try:  # not registered by name, as a transaction would hold on to every chunk until its end
            connection.from_arrow(chunk.select(columns)).insert_into(table)
        except duckdb.Error as error:
            reason = " ".join(str(error).partition("LINE 1")[0].split())
            raise ContentError(f"rows {rows + 1:,} to {rows + chunk.num_rows:,} cannot be stored: {reason}") from error
        rows += chunk.num_rows
        size += chunk.nbytes
        if ascent is not None:
            ascent.follow(chunk)
        on_rows(rows, size)
    return Inserted(rows, size, ascent is not None and ascent.unbroken)


class Ascent:
    """Watches whether a column grows from row to row, which is far cheaper than looking for repeated keys."""

    def __init__(self, column: str) -> None:
        self.unbroken = True
        self._column = column
        self._last: pa.Scalar | None = None

    def follow(self, chunk: pa.Table | pa.RecordBatch) -> None:
        """Look at the next rows."""
        values = chunk.column(self._column)
        if len(values) == 0:
            return
        if not self.unbroken or not pa.types.is_integer(values.type) or values.null_count:
            self.unbroken = False
            return
        grows = pc.all(pc.less(values[:-1], values[1:])).as_py() is not False
        self.unbroken = grows and (self._last is None or self._last.as_py() < values[0].as_py())
        self._last = values[-1]


def drop_nonfinite(connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]) -> list[str]:
    """Replace NaN and infinite numbers by NULL, because one of them spoils every sum; gives a note per column."""
    floats = [name for name, kind in types.items() if kind in {"FLOAT", "DOUBLE"}]
    if not floats:
        return []
    counted = ", ".join(f"count_if(NOT isfinite({identifier(name)}))" for name in floats)
    counts = connection.execute(f"SELECT {counted} FROM {table}").fetchone() or ()
    notes = []
    for name, count in zip(floats, counts, strict=True):
        if count:
            column = identifier(name)
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE NOT isfinite({column})")
            notes.append(f"{count:,} values of {name!r} are not finite (NaN or infinite) and count as missing")
    return notes


def resolve_duplicates(
    connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], cursor: str | None, types: Mapping[str, str]
) -> list[str]:
    """Leave one row per key: the one with the greatest cursor, of equal ones the last that came; gives a note about it.

    Raises:
        ContentError: a row has no key.
    """
    for name in key:
        if name not in types:
            raise ContentError(f"the stream has no column {name!r} to merge by; correct primary_key", column=name)
    columns = ", ".join(identifier(name) for name in key)
    missing = " OR ".join(f"{identifier(name)} IS NULL" for name in key)
    ((rows, without),) = connection.execute(f"SELECT count(*), count_if({missing}) FROM {table}").fetchall()
    if without:
        raise ContentError(
            f"{without:,} rows have no {' and '.join(key)}, which rows are merged by; correct them, or primary_key",
            column=key[0],
        )
    shares = 1 + rows * (_BYTES_PER_ROW + _BYTES_PER_KEY * len(key)) // _BYTES_COUNTED_AT_ONCE
    more = 0
    for share in range(shares):
        some = f"SELECT count(*) AS n FROM {table} WHERE hash({columns}) % {shares} = {share} GROUP BY {columns}"
        ((extra,),) = connection.execute(f"SELECT coalesce(sum(n - 1), 0) FROM ({some} HAVING n > 1)").fetchall()
        more += extra
    if not more:
        return []
    by_cursor = cursor if cursor in types else None
    ordered = f"{identifier(by_cursor)} ASC NULLS FIRST, " if by_cursor else ""
    _keep_last(connection, table, columns, ordered, has_rowid="rowid" in {name.lower() for name in types})
    kept = f"the newest {by_cursor}" if by_cursor else "the last one that came"
    return [f"{int(more):,} rows repeat the key of another row; {kept} was kept"]


def _keep_last(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, ordered: str, *, has_rowid: bool
) -> None:
    """Leave the last row of each key in an order, of equal ones the last that came."""
    if not has_rowid:
        connection.execute(
            f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} QUALIFY row_number() OVER "
            f"(PARTITION BY {columns} ORDER BY {ordered}rowid) < count(*) OVER (PARTITION BY {columns}))"
        )
        return
    # A column of the source's own hides the row's place, so the rows are numbered as they lie there.
    place = identifier("quarterline place")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_LAST} AS SELECT * EXCLUDE ({place}) FROM "
        f"(SELECT *, row_number() OVER () AS {place} FROM {table}) QUALIFY row_number() OVER "
        f"(PARTITION BY {columns} ORDER BY {ordered}{place}) = count(*) OVER (PARTITION BY {columns}) ORDER BY {place}"
    )
    connection.execute(f"DELETE FROM {table}")
    connection.execute(f"INSERT INTO {table} FROM {_LAST}")
    connection.execute(f"DROP TABLE {_LAST}")


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Join batches into pieces of whole row groups, as far as memory stays flat."""
    waiting: list[pa.RecordBatch] = []
    rows = size = given = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        waiting.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        groups = _GROUPS_AT_ONCE if given < LARGE_BYTES else 1
        if rows >= groups * _ROW_GROUP or size >= _BYTES_AT_ONCE:
            given += size
            joined = pa.Table.from_batches(waiting)
            whole = rows - rows % _ROW_GROUP or rows
            yield _in_row_groups(joined.slice(0, whole))
            waiting = joined.slice(whole).to_batches()
            rows, size = rows - whole, sum(rest.nbytes for rest in waiting)
    if waiting:
        yield _in_row_groups(pa.Table.from_batches(waiting))


def _in_row_groups(table: pa.Table) -> pa.Table:
    return pa.Table.from_batches(table.combine_chunks().to_batches(_ROW_GROUP), table.schema)
