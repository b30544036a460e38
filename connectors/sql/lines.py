"""MySQL and MariaDB: rows written as CSV lines by the server, so that a row costs its driver one string.

The text forms are those that the server writes anyway; the session, its zone and its snapshot stay our own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy.engine import Connection

from connectors.errors import ContentError
from connectors.sql.copying import BLOCK_ROWS
from connectors.sql.query import Relation, Select
from connectors.sql.values import ResultColumn

_BUFFER_BYTES = 1 << 20
_HEAD = 4
"""Bytes before each packet: three of its length, one of its number."""

_CONTINUED = 0xFFFFFF
"""The length of a packet that goes on in the next one."""

_LEAST_MARK = 0xFB
"""From here on the first byte is no length of a text, but says what follows."""

_LENGTH_BYTES = {0xFC: 3, 0xFD: 4}
"""Bytes that say a longer text's length, by the first of them."""

_DIALECTS = frozenset({"mysql", "mariadb"})


def can_write_lines(connection: Connection, columns: Sequence[ResultColumn]) -> bool:
    """Tell whether the server can write every column as text that loses nothing and stays short."""
    plain = not any(column.declared or pa.types.is_binary(column.type) for column in columns)
    return plain and connection.dialect.name in _DIALECTS and connection.dialect.driver == "pymysql"


def line_of(relation: Relation, columns: Sequence[ResultColumn]) -> str:
    """SQL of a row as one line of CSV; a missing value is an empty field, an empty text a quoted one."""
    fields = ", ',', ".join(f"COALESCE({_field(relation, column)}, '')" for column in columns)
    return f"CAST(CONCAT({fields}, CHAR(10)) AS BINARY)"


def line_blocks(connection: Connection, select: Select) -> Iterator[bytes]:
    """Yield the lines of a SELECT, many at a time.

    Raises:
        ContentError: a row is too long for the server to write it as a line.
    """
    from pymysql.cursors import SSCursor  # noqa: PLC0415 - optional

    driver: Any = connection.connection.driver_connection
    arrived = _Arrived(driver)
    cursor = driver.cursor(SSCursor)
    try:
        cursor.execute(select.sql, select.parameters)
        lines: list[bytes | None] = []
        for some in _taken(arrived, cursor):
            lines += some
            if len(lines) >= BLOCK_ROWS:
                yield _joined(lines)
                lines = []
        if lines:
            yield _joined(lines)
    except BaseException:
        if cursor._result is not None:  # noqa: SLF001 - or the driver would read all the rest first
            cursor._result.unbuffered_active = False  # noqa: SLF001
        connection.invalidate()
        raise
    cursor.close()


def _taken(arrived: "_Arrived", cursor: Any) -> Iterator[Sequence[bytes | None]]:
    while True:
        if rows := arrived.rows():
            yield rows
            continue
        row = cursor.fetchone()
        if row is None:
            return
        yield [row[0]]


def _joined(lines: Sequence[bytes | None]) -> bytes:
    found = [line for line in lines if line is not None]
    if len(found) < len(lines):
        raise ContentError(
            "could not read a row, because it is longer than the server's max_allowed_packet; raise that, or "
            "leave the long column out by a query"
        )
    return b"".join(found)


class _Arrived:
    """Rows of one field that wait in the driver's buffer, split without its building an object for each.

    The driver reads whatever is no short row, wholly arrived and in its turn: the result's head and end, errors, NULLs.
    See https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        driver._rfile = driver._sock.makefile("rb", _BUFFER_BYTES)  # noqa: SLF001 - the driver's own is eight KiB

    def rows(self) -> list[bytes]:
        """Take the rows that have arrived; none when the driver has to look."""
        file, number = self._driver._rfile, self._driver._next_seq_id  # noqa: SLF001
        data: bytes = file.peek(1) if file is not None else b""
        found: list[bytes] = []
        at, end = 0, len(data) - _HEAD
        while at < end:
            size = data[at] | data[at + 1] << 8 | data[at + 2] << 16
            text = at + _HEAD
            after = text + size
            first = data[text]
            skipped = 1 if first < _LEAST_MARK else _LENGTH_BYTES.get(first, 0)
            if data[at + 3] != number or not skipped or size == _CONTINUED or after > len(data):
                break
            found.append(data[text + skipped : after])
            at, number = after, (number + 1) & 0xFF
        if found:
            file.read(at)
            self._driver._next_seq_id = number  # noqa: SLF001
        return found


def _field(relation: Relation, column: ResultColumn) -> str:
    name = relation.quoted(column.name)
    if pa.types.is_string(column.type):
        return f"CONCAT('\"', REPLACE(CONVERT({name} USING utf8mb4), '\"', '\"\"'), '\"')"
    return f"{name} + 0" if column.arrives == "bits" else name
