"""Opens a ledger by URL: engine, durability, and the migrations it still needs."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from connectors.errors import ConnectorError
from connectors.secrets import resolve_options
from metrics.errors import LedgerError
from metrics.ledger.failures import damaged, worded
from metrics.ledger.tables import HEAD, VERSION_TABLE

BUSY_SECONDS = 5
_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_KEY = 5_274_019_336_611_408  # any number, the same for every process that migrates a ledger on PostgreSQL


def open_engine(url: str, root: Path) -> tuple[Engine, str]:
    """Open the database of a ledger and bring its schema to this version.

    Args:
        url: an SQLAlchemy URL of SQLite or PostgreSQL; `${NAME}` is looked up in the environment.
        root: folder that a relative SQLite path starts from.

    Returns:
        The engine, and the ledger's file or address for messages, without its password.

    Raises:
        LedgerError: it cannot be opened, is damaged, or was written by a newer version.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine, place = _sqlite(parsed, root)
    else:
        engine, place = _postgresql(parsed)
    try:
        with worded("open", place):
            _migrate(engine, place)
    except UnicodeDecodeError as error:  # SQLite quotes damaged bytes in its own message
        engine.dispose()
        raise damaged(place, "its schema cannot be read") from error
    except BaseException:
        engine.dispose()
        raise
    return engine, place


def is_begun(url: str, root: Path) -> bool:
    """Tell whether anything can have been decided yet: opening a ledger makes its file, which only looking must not.

    Raises:
        LedgerError: the URL names no ledger.
    """
    parsed = _parse(url)
    return parsed.get_backend_name() != "sqlite" or (root / (parsed.database or "")).is_file()


def _parse(url: str) -> URL:
    try:
        resolved = resolve_options({"ledger": url}, source="ledger").options["ledger"]
    except ConnectorError as error:
        raise LedgerError(error.message) from error
    try:
        parsed = make_url(resolved)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerError(
            "could not open the ledger, because its URL names neither SQLite nor PostgreSQL; "
            "write sqlite:///var/ledger.db or postgresql+psycopg://... as ledger: in quarterline.yaml"
        )
    return parsed


def _sqlite(url: URL, root: Path) -> tuple[Engine, str]:
    if not url.database or url.database == ":memory:":
        raise LedgerError("could not open the ledger, because its URL names no file; write sqlite:///var/ledger.db")
    path = root / url.database
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"could not open the ledger {path}, because its folder cannot be made ({error.strerror}); "
            "check the path and its permissions"
        ) from error
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine, str(path)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions would begin too late and leave DDL outside
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: turning a reader into a writer half-way fails when somebody wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> tuple[Engine, str]:
    place = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": BUSY_SECONDS},
            hide_parameters=True,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"could not open the ledger {place}, because the driver psycopg is not installed; "
            "install quarterline[postgresql]"
        ) from error
    return engine, place


def _migrate(engine: Engine, place: str) -> None:
    """Bring the schema to `HEAD`; the usual case costs one query and does not import Alembic."""
    with engine.connect() as connection:
        if _schema_version(connection) == HEAD:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        stored = _schema_version(connection)
        if stored != HEAD:
            _refuse_foreign(connection, stored, place)
            _upgrade(connection)


def _schema_version(connection: Connection) -> str | None:
    try:
        with connection.begin_nested() if connection.in_transaction() else connection.begin():
            version: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
            return version
    except SQLAlchemyError as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            return None
        raise


def _refuse_foreign(connection: Connection, stored: str | None, place: str) -> None:
    if stored is not None and stored > HEAD:
        raise LedgerError(
            f"could not open the ledger {place}, because a newer version of Quarterline wrote it "
            f"(schema {stored}, this version knows {HEAD}); upgrade Quarterline"
        )
    if stored is None and connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
        raise LedgerError(
            f"could not open the ledger {place}, because the file holds another program's tables; "
            "name another file as ledger: in quarterline.yaml"
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - costs a second, and is needed once per schema
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
