"""What a connector offers when its database can compute: a stream as it is stored, and answers to statements."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa

from connectors.base import Stream
from connectors.columns import Unit

Storage: TypeAlias = Literal["plain", "naive", "aware", "epoch", "bits"]
"""How a column's values are stored: as their type says; times without a zone, and with one; times as numbers since
1970; a boolean as a bit string."""


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as its database stores it.

    Attributes:
        type: of the values once they are read.
        unit: of times stored as numbers.
    """

    name: str
    type: pa.DataType
    storage: Storage = "plain"
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class StoredStream:
    """A stream where it is stored.

    Attributes:
        dialect: the database's, as SQLAlchemy names it.
        relation: SQL to stand after FROM.
        timezone: IANA zone of times that carry none.
    """

    dialect: str
    relation: str
    timezone: str
    columns: tuple[StoredColumn, ...]


class Computation(Protocol):
    """One sitting with a database: all of its answers are of one state where the database can promise that."""

    def stored(self) -> StoredStream:
        """Describe the stream.

        Raises:
            ConnectorError: it cannot be read.
        """
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one SELECT and give all of its rows.

        Raises:
            ConnectorError: the database fails or refuses.
        """
        ...


@runtime_checkable
class ComputingConnector(Protocol):
    """A connector whose database can compute metrics itself (`mode: pushdown`)."""

    @property
    def dialect(self) -> str:
        """The database's dialect, known without connecting."""
        ...

    def computing(self, stream: Stream) -> AbstractContextManager[Computation]:
        """Open a sitting over one stream.

        Raises:
            ConnectorError: the database cannot be reached.
        """
        ...
