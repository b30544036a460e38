"""Pieces: the older rows of a large stream in immutable files of their own, so that a publish copies what is recent.

A stream that has pieces is a view: the rows of each piece, but for those that were dropped since, and the recent rows
in a table of the writer's file. Generations share pieces; one goes when neither the writer nor a generation names it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from metrics.compile.parts import short_hash
from metrics.compile.quoting import identifier, literal, table_name
from metrics.facts.files import file_hash
from metrics.facts.layout import SCHEMA, Layout


@dataclass(frozen=True, slots=True)
class Piece:
    """One immutable file of a stream's rows.

    Attributes:
        columns: types by column, as they are in the file.
    """

    number: int
    stream: str
    size: int
    sha256: str
    columns: Mapping[str, str]

    @property
    def table(self) -> str:
        """SQL name of the rows, once the file is attached."""
        return f"piece_{self.number}.main.rows"

    def select(self, columns: Mapping[str, str], *, dropped: bool) -> str:
        """SQL of the rows that still count, with a stream's present columns."""
        taken = ", ".join(self._column(name, kind) for name, kind in columns.items())
        gone = f"SELECT position FROM {SCHEMA}.dropped_rows WHERE piece = {self.number}"
        return f"SELECT {taken} FROM {self.table}" + (f" WHERE rowid NOT IN ({gone})" if dropped else "")

    def _column(self, name: str, kind: str) -> str:
        if name not in self.columns:
            return f"CAST(NULL AS {kind}) AS {identifier(name)}"
        if self.columns[name] == kind:
            return identifier(name)
        return f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}"


def read_pieces(connection: duckdb.DuckDBPyConnection, stream: str | None = None) -> list[Piece]:
    """List the pieces that a store names, of one stream or of all."""
    where = "" if stream is None else f" WHERE stream = {literal(stream)}"
    found = connection.execute(f"SELECT number, stream, size, sha256, columns FROM {SCHEMA}.pieces{where} ORDER BY 1")
    return [
        Piece(number, name, size, sha, json.loads(columns)) for number, name, size, sha, columns in found.fetchall()
    ]


def recent_table(connection: duckdb.DuckDBPyConnection, stream: str) -> str:
    """Name the table that new rows of a stream go to: its own, or that of its recent rows once it has pieces."""
    return recent_name(stream) if read_pieces(connection, stream) else table_name(stream)


def recent_name(stream: str) -> str:
    """Name the table of recent rows of a stream with pieces."""
    return f"{SCHEMA}.recent_{short_hash([stream])}"


def show_rows(connection: duckdb.DuckDBPyConnection, stream: str) -> None:
    """Make the view of a stream with pieces anew, after its columns, pieces or dropped rows changed."""
    pieces = read_pieces(connection, stream)
    if not pieces:
        return
    recent = recent_name(stream)
    described = connection.execute(f"DESCRIBE {recent}").fetchall()
    columns = {name: kind for name, kind, *_ in described}
    dropped = {each for (each,) in connection.execute(f"SELECT DISTINCT piece FROM {SCHEMA}.dropped_rows").fetchall()}
    selects = [piece.select(columns, dropped=piece.number in dropped) for piece in pieces]
    listed = ", ".join(map(identifier, columns))
    rows = " UNION ALL ".join([*selects, f"SELECT {listed} FROM {recent}"])
    connection.execute(f"CREATE OR REPLACE VIEW {table_name(stream)} AS {rows}")


def drop_keys(connection: duckdb.DuckDBPyConnection, stream: str, leaving: str, key: Sequence[str]) -> None:
    """Take out the rows whose key is in a table, wherever they are."""
    on_key = " AND ".join(f"old.{identifier(name)} = new.{identifier(name)}" for name in key)
    recent = recent_table(connection, stream)
    connection.execute(f"DELETE FROM {recent} AS old USING {leaving} AS new WHERE {on_key}")
    for piece in read_pieces(connection, stream):
        connection.execute(
            f"INSERT INTO {SCHEMA}.dropped_rows SELECT {piece.number}, old.rowid FROM {piece.table} AS old "
            f"SEMI JOIN {leaving} AS new ON {on_key} WHERE old.rowid NOT IN "
            f"(SELECT position FROM {SCHEMA}.dropped_rows WHERE piece = {piece.number})"
        )
    show_rows(connection, stream)


def drop_all(connection: duckdb.DuckDBPyConnection, stream: str) -> None:
    """Take out a stream's rows, with what holds them."""
    if not read_pieces(connection, stream):
        connection.execute(f"DROP TABLE IF EXISTS {table_name(stream)}")
        return
    connection.execute(f"DROP VIEW {table_name(stream)}")
    connection.execute(f"DROP TABLE {recent_name(stream)}")
    numbers = f"SELECT number FROM {SCHEMA}.pieces WHERE stream = {literal(stream)}"
    connection.execute(f"DELETE FROM {SCHEMA}.dropped_rows WHERE piece IN ({numbers})")
    connection.execute(f"DELETE FROM {SCHEMA}.pieces WHERE stream = {literal(stream)}")


def empty_rows(connection: duckdb.DuckDBPyConnection, stream: str) -> None:
    """Take out a stream's rows, and leave an empty table with its columns."""
    table = table_name(stream)
    if not read_pieces(connection, stream):
        connection.execute(f"DELETE FROM {table}")
        return
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    drop_all(connection, stream)
    columns = ", ".join(f"{identifier(name)} {kind}" for name, kind, *_ in described)
    connection.execute(f"CREATE TABLE {table} ({columns})")


def attach(connection: duckdb.DuckDBPyConnection, layout: Layout, piece: Piece) -> None:
    """Make a piece's rows readable."""
    connection.execute(f"ATTACH {literal(str(layout.piece(piece.number)))} AS piece_{piece.number} (READ_ONLY)")


def damage(layout: Layout, piece: Piece, *, thorough: bool) -> str | None:
    """Say what is wrong with a piece's file, None when it is as it was written.

    Args:
        layout: where it lies.
        piece: what is known about it.
        thorough: also compare its hash, which is computed once for as long as the file stays the same.
    """
    path = layout.piece(piece.number)
    try:
        found = path.stat()
        if path.with_name(f"{path.name}.wal").exists():
            return "a write-ahead log lies beside one of its pieces"
        if found.st_size != piece.size:
            return f"its piece {path.name} has {found.st_size:,} bytes instead of {piece.size:,}"
        if thorough and _hash_of(path, _identity(found)) != piece.sha256:
            return f"its piece {path.name} was changed after it was written"
    except FileNotFoundError:
        return f"its piece {path.name} is missing"
    except OSError as error:
        return f"its piece {path.name} cannot be read ({error.strerror})"
    return None


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=1024)
def _hash_of(path: Path, identity: tuple[int, ...]) -> str:  # noqa: ARG001 - a changed file is hashed anew
    return file_hash(path)
