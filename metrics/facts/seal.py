"""Sealing: rows that have become many move into a piece, so that the cost of a publish does not grow with history."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from metrics.compile.quoting import identifier, literal, table_name
from metrics.facts.files import file_hash, sync_file, sync_folder
from metrics.facts.layout import SCHEMA, Layout
from metrics.facts.pieces import Piece, attach, read_pieces, recent_name, recent_table, show_rows

RECENT_ROWS = 2_000_000
"""Rows that a publish copies of each stream at most."""

_MOST_PIECES, _MERGED_AT_ONCE = 16, 8
_MOST_DROPPED = 0.2
_LEAST_FREE_BLOCKS = 64
_BUILDING = "building"


def seal_large(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Move what has become many into pieces; dying at any point leaves the rows where they were.

    Raises:
        duckdb.Error: the disk is full or cannot be written.
        OSError: likewise.
    """
    stored = (
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = current_database()"
    )
    streams = f"SELECT stream FROM {SCHEMA}.streams WHERE stream IN ({stored}) ORDER BY stream"
    for (stream,) in connection.execute(streams).fetchall():
        recent = recent_table(connection, stream)
        if has_rowid(name for name, *_ in connection.execute(f"DESCRIBE {recent}").fetchall()):
            continue
        ((rows,),) = connection.execute(f"SELECT count(*) FROM {recent}").fetchall()
        if is_large(rows):
            _seal_recent(connection, layout, stream, recent)
        if worn := _worn(connection, stream):
            _merge(connection, layout, stream, worn)


def is_large(rows: int) -> bool:
    """Whether so many rows of a stream are better in a piece than copied with every publish."""
    return rows > RECENT_ROWS


def has_rowid(columns: Iterable[str]) -> bool:
    """Whether a column of the source's own hides the places of rows, by which a piece's dropped rows are noted."""
    return any(name.lower() == "rowid" for name in columns)


def shrink(connection: duckdb.DuckDBPyConnection, layout: Layout) -> Path | None:
    """Write the store anew beside the writer's file where most of that is room without use; gives the new file."""
    ((total, free),) = connection.execute(
        "SELECT total_blocks, free_blocks FROM pragma_database_size() WHERE database_name = current_database()"
    ).fetchall()
    if free <= max(total // 2, _LEAST_FREE_BLOCKS):
        return None
    shrunk = layout.work.with_name(f"{layout.work.name}.tmp")
    shrunk.unlink(missing_ok=True)
    name = layout.work.stem
    connection.execute(f"ATTACH {literal(str(shrunk))} AS {_BUILDING}")
    try:
        connection.execute(f"COPY FROM DATABASE {identifier(name)} TO {_BUILDING}")
        connection.execute(f"CHECKPOINT {_BUILDING}")
    finally:
        connection.execute(f"DETACH {_BUILDING}")
    return shrunk


def _seal_recent(connection: duckdb.DuckDBPyConnection, layout: Layout, stream: str, recent: str) -> None:
    described = connection.execute(f"DESCRIBE {recent}").fetchall()
    columns = {name: kind for name, kind, *_ in described}
    piece = _copied(connection, layout, stream, f"FROM {recent}", columns)
    connection.execute("BEGIN")
    try:
        if recent == table_name(stream):
            connection.execute(f"DROP TABLE {recent}")
        adopt(connection, piece)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def adopt(connection: duckdb.DuckDBPyConnection, piece: Piece) -> None:
    """Let a stream, whose table is gone, consist of its pieces and of one more, with no recent rows."""
    listed = ", ".join(f"{identifier(name)} {kind}" for name, kind in piece.columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {recent_name(piece.stream)} ({listed})")
    _name(connection, piece)
    show_rows(connection, piece.stream)


def _worn(connection: duckdb.DuckDBPyConnection, stream: str) -> list[Piece]:
    """Choose the pieces that are better written anew: those that lost many rows, or the smallest of too many."""
    pieces = read_pieces(connection, stream)
    dropped = dict(connection.execute(f"SELECT piece, count(*) FROM {SCHEMA}.dropped_rows GROUP BY piece").fetchall())
    worn = []
    for piece in pieces:
        if piece.number in dropped:
            ((rows,),) = connection.execute(f"SELECT count(*) FROM {piece.table}").fetchall()
            if dropped[piece.number] > rows * _MOST_DROPPED:
                worn.append(piece)
    if len(pieces) > _MOST_PIECES:
        rest = sorted((piece for piece in pieces if piece not in worn), key=lambda piece: piece.size)
        return [*worn, *rest[: max(_MERGED_AT_ONCE - len(worn), 0)]]
    return worn


def _merge(connection: duckdb.DuckDBPyConnection, layout: Layout, stream: str, worn: Sequence[Piece]) -> None:
    """Write some pieces' rows that still count into one."""
    columns = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {recent_name(stream)}").fetchall()}
    live = " UNION ALL ".join(piece.select(columns, dropped=True) for piece in worn)
    merged = _copied(connection, layout, stream, live, columns)
    numbers = ", ".join(str(piece.number) for piece in worn)
    connection.execute("BEGIN")
    try:
        connection.execute(f"DELETE FROM {SCHEMA}.dropped_rows WHERE piece IN ({numbers})")
        connection.execute(f"DELETE FROM {SCHEMA}.pieces WHERE number IN ({numbers})")
        _name(connection, merged)
        show_rows(connection, stream)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def build_piece(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    stream: str,
    columns: Mapping[str, str],
    fill: Callable[[str], object],
) -> Piece:
    """Write rows into a new file, durably; afterwards the piece is attached, and nothing names it yet.

    Args:
        connection: the writer's, outside a transaction.
        layout: where the file goes.
        stream: whose rows they are.
        columns: types by column.
        fill: inserts the rows into the empty table whose SQL name it is given.

    Raises:
        duckdb.Error: the disk is full or cannot be written.
        OSError: likewise.
    """
    ((last,),) = connection.execute(f"SELECT coalesce(max(number), 0) FROM {SCHEMA}.pieces").fetchall()
    number = max([last, *layout.pieces()]) + 1
    path = layout.piece(number)
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    connection.execute(f"ATTACH {literal(str(unfinished))} AS {_BUILDING}")
    try:
        connection.execute("BEGIN")
        try:
            listed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
            connection.execute(f"CREATE TABLE {_BUILDING}.main.rows ({listed})")
            fill(f"{_BUILDING}.main.rows")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        connection.execute(f"CHECKPOINT {_BUILDING}")
    finally:
        connection.execute(f"DETACH {_BUILDING}")
    unfinished.chmod(0o444)
    sync_file(unfinished)
    piece = Piece(number, stream, unfinished.stat().st_size, file_hash(unfinished), columns)
    unfinished.replace(path)
    sync_folder(layout.folder)
    attach(connection, layout, piece)
    return piece


def _copied(
    connection: duckdb.DuckDBPyConnection, layout: Layout, stream: str, select: str, columns: Mapping[str, str]
) -> Piece:
    return build_piece(
        connection, layout, stream, columns, lambda table: connection.execute(f"INSERT INTO {table} {select}")
    )


def _name(connection: duckdb.DuckDBPyConnection, piece: Piece) -> None:
    connection.execute(
        f"INSERT INTO {SCHEMA}.pieces VALUES (?, ?, ?, ?, ?)",
        [piece.number, piece.stream, piece.size, piece.sha256, json.dumps(piece.columns, ensure_ascii=False)],
    )
