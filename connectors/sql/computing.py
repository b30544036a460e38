"""Metrics computed inside the database: a stream's columns as they are stored, and answers in one snapshot."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from connectors.base import Stream
from connectors.columns import INSTANT, declared_columns, type_name
from connectors.computing import Storage, StoredColumn, StoredStream
from connectors.errors import DeclarationError
from connectors.sql.engine import READ_SECONDS, Database
from connectors.sql.extract import describe
from connectors.sql.query import Relation, relation_of
from connectors.sql.values import Arrives

_STORAGE: Mapping[Arrives, Storage] = {"naive": "naive", "aware": "aware", "bits": "bits", "epoch": "epoch"}
_NULLABLE = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$")
_CLICKHOUSE_DECIMAL = re.compile(r"^Decimal\((\d+), (\d+)\)$")
_CLICKHOUSE: Mapping[str, pa.DataType] = {
    "Bool": pa.bool_(),
    **{f"Int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    "Date": pa.date32(),
    "Date32": pa.date32(),
    "String": pa.string(),
}
_SQLALCHEMY: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.Boolean, pa.bool_()),
    (sa.Integer, pa.int64()),
    (sa.Float, pa.float64()),
    (sa.Date, pa.date32()),
    (sa.String, pa.string()),
)


class SqlComputation:
    """Implements `connectors.computing.Computation` over an open transaction."""

    def __init__(self, database: Database, connection: Connection, stream: Stream) -> None:
        """Bound how long one statement may take."""
        self._database, self._connection, self._stream = database, connection, stream
        for statement in _LIMITS.get(connection.dialect.name, _no_limit)(connection):
            connection.exec_driver_sql(statement)

    def stored(self) -> StoredStream:
        """Describe the stream as the database stores it."""
        dialect, stream = self._connection.dialect.name, self._stream
        if dialect in {"postgresql", "mysql", "mariadb"}:
            relation, found = describe(self._database, self._connection, _undeclared(stream))
            columns = [StoredColumn(each.name, each.type, _STORAGE.get(each.arrives, "plain")) for each in found]
        elif dialect in {"clickhouse", "clickhousedb"}:
            relation = relation_of(stream, self._connection.dialect)
            columns = _clickhouse(self._connection, relation)
        else:
            relation, columns = _reflected(self._connection, stream)
        return StoredStream(dialect, relation.source, stream.timezone, _as_declared(stream, columns))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one SELECT; one that fails leaves the sitting as it was."""
        dialect = self._connection.dialect
        text = sql.replace("%", "%%") if dialect.paramstyle in {"format", "pyformat"} else sql
        # PostgreSQL gives a whole transaction up for one failing statement, unless it is in a savepoint.
        guarded = self._connection.begin_nested() if dialect.name == "postgresql" else nullcontext()
        try:
            with guarded, self._connection.exec_driver_sql(text) as result:
                return [tuple(row) for row in result]
        except exc.SQLAlchemyError as error:
            raise self._database.translate(error, self._stream.name) from None


def clickhouse_columns(described: Iterable[tuple[Any, ...]]) -> list[StoredColumn]:
    """Read what `DESCRIBE TABLE` of ClickHouse says; columns of other types than metrics use are left out."""
    found = ((str(row[0]), *_clickhouse_type(str(row[1]))) for row in described)
    return [StoredColumn(name, kind, storage) for name, kind, storage in found if kind is not None]


def _clickhouse_type(text: str) -> tuple[pa.DataType | None, Storage]:
    while inner := _NULLABLE.match(text):
        text = inner[1]
    if text.startswith("DateTime"):
        return INSTANT, "aware"
    if (decimal := _CLICKHOUSE_DECIMAL.match(text)) and int(decimal[1]) <= 38:
        return pa.decimal128(int(decimal[1]), int(decimal[2])), "plain"
    return _CLICKHOUSE.get(text), "plain"


def _clickhouse(connection: Connection, relation: Relation) -> list[StoredColumn]:
    source = relation.source.rpartition("\n) AS ")[0] + "\n)" if relation.source.startswith("(") else relation.source
    with connection.exec_driver_sql(f"DESCRIBE TABLE {source}") as described:
        return clickhouse_columns([tuple(row) for row in described])


def _reflected(connection: Connection, stream: Stream) -> tuple[Relation, list[StoredColumn]]:
    """Find a table's columns by what its SQLAlchemy dialect says about them."""
    if stream.options.get("table") is None:
        raise DeclarationError(
            f"could not push down a query to {connection.dialect.name}, whose results do not tell their types; make "
            f"it a view of the database and write table:",
            source=stream.source,
            stream=stream.name,
        )
    schema, _, table = str(stream.options["table"]).rpartition(".")
    reflected = sa.inspect(connection).get_columns(table, schema or None)
    found = ((str(column["name"]), *_sqlalchemy_type(column["type"])) for column in reflected)
    columns = [StoredColumn(name, kind, storage) for name, kind, storage in found if kind is not None]
    # Quoted only where the dialect must: several take a quoted name for another than the plain one.
    quoted = ".".join(map(connection.dialect.identifier_preparer.quote, str(stream.options["table"]).split(".")))
    return Relation(quoted, str(stream.options["table"]), connection.dialect), columns


def _sqlalchemy_type(kind: sa.types.TypeEngine[Any]) -> tuple[pa.DataType | None, Storage]:
    if isinstance(kind, sa.DateTime):
        aware = kind.timezone or type(kind).__name__ in {"TIMESTAMP_TZ", "TIMESTAMP_LTZ"}
        return INSTANT, "aware" if aware else "naive"
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        return pa.decimal128(kind.precision or 38, kind.scale or 0), "plain"
    return next((found for known, found in _SQLALCHEMY if isinstance(kind, known)), None), "plain"


def _undeclared(stream: Stream) -> Stream:
    return Stream(stream.source, stream.name, stream.options, stream.primary_key, stream.cursor, stream.lookback)


def _as_declared(stream: Stream, found: Iterable[StoredColumn]) -> tuple[StoredColumn, ...]:
    """Take what is declared under `columns:` where the database can, and refuse it where it would need converting."""
    declared = declared_columns(stream)
    columns = []
    for column in found:
        wanted = declared.get(column.name)
        if wanted is not None and wanted.unit is not None and pa.types.is_integer(column.type):
            columns.append(StoredColumn(column.name, INSTANT, "epoch", wanted.unit))
            continue
        if wanted is not None and (wanted.type != column.type or wanted.format is not None):
            raise DeclarationError(
                f"could not push down, because column {column.name!r} is declared {type_name(wanted.type)} and stored "
                f"as {type_name(column.type)}, and the database computes with what it stores; convert it in a query: "
                f"of the stream",
                source=stream.source,
                stream=stream.name,
                column=column.name,
            )
        columns.append(column)
    return tuple(columns)


def _no_limit(_connection: Connection) -> tuple[str, ...]:
    return ()


def _mysql_limit(connection: Connection) -> tuple[str, ...]:
    if getattr(connection.dialect, "is_mariadb", False):
        return (f"SET SESSION max_statement_time = {READ_SECONDS}",)
    return (f"SET SESSION max_execution_time = {READ_SECONDS * 1000}",)


_LIMITS: Mapping[str, Callable[[Connection], tuple[str, ...]]] = {
    "postgresql": lambda _: (f"SET LOCAL statement_timeout = {READ_SECONDS * 1000}",),
    "mysql": _mysql_limit,
    "mariadb": _mysql_limit,
}
