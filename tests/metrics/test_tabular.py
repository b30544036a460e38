"""Exports are safe in a spreadsheet and read back exactly."""

import csv
import io
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.tabular import neutralise, read_csv, restore, write_csv

HOSTILE = st.text(alphabet=st.sampled_from(list("=+-@'\"\t\r\n ,;|＝＋－＠ab1ữ")), max_size=12)  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+84 912", "'+84 912"),
        ("-1.5", "'-1.5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("a;=cmd", "a;'=cmd"),
        ('say "=now()"', 'say "\'=now()"'),
        ("'=1", "''=1"),
        ("khách hàng", "khách hàng"),
        ("a - b = c", "a - b = c"),
    ],
)
def test_what_a_spreadsheet_would_run_gets_a_mark_and_nothing_else_does(text: str, written: str) -> None:
    assert neutralise(text) == written


@given(HOSTILE | st.text())
def test_neutralised_text_is_restored_exactly(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(HOSTILE)
def test_no_cell_begins_like_a_formula_in_any_locale(text: str) -> None:
    for separator in (",", ";", "\t", "|"):
        for cell in neutralise(text).replace('"', separator).split(separator):
            assert not cell.lstrip(" ").startswith(tuple("=+@＝＋－＠")) or cell.lstrip(" ") == ""  # noqa: RUF001


@given(st.lists(st.lists(HOSTILE, min_size=2, max_size=2), max_size=5))
def test_a_table_of_text_reads_back_equal(rows: list[list[str]]) -> None:
    columns, found = read_csv(write_csv(["a", "=b"], rows))
    assert columns == ["a", "=b"]
    assert found == rows


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_to_the_same_binary_value(number: float) -> None:
    _, rows = read_csv(write_csv(["n"], [[number]]))
    assert math.copysign(1, float(rows[0][0])) == math.copysign(1, number)
    assert float(rows[0][0]) == number


def test_each_type_has_one_spelling() -> None:
    row = [None, True, 3, -1.5, Decimal("12.10"), date(2027, 2, 15), datetime(2027, 2, 15, 9, tzinfo=UTC), "-1.5"]
    content = write_csv([f"c{number}" for number in range(8)], [row])
    assert content.decode().splitlines()[1] == ",true,3,-1.5,12.10,2027-02-15,2027-02-15T09:00:00+00:00,'-1.5"


def test_excel_is_told_the_encoding_when_asked() -> None:
    content = write_csv(["tên"], [["Nâng cao"]], for_spreadsheets=True)
    assert content.startswith(b"\xef\xbb\xbf")
    assert next(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == ["tên"]
    assert read_csv(content)[1] == [["Nâng cao"]]
