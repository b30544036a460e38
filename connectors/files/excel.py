"""Excel and OpenDocument workbooks: one sheet's cells as texts that say exactly what the cells hold."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from typing import Any, ClassVar, TypeAlias

import pyarrow as pa

from connectors.base import Stream
from connectors.errors import ContentError, DeclarationError, DriftError, nearest, shortened
from connectors.exact.observe import Form
from connectors.exact.text import TextBlock
from connectors.files.dialect import refuse_names
from connectors.files.paths import Found
from connectors.files.workbook import error_cells, refuse_unpackable

BLOCK_ROWS = 20_000
_EXACT_WHOLE = 1 << 53

Cell: TypeAlias = int | float | str | bool | date | datetime | time | timedelta
Row: TypeAlias = list[Cell]


class ExcelFormat:
    """Reads one sheet of a workbook; which one is declared, or the only visible one, then pinned."""

    every_row_has_every_column: ClassVar[bool] = True

    def __init__(self, stream: Stream, pinned: Mapping[str, Any]) -> None:
        """Take what is declared, else what an earlier load pinned.

        Raises:
            DeclarationError: `header_row` is no row number.
        """
        self._declared = None if stream.options.get("sheet") is None else str(stream.options["sheet"])
        self._sheet: str | None = self._declared or pinned.get("sheet")
        self._pinned = self._declared is None and self._sheet is not None
        self._header_row = _declared_row(stream.options.get("header_row"))
        nulls = stream.options.get("null_values", ())
        self._nulls = frozenset({"", *([nulls] if isinstance(nulls, str) else map(str, nulls))})
        self._typed = frozenset(stream.columns)
        self._headers: dict[str, tuple[str, ...]] = {}
        self._errors: dict[str, int] = {}
        self._durations: set[str] = set()

    def jobs(self, found: Found) -> Iterator[Callable[[], TextBlock]]:
        """Yield the sheet's blocks."""
        name, rows = self._open(found)
        numbered = enumerate(rows, start=1)
        start, names = self._header(numbered, found)
        self._headers[found.label] = names
        block = list(islice(numbered, BLOCK_ROWS))
        while True:  # once at least, so that a sheet without rows has its columns
            filled = [(line, row) for line, row in block if any(cell != "" for cell in row)]
            yield partial(self._block, filled, start, names, found.label)
            block = list(islice(numbered, BLOCK_ROWS))
            if not block:
                break
        self._errors[found.label] = error_cells(found, name)

    def columns_of(self, found: Found) -> tuple[str, ...]:
        """Return the header's names."""
        return self._headers[found.label]

    def facts_to_state(self) -> dict[str, Any]:
        """Return the sheet."""
        return {"sheet": self._sheet}

    def notes(self) -> list[str]:
        """Say which sheet was read, and what in it is no value."""
        said = [] if self._declared else [f"sheet read: {self._sheet}"]
        said += [
            f"{label}: {count} error cells (such as #DIV/0!) taken as missing"
            for label, count in sorted(self._errors.items())
            if count
        ]
        return said + [f"column {name!r}: durations read as seconds" for name in sorted(self._durations)]

    def _open(self, found: Found) -> tuple[str, Iterator[Row]]:
        from python_calamine import (  # noqa: PLC0415 - only streams of workbooks need it
            CalamineError,
            CalamineWorkbook,
            PasswordError,
            SheetVisibleEnum,
        )

        refuse_unpackable(found)
        try:
            with CalamineWorkbook.from_path(found.path) as book:
                visible = [
                    each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible
                ] or book.sheet_names
                name = self._chosen(visible, book.sheet_names, found)
                return name, book.get_sheet_by_name(name).iter_rows()
        except PasswordError:
            raise ContentError(
                "could not open the workbook, because it is protected by a password; save it without one",
                file=found.label,
            ) from None
        except (CalamineError, OSError) as error:
            raise ContentError(
                f"could not open the workbook, because it is damaged or no workbook ({error}); save it again",
                file=found.label,
            ) from None

    def _chosen(self, visible: Sequence[str], every: Sequence[str], found: Found) -> str:
        if self._sheet is None:
            if len(visible) > 1:
                raise DeclarationError(
                    f"could not choose a sheet, because the workbook has {len(visible)} "
                    f"({', '.join(map(repr, visible[:5]))}); write which one, such as sheet: {visible[0]}",
                    file=found.label,
                )
            self._sheet = visible[0]
        if self._sheet not in every:
            kind = DriftError if self._pinned else ContentError
            raise kind(
                f"could not find sheet {self._sheet!r}; {nearest(self._sheet, every)}; rename it back, or declare "
                f"sheet:",
                file=found.label,
            )
        return self._sheet

    def _header(self, rows: Iterator[tuple[int, Row]], found: Found) -> tuple[int, tuple[str, ...]]:
        for line, row in rows:
            skipped = line < self._header_row if self._header_row else all(cell == "" for cell in row)
            if skipped:
                continue
            texts = [unicodedata.normalize("NFC", _name(cell)).strip() for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            start = next((place for place, text in enumerate(texts) if text), len(texts))
            names = tuple(texts[start:])
            if not names:
                break
            refuse_names(names, found.label, line)
            return start, names
        raise ContentError(
            f"could not read sheet {self._sheet!r}, because it is empty; fill it, or declare sheet:", file=found.label
        )

    def _block(self, rows: Sequence[tuple[int, Row]], start: int, names: Sequence[str], label: str) -> TextBlock:
        lines = [line for line, _ in rows]
        end = start + len(names)
        for line, row in rows:
            if any(cell != "" for cell in (*row[:start], *row[end:])):
                raise ContentError(
                    "could not read the row, because a cell stands outside the header's columns; name its column, or "
                    "move it to another sheet",
                    file=label,
                    line=line,
                )
        columns, forms = {}, {}
        for place, name in enumerate(names, start=start):
            cells = [row[place] if place < len(row) else "" for _, row in rows]
            forms[name], columns[name] = self._column(name, cells, lines, label)
        return TextBlock(label, columns, forms, lines.__getitem__, len(rows))

    def _column(self, name: str, cells: Sequence[Cell], lines: Sequence[int], label: str) -> tuple[Form, pa.Array]:
        kinds = [None if self._is_missing(cell) else _kind(cell) for cell in cells]
        present = {kind for kind in kinds if kind is not None}
        if len(present) > 1 and name not in self._typed:
            first = next(kind for kind in kinds if kind is not None)
            row = next(row for row, kind in enumerate(kinds) if kind not in (None, first))
            raise ContentError(
                f"could not read {shortened(cells[row])}, because it is a {kinds[row]} where {first}s stand before; "
                f"correct the cell, or declare the column's type, such as columns: {{{name}: text}}",
                file=label,
                line=lines[row],
                column=name,
            )
        if "duration" in present:
            self._durations.add(name)
        whole_days = not any(isinstance(cell, datetime) for cell in cells)
        texts = [
            None if kind is None else _written(cell, whole_days=whole_days)
            for cell, kind in zip(cells, kinds, strict=True)
        ]
        return _FORMS.get(next(iter(present)), "any") if len(present) == 1 else "any", pa.array(texts, pa.string())

    def _is_missing(self, cell: Cell) -> bool:
        return isinstance(cell, str) and cell in self._nulls


_FORMS: Mapping[str, Form] = {"text": "string", "number": "number", "boolean": "boolean", "duration": "number"}


def _kind(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, int | float):
        return "number"
    return {timedelta: "duration", time: "time"}.get(type(cell), "date")


def _written(cell: Cell, *, whole_days: bool) -> str:
    """Write a cell's value; a number with the digits that lead back to the same double, as Excel shows it."""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, timedelta):
        return _number(cell.total_seconds())
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat() + ("" if whole_days or isinstance(cell, time) else " 00:00:00")
    return _number(cell)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < _EXACT_WHOLE else repr(float(value))


def _name(cell: Cell) -> str:
    return _written(cell, whole_days=True)


def _declared_row(written: Any) -> int | None:
    if written is None:
        return None
    if isinstance(written, bool) or not str(written).isdigit() or int(written) < 1:
        raise DeclarationError(f"could not use header_row {written!r}, because it is no row number; write 1 or more")
    return int(written)
