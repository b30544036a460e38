"""Errors that a reader of a message can act on.

QuarterlineError            could not do X, because Y; what to do next
├── DefinitionError         definitions that cannot be accepted: every problem at once
├── WorkspaceError          no workspace, or one that cannot be used
├── FactsError              the facts store is locked, damaged or empty
├── LedgerError             the ledger is locked, damaged or was changed by somebody else
│   └── RefusedError        a decision that does not fit what stands, with a code and values
├── NotFoundError           a name that stands for nothing, with the nearest known one
├── ServeError              the dashboard cannot start, or may not start this way
└── PushError               observations that were sent cannot be received or stored
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal


class QuarterlineError(Exception):
    """Something that the reader of the message can put right."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a definition.

    Attributes:
        file: the file as the user knows it, relative to the workspace; empty when edited in the browser.
        line: 1-based line, or 0 when there is none.
        key: dotted path of the offending key, such as `objectives[0].key_results[1].target`.
        message: what could not be accepted, why, and what to do.
    """

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else (f"{self.file}: " if self.file else "")
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


class DefinitionError(QuarterlineError):
    """Definitions that cannot be accepted; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WorkspaceError(QuarterlineError):
    """No workspace at that place, or one that cannot be used."""


class FactsError(QuarterlineError):
    """The facts store is locked, damaged or empty."""


class LedgerError(QuarterlineError):
    """The ledger is locked, damaged, or was changed by somebody else meanwhile."""


RefusalCode = Literal[
    "another_target",
    "blank",
    "closed",
    "confidence",
    "cycle_already",
    "cycle_before",
    "cycle_no_draft",
    "done_not",
    "done_not_ticked",
    "done_which",
    "draft_changed",
    "drop_already",
    "drop_before",
    "drop_not",
    "dropped",
    "goal_lock",
    "goal_measured",
    "goal_target",
    "month",
    "no_decision",
    "no_review",
    "nothing_there",
    "outside_cycle",
    "revision_before",
    "settled_already",
    "settled_not",
    "source_gone",
    "source_name",
    "target_moved",
    "target_same",
    "unreadable_target",
]
"""Why a decision does not fit what stands."""


class RefusedError(LedgerError):
    """A decision that does not fit what stands.

    Attributes:
        code: why, for front ends that word it in the reader's language; the message is English.
        values: what the words are filled with: texts, numbers and days.
    """

    def __init__(self, message: str, code: RefusalCode, **values: str | float | date) -> None:
        self.code, self.values = code, values
        super().__init__(message)


class NotFoundError(QuarterlineError):
    """A name that stands for nothing."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        self.near = next(iter(difflib.get_close_matches(name, sorted(set(known := tuple(known))), n=1)), "")
        super().__init__(f"could not find {kind} {name!r}{nearest(name, known)}")


class ServeError(QuarterlineError):
    """The dashboard cannot start, or may not start this way."""


class PushError(QuarterlineError):
    """Observations that were sent cannot be received or stored."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Word the nearest known names as the end of a message, such as `; did you mean 'target'?`."""
    names = sorted(set(known))
    if close := difflib.get_close_matches(name, names, n=1):
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}" if names else ""
