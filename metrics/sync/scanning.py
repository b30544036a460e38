"""Storing what an extract offers as Parquet files: DuckDB reads them itself, on all cores and in little memory."""

import threading
from collections.abc import Sequence

import duckdb

from connectors.base import Scan
from connectors.errors import ContentError
from metrics.compile.quoting import identifier, literal
from metrics.sync.stage import Ascent, Inserted, RowsSeen

_LOOK_SECONDS = 0.2
_KEYS_AT_ONCE = 1 << 20


def insert_scan(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    scan: Scan,
    *,
    key: Sequence[str],
    on_rows: RowsSeen,
) -> Inserted:
    """Append the rows of files to an empty table, whose columns stand in the given order.

    Raises:
        ConnectorError: the files cannot be read, or changed on the way.
    """
    values = ", ".join(
        f"make_timestamptz(epoch_us({identifier(name)}))" if name in scan.naive else identifier(name)
        for name in columns
    )
    files = ", ".join(literal(str(file)) for file in scan.files)
    insertion = _Insertion(
        connection, f"INSERT INTO {table} SELECT {values} FROM read_parquet([{files}], hive_partitioning = false)"
    )
    share = 0.0
    try:
        while not insertion.ended.wait(_LOOK_SECONDS):
            share = max(share, insertion.share())
            on_rows(int(scan.rows * share), int(scan.bytes * share))
    except BaseException:
        insertion.give_up()
        raise
    if (error := insertion.error) is not None:
        if not isinstance(error, duckdb.Error) or isinstance(error, duckdb.OutOfMemoryException):
            raise error
        scan.check()
        scan.explain()
        reason = " ".join(str(error).partition("LINE 1")[0].split())
        raise ContentError(f"the rows cannot be stored: {reason}") from error
    scan.check()
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    if rows != scan.rows:
        raise ContentError(f"{rows:,} rows were read of {scan.rows:,}; write the file again, then sync again")
    on_rows(rows, scan.bytes)
    return Inserted(rows, scan.bytes, _has_ascending_keys(connection, table, columns, key))


class _Insertion:
    """One statement in a thread of its own, so that its progress can be told meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        self.ended = threading.Event()
        self.error: Exception | None = None
        self._connection = connection
        connection.execute("SET enable_progress_bar = true")
        connection.execute("SET enable_progress_bar_print = false")
        self._thread = threading.Thread(target=self._run, args=(sql,), name="scan", daemon=True)
        self._thread.start()

    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(max(self._connection.query_progress() / 100, 0.0), 1.0)

    def give_up(self) -> None:
        """End the statement, and wait until it has ended."""
        self._connection.interrupt()
        while not self.ended.wait(_LOOK_SECONDS):
            self._connection.interrupt()
        self._thread.join()

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except Exception as error:  # noqa: BLE001  # raised again where the rows are waited for
            self.error = error
        finally:
            self.ended.set()


def _has_ascending_keys(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], key: Sequence[str]
) -> bool:
    if len(key) != 1 or key[0] not in columns:
        return False
    ascent = Ascent(key[0])
    keys = connection.sql(f"SELECT {identifier(key[0])} FROM {table}")
    for batch in keys.to_arrow_reader(_KEYS_AT_ONCE):  # to its end: until then it blocks the connection
        ascent.follow(batch)
    return ascent.unbroken
