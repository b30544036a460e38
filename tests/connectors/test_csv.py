"""CSV is read strictly: every value is seen, whatever can be read in two ways is refused, lines are physical."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.columns import INSTANT
from connectors.errors import ConnectorError, DriftError
from connectors.files.blocks import Block, RecordIndex, check_quotes, cut_blocks
from tests.connectors.reading import pull, read_text, stream_of

TYPES: list[tuple[list[str], pa.DataType, list[Any]]] = [
    (["1", "-2", ""], pa.int64(), [1, -2, None]),
    (["9223372036854775807"], pa.int64(), [2**63 - 1]),
    (["18446744073709551616"], pa.decimal128(38, 0), [Decimal(2**64)]),
    (["1.50", "2", ".5"], pa.decimal128(18, 2), [Decimal("1.50"), Decimal("2.00"), Decimal("0.50")]),
    (["0.1234567890123456789"], pa.decimal128(38, 19), [Decimal("0.1234567890123456789")]),
    (["1" * 30 + ".123456789"], pa.float64(), [float("1" * 30 + ".123456789")]),
    (["1e3", "2.5"], pa.float64(), [1000.0, 2.5]),
    (["true", "FALSE", ""], pa.bool_(), [True, False, None]),
    (["true", "1"], pa.string(), ["true", "1"]),
    (["2026-01-31", ""], pa.date32(), [date(2026, 1, 31), None]),
    (["2026-02-30"], pa.string(), ["2026-02-30"]),
    (["2026-01-31T10:00:00+07:00"], INSTANT, [datetime(2026, 1, 31, 3, tzinfo=UTC)]),
    (
        ["2026-01-31 10:00", "2026-02-01"],
        INSTANT,
        [datetime(2026, 1, 31, 10, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)],
    ),
    (["00123", "5"], pa.string(), ["00123", "5"]),
    (["-007"], pa.string(), ["-007"]),
    (["0", "-0", "10"], pa.int64(), [0, 0, 10]),
    (["+84912345678"], pa.string(), ["+84912345678"]),
    (["0x1F"], pa.string(), ["0x1F"]),
    (["1.2.3"], pa.string(), ["1.2.3"]),
    (["12-34"], pa.string(), ["12-34"]),
    (["  7 ", "8"], pa.int64(), [7, 8]),
    (["7 %", "12.5%"], pa.decimal128(18, 3), [Decimal("0.07"), Decimal("0.125")]),
    (["a", "1"], pa.string(), ["a", "1"]),
    (["", ""], pa.null(), [None, None]),
    (["NaN", "inf"], pa.float64(), [None, None]),
]


@pytest.mark.parametrize(("values", "type_", "expected"), TYPES)
def test_a_type_follows_from_every_value(
    tmp_path: Path, values: list[str], type_: pa.DataType, expected: list[Any]
) -> None:
    text = "id,v\n" + "".join(f"{number},{value}\n" for number, value in enumerate(values))
    table, _ = read_text(tmp_path, text)
    assert table.schema.field("v").type == type_
    assert table["v"].to_pylist() == expected


LATE = [
    ("1", "A12", ["1", "A12"]),
    ("1", "2.50", [Decimal("1.00"), Decimal("2.50")]),
    ("1.50", "2e300", [1.5, 2e300]),
    ("2026-01-01", "2026-01-01T12:00:00Z", [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)]),
    ("true", "maybe", ["true", "maybe"]),
    ("NaN", "none", ["NaN", "none"]),
    ("7", "007", ["7", "007"]),
]


@pytest.mark.parametrize(("early", "late", "expected"), LATE)
def test_the_last_value_of_a_long_file_counts_as_much_as_the_first(
    tmp_path: Path, early: str, late: str, expected: list[Any]
) -> None:
    """The odd value stands beyond the first block; a sample would have missed it."""
    padding = "x" * 200
    rows = 50_000
    text = "v,pad\n" + f"{early},{padding}\n" * rows + f"{late},{padding}\n"
    table, _ = read_text(tmp_path, text)
    values = table["v"].to_pylist()
    assert len(values) == rows + 1
    assert [values[0], values[-1]] == expected
    assert set(values[:-1]) == {expected[0]}


REFUSED: list[tuple[str, dict[str, Any], int, str | None, str]] = [
    ('a,b\n1,"x"y\n', {}, 2, None, "followed by more text"),
    ('a,b\n1,x"y"z\n', {}, 2, None, "inside an unquoted field"),
    ('a,b\n1,"two\nlines"\n2,3,4\n', {}, 4, None, "3 fields"),
    ('a,b\n1,"two\nlines"\n\n\n2,"x\n', {}, 6, None, "unterminated"),
    ("a,\n1,2\n", {}, 1, None, "column 2 has no name"),
    ("a,A\n1,2\n", {}, 1, "A", "repeated"),
    ("1,2\n3,4\n", {}, 1, None, "looks like data"),
    ("a,b\n1,1e999\n", {}, 2, "b", "too large"),
    ("a;b\n1;1,234\n2;5,678\n", {}, 2, "b", "commas may be"),
    ("a;b;c\n1;1,5;1.5\n", {}, 0, None, "decimal sign"),
    ("a;b\n1;1.5\n", {"decimal": ","}, 2, "b", "declared writing"),
    ("a,b\n1,1 23\n", {"thousands": " "}, 2, "b", "declared writing"),
    ("a,b;c\n1,2;3\n", {}, 1, None, "comma and semicolon fit equally"),
    ("a\n1,2\n", {"columns": {"zz": "text"}, "delimiter": ";"}, 0, "zz", "'zz'"),
    ("a,b\n1,300\n", {"columns": {"b": "tinyint"}}, 2, "b", "'300' as tinyint"),
    ("a,b\n1,1.005\n", {"columns": {"b": "decimal(8, 2)"}}, 2, "b", "'1.005' as decimal(8, 2)"),
    ("a,b\n\n1,maybe\n", {"columns": {"b": "boolean"}}, 3, "b", "'maybe' as boolean"),
    ("a,b\n1,31/02/2026\n", {"columns": {"b": {"type": "date", "format": "%d/%m/%Y"}}}, 2, "b", "%d/%m/%Y"),
    ("a,b\n1,2\n", {"columns": {"b": "txt"}}, 0, "b", "'txt' is unknown; did you mean 'text'"),
    ("a,b\n1,2\n", {"encoding": "utf-99"}, 0, None, "'utf-99'"),
    ("a,b\n1,2\n", {"delimiter": ";;"}, 0, None, "one ASCII character"),
    ("a,b\n1,2\n", {"decimal": "x"}, 0, None, "neither"),
]


@pytest.mark.parametrize(("text", "keys", "line", "column", "words"), REFUSED)
def test_what_is_wrong_is_refused_at_its_place(
    tmp_path: Path, text: str, keys: dict[str, Any], line: int, column: str | None, words: str
) -> None:
    with pytest.raises(ConnectorError) as caught:
        read_text(tmp_path, text, **keys)
    assert words in str(caught.value)
    assert (caught.value.line or 0, caught.value.column) == (line, column)
    assert "\n" not in str(caught.value)


DECLARED: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("1.234,50", {"delimiter": ";", "decimal": ",", "thousands": "."}, [Decimal("1234.50")]),
    ("1 234,5", {"delimiter": ";", "decimal": ",", "thousands": " "}, [Decimal("1234.5")]),
    ("1'234.5", {"delimiter": ";", "thousands": "'"}, [Decimal("1234.5")]),
    ("n/a", {"delimiter": ";", "null_values": ["n/a"]}, [None]),
    ("05", {"delimiter": ";", "columns": {"v": "tinyint"}}, [5]),
    ("Yes", {"delimiter": ";", "columns": {"v": "boolean"}}, [True]),
    ("75%", {"delimiter": ";", "columns": {"v": "double"}}, [0.75]),
    ("2,5", {"delimiter": ";", "decimal": ",", "columns": {"v": "double"}}, [2.5]),
    ("10:30", {"delimiter": ";", "columns": {"v": "time"}}, [time(10, 30)]),
    (
        "1767225600000",
        {"delimiter": ";", "columns": {"v": {"type": "timestamp", "unit": "ms"}}},
        [datetime(2026, 1, 1, tzinfo=UTC)],
    ),
    ("00123", {"delimiter": ";", "columns": {"v": "text"}}, ["00123"]),
]


@pytest.mark.parametrize(("value", "keys", "expected"), DECLARED)
def test_a_declaration_is_followed(tmp_path: Path, value: str, keys: dict[str, Any], expected: list[Any]) -> None:
    table, _ = read_text(tmp_path, f"id;v\na;{value}\n", **keys)
    assert table["v"].to_pylist() == expected


PINNED = [
    ("1\n", "2.5\n", pa.decimal128(38, 1)),
    ("1.5\n", "2.25\n", pa.decimal128(38, 2)),
    ("1.5\n", "2\n", pa.decimal128(18, 1)),
    ("1e5\n", "2.5\n", pa.float64()),
    ("x\n", "5\n", pa.string()),
    ("2026-01-01T10:00:00Z\n", "2026-01-02\n", INSTANT),
    ("\n", "5\n", pa.int64()),
]


@pytest.mark.parametrize(("first", "second", "type_"), PINNED)
def test_later_files_agree_or_widen_exactly(tmp_path: Path, first: str, second: str, type_: pa.DataType) -> None:
    assert _then(tmp_path, first, second).schema.field("v").type == type_


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1\n", "x\n"),
        ("1\n", "1e5\n"),
        ("2026-01-01\n", "2026-01-01T10:00:00Z\n"),
        ("true\n", "1\n"),
        ("5%\n", "0.5\n"),
        ("0.5\n", "5%\n"),
        ("1.5\n", '"1,5"\n'),
    ],
)
def test_later_files_that_do_not_agree_are_refused_at_their_value(tmp_path: Path, first: str, second: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        _then(tmp_path, first, second)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("2.csv", 2, "v")


def _then(folder: Path, first: str, second: str) -> pa.Table:
    stream = stream_of("*.csv", primary_key=("id",), delimiter=";")
    (folder / "1.csv").write_text(f"id;v\na;{first}")
    _, _, state = pull(folder, stream)
    (folder / "2.csv").write_text(f"id;v\nb;{second}")
    return pull(folder, stream, state)[0]


def test_a_delimiter_is_pinned(tmp_path: Path) -> None:
    """A later file that happens to fit another delimiter better is read with the first one's."""
    stream = stream_of("*.csv", primary_key=("id",))
    (tmp_path / "1.csv").write_text("id;v\na;1\n")
    _, _, state = pull(tmp_path, stream)
    (tmp_path / "2.csv").write_text("id,x;v\nb,y;2\n")
    with pytest.raises(DriftError, match="'id'"):
        pull(tmp_path, stream, state)


def test_text_is_brought_to_nfc_across_blocks(tmp_path: Path) -> None:
    """Decomposed Vietnamese compares equal to composed, wherever a block ends."""
    import unicodedata

    name = "Chăm sóc khách hàng Đặng Ước"
    text = "id,v\n" + "".join(f"{number},{unicodedata.normalize('NFD', name)}\n" for number in range(150_000))
    table, _ = read_text(tmp_path, text)
    assert table["v"].unique().to_pylist() == [name]


def test_utf_16_and_legacy_encodings_keep_line_numbers(tmp_path: Path) -> None:
    text = "id,v\n1,Ánh\n2,Út,x\n"
    for encoding in ("utf-16", "windows-1258", "utf-8-sig"):
        with pytest.raises(ConnectorError, match="line 3"):
            read_text(tmp_path, text.encode(encoding, errors="replace"), encoding=encoding)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    ),
    delimiter=st.sampled_from(",;\t|"),
    chunk=st.integers(1, 40),
)
def test_blocks_hold_the_records_that_a_csv_writer_wrote(rows: list[list[str]], delimiter: str, chunk: int) -> None:
    """However a file is chunked, records are whole and well quoted, and lines are the physical ones."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    data = buffer.getvalue().encode()
    if b"\r" in data and b"\n" not in data[:chunk]:
        return
    blocks = list(cut_blocks((data[start : start + chunk] for start in range(0, len(data), chunk)), "f"))
    lines, counts = [], 0
    for block in blocks:
        check_quotes(block, delimiter)
        index = RecordIndex(block, delimiter)
        assert index.first_ragged(3) is None
        lines += [index.line_of(row) for row in range(len(index))]
        counts += len(index)
    starts, line = [], 1
    for row in rows:
        starts.append(line)
        line += 1 + sum(field.count("\n") for field in row)
    assert lines == starts
    assert counts == len(rows)


def test_a_record_index_passes_blank_lines() -> None:
    block = Block(b'a,b\r\n\r\n"x\ny",2\r\n\n1\n', 10, "f")
    index = RecordIndex(block, ",")
    assert [index.line_of(row) for row in range(3)] == [10, 12, 15]
    assert index.first_ragged(2) == (15, 1)


FACTS: Mapping[str, str] = {
    "encoding detected: utf-8-sig": "\ufeffid;v\n1;a\n",
    "delimiter detected: tab": "id\tv\n1\ta\n",
}


@pytest.mark.parametrize("note", FACTS)
def test_what_was_detected_is_said(tmp_path: Path, note: str) -> None:
    _, notes = read_text(tmp_path, FACTS[note])
    assert note in notes
    assert any(each.startswith("types: id bigint, v text") for each in notes)
