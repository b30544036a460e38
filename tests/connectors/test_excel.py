"""Workbooks: what a cell holds is what is read, and what cannot be read exactly is refused at its row."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell

from connectors.base import State, Stream
from connectors.errors import ConnectorError, ContentError, DeclarationError, DriftError
from connectors.files import workbook
from tests.connectors.reading import pull, stream_of


def _save(path: Path, *rows: Sequence[Any], sheets: Iterable[str] = (), title: str = "Data") -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for name in sheets:
        book.create_sheet(name).append(["id"])
    book.save(path)


def _stream(path: str = "a.xlsx", **options: Any) -> Stream:
    known = {name: options.pop(name) for name in ("columns", "primary_key", "timezone") if name in options}
    stream = stream_of(path, **known)
    return replace(stream, options={**stream.options, **options})


def _read(folder: Path, *rows: Sequence[Any], **options: Any) -> tuple[list[dict[str, Any]], list[str], State]:
    _save(folder / "a.xlsx", *rows)
    table, notes, state = pull(folder, _stream(**options))
    return table.to_pylist(), notes, state


def test_every_kind_of_cell_is_read_exactly(tmp_path: Path) -> None:
    """Money stays decimal, codes stay text, times are read in the stream's zone, durations become seconds."""
    rows, notes, _ = _read(
        tmp_path,
        ["id", "code", "amount", "share", "at", "day", "paid", "clock", "took"],
        [
            7,
            "00123",
            1234.56,
            0.75,
            datetime.fromisoformat("2026-01-02 03:04:05"),
            date(2026, 1, 2),
            True,
            time(8, 30),
            timedelta(1.5),
        ],
        [
            8,
            "Đà Nẵng",
            2,
            1,
            datetime.fromisoformat("2026-01-03"),
            date(2026, 1, 3),
            False,
            time(9),
            timedelta(hours=1),
        ],
        timezone="Asia/Ho_Chi_Minh",
    )
    assert rows[0] == {
        "id": 7,
        "code": "00123",
        "amount": Decimal("1234.56"),
        "share": Decimal("0.75"),
        "at": datetime(2026, 1, 1, 20, 4, 5, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "paid": True,
        "clock": "08:30:00",
        "took": 129600,
    }
    assert (rows[1]["code"], rows[1]["at"]) == ("Đà Nẵng", datetime(2026, 1, 2, 17, tzinfo=UTC))
    assert "sheet read: Data" in notes
    assert "column 'took': durations read as seconds" in notes


def test_empty_rows_and_cells_are_gaps(tmp_path: Path) -> None:
    """A blank line is no row, an empty cell is missing, and so is a text that says so."""
    rows, _, _ = _read(tmp_path, ["id", "v"], [1, None], [], [2, "n/a"], [3, "x"], null_values="n/a")
    assert rows == [{"id": 1, "v": None}, {"id": 2, "v": None}, {"id": 3, "v": "x"}]


def test_error_cells_are_missing_and_counted(tmp_path: Path) -> None:
    """What a formula could not compute never passes as an ordinary gap."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["id", "rate"], [1, 0.5], [2, None], [3, None]):
        sheet.append(row)
    for place in ("B3", "B4"):
        cell = sheet[place]
        assert isinstance(cell, Cell)
        cell.value, cell.data_type = "#DIV/0!", "e"
    book.save(tmp_path / "a.xlsx")
    table, notes, _ = pull(tmp_path, _stream())
    assert table["rate"].to_pylist() == [Decimal("0.5"), None, None]
    assert "a.xlsx: 2 error cells (such as #DIV/0!) taken as missing" in notes


def test_a_title_above_the_header_is_stepped_over_by_declaration(tmp_path: Path) -> None:
    rows, _, _ = _read(tmp_path, ["Báo cáo tháng 1"], [], [None, "id", "v"], [None, 1, "x"], header_row=3)
    assert rows == [{"id": 1, "v": "x"}]


def test_one_of_several_sheets_is_declared(tmp_path: Path) -> None:
    _save(tmp_path / "a.xlsx", ["id"], [1], sheets=["Other"])
    with pytest.raises(DeclarationError, match=r"2 \('Data', 'Other'\); write which one, such as sheet: Data"):
        pull(tmp_path, _stream())
    assert pull(tmp_path, _stream(sheet="Data"))[0].to_pylist() == [{"id": 1}]
    with pytest.raises(ContentError, match="could not find sheet 'Dat'; did you mean 'Data'"):
        pull(tmp_path, _stream(sheet="Dat"))


def test_a_sheet_that_is_renamed_is_drift(tmp_path: Path) -> None:
    """The sheet of the first load is pinned; another one is never read in its place."""
    _, _, state = _read(tmp_path, ["id"], [1])
    _save(tmp_path / "a.xlsx", ["id"], [1], [2], title="Data (2)")
    with pytest.raises(DriftError, match="could not find sheet 'Data'"):
        pull(tmp_path, _stream(), state)


@pytest.mark.parametrize(
    ("rows", "line", "column", "words"),
    [
        ([["id", "v"], [1, 2], [2, "two"]], 3, "v", "because it is a text where numbers stand before"),
        ([["id", "v"], [1, 2, 3]], 2, None, "a cell stands outside the header's columns"),
        ([["id", None, "v"], [1, 2, 3]], 1, None, "column 2 has no name"),
        ([["id", "ID"], [1, 2]], 1, "ID", "is repeated"),
        ([[1, 2], [3, 4]], 1, None, "looks like data"),
        ([[]], None, None, "it is empty"),
    ],
)
def test_what_cannot_be_told_is_refused_at_its_row(
    tmp_path: Path, rows: list[list[Any]], line: int | None, column: str | None, words: str
) -> None:
    with pytest.raises(ContentError, match=words) as caught:
        _read(tmp_path, *rows)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("a.xlsx", line, column)


def test_a_mixed_column_is_text_when_declared(tmp_path: Path) -> None:
    rows, _, _ = _read(tmp_path, ["id"], [12], ["A7"], columns={"id": "text"})
    assert rows == [{"id": "12"}, {"id": "A7"}]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no archive", b"id,v\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 short"]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(ContentError, match="could not open the workbook") as caught:
        pull(tmp_path, _stream())
    assert "\n" not in str(caught.value)


def test_a_workbook_that_grows_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "WORKBOOK_LIMIT", 1000)
    with pytest.raises(ContentError, match="grows beyond the limit"):
        _read(tmp_path, ["id"], *([number] for number in range(500)))


@pytest.mark.parametrize("header_row", ["0", "x", True])
def test_a_header_row_is_a_number(tmp_path: Path, header_row: Any) -> None:
    with pytest.raises(ConnectorError, match="no row number"):
        _read(tmp_path, ["id"], [1], header_row=header_row)
