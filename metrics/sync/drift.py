"""Column types: Arrow's to DuckDB's, and what happens when a stream's columns change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors.errors import ContentError, DriftError

_PLAIN = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.uint8(): "UTINYINT",
    pa.uint16(): "USMALLINT",
    pa.uint32(): "UINTEGER",
    pa.uint64(): "UBIGINT",
    pa.float16(): "FLOAT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.large_string(): "VARCHAR",
    pa.string_view(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.large_binary(): "BLOB",
    pa.date32(): "DATE",
    pa.time64("us"): "TIME",
}
_DIGITS = {
    "TINYINT": 3,
    "UTINYINT": 3,
    "SMALLINT": 5,
    "USMALLINT": 5,
    "INTEGER": 10,
    "UINTEGER": 10,
    "BIGINT": 19,
    "UBIGINT": 20,
}
"""Decimal digits that hold every value of an integer type."""

_BITS = {
    "TINYINT": 7,
    "UTINYINT": 8,
    "SMALLINT": 15,
    "USMALLINT": 16,
    "INTEGER": 31,
    "UINTEGER": 32,
    "BIGINT": 63,
    "UBIGINT": 64,
}
INTEGERS = frozenset(_BITS)
_DECIMAL = re.compile(r"^DECIMAL\((\d+),\s*(\d+)\)$")


@dataclass(frozen=True, slots=True)
class Drift:
    """How a stored table must change to take a pull's rows.

    Attributes:
        added: type by new column.
        widened: new type by column.
    """

    added: Mapping[str, str]
    widened: Mapping[str, str]


def duckdb_types(schema: pa.Schema) -> dict[str, str]:
    """Give the DuckDB type of each column; a column that never held a value has none yet and is left out.

    Raises:
        ContentError: a column cannot be stored exactly, or two names differ only by upper and lower case.
    """
    types: dict[str, str] = {}
    folded: dict[str, str] = {}
    for field in schema:
        if (twin := folded.setdefault(field.name.lower(), field.name)) != field.name or field.name in types:
            raise ContentError(
                f"columns {twin!r} and {field.name!r} have the same name up to upper and lower case; rename one",
                column=field.name,
            )
        if not pa.types.is_null(field.type):
            types[field.name] = _duckdb_type(field)
    return types


def find_drift(stored: Mapping[str, str], pulled: Mapping[str, str], named: frozenset[str]) -> Drift:
    """Compare a stored table's columns with those of a pull; `named` are the pull's columns, typed or not.

    A new column is added, a type that grew exactly is widened.

    Raises:
        DriftError: a column is missing, or its type changed in a way that would lose something.
    """
    if missing := sorted(set(stored) - named):
        raise DriftError(
            f"column {missing[0]!r} is gone (stored columns: {', '.join(stored)}); bring it back, "
            f"or run `quarterline sync --relearn` if it is gone for good",
            column=missing[0],
        )
    widened = {}
    for name, kind in pulled.items():
        known = stored.get(name, kind)
        if kind == known or widens(kind, known):
            continue
        if not widens(known, kind):
            raise DriftError(
                f"column {name!r} was {known} and is now {kind}, which cannot hold both exactly; put the source "
                f"right, or take the new type with `quarterline sync --relearn`",
                column=name,
            )
        widened[name] = kind
    return Drift({name: kind for name, kind in pulled.items() if name not in stored}, widened)


def widens(narrow: str, wide: str) -> bool:
    """Whether every value of one DuckDB type is exactly a value of another."""
    if narrow == wide:
        return True
    if wide in {"DOUBLE", "FLOAT"}:
        return narrow == "FLOAT" or _BITS.get(narrow, 64) <= (53 if wide == "DOUBLE" else 24)
    if wide in _BITS:
        return _BITS.get(narrow, 65) <= _BITS[wide] and (wide[0] != "U" or narrow[0] == "U")
    into, held = _DECIMAL.match(wide), _DECIMAL.match(narrow)
    if into is None or not (held or narrow in _DIGITS):
        return False
    whole = int(held[1]) - int(held[2]) if held else _DIGITS[narrow]
    scale = int(held[2]) if held else 0
    return int(into[2]) >= scale and int(into[1]) - int(into[2]) >= whole


def _duckdb_type(field: pa.Field) -> str:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if kind in _PLAIN:
        return _PLAIN[kind]
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return "TIMESTAMP WITH TIME ZONE"
    if pa.types.is_decimal(kind) and kind.precision <= 38 and 0 <= kind.scale <= kind.precision:
        return f"DECIMAL({kind.precision},{kind.scale})"
    raise ContentError(
        f"column {field.name!r} is {kind}, which cannot be kept exactly; leave it out, or declare another type "
        f"under columns:",
        column=field.name,
    )
