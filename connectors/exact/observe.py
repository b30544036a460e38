"""What kind of values a block of texts holds, decided from every value and never from a sample."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.exact.numbers import (
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

_JOINED: tuple[tuple[frozenset[Kind], Kind], ...] = (
    (frozenset({"date", "instant"}), "instant"),
    (frozenset({"integer", "decimal"}), "decimal"),
    (frozenset({"integer", "decimal", "double"}), "double"),
    (frozenset({"integer", "comma"}), "comma"),
    (frozenset({"integer", "decimal", "double", "percent", "comma", "ambiguous"}), "ambiguous"),
)
_NUMBERS = frozenset({"integer", "decimal", "double", "percent", "comma", "ambiguous"})
_MAYBE_TYPED = re.compile(
    r"^\s*(?:[+-]?[.,]?\d[\d.,'_\s\u2019]*(?:[eE][+-]?\d+)?\s*%?|true|false|[+-]?(?:nan|inf|infinity)"
    r"|\d{4}-\d\d-\d\d[T ]?.*)\s*$",
    re.IGNORECASE,
)
_SEPARATORS = "'_ \u00a0\u202f\u2019"
_COMMA, _SURE = r"^-?(?:0|[1-9]\d*)(?:,\d+)?$", r"^-?0,|,(?:\d{1,2}|\d{4,})$|^-?\d{4,},"
"""Numbers with at most one comma, and those whose comma cannot separate thousands."""

_LOOKED_AT, _LONGEST_TYPED = 8, 64
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


def joined(one: Kind, other: Kind) -> Kind:
    """Return the kind that holds the values of both."""
    if one == other or "empty" in {one, other}:
        return other if one == "empty" else one
    for kinds, kind in _JOINED:
        if {one, other} <= kinds:
            return kind
    return "text"


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


def _first_values(text: pa.Array) -> list[str]:
    """Return a few values, none of them null: enough to spare casts that are bound to fail, which cost the most."""
    few: list[str] = text.slice(0, _LOOKED_AT).drop_null().to_pylist() or text.drop_null().slice(0, 1).to_pylist()
    return few


def _may_be_typed(text: pa.Array) -> bool:
    return all(len(value) <= _LONGEST_TYPED and _MAYBE_TYPED.match(value) for value in _first_values(text))


def _number(text: pa.Array, raw: bytes, rest: bytes, writing: Writing, clock: Clock) -> Observation | None:
    letters = rest.translate(None, b"-.")
    if not letters and writing.is_plain:
        return _plain(text, rest, clock)
    if rest == raw and not rest.translate(None, _BOOLEAN_LETTERS):
        return _boolean(text, clock)
    if not letters.translate(None, b"+eE") and writing.is_plain:
        return _double(text, clock)
    if not rest.translate(None, _WORD_LETTERS) and (seen := _with_words(text, writing, clock)) is not None:
        return seen
    if not letters.translate(None, f",%+eE{_SEPARATORS}".encode()):
        return _written(text, writing, clock)
    return None


def _plain(text: pa.Array, rest: bytes, clock: Clock) -> Observation | None:
    if _has_leading_zero(text) or any("-" in value[1:] for value in _first_values(text)):
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
    if not pc.all(pc.is_finite(values), min_count=0).as_py():
        return Observation("ambiguous", text, clock, why="a number is too large for a double")
    return Observation("double", values, clock)


def _boolean(text: pa.Array, clock: Clock) -> Observation | None:
    low = pc.ascii_lower(text)
    if not set(pc.unique(low).to_pylist()) <= {"true", "false", None}:
        return None
    return Observation("boolean", pc.starts_with(low, "t"), clock)


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
        return _declared_writing(text, writing, clock)
    if not pc.any(pc.match_substring_regex(text, r"[^\d.-]")).as_py():
        return observe(text, Writing("."), clock)
    if writing.decimal is None and _all_match(text, _COMMA) and pc.any(pc.match_substring_regex(text, _SURE)).as_py():
        pointed = pc.replace_substring(text, ",", ".")
        whole, scale = whole_and_scale(pointed)
        return Observation("comma", exact_decimals(pointed), clock, whole, scale)
    if _all_match(text, rf"^[+-]?(?:\d+|\d{{1,3}}(?:[,.{_SEPARATORS}]\d{{3}})+)(?:[.,]\d+)?$"):
        return Observation("ambiguous", text, clock, why="its commas may be decimal signs or separate thousands")
    return None


def _declared_writing(text: pa.Array, writing: Writing, clock: Clock) -> Observation | None:
    try:
        inner = observe(writing.to_plain(text), Writing("."), clock)
    except pa.ArrowInvalid:
        if _all_match(text, rf"^[+-]?\d[\d.,{_SEPARATORS}]*$"):
            return Observation("ambiguous", text, clock, why="its numbers do not follow the declared writing")
        return None
    return inner if inner.kind in _NUMBERS else None


def _time(text: pa.Array, clock: Clock) -> Observation | None:
    if all(len(value) == len("2026-01-31") for value in _first_values(text)):
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
    return bool(pc.all(pc.match_substring_regex(text, pattern), min_count=0).as_py())
