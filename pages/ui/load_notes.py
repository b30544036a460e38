"""What a person should know about a load, in the reader's language: the usual notes recognised by their own words."""

import re
from collections.abc import Mapping

from pages.ui.formats import format_count
from pages.ui.i18n import Words

_PATTERNS: Mapping[str, str] = {
    "new_column": r"column '(?P<value>[^']*)'.* is new\b.*",
    "widened": r"column '(?P<value>[^']*)' was widened from (?P<old>.*) to (?P<new>.*)",
    "removed": r"(?P<count>[\d,]+) rows are gone from the source and were removed",
    "deleted": r"(?P<count>[\d,]+) rows are marked as deleted at the source and do not count",
    "not_finite": r"(?P<count>[\d,]+) (?:values|points) .*not finite.*",
    "repeated": r"(?P<count>[\d,]+) rows repeat the key of another row; .*",
    "no_rows": r"the source gave no rows at all; .*|the sheet has no rows .*|no rows in .*; earlier rows are kept",
    "file_gone": r"gone since the last load, its rows are kept: (?P<value>.*)",
    "changed_inside": r"changed inside: (?P<value>.*); rows that were removed there stay .*",
    "declared_anew": r"its declaration changed, so everything was read again",
    "encoding": r"encoding detected: (?P<value>.*)",
    "delimiter": r"delimiter detected: (?P<value>.*)",
    "types": r"types: (?P<value>.*)",
}
_COMPILED = {code: re.compile(pattern) for code, pattern in _PATTERNS.items()}


def note_in_words(note: str, words: Words) -> str:
    """Say what a load noted; a note that nobody foresaw is given as it is."""
    for code, pattern in _COMPILED.items():
        if found := pattern.fullmatch(note):
            values = {name: value or "" for name, value in found.groupdict().items()}
            if "count" in values:
                values["count"] = format_count(int(values["count"].replace(",", "")), words)
            if code == "delimiter":
                values["value"] = words.known(f"delimiter.{values['value']}", values["value"])
            return words(f"load_note.{code}", **values)
    return note
