"""Text to a declared or pinned type, strictly."""

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import DeclaredColumn
from connectors.exact.numbers import (
    NOT_A_NUMBER,
    Writing,
    exact_decimals,
    hundredth,
    text_bytes,
    without_percent,
)
from connectors.times import (
    Clock,
    days_of_format,
    instants_of_format,
    instants_of_numbers,
    instants_of_text,
    times_of_text,
)

MISFIT = (pa.ArrowException, ValueError, OverflowError)
"""What reading raises when a text does not fit."""

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_NUMBER = re.compile(rb"[0-9+\-.eE]*")


def read_fixed(text: pa.Array, column: DeclaredColumn, writing: Writing, clock: Clock) -> tuple[pa.Array, int]:
    """Read texts as one type.

    Returns:
        The values, and how many were NaN or infinite and are taken as missing.

    Raises:
        pa.ArrowException, ValueError, OverflowError: a text does not fit.
    """
    type_ = column.type
    if pa.types.is_string(type_):
        return text, 0
    if pa.types.is_binary(type_):
        return text.cast(type_), 0
    text = pc.utf8_trim_whitespace(text)
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_) or pa.types.is_floating(type_) or column.unit:
        return _numbers(text, column, writing)
    for matches, read in _READERS:
        if matches(type_):
            return read(text, column, clock), 0
    raise pa.ArrowInvalid(f"no reading as {type_}")


def _numbers(text: pa.Array, column: DeclaredColumn, writing: Writing) -> tuple[pa.Array, int]:
    words = pc.match_substring_regex(text, NOT_A_NUMBER)
    missing = pc.sum(words).as_py() or 0
    if missing:
        text = pc.if_else(words, pa.scalar(None, pa.string()), text)
    plain = writing.to_plain(text)
    share = without_percent(plain)
    plain = plain if share is None else share
    if not _NUMBER.fullmatch(text_bytes(plain)[1]):
        raise pa.ArrowInvalid("no number")
    if column.unit:
        return instants_of_numbers(plain.cast(pa.int64()), column.unit), missing
    if pa.types.is_floating(column.type):
        return _doubles(plain, column.type, percent=share is not None), missing
    return (plain if share is None else hundredth(exact_decimals(plain))).cast(column.type), missing


def _doubles(plain: pa.Array, type_: pa.DataType, *, percent: bool) -> pa.Array:
    values = plain.cast(type_)
    if not pc.all(pc.is_finite(values), min_count=0).as_py():
        raise pa.ArrowInvalid("too large for a double")
    return pc.divide(values, pa.scalar(100.0, type_)) if percent else values


def _flags(text: pa.Array, _column: DeclaredColumn, _clock: Clock) -> pa.Array:
    low = pc.ascii_lower(text)
    true, false = pc.is_in(low, pa.array(_TRUE)), pc.is_in(low, pa.array(_FALSE))
    if not pc.all(pc.or_(pc.or_(true, false), pc.is_null(low)), min_count=0).as_py():
        raise pa.ArrowInvalid("neither true nor false")
    return pc.if_else(pc.is_null(low), pa.scalar(None, pa.bool_()), true)


def _days(text: pa.Array, column: DeclaredColumn, _clock: Clock) -> pa.Array:
    return text.cast(pa.date32()) if column.format is None else days_of_format(text, column.format)


def _instants(text: pa.Array, column: DeclaredColumn, clock: Clock) -> pa.Array:
    if column.format is not None:
        return instants_of_format(text, column.format, clock)
    return instants_of_text(text, clock)[0]


def _times(text: pa.Array, column: DeclaredColumn, _clock: Clock) -> pa.Array:
    return times_of_text(text, column.format)


_READERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, DeclaredColumn, Clock], pa.Array]], ...] = (
    (pa.types.is_boolean, _flags),
    (pa.types.is_date, _days),
    (pa.types.is_timestamp, _instants),
    (pa.types.is_time, _times),
)
