"""SMART findings as sentences in the reader's language, with numbers and days written as that language writes them."""

import re
from datetime import date, datetime
from typing import Any

from metrics.definitions.fields import parse_read
from metrics.smart import Finding
from metrics.smart.wording import QUANTITIES, SHARES, wording_table
from pages.ui.formats import NBSP, format_chance, format_day, format_moment, format_number, format_share, format_value
from pages.ui.i18n import Words
from pages.ui.reader import Reader
from pages.ui.wording import read_in_words, sentence


def finding_in_words(finding: Finding, reader: Reader) -> str:
    """Word one finding as a sentence."""
    words = reader.words
    table = wording_table(words.language)
    values = dict(finding.values)
    unit = str(values.get("unit", ""))
    written = {name: _written(name, value, unit, table["terms"], reader) for name, value in values.items()}
    return sentence(f"{str(table['finding'][finding.code]).format(**written)}.")


def letter_in_words(letter: str, words: Words) -> str:
    """Name one of the five checks."""
    return sentence(str(wording_table(words.language)["terms"]["letter"][letter]))


def outcome_in_words(outcome: str, words: Words) -> str:
    """Name how a check ended."""
    return str(wording_table(words.language)["terms"]["outcome"][outcome])


def _written(name: str, value: float | str, unit: str, terms: dict[str, Any], reader: Reader) -> str:
    words = reader.words
    if isinstance(value, str):
        return _text(name, value, terms, reader)
    if name == "change" and unit == "percent":
        return f"{format_number(100 * value, words.language, decimals=1)}{NBSP}{terms['unit']['points']}"
    if name == "chance":
        return format_chance(value, words)
    if name in SHARES:
        return format_share(value, words)
    if name in QUANTITIES:
        return format_value(value, unit, words)
    return format_number(value, words.language, decimals=2)


def _text(name: str, value: str, terms: dict[str, Any], reader: Reader) -> str:
    if name == "last_event_at" and value:
        return format_moment(datetime.fromisoformat(value), reader.words, reader.timezone)
    if name in {"starts", "ends", "by"} and value:
        return format_day(date.fromisoformat(value), reader.words, year=True)
    if name == "read":
        return read_in_words(parse_read(value), reader.words)
    if name == "target":
        return _target(value, reader.words)
    if name == "aggregate":
        return reader.words.known(f"aggregate.{value}", value)
    named: str = terms.get(name, {}).get(value, value)
    return named


def _target(text: str, words: Words) -> str:
    """Write a target, which is as somebody typed it, with the signs and marks of the reader's language."""
    signs = text.replace("<=", "≤").replace(">=", "≥")

    def written(number: re.Match[str]) -> str:
        return format_number(float(number[0]), words.language, decimals=len(number[1] or ""))

    return re.sub(r"\d+(?:\.(\d+))?", written, signs)
