"""Database connections: read-only, in one snapshot, with time-outs, and errors that never show a password."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import NullPool

from connectors.errors import ConnectorError, ContentError, DeclarationError, UnavailableError
from connectors.secrets import redact, secrets_of

CONNECT_SECONDS = 10
READ_SECONDS = 600

_DRIVERS: Mapping[str, str] = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_PACKAGES: Mapping[str, str] = {
    "psycopg": "quarterline[postgresql]",
    "pymysql": "quarterline[mysql]",
    "clickhouse_connect": "quarterline[clickhouse]",
    "clickhousedb": "quarterline[clickhouse]",
}
_REFUSED = re.compile(
    r"password authentication failed|access denied|no password supplied|role \"[^\"]*\" does not exist"
    r"|database \"[^\"]*\" does not exist|unknown database|authentication|no pg_hba.conf entry",
    re.IGNORECASE,
)
_MISSING = re.compile(r"does not exist|doesn't exist|no such (?:table|column)|unknown column|undefined", re.IGNORECASE)
_DRIVER_NOISE = re.compile(r"^\([\w.]+\)\s*|\s*\[SQL:.*|\s*\(Background on this error.*", re.DOTALL)
_SERVER_CODE = re.compile(r"^\((\d+), ['\"](.*)['\"]\)$", re.DOTALL)


class Database:
    """One source's database."""

    def __init__(self, source: str, url: str, workspace: Path) -> None:
        """Read the URL; nothing is connected.

        Args:
            source: name of the source, for messages.
            url: any SQLAlchemy URL, references resolved.
            workspace: where a relative SQLite path starts.

        Raises:
            DeclarationError: the text is no database URL, or its driver is not installed.
        """
        self.source = source
        self._secrets = secrets_of(url)
        self.url = self._parse(url)
        self.dialect = self.url.get_backend_name()
        self._file: Path | None = None
        if self.dialect == "sqlite":
            self._file = self._sqlite_file(workspace)
        self._engine = self._create()

    @property
    def shown(self) -> str:
        """The address for messages: dialect, host and database, without user or password."""
        if self._file is not None:
            return self.url.database or "sqlite"
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.dialect} database {self.url.database or ''!r} on {self.url.host or 'localhost'}{port}"

    @contextmanager
    def connect(self, stream: str | None = None) -> Iterator[Connection]:
        """Open a read-only transaction that sees one state of the database, and translate what fails in it.

        Raises:
            ConnectorError: the database cannot be reached, refuses, or lacks what was asked for.
        """
        self._require_file(stream)
        try:
            with self._engine.connect() as connection:
                self._begin(connection)
                yield connection
        except exc.SQLAlchemyError as error:
            raise self.translate(error, stream) from None
        except Exception as error:
            if isinstance(error, ConnectorError) or not _is_driver_error(error):
                raise
            raise self.translate(error, stream) from None

    def table_names(self, connection: Connection, schema: str | None) -> list[str]:
        """Name the tables and views of a schema, the default one for None."""
        inspector = sa.inspect(connection)
        return [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]

    def translate(self, error: Exception, stream: str | None) -> ConnectorError:
        """Word a driver's error in one line without its SQL or any secret."""
        cause = getattr(error, "orig", None) or error
        reason = redact(_reason(cause), self._secrets)
        kind, message = self._classify(cause, reason)
        return kind(message, source=self.source, stream=stream)

    def _classify(self, cause: BaseException, reason: str) -> tuple[type[ConnectorError], str]:
        if _REFUSED.search(reason):
            return DeclarationError, (
                f"could not open {self.shown}, because it refuses: {reason}; check user, password and database name"
            )
        if _MISSING.search(reason):
            return DeclarationError, (
                f"could not read, because the database answers: {reason}; correct the stream's table or query"
            )
        if "file is not a database" in reason or "malformed" in reason:
            return ContentError, f"could not open {self.shown}, because {reason}; restore the file from a backup"
        if isinstance(cause, _unavailable_types(self._engine)):
            return UnavailableError, (
                f"could not reach {self.shown}, because {reason}; check that it runs and that host and port are right"
            )
        return ContentError, f"could not read from {self.shown}, because {reason}; correct the stream's query"

    def _parse(self, url: str) -> URL:
        try:
            parsed = make_url(url)
        except exc.ArgumentError:
            raise DeclarationError(
                "could not use 'url', because it is no database URL; write one such as postgresql://user@host/database "
                "or sqlite:///data/file.db",
                source=self.source,
            ) from None
        return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))

    def _sqlite_file(self, workspace: Path) -> Path:
        name = self.url.database
        if not name or name == ":memory:" or name.startswith("file:"):
            raise DeclarationError(
                "could not use 'url', because it names no SQLite file; write sqlite:///data/file.db",
                source=self.source,
            )
        path = (workspace / name).resolve()
        if not Path(name).is_absolute() and not path.is_relative_to(workspace.resolve()):
            raise DeclarationError(
                f"could not use {name!r}, because it leaves the workspace; write the absolute path if that is meant",
                source=self.source,
            )
        return path

    def _create(self) -> Engine:
        url: URL = self.url
        if self._file is not None:
            url = make_url(f"sqlite:///file:{quote(str(self._file))}?mode=ro&uri=true")
        try:
            return sa.create_engine(
                url, poolclass=NullPool, connect_args=_connect_args(self.dialect, url.get_driver_name())
            )
        except (exc.NoSuchModuleError, ImportError) as error:
            package = _PACKAGES.get(getattr(error, "name", "") or "", "its SQLAlchemy dialect and driver")
            raise DeclarationError(
                f"could not use 'url', because the driver for {self.url.drivername!r} is not installed; "
                f"install {package}",
                source=self.source,
            ) from None

    def _require_file(self, stream: str | None) -> None:
        if self._file is not None and not self._file.is_file():
            raise ContentError(
                f"could not open {self.shown!r}, because there is no such file in the workspace; correct the path",
                source=self.source,
                stream=stream,
                file=self.shown,
            )

    def _begin(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.exec_driver_sql(
                "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), "
                "set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)"
            )
        elif self.dialect in {"mysql", "mariadb"}:
            connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _connect_args(dialect: str, driver: str) -> dict[str, Any]:
    if driver == "psycopg":
        return {"connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "tcp_user_timeout": 60_000}
    if driver == "pymysql":
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS, "charset": "utf8mb4"}
    return {"timeout": CONNECT_SECONDS} if dialect == "sqlite" else {}


def _is_driver_error(error: Exception) -> bool:
    return any(base.__name__ in {"DatabaseError", "InterfaceError"} for base in type(error).__mro__)


def _unavailable_types(engine: Engine) -> tuple[type[Exception], ...]:
    driver = engine.dialect.dbapi
    return tuple(getattr(driver, name) for name in ("OperationalError", "InterfaceError") if hasattr(driver, name))


def _reason(cause: BaseException) -> str:
    text = _DRIVER_NOISE.sub("", str(cause)).strip()
    if found := _SERVER_CODE.match(text):
        text = found.group(2)
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(cause).__name__)
    return first.removesuffix(".")[:300]
