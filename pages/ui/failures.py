"""What a source or a store could not do, in the reader's language: the usual failures recognised by their own words.

Connectors and stores speak one line of English: could not do X, because Y; what to do. That line, with its file, line,
column or address, always stays; before it stands what it means and what to do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pages.ui.i18n import Words

_PATTERNS: Mapping[str, str] = {
    "sync_running": r"could not start a sync, because .* is running one",
    "secret_missing": r"could not resolve \$\{(?P<value>\w+)\}",
    "secret_plain": r"holds a secret in plain text",
    "guarded": r"is not on the public internet|is no address that can be checked|could not (?:ask for|follow) ",
    "certificate": r"could not trust ",
    "login_refused": r"because it refuses: |answers 40[13]\b|could not log in",
    "timeout": r"did not answer in full within|could not read all of it within",
    "overloaded": r"answers (?:429|5\d\d)\b",
    "address_gone": r"answers 404\b",
    "unreachable": r"could not reach |cannot be reached|broke off its answer|could not connect",
    "file_missing": r"could not find a file|because there is no such file|could not find files",
    "sheet_missing": r"could not find sheet (?P<value>'[^']*')",
    "file_closed": r"reading it is not permitted|is protected by a password",
    "column_gone": r"could not (?:find|read) column (?P<value>'[^']*'), (?:because it is gone|which )",
    "type_changed": r"its type was .* and is now |because the column was .* when it was first loaded"
    r"|could not read a column, because it is .* here and ",
    "column_missing": r"could not find column (?P<value>'[^']*')",
    "table_missing": r"could not read table (?P<value>'[^']*'), because the database has none",
    "query_refused": r"because (?:the database|Spark) answers: ",
    "file_damaged": r"because it is an empty file|looks like HTML|is a web page|a NUL byte|could not unpack the file"
    r"|could not (?:open|read) the (?:archive|workbook)|could not read the file as ",
    "value_unfit": r"could not read (?:(?:the|a) (?:record|records|header|row|value|field|numeric column)\b|'.*' )",
    "publish_failed": r"could not publish\b",
    "generation_damaged": r"could not read (?:generation|any generation)\b",
    "disk_full": r"the disk is full|No space left",
    "ledger_busy": r"the ledger .* somebody else is writing to it",
    "ledger_damaged": r"the ledger .* the file is damaged",
    "not_computed": r"could not compute ",
    "declared_wrong": r"could not use ",
}
_COMPILED = {code: re.compile(pattern) for code, pattern in _PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done.

    Attributes:
        code: of a usual failure; None for one that nobody foresaw.
        what: what happened, in the reader's words.
        cure: what to do about it; empty where nothing is known.
        detail: the line as it was said; empty where `what` and `cure` say all of it.
    """

    code: str | None
    what: str
    cure: str
    detail: str


def failure_in_words(message: str, words: Words) -> Failure:
    """Say what a line means; one that nobody foresaw is given as it is to whoever reads English."""
    for code, pattern in _COMPILED.items():
        if found := pattern.search(message):
            values = {name: (value or "").strip("'") for name, value in found.groupdict().items()}
            return Failure(code, words(f"failure.{code}", **values), words(f"failure_cure.{code}", **values), message)
    if words.language != "en":
        return Failure(None, words("failure.other"), words("failure_cure.other"), message)
    what, _, cure = message.rpartition("; ")
    return Failure(None, what, cure, "") if what else Failure(None, message, "", "")


def failure_line(message: str, words: Words) -> str:
    """Say what a line means in one paragraph, with the line itself where it says more."""
    told = failure_in_words(message, words)
    if not told.detail:
        return message
    return f"{told.what} {told.cure} {words('failure.detail', message=told.detail)}"
