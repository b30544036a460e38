"""The shared collection of bad files: each is refused in words that help, or read exactly."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError
from tests.connectors.reading import pull, stream_of

REFUSED: Mapping[str, tuple[int | None, str | None, str]] = {
    "enc_cp1258_vi.csv": (1, None, "byte 0xe0"),
    "enc_latin1.csv": (2, None, "byte 0xfc"),
    "enc_nul_byte.csv": (3, None, "NUL byte"),
    "shape_empty.csv": (None, None, "empty file"),
    "shape_dup_header.csv": (1, "value", "'value' is repeated"),
    "shape_ragged_short.csv": (3, None, "2 fields and the header has 3"),
    "shape_unterminated_quote.csv": (2, None, "unterminated"),
    "num_thousands_comma.csv": (2, "value", "'1,234'"),
    "num_percent_units.csv": (2, "satisfaction", "percent"),
    "notcsv_html_login.csv": (1, None, "looks like HTML"),
    "notcsv_zip.csv": (None, None, "zip signature"),
    "bomb_gzip_100mb.csv.gz": (None, None, "limit"),
    "bomb_long_field.csv": (2, "team", "over the limit"),
    "json_truncated.json": (1, None, "character 38"),
    "json_html_500.json": (1, None, "looks like HTML"),
    "json_nan.json": (1, None, "NaN"),
    "json_error_200.json": (1, None, "rate limited"),
    "json_mixed_types.json": (1, "value", "in row 2"),
    "ndjson_bad_line.jsonl": (2, None, "expecting value"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_at_its_place(shared: Path, name: str) -> None:
    """The error names file, line and column, says why, and is one line."""
    line, column, why = REFUSED[name]
    with pytest.raises(ConnectorError) as caught:
        pull(shared / "trust/badfiles", stream_of(name))
    error = caught.value
    assert (error.source, error.stream, error.file, error.line, error.column) == ("s", "t", name, line, column)
    assert why in str(error)
    assert "\n" not in str(error)


READ: Mapping[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "enc_utf8_bom.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": Decimal("1.50")}]),
    "enc_utf16le_bom.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": Decimal("1.50")}]),
    "enc_cp1258_vi.csv": (
        {"encoding": "windows-1258"},
        [{"ngày": date(2026, 1, 1), "nhóm": "Chăm sóc khách hàng", "mức_hài_lòng": 75}],
    ),
    "enc_latin1.csv": (
        {"encoding": "windows-1252"},
        [{"ts": date(2026, 1, 1), "team": "Zürich", "response_hours": Decimal("1.5")}],
    ),
    "enc_nfd_header.csv": (
        {"columns": {"mức_hài_lòng": "tinyint"}},
        [{"ngày": date(2026, 1, 1), "nhóm": "Chăm sóc khách hàng", "mức_hài_lòng": 75}],
    ),
    "eol_crlf.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": Decimal("1.50")}]),
    "eol_cr_only.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": Decimal("1.50")}]),
    "shape_embedded_newline.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A\nnorth", "response_hours": 1}]),
    "shape_sep_semicolon.csv": (
        {"decimal": ","},
        [
            {"ts": date(2026, 1, 1), "team": "A", "response_hours": Decimal("1.50")},
            {"ts": date(2026, 1, 2), "team": "A", "response_hours": Decimal("2.75")},
        ],
    ),
    "num_thousands_comma.csv": (
        {"thousands": ","},
        [
            {"ts": date(2026, 1, 1), "team": "A", "value": Decimal("1234.00")},
            {"ts": date(2026, 1, 2), "team": "A", "value": Decimal("12345.50")},
        ],
    ),
    "num_1e308.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": 1e308}]),
    "num_leading_zero_id.csv": ({}, [{"ticket_id": "00123", "ts": date(2026, 1, 1), "team": "A"}]),
    "time_future.csv": ({}, [{"ts": date(2026, 1, 1), "team": "A", "response_hours": 1}]),
}
ROWS = {
    "enc_utf8_bom.csv": 6,
    "enc_utf16le_bom.csv": 6,
    "eol_crlf.csv": 6,
    "eol_cr_only.csv": 6,
    "shape_embedded_newline.csv": 2,
    "num_leading_zero_id.csv": 3,
}


@pytest.mark.parametrize("name", READ)
def test_an_odd_file_is_read_exactly(shared: Path, name: str) -> None:
    """Encodings, line ends, decimal signs and codes come out as they were meant."""
    keys, expected = READ[name]
    table, _, _ = pull(shared / "trust/badfiles", stream_of(name, **keys))
    assert table.slice(0, len(expected)).to_pylist() == expected
    assert table.num_rows == ROWS.get(name, table.num_rows)


def test_a_detected_decimal_comma_is_said(shared: Path) -> None:
    """Undeclared, 1,5 is read as 1.5 with a note, never as 15 or as text."""
    table, notes, state = pull(shared / "trust/badfiles", stream_of("shape_sep_semicolon.csv"))
    assert table["response_hours"].to_pylist() == [Decimal("1.50"), Decimal("2.75")]
    assert any("decimal comma detected" in note for note in notes)
    assert (state["learnt"]["decimal"], state["learnt"]["delimiter"]) == (",", ";")


def test_nan_and_infinity_are_missing_and_counted(shared: Path) -> None:
    """Three of four values are no numbers; the note says how many."""
    table, notes, _ = pull(shared / "trust/badfiles", stream_of("num_nan_inf.csv"))
    assert table["response_hours"].to_pylist() == [None, None, None, Decimal("1.5")]
    assert any("3 NaN or infinite" in note for note in notes)


@pytest.mark.parametrize("name", ["shape_header_only.csv", "json_empty_list.json"])
def test_no_rows_never_replace_what_was_loaded(shared: Path, name: str) -> None:
    """A header alone, or an empty list, is a note and not an empty stream."""
    from connectors.files import FilesConnector

    extract = FilesConnector("s", {}, shared / "trust/badfiles").extract(stream_of(name), None)
    assert list(extract.batches()) == []
    assert extract.mode == "merge"
    assert any("no rows" in note for note in extract.notes)


def test_offsets_and_naive_times_become_instants(shared: Path) -> None:
    """Three times carry an offset; the fourth is read in the declared zone and counted."""
    table, notes, _ = pull(shared / "trust/badfiles", stream_of("time_mixed_offsets.csv", timezone="Europe/Paris"))
    assert [value.isoformat() for value in table["ts"].to_pylist()] == [
        "2026-03-28T23:30:00+00:00",
        "2026-03-29T01:30:00+00:00",
        "2026-03-28T23:30:00+00:00",
        "2026-03-29T00:30:00+00:00",
    ]
    assert any("1 times without an offset" in note for note in notes)


def test_daylight_saving_edges_are_flagged(shared: Path) -> None:
    """A time that never was keeps the offset before the gap; a time that was twice is the earlier; both are said."""
    stream = stream_of("time_dst_gap_overlap.csv", timezone="America/New_York")
    table, notes, _ = pull(shared / "trust/badfiles", stream)
    assert [value.isoformat() for value in table["ts"].to_pylist()] == [
        "2026-03-08T07:30:00+00:00",
        "2026-11-01T05:30:00+00:00",
        "2026-11-01T05:30:00+00:00",
    ]
    assert any("1 local times never occurred" in note for note in notes)
    assert any("2 local times occurred twice" in note for note in notes)


def test_an_epoch_of_another_unit_is_refused(shared: Path) -> None:
    """Declared seconds: the milliseconds on line 3 are no date in the year 57970."""
    stream = stream_of("time_epoch_mixed.csv", columns={"ts": {"type": "timestamp", "unit": "s"}})
    with pytest.raises(ConnectorError, match="line 3, column 'ts'"):
        pull(shared / "trust/badfiles", stream)


def test_a_new_column_is_kept_and_announced(shared: Path, tmp_path: Path) -> None:
    """The base file, then one with a column more: earlier rows have none of it."""
    state = _drift(shared, tmp_path, "1_base.csv")
    table, notes, _ = _drift_on(shared, tmp_path, "2_new_column.csv", state)
    assert table["channel"].to_pylist() == ["mail"]
    assert "column 'channel' is new" in notes


@pytest.mark.parametrize(
    ("name", "place"),
    [("3_dropped_column.csv", "3_dropped_column.csv, line 1, column 'team'"), ("4_type_change.csv", "line 2")],
)
def test_drift_that_loses_something_is_refused(shared: Path, tmp_path: Path, name: str, place: str) -> None:
    """A dropped column and a changed type name the file, the line and the column."""
    state = _drift(shared, tmp_path, "1_base.csv")
    with pytest.raises(ConnectorError) as caught:
        _drift_on(shared, tmp_path, name, state)
    assert place in str(caught.value)


def _drift(shared: Path, folder: Path, name: str) -> Any:
    (folder / name).write_bytes((shared / "trust/badfiles/drift" / name).read_bytes())
    return pull(folder, stream_of("*.csv", primary_key=("ts", "response_hours")))[2]


def _drift_on(shared: Path, folder: Path, name: str, state: Any) -> Any:
    (folder / name).write_bytes((shared / "trust/badfiles/drift" / name).read_bytes())
    return pull(folder, stream_of("*.csv", primary_key=("ts", "response_hours")), state)
