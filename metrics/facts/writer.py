"""The writer's file: opened by the one sync that runs, closed before it is copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from metrics.compile.quoting import literal
from metrics.errors import FactsError
from metrics.facts.files import replace_durably
from metrics.facts.layout import SCHEMA, TABLES, Layout
from metrics.facts.lock import sync_lock
from metrics.facts.memory import Memory
from metrics.facts.pieces import attach, damage, drop_all, read_pieces
from metrics.facts.publish import clean, clean_pieces, next_generation, publish, read_sidecar
from metrics.facts.seal import seal_large, shrink
from metrics.model.definition import Organisation

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}

_OF_ZONE = ("parts", "exact", "exact_days", "exact_windows", "exact_parts", "days")


@dataclass(slots=True)
class Writer:
    """The one connection that changes facts.

    Attributes:
        timezone: the organisation's, also the connection's.
    """

    layout: Layout
    connection: duckdb.DuckDBPyConnection
    timezone: str
    memory: Memory

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query and give all of its rows."""
        return self.connection.execute(sql, parameters or []).fetchall()

    def columns(self, stream: str) -> dict[str, str]:
        """Give the types of a stream's columns, in their order; none when it has no rows here."""
        schema, _, table = stream.partition(".")
        return self._listed("schema_name = ? AND table_name = ?", [schema, table]).get(stream, {})

    def tables(self) -> dict[str, dict[str, str]]:
        """Give the types of the columns of every stream that has rows here, in one listing."""
        return self._listed(f"schema_name || '.' || table_name IN (SELECT stream FROM {SCHEMA}.streams)")

    def _listed(self, which: str, parameters: list[Any] | None = None) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        listed = f"""SELECT schema_name || '.' || table_name AS stream, column_name, data_type FROM duckdb_columns()
            WHERE database_name = current_database() AND {which} ORDER BY stream, column_index"""
        for stream, name, kind in self.rows(listed, parameters):
            found.setdefault(stream, {})[name] = kind
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, or undo all of it when it raises."""
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def count_change(self) -> None:
        """Note, inside a transaction, that readers should see a new generation."""
        self.connection.execute(f"UPDATE {SCHEMA}.store SET changes = changes + 1")

    @property
    def unpublished(self) -> bool:
        """Whether something was committed that no whole generation holds."""
        ((changes,),) = self.rows(f"SELECT changes FROM {SCHEMA}.store")
        if changes == 0:
            return False
        pointed = self.layout.pointed()
        sidecar = read_sidecar(self.layout, pointed) if pointed else None
        if sidecar is None or sidecar.changes != changes:
            return True
        try:
            return self.layout.database(sidecar.generation).stat().st_size != sidecar.size
        except OSError:
            return True

    def publish(self, *, at: datetime, today: date) -> str:
        """Close the file and publish it; the writer is of no use afterwards. Gives the generation's name.

        Raises:
            FactsError: the generation could not be written; the last good one stays.
        """
        ((last, changes),) = self.rows(f"SELECT generation, changes FROM {SCHEMA}.store")
        generation = next_generation(self.layout, last=last)
        number = int(generation.removeprefix("facts-"))
        self.connection.execute(f"UPDATE {SCHEMA}.store SET generation = ?, today = ?", [number, today])
        try:
            with self.memory.more():
                self.memory.growing(lambda: seal_large(self.connection, self.layout))
            self.connection.execute("CHECKPOINT")
            shrunk = self.memory.growing(lambda: shrink(self.connection, self.layout))
        except OSError as error:
            raise FactsError(
                f"could not publish {generation}, because {error.strerror or error}; the last good generation stays; "
                f"make room or allow writing in {self.layout.folder.name}/, then sync again"
            ) from error
        pieces = [piece.number for piece in read_pieces(self.connection)]
        self.connection.close()
        if shrunk is not None:
            replace_durably(shrunk, self.layout.work)
        publish(self.layout, generation, changes=changes, pieces=pieces, at=at)
        clean_pieces(self.layout, pieces)
        return generation


@contextmanager
def open_writer(var: Path, organisation: Organisation, *, at: datetime, thorough: bool = False) -> Iterator[Writer]:
    """Lock the facts store and open its writer's file, making both if need be.

    `thorough` looks at every byte of the pieces; a stream of which one is damaged is forgotten, and read anew.

    Raises:
        FactsError: another sync runs, or the file is damaged or cannot be written.
    """
    layout = Layout.of(var)
    with sync_lock(layout.lock, since=at):
        clean(layout)
        connection = _connect(layout, organisation)
        _attach_pieces(connection, layout, thorough=thorough)
        try:
            yield Writer(layout, connection, organisation.timezone, Memory.of(connection))
        finally:
            connection.close()


def _connect(layout: Layout, organisation: Organisation) -> duckdb.DuckDBPyConnection:
    try:
        connection = duckdb.connect(str(layout.work), config={**_CONFIG, "temp_directory": str(layout.spill)})
        connection.execute(f"SET TimeZone = '{organisation.timezone}'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"BEGIN; {TABLES} COMMIT")  # one transaction, because each costs a wait for the disk
        stored = connection.execute(f"SELECT timezone, week_start FROM {SCHEMA}.store").fetchone()
    except duckdb.Error as error:
        reason = " ".join(str(error).split())
        raise FactsError(
            f"could not open the writer's file {layout.work.name}, because {reason}; move it away and sync again: "
            f"everything is read anew from the sources"
        ) from error
    if stored is None:
        zone_and_week = [organisation.timezone, organisation.week_start]
        connection.execute(f"INSERT INTO {SCHEMA}.store VALUES (?, ?, NULL, 0, 0)", zone_and_week)
    elif stored != (organisation.timezone, organisation.week_start):
        _start_over(connection, organisation)
    return connection


def _attach_pieces(connection: duckdb.DuckDBPyConnection, layout: Layout, *, thorough: bool) -> None:
    for piece in read_pieces(connection):
        if damage(layout, piece, thorough=thorough) is None:
            attach(connection, layout, piece)
            continue
        connection.execute("BEGIN")
        drop_all(connection, piece.stream)
        forget_derived(connection, piece.stream)
        connection.execute(f"DELETE FROM {SCHEMA}.streams WHERE stream = ?", [piece.stream])
        connection.execute("COMMIT")
    clean_pieces(layout, [piece.number for piece in read_pieces(connection)])


def forget_derived(connection: duckdb.DuckDBPyConnection, stream: str) -> None:
    """Forget what was derived from a stream's rows, so that it is built anew from those that come."""
    kept = f"SELECT series FROM {SCHEMA}.exact WHERE stream = {literal(stream)}"
    for table in ("exact_days", "exact_windows"):
        connection.execute(f"DELETE FROM {SCHEMA}.{table} WHERE series IN ({kept})")
    for table in ("tracked", "days", "stale_days", "parts", "exact", "split_streams"):
        connection.execute(f"DELETE FROM {SCHEMA}.{table} WHERE stream = ?", [stream])


def _start_over(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> None:
    """Forget everything that depends on the organisation's zone or week, so that the sync builds it anew."""
    for (name,) in connection.execute(f"SELECT name FROM {SCHEMA}.parts").fetchall():
        connection.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{name}")
    for table in (*_OF_ZONE, "tracked", "stale_days", "split_streams"):
        connection.execute(f"DELETE FROM {SCHEMA}.{table}")
    connection.execute(
        f"UPDATE {SCHEMA}.store SET timezone = ?, week_start = ?, changes = changes + 1",
        [organisation.timezone, organisation.week_start],
    )
