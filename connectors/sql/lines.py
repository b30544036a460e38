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
    with driver.cursor(SSCursor) as cursor:
        cursor.execute(select.sql, select.parameters)
        while rows := cursor.fetchmany(BLOCK_ROWS):
            lines = [row[0] for row in rows]
            if None in lines:
                raise ContentError(
                    "could not read a row, because it is longer than the server's max_allowed_packet; raise that, or "
                    "leave the long column out by a query"
                )
            yield b"".join(lines)


def _field(relation: Relation, column: ResultColumn) -> str:
    name = relation.quoted(column.name)
    if pa.types.is_string(column.type):
        return f"CONCAT('\"', REPLACE(CONVERT({name} USING utf8mb4), '\"', '\"\"'), '\"')"
    return f"{name} + 0" if column.arrives == "bits" else name
