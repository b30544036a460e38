"""What every text format gives: blocks of rows whose values are still text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import pyarrow as pa

from connectors.files.observe import Form
from connectors.files.paths import Found


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Rows of one file.

    Attributes:
        columns: name to texts, null where missing; all of one length.
        forms: what the file itself says about a column's values, where it does.
        line_of: physical line on which a row starts.
    """

    file: str
    columns: Mapping[str, pa.Array]
    forms: Mapping[str, Form]
    line_of: Callable[[int], int]
    rows: int


class TextFormat(Protocol):
    """Reads one text format.

    Attributes:
        every_row_has_every_column: whether a column that a file lacks is an error rather than missing values.
    """

    every_row_has_every_column: ClassVar[bool]

    def jobs(self, found: Found) -> Iterator[Callable[[], TextBlock]]:
        """Yield the blocks of a file, in order, as calls that may run in any thread."""
        ...

    def columns_of(self, found: Found) -> tuple[str, ...]:
        """Return the file's columns, after its jobs began."""
        ...

    def facts_to_state(self) -> dict[str, Any]:
        """Return what to pin, as JSON."""
        ...

    def notes(self) -> list[str]:
        """Say what was detected rather than declared."""
        ...
