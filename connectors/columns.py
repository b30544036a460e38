"""Column types by name: what a declaration may ask for, and how a type is written in the state."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

import pyarrow as pa

from connectors.base import Stream
from connectors.errors import DeclarationError, nearest

Unit: TypeAlias = Literal["s", "ms", "us", "ns"]

INSTANT = pa.timestamp("us", tz="UTC")
"""The one type of times: microseconds since 1970 in UTC."""

_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "utinyint": pa.uint8(),
    "usmallint": pa.uint16(),
    "uinteger": pa.uint32(),
    "ubigint": pa.uint64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": INSTANT,
    "blob": pa.binary(),
}
_ALIASES: Mapping[str, str] = {
    "string": "text",
    "varchar": "text",
    "bool": "boolean",
    "int": "integer",
    "float": "double",
    "datetime": "timestamp",
    "numeric": "decimal",
}
_DECIMAL = re.compile(r"^decimal\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)$")


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """A column whose type is declared.

    Attributes:
        format: strptime format of dates and times given as text; ISO 8601 when None.
        unit: of times given as whole numbers since 1970.
    """

    type: pa.DataType
    format: str | None = None
    unit: Unit | None = None


def declared_columns(stream: Stream) -> dict[str, DeclaredColumn]:
    """Read `columns:` of a stream.

    Raises:
        DeclarationError: a type is unknown, or a format or unit is given where it has no meaning.
    """
    return {name: _declared(stream, name, written) for name, written in stream.columns.items()}


def type_name(type_: pa.DataType) -> str:
    """Write a type as a declaration would, such as `decimal(18, 2)`."""
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})"
    return next((name for name, known in _TYPES.items() if known == type_), str(type_))


def named_type(text: str) -> pa.DataType | None:
    """Read a type's name; None when there is no such type."""
    name = text.strip().lower()
    name = _ALIASES.get(name, name)
    if found := _DECIMAL.match(name.replace("numeric", "decimal")):
        precision, scale = int(found.group(1)), int(found.group(2))
        return pa.decimal128(precision, scale) if scale <= precision <= 38 and precision > 0 else None
    return _TYPES.get(name)


def widened(known: pa.DataType, found: pa.DataType) -> pa.DataType | None:
    """Return the type that holds every value of both exactly, `known` kept where it can; None when there is none."""
    if known == found:
        return known
    if pa.types.is_floating(known) or pa.types.is_floating(found):
        return pa.float64() if _fits_double(known) and _fits_double(found) else None
    if pa.types.is_integer(known) and pa.types.is_integer(found):
        return _wider_integer(known, found)
    known_digits, found_digits = _digits(known), _digits(found)
    if known_digits is None or found_digits is None:
        return None
    whole, scale = (max(pair) for pair in zip(known_digits, found_digits, strict=True))
    return known if known_digits == (whole, scale) else decimal_type(whole, scale)


def decimal_type(whole: int, scale: int) -> pa.DataType | None:
    """Return a decimal with room for `whole` digits before the point and exactly `scale` after it; None beyond 38.

    The precision is 18 or 38, the widths that are stored anyway, so that one more digit is no change of type.
    """
    digits = whole + scale
    return pa.decimal128(18 if digits <= 18 else 38, scale) if digits <= 38 else None


def _wider_integer(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    if one.bit_width >= other.bit_width and (
        pa.types.is_signed_integer(one) == pa.types.is_signed_integer(other)
        or (pa.types.is_signed_integer(one) and one.bit_width > other.bit_width)
    ):
        return one
    if pa.types.is_signed_integer(one) == pa.types.is_signed_integer(other):
        return other
    unsigned = one if pa.types.is_unsigned_integer(one) else other
    signed = other if unsigned is one else one
    if signed.bit_width > unsigned.bit_width:
        return signed
    wider = {8: pa.int16(), 16: pa.int32(), 32: pa.int64()}
    return wider.get(unsigned.bit_width, pa.decimal128(38, 0))


def _fits_double(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or (pa.types.is_integer(type_) and type_.bit_width <= 32))


def _digits(type_: pa.DataType) -> tuple[int, int] | None:
    if pa.types.is_decimal(type_):
        return type_.precision - type_.scale, type_.scale
    if pa.types.is_integer(type_):
        return {8: 3, 16: 5, 32: 10, 64: 20 if pa.types.is_unsigned_integer(type_) else 19}[type_.bit_width], 0
    return None


def schema_to_state(schema: pa.Schema) -> dict[str, str]:
    """Write a schema as JSON: column name to type name; a column without a type yet is left out."""
    return {field.name: type_name(field.type) for field in schema if not pa.types.is_null(field.type)}


def schema_from_state(written: Mapping[str, str]) -> pa.Schema:
    """Read what `schema_to_state` wrote."""
    return pa.schema([(name, named_type(text)) for name, text in written.items()])


def _declared(stream: Stream, name: str, written: Any) -> DeclaredColumn:
    options = written if isinstance(written, Mapping) else {"type": written}
    if unknown := sorted(set(options) - {"type", "format", "unit"}):
        raise _refusal(stream, name, f"{unknown[0]!r} is unknown; {nearest(unknown[0], ('type', 'format', 'unit'))}")
    type_ = named_type(str(options.get("type", "")))
    if type_ is None:
        hint = nearest(str(options.get("type", "")), [*_TYPES, "decimal(18, 2)"])
        raise _refusal(stream, name, f"its type {options.get('type')!r} is unknown; {hint}")
    format_, unit = options.get("format"), options.get("unit")
    if format_ is not None and not pa.types.is_temporal(type_):
        raise _refusal(stream, name, "only a date, time or timestamp has a format; remove it")
    if unit is not None and (unit not in get_args(Unit) or type_ != INSTANT):
        raise _refusal(stream, name, "a unit is one of s, ms, us, ns, of a timestamp given as a whole number")
    return DeclaredColumn(type_, None if format_ is None else str(format_), cast("Unit | None", unit))


def _refusal(stream: Stream, name: str, why: str) -> DeclarationError:
    return DeclarationError(
        f"could not use the declared column, because {why}", source=stream.source, stream=stream.name, column=name
    )
