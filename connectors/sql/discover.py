"""The columns of a result, from what the database says about them."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connectors.base import Stream
from connectors.columns import INSTANT, DeclaredColumn, decimal_type, declared_columns, named_type
from connectors.errors import ContentError
from connectors.sql.query import Relation
from connectors.sql.values import Arrives, ResultColumn
from connectors.times import clock_of

SAMPLE_ROWS = 1000

Found = tuple[str, pa.DataType, Arrives]

_POSTGRESQL: Mapping[int, tuple[pa.DataType, Arrives]] = {
    16: (pa.bool_(), "plain"),
    17: (pa.binary(), "plain"),
    20: (pa.int64(), "plain"),
    21: (pa.int16(), "plain"),
    23: (pa.int32(), "plain"),
    26: (pa.int64(), "plain"),
    700: (pa.float32(), "float"),
    701: (pa.float64(), "float"),
    1082: (pa.date32(), "day"),
    1083: (pa.time64("us"), "clock"),
    1114: (INSTANT, "naive"),
    1184: (INSTANT, "aware"),
}
_POSTGRESQL_NUMERIC = 1700

_MYSQL_INTEGERS: Mapping[int, tuple[pa.DataType, pa.DataType]] = {
    1: (pa.int8(), pa.uint8()),
    2: (pa.int16(), pa.uint16()),
    3: (pa.int32(), pa.uint32()),
    8: (pa.int64(), pa.uint64()),
    9: (pa.int32(), pa.uint32()),
    13: (pa.int16(), pa.uint16()),
}
_MYSQL_OTHERS: Mapping[int, tuple[pa.DataType, Arrives]] = {
    4: (pa.float32(), "float"),
    5: (pa.float64(), "float"),
    7: (INSTANT, "aware"),
    10: (pa.date32(), "day"),
    11: (pa.time64("us"), "clock"),
    12: (INSTANT, "naive"),
}
_MYSQL_UNSIGNED, _MYSQL_BINARY_CHARSET, _MYSQL_JSON = 32, 63, 245

_SQLITE_AFFINITY: tuple[tuple[tuple[str, ...], pa.DataType, Arrives], ...] = (
    (("BOOL",), pa.bool_(), "flag"),
    (("TIMESTAMP", "DATETIME"), INSTANT, "naive"),
    (("DATE",), pa.date32(), "day"),
    (("TIME",), pa.time64("us"), "clock"),
    (("INT",), pa.int64(), "plain"),
    (("CHAR", "CLOB", "TEXT", "UUID", "JSON"), pa.string(), "text"),
    (("BLOB",), pa.binary(), "plain"),
    (("REAL", "FLOA", "DOUB"), pa.float64(), "float"),
)
_STORED: Mapping[str, tuple[pa.DataType, Arrives]] = {
    "integer": (pa.int64(), "plain"),
    "real": (pa.float64(), "float"),
    "text": (pa.string(), "text"),
    "blob": (pa.binary(), "plain"),
}


def result_columns(connection: Connection, relation: Relation, stream: Stream) -> list[ResultColumn]:
    """Find out the columns of a relation and how each becomes an Arrow array; what is declared goes first.

    Raises:
        ConnectorError: a declaration is wrong, or a column's values have no common type.
    """
    declared = declared_columns(stream)
    find = _FIND.get(connection.dialect.name, _find_by_sample)
    columns = []
    for name, type_, arrives in find(connection, relation, stream):
        column = ResultColumn(name, type_, arrives, clock_of(stream))
        if name in declared:
            _declare(column, declared[name])
        columns.append(column)
    return columns


def _declare(column: ResultColumn, declared: DeclaredColumn) -> None:
    was_aware = column.arrives == "aware"
    column.type, column.unit, column.format = declared.type, declared.unit, declared.format
    column.arrives, column.declared = _arrives(declared.type), True
    if declared.unit is not None:
        column.arrives = "epoch"
    elif was_aware and column.arrives == "naive":
        column.arrives = "aware"


def _arrives(type_: pa.DataType) -> Arrives:
    kinds: tuple[tuple[Callable[[pa.DataType], bool], Arrives], ...] = (
        (pa.types.is_floating, "float"),
        (pa.types.is_decimal, "decimal"),
        (pa.types.is_boolean, "flag"),
        (pa.types.is_timestamp, "naive"),
        (pa.types.is_date, "day"),
        (pa.types.is_time, "clock"),
        (pa.types.is_string, "text"),
    )
    return next((arrives for matches, arrives in kinds if matches(type_)), "plain")


def _find_in_postgresql(connection: Connection, relation: Relation, stream: Stream) -> Iterable[Found]:
    described = _describe(connection, relation)
    for column in described:
        name, oid, precision, scale = column[0], column[1], column[4], column[5]
        if oid == _POSTGRESQL_NUMERIC:
            fits = precision is not None and 0 <= scale <= precision <= 38
            type_ = pa.decimal128(precision, scale) if fits else _measured(connection, relation, stream, name)
            yield name, type_, "decimal"
        else:
            yield name, *_POSTGRESQL.get(oid, (pa.string(), "text"))


def _measured(connection: Connection, relation: Relation, stream: Stream, name: str) -> pa.DataType:
    """Find a decimal type for a numeric column that declares none, from its values."""
    column = relation.quoted(name)
    finite = f"CASE WHEN {column}::text NOT IN ('NaN', 'Infinity', '-Infinity') THEN {column} END"
    columns = f"max(length(trunc(abs({finite}))::text)), max(scale({finite}))"
    whole, scale = connection.exec_driver_sql(relation.rows(columns).sql).one()
    type_ = decimal_type(whole or 0, scale or 0)
    if type_ is None:
        raise ContentError(
            f"could not read a numeric column, because its values need {whole} digits before and {scale} after the "
            f"point and 38 in all is the limit; round it in a query",
            source=stream.source,
            stream=stream.name,
            column=name,
        )
    return type_


def _find_in_mysql(connection: Connection, relation: Relation, _stream: Stream) -> Iterable[Found]:
    with connection.exec_driver_sql(relation.empty().sql) as result:
        fields = list(result.cursor._result.fields)  # noqa: SLF001 - flags and lengths stand nowhere else
    for field in fields:
        yield field.name, *_mysql_type(field)


def _mysql_type(field: Any) -> tuple[pa.DataType, Arrives]:
    code, unsigned = field.type_code, bool(field.flags & _MYSQL_UNSIGNED)
    if code == 1 and field.length == 1:
        return pa.bool_(), "flag"
    if code in _MYSQL_INTEGERS:
        return _MYSQL_INTEGERS[code][unsigned], "plain"
    if code in {0, 246}:
        precision = field.length - (not unsigned) - (field.scale > 0)
        return pa.decimal128(min(precision, 38), field.scale), "decimal"
    if code == 16:
        return (pa.bool_() if field.length == 1 else pa.uint64()), "bits"
    if code in _MYSQL_OTHERS:
        return _MYSQL_OTHERS[code]
    is_binary = field.charsetnr == _MYSQL_BINARY_CHARSET and code not in {_MYSQL_JSON, 247, 248}
    return (pa.binary(), "plain") if is_binary else (pa.string(), "text")


def _find_in_sqlite(connection: Connection, relation: Relation, stream: Stream) -> Iterable[Found]:
    # A temporary view makes SQLite tell the declared types behind a query's columns; it lives in memory only.
    connection.exec_driver_sql(f"CREATE TEMP VIEW quarterline_columns AS SELECT * FROM {relation.source}")
    described = connection.exec_driver_sql("PRAGMA temp.table_info(quarterline_columns)").all()
    connection.exec_driver_sql("DROP VIEW temp.quarterline_columns")
    for row in described:
        name, declared = row[1], str(row[2]).upper()
        exact = named_type(declared) if declared.startswith(("DECIMAL", "NUMERIC")) else None
        if exact is not None:
            yield name, exact, "decimal"
            continue
        known = next((found for words, *found in _SQLITE_AFFINITY if any(word in declared for word in words)), None)
        yield name, *(known or _stored(connection, relation, stream, name))


def _stored(connection: Connection, relation: Relation, stream: Stream, name: str) -> tuple[pa.DataType, Arrives]:
    """Find the type of a SQLite column that declares none, from its values."""
    quoted = relation.quoted(name)
    kinds = set(connection.exec_driver_sql(f"SELECT DISTINCT typeof({quoted}) FROM {relation.source}").scalars())
    kinds.discard("null")
    if kinds == {"integer", "real"}:
        kinds = {"real"}
    if len(kinds) > 1:
        raise ContentError(
            f"could not read a column without a declared type, because it holds {' and '.join(sorted(kinds))} values; "
            f"declare it under columns: or cast it in a query",
            source=stream.source,
            stream=stream.name,
            column=name,
        )
    return _STORED[kinds.pop() if kinds else "text"]


def _find_by_sample(connection: Connection, relation: Relation, _stream: Stream) -> Iterable[Found]:
    """Find types from the first rows, for databases whose drivers tell nothing exact."""
    select = relation.rows("*")
    options = {"stream_results": True}
    with connection.exec_driver_sql(select.sql, execution_options=options) as result:
        names = list(result.keys())
        rows = result.fetchmany(SAMPLE_ROWS)
    for index, name in enumerate(names):
        yield name, *_python_type([row[index] for row in rows if row[index] is not None])


def _python_type(values: list[Any]) -> tuple[pa.DataType, Arrives]:
    if values and all(isinstance(value, Decimal) for value in values):
        return pa.decimal128(38, max(0, *(-value.as_tuple().exponent for value in values))), "decimal"
    type_ = pa.array(values).type if values else pa.string()
    if pa.types.is_timestamp(type_):
        return INSTANT, "naive" if type_.tz is None else "aware"
    return type_, _arrives(type_) if not pa.types.is_boolean(type_) else "plain"


def _describe(connection: Connection, relation: Relation) -> list[Any]:
    with connection.exec_driver_sql(relation.empty().sql) as result:
        return list(result.cursor.description)


_FIND: Mapping[str, Callable[[Connection, Relation, Stream], Iterable[Found]]] = {
    "postgresql": _find_in_postgresql,
    "mysql": _find_in_mysql,
    "mariadb": _find_in_mysql,
    "sqlite": _find_in_sqlite,
}


def estimated_rows(connection: Connection, stream: Stream) -> int | None:
    """Say about how many rows a stream's table has, from the server's statistics; None where it keeps none."""
    schema, _, table = str(stream.options["table"]).rpartition(".")
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote_identifier
        name = ".".join(map(quote, filter(None, (schema, table))))
        known = "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = to_regclass(:name)"
        rows = connection.execute(sa.text(known), {"name": name}).scalar()
    elif connection.dialect.name in {"mysql", "mariadb"}:
        known = (
            "SELECT table_rows FROM information_schema.tables "
            "WHERE table_schema = coalesce(nullif(:schema, ''), database()) AND table_name = :name"
        )
        rows = connection.execute(sa.text(known), {"schema": schema, "name": table}).scalar()
    else:
        return None
    return int(rows) if rows is not None and rows >= 0 else None
