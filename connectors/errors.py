"""Errors of reading a source, worded for the person who can fix them.

ConnectorError
├── DeclarationError     the source or stream is declared in a way that cannot work; waiting does not help
│   └── SecretError      an environment reference is missing, or a secret is written out
├── UnavailableError     the source cannot be reached now; trying again may help (retriable)
└── ContentError         what the source holds cannot be read exactly; the stream keeps its last good data
    └── DriftError       what the source holds no longer fits what was learnt by an earlier load
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class ConnectorError(Exception):
    """A source that could not be read; its text is one line: what could not be done, why, and what to do.

    Attributes:
        message: without place.
        source: name of the source, if known.
        stream: name of the stream within the source, if known.
        file: file at fault, as the reader would name it.
        line: physical line of the file, from 1.
        row: row of an answer or of a request, from 1, where there are no lines.
        column: name of the column.
        retriable: whether the same call may succeed later without anyone's doing.
    """

    retriable = False

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        stream: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        retriable: bool | None = None,
    ) -> None:
        self.message = " ".join(message.split())
        self.source, self.stream = source, stream
        self.file, self.line, self.column = file, line, column
        self.row: int | None = None
        if retriable is not None:
            self.retriable = retriable
        super().__init__(self.message)

    @property
    def place(self) -> str:
        """Where it happened, such as `survey.answers, data/a.csv, line 3, column 'score'`; empty when unknown."""
        named = ".".join(part for part in (self.source, self.stream) if part)
        line = f"line {self.line}" if self.line is not None else ""
        row = f"row {self.row}" if self.row is not None else ""
        column = f"column {self.column!r}" if self.column is not None else ""
        return ", ".join(part for part in (named, self.file or "", line, row, column) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class DeclarationError(ConnectorError):
    """The source or stream is declared in a way that cannot work."""


class SecretError(DeclarationError):
    """An environment reference is missing, or a secret is written out."""


class UnavailableError(ConnectorError):
    """The source cannot be reached now."""

    retriable = True


class ContentError(ConnectorError):
    """What the source holds cannot be read exactly."""


class DriftError(ContentError):
    """What the source holds no longer fits what was learnt by an earlier load."""


@contextmanager
def placed(source: str, stream: str | None = None, *, in_rows: bool = False) -> Iterator[None]:
    """Add source and stream to errors that do not know them; `in_rows` says that what they call lines are rows."""
    try:
        yield
    except ConnectorError as error:
        error.source, error.stream = error.source or source, error.stream or stream
        if in_rows and error.line is not None:
            error.row, error.line = error.line, None
        raise


def nearest(name: str, known: Iterable[str]) -> str:
    """Word a hint about `name`: the nearest known name, else the first few that exist."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    if close := get_close_matches(name.casefold(), folded, n=1, cutoff=0.6):
        return f"did you mean {folded[close[0]]!r}?"
    if not names:
        return "there is none"
    listed = ", ".join(map(repr, names[:8]))
    return f"known are {listed}{' ...' if len(names) > 8 else ''}"


def shortened(value: object, limit: int = 40) -> str:
    """Quote a value for a message, cut to `limit` characters."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= limit else f"{text[: limit - 1]}…")
