"""What every text format gives: blocks of rows whose values are still text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

import pyarrow as pa

from connectors.exact.observe import Form


class Part(Protocol):
    """What blocks are read from: a file, or one pull of a web service."""

    @property
    def label(self) -> str:
        """Name of it in messages."""
        ...

    def still_the_same(self) -> bool:
        """Tell whether it is as it was when its reading began."""
        ...


PartT = TypeVar("PartT", bound=Part)
PartT_contra = TypeVar("PartT_contra", bound=Part, contravariant=True)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Rows of one part.

    Attributes:
        columns: name to texts, null where missing; all of one length.
        forms: what the part itself says about a column's values, where it does.
        line_of: physical line on which a row starts.
    """

    file: str
    columns: Mapping[str, pa.Array]
    forms: Mapping[str, Form]
    line_of: Callable[[int], int]
    rows: int


class TextFormat(Protocol[PartT_contra]):
    """Reads one text format.

    Attributes:
        every_row_has_every_column: whether a column that a part lacks is an error rather than missing values.
    """

    every_row_has_every_column: ClassVar[bool]

    def jobs(self, part: PartT_contra, /) -> Iterator[Callable[[], TextBlock]]:
        """Yield the blocks of a part, in order, as calls that may run in any thread."""
        ...

    def columns_of(self, part: PartT_contra, /) -> tuple[str, ...]:
        """Return the part's columns, after its jobs began."""
        ...

    def facts_to_state(self) -> dict[str, Any]:
        """Return what to pin, as JSON."""
        ...

    def notes(self) -> list[str]:
        """Say what was detected rather than declared."""
        ...
