"""The one SELECT of a pull: a table or a query, from a cursor on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Dialect

from connectors.base import Stream
from connectors.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class Select:
    """A statement in the driver's own parameter style, and its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """What a stream reads: a table, or a query taken as one.

    Attributes:
        source: text to stand after FROM.
        label: the relation's name in messages.
    """

    source: str
    label: str
    dialect: Dialect

    def quoted(self, column: str) -> str:
        """Quote a column as the database wants it."""
        return self.dialect.identifier_preparer.quote_identifier(column)

    def listed(self, columns: Sequence[str] = ()) -> str:
        """List columns for SELECT; all when none is named."""
        return ", ".join(map(self.quoted, columns)) or "*"

    def empty(self) -> Select:
        """Select no row, for the columns alone."""
        return Select(self._driver_text(f"SELECT * FROM {self.source} WHERE 1 = 0"))

    def rows(self, columns: str, *, ordered_by: str | None = None, since: Any = None) -> Select:
        """Select rows; from `since` on when there is one, with those whose cursor is NULL, which no cursor can pass.

        Args:
            columns: the list after SELECT.
            ordered_by: the cursor column.
            since: least cursor value wanted, in the driver's type.
        """
        base = self._driver_text(f"SELECT {columns} FROM {self.source}")
        if ordered_by is None:
            return Select(base)
        column = self._driver_text(self.quoted(ordered_by))
        if since is None:
            return Select(f"{base} ORDER BY {column}")
        condition = f"{column} >= {self._placeholder()} OR {column} IS NULL"
        return Select(f"{base} WHERE {condition} ORDER BY {column}", (since,))

    def _driver_text(self, sql: str) -> str:
        return sql.replace("%", "%%") if self.dialect.paramstyle in {"format", "pyformat"} else sql

    def _placeholder(self) -> str:
        return {"qmark": "?", "numeric": ":1", "numeric_dollar": "$1"}.get(self.dialect.paramstyle, "%s")


def relation_of(stream: Stream, dialect: Dialect) -> Relation:
    """Read `table` or `query` of a stream.

    Raises:
        DeclarationError: neither is given, or both are.
    """
    table, query = stream.options.get("table"), stream.options.get("query")
    if (table is None) == (query is None):
        found = "both are given" if table is not None else "neither is given"
        raise DeclarationError(
            f"could not read, because {found}; write one of table: and query:", source=stream.source, stream=stream.name
        )
    if query is not None:
        body = str(query).strip().rstrip(";").rstrip()
        # The line break ends a comment on the query's last line, which would swallow the bracket.
        return Relation(f"({body}\n) AS quarterline_query", "the query", dialect)
    parts = str(table).split(".")
    quote = dialect.identifier_preparer.quote_identifier
    return Relation(".".join(map(quote, parts)), str(table), dialect)
