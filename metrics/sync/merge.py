"""One pull of one stream into its raw table: rows, cursor and the days to compute again in one transaction."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from connectors.base import Extract, Mode, Scan, State, Stream
from connectors.errors import ContentError
from metrics.compile.quoting import day_of, identifier, literal, table_name
from metrics.facts.layout import SCHEMA
from metrics.facts.pieces import drop_all, drop_keys, empty_rows, recent_table, show_rows
from metrics.facts.seal import adopt, build_piece, has_rowid, is_large
from metrics.facts.writer import Writer, forget_derived
from metrics.sync.drift import INTEGERS, Drift, duckdb_types, find_drift
from metrics.sync.pushdown.store import forget_pushed
from metrics.sync.scanning import insert_scan
from metrics.sync.stage import STAGED, RowsSeen, create_table, drop_nonfinite, insert_batches, resolve_duplicates

_OLD, _CHANGED, _GONE = "temp.main.old_rows", "temp.main.changed_rows", "temp.main.gone_rows"
_DELETED = "temp.main.deleted_rows"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a pull did.

    Attributes:
        bytes: of the rows in memory.
        changed: rows added, altered or removed.
        cursor: greatest value of the stream's cursor column that is stored, as text.
    """

    mode: Mode
    rows: int
    bytes: int
    changed: int
    cursor: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store knows of a stream from its earlier loads.

    Attributes:
        declaration: how the stream was declared then; None where that is not known.
    """

    state: State | None = None
    pinned: pa.Schema | None = None
    rows: int = 0
    declaration: str | None = None


def remembered(writer: Writer, stream: str) -> Remembered:
    """Recall a stream's state, pinned types, row count and declaration."""
    pulled = f"stream = ? AND stream NOT IN (SELECT stream FROM {SCHEMA}.pushed)"
    known = writer.rows(f"SELECT state, pinned, rows FROM {SCHEMA}.streams WHERE {pulled}", [stream])
    if not known:
        return Remembered()
    state, pinned, rows = known[0]
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(pinned))) if pinned else None
    declared = writer.rows(f"SELECT declaration FROM {SCHEMA}.declarations WHERE stream = ?", [stream])
    return Remembered(json.loads(state) if state else None, schema, rows, declared[0][0] if declared else None)


def is_reworded(known: Remembered, declaration: str) -> bool:
    """Whether what is stored of a stream was read when it was declared otherwise."""
    return known.declaration is not None and known.declaration != declaration


def merge(
    writer: Writer,
    stream: Stream,
    extract: Extract,
    *,
    whole: bool,
    at: datetime,
    on_rows: RowsSeen,
    anew: bool = False,
    keep: bool = True,
    declaration: str | None = None,
) -> Merged:
    """Read a pull to its end and bring the stored rows up to it; nothing of it stays when it fails.

    Args:
        whole: the pull began from nothing, so that rows it does not bring are gone from the source.
        anew: forget the stored rows and their types.
        keep: whether the rows stay; otherwise only what they would change is found out.
        declaration: how the stream is declared, to be remembered with the rows.

    Raises:
        ConnectorError: the source failed on the way, or its rows cannot be stored exactly.
    """
    merging = _Merging(writer, stream, extract, whole=whole or extract.mode == "replace" or not stream.primary_key)
    merging.keep, merging.from_nothing, merging.declaration = keep, whole, declaration
    if anew or merging.is_first:
        return merging.load(at, on_rows)
    return merging.update(at, on_rows)


def forget_stream(writer: Writer, stream: str) -> None:
    """Take out everything that is stored of a stream."""
    with writer.transaction():
        forget_pushed(writer, stream)
        if writer.columns(stream):
            drop_all(writer.connection, stream)
        for (name,) in writer.rows(f"SELECT name FROM {SCHEMA}.parts WHERE stream = ?", [stream]):
            writer.connection.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
        forget_derived(writer.connection, stream)
        for table in ("streams", "declarations"):
            writer.connection.execute(f"DELETE FROM {SCHEMA}.{table} WHERE stream = ?", [stream])
        writer.count_change()


class _NotKeptError(Exception):
    """Everything was computed, and is to be undone."""


class _Merging:
    def __init__(self, writer: Writer, stream: Stream, extract: Extract, *, whole: bool) -> None:
        self.writer, self.stream, self.extract = writer, stream, extract
        self.connection: duckdb.DuckDBPyConnection = writer.connection
        self.name = f"{stream.source}.{stream.name}"
        self.table = table_name(self.name)
        self.mode: Mode = "replace" if whole else "merge"
        self.pulled = duckdb_types(extract.schema)
        self.stored = writer.columns(self.name)
        self.notes: list[str] = []
        self.keep = True
        self.from_nothing = False
        self.declaration: str | None = None
        if stream.source.lower() in {SCHEMA, "temp", "system", "information_schema", "pg_catalog"}:
            raise ContentError(f"a source cannot be named {stream.source!r}; choose another name")

    @property
    def is_first(self) -> bool:
        """Whether there is nothing yet that a failing or repeated row could spoil."""
        return not self.stored or not self.writer.rows(f"SELECT 1 FROM {self.table} LIMIT 1")

    def load(self, at: datetime, on_rows: RowsSeen) -> Merged:
        """Fill an empty stream, straight into its table, or straight into a piece where it is known to be large."""
        had_rows = not self.is_first
        if not self.pulled:
            raise ContentError(
                "no column holds a value yet, so no types are known; load some rows, or declare columns:"
            )
        piece, rows, size = None, 0, 0

        def fill(table: str) -> None:
            nonlocal rows, size
            rows, size = self._read_into(table, on_rows)
            self._drop_deleted(table)

        if self.keep and is_large(getattr(self.extract, "expected_rows", None) or 0) and not has_rowid(self.pulled):
            piece = build_piece(self.connection, self.writer.layout, self.name, self.pulled, fill)
        with self._trial():
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {identifier(self.stream.source)}")
            forget_pushed(self.writer, self.name)
            drop_all(self.connection, self.name)
            if piece is not None:
                adopt(self.connection, piece)
            else:
                create_table(self.connection, self.table, self.pulled)
                fill(self.table)
            if had_rows and not rows:
                raise ContentError("the source gave no rows at all, so there is nothing to learn; load some rows first")
            ((count,),) = self.writer.rows(f"SELECT count(*) FROM {self.table}")
            forget_derived(self.connection, self.name)
            changed = count > 0 or not self.stored
            cursor = self._remember(count, at, changed=changed)
        return Merged(self.mode, rows, size, count, cursor, self._all_notes())

    def update(self, at: datetime, on_rows: RowsSeen) -> Merged:
        """Bring stored rows up to a pull."""
        named = frozenset(self.extract.schema.names)
        drift = find_drift(self.stored, self.pulled, named)
        create_table(self.connection, STAGED, self.pulled)
        rows, size = self._read_into(STAGED, on_rows)
        # A pull that only had to bring what is new, and found nothing, tells nothing of the rows that are stored.
        emptied = rows == 0 and self.mode == "replace" and (self.from_nothing or self.extract.mode == "replace")
        if emptied:
            self.notes.append("the source gave no rows at all; the rows of the last load were kept")
        told = len(self.notes)

        def apply() -> tuple[int, str | None]:
            del self.notes[told:]
            with self._trial():
                self._alter(drift)
                changed = 0 if rows == 0 else self._apply()
                ((count,),) = self.writer.rows(f"SELECT count(*) FROM {self.table}")
                if emptied:
                    self.declaration = None  # what is kept was not read as the stream is declared now
                cursor = self._remember(count, at, changed=bool(changed or drift.added or drift.widened))
            return changed, cursor

        changed, cursor = self.writer.memory.growing(apply, about=size)
        self._drop_staged()
        return Merged(self.mode, rows, size, changed, cursor, self._all_notes())

    @contextmanager
    def _trial(self) -> Iterator[None]:
        """A transaction that is undone where nothing is to be kept."""
        with suppress(_NotKeptError), self.writer.transaction():
            yield
            if not self.keep:
                raise _NotKeptError

    def _read_into(self, table: str, on_rows: RowsSeen) -> tuple[int, int]:
        columns = list(self.pulled)
        key, cursor = self.stream.primary_key, self.stream.cursor
        scan: Scan | None = getattr(self.extract, "scan", None)
        if scan is not None:
            with self.writer.memory.more():
                read = insert_scan(self.connection, table, columns, scan, key=key, on_rows=on_rows)
        else:
            with self.writer.memory.some() as stored:

                def seen(rows: int, size: int) -> None:
                    stored(size)
                    on_rows(rows, size)

                read = insert_batches(self.connection, table, columns, self.extract.batches(), key=key, on_rows=seen)
        self.notes += drop_nonfinite(self.connection, table, self.pulled)
        if key and not read.has_ascending_keys:
            with self.writer.memory.ample():
                self.notes += resolve_duplicates(self.connection, table, key, cursor, self.pulled)
        return read.rows, read.bytes

    def _alter(self, drift: Drift) -> None:
        recent = recent_table(self.connection, self.name)
        for name, kind in drift.added.items():
            self.connection.execute(f"ALTER TABLE {recent} ADD COLUMN {identifier(name)} {kind}")
            self.notes.append(f"column {name!r} ({kind}) is new; rows of earlier loads have no value in it")
        for name, kind in drift.widened.items():
            self.connection.execute(f"ALTER TABLE {recent} ALTER COLUMN {identifier(name)} TYPE {kind}")
            self.notes.append(f"column {name!r} was widened from {self.stored[name]} to {kind}")
        if drift.added or drift.widened:
            show_rows(self.connection, self.name)

    def _apply(self) -> int:
        """Replace what differs; gives the number of rows added, altered or removed."""
        if self.mode == "merge" and getattr(self.extract, "has_versions", False):
            self._pass_over_older()
        self._drop_deleted(STAGED)
        if not self.stream.primary_key or (self.from_nothing and self._have_other_keys()):
            return self._replace_all()
        key = self.stream.primary_key
        columns = _names(self.pulled)
        on_key = " AND ".join(f"old.{identifier(name)} = new.{identifier(name)}" for name in key)
        same = " AND ".join(
            f"old.{identifier(name)} IS NOT DISTINCT FROM new.{identifier(name)}" for name in self.pulled
        )
        keys = _names(key)
        self._temporary(_OLD, f"SELECT old.* FROM {self.table} AS old SEMI JOIN {STAGED} AS new ON {on_key}")
        self._temporary(_CHANGED, f"SELECT {columns} FROM {STAGED} AS new ANTI JOIN {_OLD} AS old ON {same}")
        lacking = "ANTI" if self.mode == "replace" else "SEMI"
        present = STAGED if self.mode == "replace" else _DELETED
        self._temporary(_GONE, f"SELECT old.* FROM {self.table} AS old {lacking} JOIN {present} AS new ON {on_key}")
        ((altered,),) = self.writer.rows(f"SELECT count(*) FROM {_CHANGED}")
        ((removed,),) = self.writer.rows(f"SELECT count(*) FROM {_GONE}")
        if altered or removed:
            replaced = f"SELECT old.* FROM {_OLD} AS old SEMI JOIN {_CHANGED} AS new ON {on_key}"
            self._mark_days([replaced, f"SELECT * FROM {_CHANGED}", f"SELECT * FROM {_GONE}"])
            for leaving in (_CHANGED, _GONE):
                drop_keys(self.connection, self.name, leaving, key)
            recent = recent_table(self.connection, self.name)
            self.connection.execute(f"INSERT INTO {recent} ({columns}) SELECT {columns} FROM {_CHANGED}")
        if keys and removed:
            self.notes.append(f"{removed:,} rows are gone from the source and were removed")
        return int(altered + removed)

    def _pass_over_older(self) -> None:
        """Take out the rows that are stored as they were later, by the cursor."""
        if self.stream.cursor is None or self.stream.cursor not in self.pulled or self.stream.cursor not in self.stored:
            return
        cursor = identifier(self.stream.cursor)
        on_key = " AND ".join(f"old.{identifier(name)} = new.{identifier(name)}" for name in self.stream.primary_key)
        older = f"(old.{cursor} > new.{cursor} OR (new.{cursor} IS NULL AND old.{cursor} IS NOT NULL))"
        deleted = f"DELETE FROM {STAGED} AS new USING {self.table} AS old WHERE {on_key} AND {older}"
        ((passed,),) = self.writer.rows(deleted)
        if passed:
            self.notes.append(
                f"{passed:,} rows are older than those that are stored, by {self.stream.cursor}, and stay out"
            )

    def _have_other_keys(self) -> bool:
        """Whether stored rows lack a key or share one, because the stream had another primary key when they came."""
        keys = _names(self.stream.primary_key)
        missing = " OR ".join(f"{identifier(name)} IS NULL" for name in self.stream.primary_key)
        found = f"SELECT 1 FROM {self.table} WHERE {missing} UNION ALL SELECT 1 FROM {self.table} GROUP BY {keys}"
        return bool(self.writer.rows(f"{found} HAVING count(*) > 1 LIMIT 1"))

    def _drop_deleted(self, table: str) -> None:
        """Take out the rows that the source marks as deleted, and keep their keys in a table of their own."""
        flag, keys = self._is_deleted(), _names(self.stream.primary_key or self.pulled)
        self._temporary(_DELETED, f"SELECT {keys} FROM {table} WHERE {flag}")
        ((marked,),) = self.writer.rows(f"SELECT count(*) FROM {_DELETED}")
        if marked:
            self.connection.execute(f"DELETE FROM {table} WHERE {flag}")
            self.notes.append(f"{marked:,} rows are marked as deleted at the source and do not count")

    def _is_deleted(self) -> str:
        """SQL of whether a row is marked as deleted: true, a number other than 0, or a time."""
        column = self.stream.deleted
        if column is None:
            return "FALSE"
        kind = self.pulled.get(column)
        if kind in {"DATE", "TIMESTAMP WITH TIME ZONE"}:
            return f"{identifier(column)} IS NOT NULL"
        if kind == "BOOLEAN":
            return f"coalesce({identifier(column)}, FALSE)"
        if kind is None and column in self.extract.schema.names:
            return "FALSE"
        if kind in INTEGERS:
            return f"coalesce({identifier(column)} <> 0, FALSE)"
        found = "does not exist" if kind is None else f"is {kind}"
        raise ContentError(
            f"column {column!r}, which marks deleted rows, {found}; name a boolean, a whole number or a time under "
            f"deleted:",
            column=column,
        )

    def _replace_all(self) -> int:
        """Exchange all rows of a stream without a key, unless they are the same ones."""
        columns = _names(self.pulled)
        new, old = f"SELECT {columns} FROM {STAGED}", f"SELECT {columns} FROM {self.table}"
        self._temporary(_CHANGED, f"{new} EXCEPT ALL {old}")
        self._temporary(_GONE, f"{old} EXCEPT ALL {new}")
        ((added,),) = self.writer.rows(f"SELECT count(*) FROM {_CHANGED}")
        ((removed,),) = self.writer.rows(f"SELECT count(*) FROM {_GONE}")
        if added or removed:
            self._mark_days([f"SELECT * FROM {_CHANGED}", f"SELECT * FROM {_GONE}"])
            empty_rows(self.connection, self.name)
            self.connection.execute(f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {STAGED}")
        return int(added + removed)

    def _mark_days(self, relations: Sequence[str]) -> None:
        """Note the days, by every time column in use, whose rows change."""
        tracked = self.writer.rows(f"SELECT time_column FROM {SCHEMA}.tracked WHERE stream = ?", [self.name])
        types = {**self.stored, **self.pulled}
        for (column,) in tracked:
            if column not in self.pulled:
                continue
            day = day_of(column, types[column], self.writer.timezone)
            days = " UNION ".join(f"SELECT {day} AS day FROM ({relation})" for relation in relations)
            self.connection.execute(
                f"INSERT INTO {SCHEMA}.stale_days SELECT {literal(self.name)}, {literal(column)}, day FROM ({days}) "
                f"WHERE day IS NOT NULL"
            )

    def _remember(self, count: int, at: datetime, *, changed: bool) -> str | None:
        """Store the connector's state and the types learnt, in the same transaction as the rows."""
        cursor = None
        if self.stream.cursor in self.pulled:
            ((cursor,),) = self.writer.rows(
                f"SELECT CAST(max({identifier(self.stream.cursor or '')}) AS VARCHAR) FROM {self.table}"
            )
        state = json.dumps(self.extract.state(), ensure_ascii=False, sort_keys=True)
        pinned = base64.b64encode(_typed(self.extract.schema).serialize().to_pybytes()).decode()
        self.connection.execute(
            f"INSERT OR REPLACE INTO {SCHEMA}.streams VALUES (?, ?, ?, ?, ?, ?)",
            [self.name, state, pinned, cursor, count, at.isoformat()],
        )
        if self.declaration is not None:
            self.connection.execute(
                f"INSERT OR REPLACE INTO {SCHEMA}.declarations VALUES (?, ?)", [self.name, self.declaration]
            )
        if changed:
            self.writer.count_change()
        return cursor

    def _temporary(self, table: str, select: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")

    def _drop_staged(self) -> None:
        for table in (STAGED, _OLD, _CHANGED, _GONE, _DELETED):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")

    def _all_notes(self) -> tuple[str, ...]:
        return (*self.extract.notes, *self.notes)


def _typed(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field for field in schema if not pa.types.is_null(field.type)])


def _names(columns: Mapping[str, str] | Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in columns)
