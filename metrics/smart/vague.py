"""Finds words in titles that can mean anything, in Vietnamese and English.

Words are matched whole and in any case; diacritics decide (`tối ưu` is vague, `toi uu` is not a word).
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Use = Literal["always", "without_number"]

_NUMBER = re.compile(r"(?<![^\W_])\d")
_CALENDAR = re.compile(
    r"(?:\b(?:year|fy|quarter|month|week|năm|quý|tháng|tuần|kỳ)\s+\d+(?:[/.-]\d+)*)|(?:\b20[1-9]\d\b)|(?:\b24/7\b)"
)


def plain(text: str) -> str:
    """Bring a text into the form that words are matched in: composed, case-folded, hyphens as spaces."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return " ".join(re.sub(r"[-\u2010-\u2015]", " ", folded).split())


def vague_words(text: str, language: str, *, has_number: bool) -> tuple[str, ...]:
    """List the vague words of a title, in their order, each once.

    Args:
        text: the title.
        language: of the list; an unknown language has no vague words.
        has_number: a number beside them gives words such as `improve` a meaning, but not words such as `asap`.
    """
    uses: tuple[Use, ...] = ("always",) if has_number else ("always", "without_number")
    found: dict[str, None] = {}
    for match in sorted(_matches(plain(text), language, uses), key=lambda each: each.start()):
        found[match.group()] = None
    return tuple(found)


def has_number(text: str) -> bool:
    """Whether a title names a number; a year or `quarter 1` is a date, and the 2 of `B2B` is part of a name."""
    return bool(_NUMBER.search(_CALENDAR.sub(" ", unicodedata.normalize("NFC", text).casefold())))


def _matches(text: str, language: str, uses: tuple[Use, ...]) -> Iterator[re.Match[str]]:
    patterns = _patterns().get(language, {})
    for use in uses:
        if use in patterns:
            yield from patterns[use].finditer(text)


@cache
def _patterns() -> Mapping[str, Mapping[Use, re.Pattern[str]]]:
    listed = tomllib.loads(files("metrics.smart").joinpath("words/vague.toml").read_text(encoding="utf-8"))
    return {
        language: {use: _any_of(words) for use, words in uses.items() if words} for language, uses in listed.items()
    }


def _any_of(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(map(plain, words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
