"""Number writing: decimal comma, thousands separators, percent signs, words for no number."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import DeclarationError

NOT_A_NUMBER = r"(?i)^[+-]?(?:nan|inf|infinity)$"

_THOUSANDS = (",", ".", " ", "'", "_", "\u00a0", "\u202f", "\u2019")


@dataclass(frozen=True)
class Writing:
    """How numbers are written.

    Attributes:
        decimal: decimal sign; None while neither declared nor detected.
        thousands: sign between groups of three digits; None when there is none.
    """

    decimal: str | None = None
    thousands: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written with a point, and ungrouped."""
        return self.decimal in {None, "."} and self.thousands is None

    @cached_property
    def grouped(self) -> str:
        """Regular expression of a number in this writing, its digits grouped or not."""
        sign, point = re.escape(self.thousands or ""), re.escape(self.decimal or ".")
        groups = rf"\d{{1,3}}(?:{sign}\d{{3}})+|" if self.thousands else ""
        return rf"^[+-]?(?:{groups}\d+)(?:{point}\d+)?(?:[eE][+-]?\d+)?\s*%?$"

    def to_plain(self, text: pa.Array) -> pa.Array:
        """Write numbers with a point and ungrouped.

        Raises:
            pa.ArrowInvalid: a text is no number in this writing.
        """
        if self.is_plain:
            return text
        words = pc.match_substring_regex(text, NOT_A_NUMBER)
        if not pc.all(pc.or_(pc.match_substring_regex(text, self.grouped), words), min_count=0).as_py():
            raise pa.ArrowInvalid("no number in this writing")
        if self.thousands:
            text = pc.replace_substring(text, self.thousands, "")
        return pc.replace_substring(text, ",", ".") if self.decimal == "," else text


def declared_writing(options: Mapping[str, Any]) -> Writing:
    """Read `decimal` and `thousands`.

    Raises:
        DeclarationError: a sign is unknown, or both are the same.
    """
    decimal, thousands = options.get("decimal"), options.get("thousands")
    if decimal not in {None, ".", ","}:
        raise DeclarationError(f'could not use decimal {decimal!r}, because it is neither "." nor ","')
    if thousands is not None and thousands not in _THOUSANDS:
        raise DeclarationError(f'could not use thousands {thousands!r}, because it is none of "," "." " " "\'" "_"')
    if thousands is not None and thousands == (decimal or "."):
        raise DeclarationError(
            'could not use thousands "." with decimal ".", because they are the same; declare decimal: ","'
        )
    return Writing(decimal, thousands)


def text_bytes(text: pa.Array) -> tuple[np.ndarray, bytes]:
    """Return the offsets of a text array, from 0, and its bytes; a null has none."""
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    if text.null_count and np.diff(offsets)[text.is_null().to_numpy(zero_copy_only=False)].any():
        # A kernel that masks values leaves their bytes behind.
        return text_bytes(text.take(np.arange(len(text))))
    data = text.buffers()[2]
    raw = b"" if data is None else memoryview(data)[int(offsets[0]) : int(offsets[-1])].tobytes()
    return offsets - offsets[0], raw


def whole_and_scale(text: pa.Array) -> tuple[int, int]:
    """Return the most characters before the point and the most digits after it, of texts with at most one point."""
    offsets, raw = text_bytes(text)
    lengths = np.diff(offsets)
    points = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("."))
    if not len(points):
        return int(lengths.max(initial=0)), 0
    if len(points) == len(lengths):
        # One point in each text, as in columns of money: no search for the text that a point belongs to.
        rows: np.ndarray | slice = slice(None)
    else:
        rows = np.searchsorted(offsets, points, side="right") - 1
    scale = int((offsets[1:][rows] - points - 1).max())
    whole = int((points - offsets[:-1][rows]).max())
    lengths[rows] = 0
    return max(whole, int(lengths.max(initial=0))), scale


def exact_decimals(text: pa.Array) -> pa.Array:
    """Read plain numbers exactly as written.

    Returns:
        `decimal128(38, scale)` with the scale of the longest fraction.

    Raises:
        pa.ArrowInvalid: a text is no number, or 38 digits do not hold it.
    """
    _, scale = whole_and_scale(text)
    if scale > 38:
        raise pa.ArrowInvalid("more than 38 digits")
    return text.cast(pa.decimal128(38, scale))


def hundredth(decimals: pa.Array) -> pa.Array:
    """Divide decimals by 100 without rounding: the same digits with the point two places to the left."""
    type_ = decimals.type
    return pa.Array.from_buffers(
        pa.decimal128(38, type_.scale + 2), len(decimals), decimals.buffers(), decimals.null_count, decimals.offset
    )


def without_percent(text: pa.Array) -> pa.Array | None:
    """Strip percent signs when every text has one; None when none has.

    Raises:
        pa.ArrowInvalid: some have one and some have none.
    """
    signed = pc.ends_with(text, "%")
    count = pc.sum(signed).as_py() or 0
    if not count:
        return None
    if count < len(text) - text.null_count:
        raise pa.ArrowInvalid("some with a percent sign and some without")
    return pc.utf8_rtrim(text, characters="% \u00a0\u202f")
