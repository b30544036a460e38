"""CSV that a spreadsheet cannot run and that reads back exactly as it was written.

A text cell that a spreadsheet would take for a formula gets a quotation mark in front, also after a separator or quote
inside the cell, because another locale splits cells there. The mark is removed again on reading, so nothing is lost;
numbers are written as numbers and are never touched.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

Cell = str | float | int | bool | date | datetime | Decimal | None

_BREAK = r"(^|[,;|\t\r\n\"])( *)"
_FORMULA = r"(?=[=+\-@\t\r＝＋－＠])"  # noqa: RUF001 - full-width signs start formulas too
_QUOTED = re.compile(r'[",\r\n]')
_NEUTRALISE = re.compile(rf"{_BREAK}('*){_FORMULA}")
_RESTORE = re.compile(rf"{_BREAK}'('*){_FORMULA}")


def neutralise(text: str) -> str:
    """Put a quotation mark before whatever a spreadsheet would run."""
    return _NEUTRALISE.sub(r"\1\2'\3", text)


def restore(text: str) -> str:
    """Undo `neutralise`."""
    return _RESTORE.sub(r"\1\2\3", text)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, for_spreadsheets: bool = False) -> bytes:
    """Write a table as CSV in UTF-8, comma-separated, lines ended by a line feed.

    Numbers are written so that they read back to the same binary value; a missing value is an empty cell; times are ISO
    8601 with their offset.

    Args:
        for_spreadsheets: begin with a byte-order mark, without which Excel garbles Vietnamese.
    """
    lines = [
        _line([neutralise(column) for column in columns]),
        *(_line([_cell(value) for value in row]) for row in rows),
    ]
    return (b"\xef\xbb\xbf" if for_spreadsheets else b"") + "".join(lines).encode()


def read_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Read back what `write_csv` wrote: the columns, and the rows as text."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    restored = [[restore(cell) for cell in row] for row in rows]
    return restored[0], restored[1:]


def _line(cells: Sequence[str]) -> str:
    # The standard writer leaves a lone carriage return bare when lines end by a line feed; readers then split there.
    if list(cells) == [""]:
        return '""\n'
    return (
        ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(cell) else cell for cell in cells) + "\n"
    )


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case int() | Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return neutralise(value)
