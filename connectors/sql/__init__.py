"""Reads databases: any SQLAlchemy URL, exactly."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream, Totals
from connectors.errors import DeclarationError
from connectors.sql.computing import SqlComputation
from connectors.sql.engine import Database
from connectors.sql.extract import SqlExtract, agreed_schema, describe
from connectors.sql.totals import count_totals


class SqlConnector:
    """Reads tables and queries of one database; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = frozenset({"url"})
    stream_keys: ClassVar[frozenset[str]] = frozenset({"table", "query"})

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's `url`; nothing is connected yet.

        Raises:
            DeclarationError: the URL is missing, wrong, or its driver is not installed.
        """
        url = options.get("url")
        if not isinstance(url, str) or not url:
            raise DeclarationError(
                "could not use the source, because it has no 'url'; write url: ${NAME} and set that variable",
                source=name,
            )
        self._database = Database(name, url, workspace)

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of a stream, as the database describes it."""
        with self._database.connect(stream.name) as connection:
            _, columns = describe(self._database, connection, stream)
        return agreed_schema(stream, columns)

    def extract(self, stream: Stream, state: State | None) -> SqlExtract:
        """Begin a pull: everything, or the rows whose cursor is not behind the last one by more than the look-back."""
        return SqlExtract(self._database, stream, state)

    def totals(self, stream: Stream) -> Totals | None:
        """Let the database count the stream; None where rows are marked as deleted, or its sums are not exact."""
        if stream.deleted is not None:
            return None
        with self._database.connect(stream.name) as connection:
            relation, columns = describe(self._database, connection, stream)
            return count_totals(connection, relation, columns)

    def check(self) -> None:
        """Open a connection and ask for nothing."""
        with self._database.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    @property
    def dialect(self) -> str:
        """The database's dialect, as the URL says."""
        return self._database.dialect

    @contextmanager
    def computing(self, stream: Stream) -> Iterator[SqlComputation]:
        """Open a sitting in which the database computes metrics of one stream."""
        with self._database.connect(stream.name) as connection:
            yield SqlComputation(self._database, connection, stream)


__all__ = ["SqlConnector"]
