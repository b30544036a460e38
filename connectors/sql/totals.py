"""Counts and sums computed by the database, to hold loaded rows against."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy.engine import Connection

from connectors.base import Totals
from connectors.sql.query import Relation
from connectors.sql.values import ResultColumn

_PRESENT: Mapping[str, str] = {"postgresql": "NULLIF(NULLIF(NULLIF({0}, 'NaN'), 'Infinity'), '-Infinity')"}
_BYTES: Mapping[str, str] = {
    "postgresql": "octet_length(convert_to({0}::text, 'UTF8'))",
    "mysql": "length(convert({0} using utf8mb4))",
    "mariadb": "length(convert({0} using utf8mb4))",
    "sqlite": "length(CAST({0} AS BLOB))",
}
_INEXACT = frozenset({"sqlite"})
"""Databases that sum decimals as floats."""


def count_totals(connection: Connection, relation: Relation, columns: Sequence[ResultColumn]) -> Totals | None:
    """Ask for all counts and sums at once; None for a database whose sums are not known to be exact."""
    dialect = connection.dialect.name
    if dialect not in _BYTES:
        return None
    summed = {column.name: sql for column in columns if (sql := _sum(column, relation, dialect)) is not None}
    counts = [f"count({_present(column, relation, dialect)})" for column in columns]
    asked = ", ".join(["count(*)", *counts, *(f"sum({sql})" for sql in summed.values())])
    row = connection.exec_driver_sql(relation.rows(asked).sql).one()
    values = dict(zip((column.name for column in columns), map(int, row[1:]), strict=False))
    sums = dict(zip(summed, map(_number, row[1 + len(columns) :]), strict=True))
    return Totals(int(row[0]), values, sums)


def _present(column: ResultColumn, relation: Relation, dialect: str) -> str:
    """SQL of a value that counts: a number that is none is taken as missing."""
    name = relation.quoted(column.name)
    return _PRESENT.get(dialect, "{0}").format(name) if column.arrives in {"float", "decimal"} else name


def _sum(column: ResultColumn, relation: Relation, dialect: str) -> str | None:
    name = relation.quoted(column.name)
    if column.declared:
        return None
    if column.arrives == "text":
        return _BYTES[dialect].format(name)
    if pa.types.is_boolean(column.type) and column.arrives in {"plain", "flag"}:
        return f"CASE WHEN {name} THEN 1 ELSE 0 END"
    if pa.types.is_integer(column.type) and column.arrives == "plain":
        return name
    if column.arrives == "float" or (column.arrives == "decimal" and dialect not in _INEXACT):
        return _present(column, relation, dialect)
    return None


def _number(value: Any) -> int | float | Decimal:
    return 0 if value is None else value if isinstance(value, int | float) else Decimal(value)
