"""What kind of values a block of texts holds, decided from every value and never from a sample."""

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.numbers import (
    NOT_A_NUMBER,
    Writing,
    exact_decimals,
    hundredth,
    text_bytes,
    whole_and_scale,
    without_percent,
)
from connectors.times import Clock, instants_of_text

Kind: TypeAlias = Literal[
    "empty", "boolean", "integer", "decimal", "double", "date", "instant", "percent", "comma", "ambiguous", "text"
]
"""`comma`: numbers with a decimal comma that was not declared; `ambiguous`: numbers that can be read in two ways."""

Form: TypeAlias = Literal["any", "string", "number", "boolean", "nested"]
"""What the file itself says about the values: nothing (CSV), or the JSON type."""

_NUMBERS = frozenset({"integer", "decimal", "double", "percent", "comma", "ambiguous"})
_MAYBE_TYPED = re.compile(
    r"^\s*(?:[+-]?[\d.,'_\s\u2019]*\d[\d.,'_\s\u2019]*(?:[eE][+-]?\d+)?\s*%?|true|false|[+-]?(?:nan|inf|infinity)"
    r"|\d{4}-\d\d-\d\d[T ]?.*)\s*$",
    re.IGNORECASE,
)
_LOOKED_AT = 8
_DIGITS = b"0123456789"
_BOOLEAN_LETTERS, _WORD_LETTERS = b"truefalsTRUEFALS", b"0123456789+-.eEnaNifytINFTY"
_TIME_LETTERS = b"0123456789-+:.TZ "


@dataclass(slots=True)
class Observation:
    """What one block says about one column.

    Attributes:
        values: the texts read as their kind; the texts themselves for kinds that cannot be read yet.
        whole: most digits before the point, of numbers.
        scale: most digits after it.
        missing: NaN and infinite values taken as missing.
        naive: times without an offset among times with one.
        why: what makes an `ambiguous` column so.
    """

    kind: Kind
    values: pa.Array
    clock: Clock
    whole: int = 0
    scale: int = 0
    missing: int = 0
    naive: int = 0
    why: str = ""
    notes: list[str] = field(default_factory=list)


def joined(one: Kind, other: Kind) -> Kind:
    """Return the kind that holds the values of both."""
    if one == other or other == "empty":
        return one
    if one == "empty":
        return other
    pair = {one, other}
    if pair <= {"date", "instant"}:
        return "instant"
    if not pair <= _NUMBERS:
        return "text"
    if pair == {"integer", "comma"}:
        return "comma"
    if not pair <= {"integer", "decimal", "double"}:
        return "ambiguous"
    return "double" if "double" in pair else "decimal"


def observe(text: pa.Array, writing: Writing, clock: Clock, form: Form = "any") -> Observation:
    """Tell the kind of a block of texts and read them.

    Args:
        text: one column of a block; null where missing.
        writing: how numbers are written.
        clock: of times without an offset; its counts are the observation's own.
        form: what the file says; a JSON string is never taken as a number.
    """
    if len(text) == text.null_count:
        return Observation("empty", text, clock)
    if form == "nested" or not _may_be_typed(text):
        return Observation("text", text, clock)
    _, raw = text_bytes(text)
    rest = raw.translate(None, _DIGITS)
    if form != "string":
        seen = _number(text, raw, rest, writing, clock)
        if seen is not None:
            return seen
    if form != "number" and not rest.translate(None, _TIME_LETTERS) and rest:
        seen = _time(text, clock)
        if seen is not None:
            return seen
    trimmed = pc.utf8_trim_whitespace(text)
    if form == "any" and not trimmed.equals(text):
        inner = observe(trimmed, writing, clock, form)
        if inner.kind not in {"text", "empty"}:
            return inner
    return Observation("text", text, clock)


def _may_be_typed(text: pa.Array) -> bool:
    first = text.slice(0, _LOOKED_AT).drop_null().to_pylist()
    return all(_MAYBE_TYPED.match(value) for value in first)


def _number(text: pa.Array, raw: bytes, rest: bytes, writing: Writing, clock: Clock) -> Observation | None:
    letters = rest.translate(None, b"-.")
    if not letters and writing.is_plain:
        return _plain(text, rest, clock)
    if not letters.translate(None, _BOOLEAN_LETTERS) and letters and rest == letters:
        return _boolean(text, clock)
    if not letters.translate(None, b"+eE") and writing.is_plain:
        return _double(text, clock)
    if not rest.translate(None, _WORD_LETTERS):
        return _with_words(text, writing, clock)
    if not letters.translate(None, ",%'_ +eE\u00a0\u202f\u2019".encode()):
        return _written(text, writing, clock)
    return None


def _plain(text: pa.Array, rest: bytes, clock: Clock) -> Observation | None:
    if _has_leading_zero(text):
        return None
    try:
        if b"." not in rest:
            return _integer(text, clock)
        whole, scale = whole_and_scale(text)
        return Observation("decimal", exact_decimals(text), clock, whole=whole, scale=scale)
    except pa.ArrowInvalid:
        return _double(text, clock) if whole_and_scale(text)[0] + whole_and_scale(text)[1] > 38 else None


def _integer(text: pa.Array, clock: Clock) -> Observation:
    whole, _ = whole_and_scale(text)
    try:
        return Observation("integer", text.cast(pa.int64()), clock, whole=whole)
    except pa.ArrowInvalid:
        return Observation("decimal", exact_decimals(text), clock, whole=whole)


def _double(text: pa.Array, clock: Clock) -> Observation | None:
    try:
        values = text.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if _has_leading_zero(text) or pc.any(pc.starts_with(text, "+")).as_py():
        return None
    if not pc.all(pc.is_finite(values)).as_py():
        return Observation("ambiguous", text, clock, why="a number is too large for a double")
    return Observation("double", values, clock)


def _boolean(text: pa.Array, clock: Clock) -> Observation | None:
    low = pc.ascii_lower(text)
    if not set(pc.unique(low).to_pylist()) <= {"true", "false", None}:
        return None
    return Observation("boolean", pc.equal(low, "true"), clock)


def _with_words(text: pa.Array, writing: Writing, clock: Clock) -> Observation | None:
    words = pc.match_substring_regex(text, NOT_A_NUMBER)
    missing = pc.sum(words).as_py() or 0
    if not missing:
        return None
    inner = observe(pc.if_else(words, pa.scalar(None, pa.string()), text), writing, clock)
    if inner.kind not in {*_NUMBERS, "empty"}:
        return None
    inner.missing = missing
    return inner


def _written(text: pa.Array, writing: Writing, clock: Clock) -> Observation | None:
    """Read numbers with commas, groups or percent signs, or say why they cannot be read."""
    text = pc.utf8_trim_whitespace(text)
    try:
        share = without_percent(text)
    except pa.ArrowInvalid as error:
        if _all_match(text, r"^[+-]?[\d.,]*\d[\d.,]*\s*%?$"):
            return Observation("ambiguous", text, clock, why=f"its numbers are {error}")
        return None
    inner = _commas(text if share is None else share, writing, clock)
    if share is None or inner is None or inner.kind == "ambiguous":
        return inner
    if inner.kind not in {"integer", "decimal"}:
        return None
    decimals = hundredth(inner.values.cast(pa.decimal128(38, inner.scale)))
    return Observation("percent", decimals, clock, whole=inner.whole, scale=inner.scale + 2)


def _commas(text: pa.Array, writing: Writing, clock: Clock) -> Observation | None:
    if not writing.is_plain:
        try:
            inner = observe(writing.to_plain(text), Writing("."), clock)
        except pa.ArrowInvalid:
            if _all_match(text, r"^[+-]?\d[\d.,'_ \u00a0\u202f\u2019]*$"):
                return Observation("ambiguous", text, clock, why="its numbers do not follow the declared writing")
            return None
        return inner if inner.kind in _NUMBERS else None
    if not pc.any(pc.match_substring_regex(text, r"[^\d.-]")).as_py():
        return observe(text, Writing("."), clock)
    if _all_match(text, r"^-?(?:0|[1-9]\d*)(?:,\d+)?$") and (
        writing.decimal is None
        and pc.any(pc.match_substring_regex(text, r"^-?0,|,(?:\d{1,2}|\d{4,})$|^-?\d{4,},")).as_py()
    ):
        inner = observe(pc.replace_substring(text, ",", "."), Writing("."), clock)
        return Observation(
            "comma", exact_decimals(pc.replace_substring(text, ",", ".")), clock, inner.whole, inner.scale
        )
    if _all_match(text, r"^[+-]?(?:\d+|\d{1,3}(?:[,.'_ \u00a0\u202f\u2019]\d{3})+)(?:[.,]\d+)?$"):
        return Observation("ambiguous", text, clock, why="its commas may be decimal signs or separate thousands")
    return None


def _time(text: pa.Array, clock: Clock) -> Observation | None:
    try:
        return Observation("date", text.cast(pa.date32()), clock)
    except pa.ArrowInvalid:
        pass
    try:
        instants, naive = instants_of_text(text, clock)
    except pa.ArrowInvalid:
        return None
    return Observation("instant", instants, clock, naive=naive)


def _has_leading_zero(text: pa.Array) -> bool:
    """Tell whether a digit follows a leading zero, as in codes that a number would lose."""
    offsets, raw = text_bytes(text)
    data = np.frombuffer(raw + b"  ", np.uint8)
    starts, lengths = offsets[:-1], np.diff(offsets)
    negative = (data[starts] == ord("-")) & (lengths > 0)
    starts, lengths = starts + negative, lengths - negative
    following = data[np.minimum(starts + 1, len(data) - 1)]
    is_digit = (following >= ord("0")) & (following <= ord("9"))
    return bool(np.any((lengths > 1) & (data[starts] == ord("0")) & is_digit))


def _all_match(text: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(text, pattern)).as_py())
