"""Rows that come out of order, and columns and days that no one expects: what is stored is what a full load gives."""

from pathlib import Path

import pytest

from metrics.facts import seal
from tests.metrics.sync.shop import Shop


@pytest.fixture
def exports(tmp_path: Path) -> Shop:
    """Daily exports, in which a row may stand several times."""
    return Shop(tmp_path, "files", {"primary_key": ("id",)})


def test_an_export_that_comes_late_does_not_replace_what_a_later_one_says(exports: Shop) -> None:
    exports.write("day2.csv", "id,at,n", "1,2027-04-03,12")
    exports.sync()
    exports.write("day1.csv", "id,at,n", "1,2027-04-03,10", "2,2027-04-03,1")
    exports.sync()
    assert exports.total() == 13
    assert exports.sync(full=True).rows_changed == 0


def test_an_export_that_grows_does_not_replace_what_a_later_one_says(exports: Shop) -> None:
    exports.write("day1.csv", "id,at,n", "1,2027-04-03,10")
    exports.write("day2.csv", "id,at,n", "1,2027-04-03,12")
    exports.sync()
    exports.write("day1.csv", "id,at,n", "1,2027-04-03,10", "2,2027-04-03,1")
    exports.sync()
    assert exports.total() == 13


def test_a_row_of_a_lesser_cursor_stays_out(exports: Shop) -> None:
    exports.declare("id", cursor="changed")
    exports.write("a.csv", "id,at,n,changed", "1,2027-04-03,12,2027-04-05", "3,2027-04-03,100,2027-04-05")
    exports.sync()
    exports.write(
        "b.csv", "id,at,n,changed", "1,2027-04-03,10,2027-04-04", "2,2027-04-03,1,2027-04-04", "3,2027-04-03,200,"
    )
    said = exports.sync()
    assert "2 rows are older than those that are stored, by changed, and stay out" in said.notes
    assert exports.total() == 113
    assert exports.sync(full=True).rows_changed == 0


def test_a_row_that_a_database_sets_back_is_taken(tmp_path: Path) -> None:
    """A table holds each row once, so what it says now is what counts."""
    table = Shop(tmp_path, "sql")
    table.declare("id", cursor="changed")
    table.insert([(1, "2027-04-03 10:00:00", 10, "2027-04-05 10:00:00", 0)])
    table.insert([(2, "2027-04-03 10:00:00", 20, "2027-04-04 10:00:00", 0)])
    table.sync()
    table.run("UPDATE sales SET n = 11, changed = NULL WHERE id = 1")
    table.sync()
    assert table.total() == 31


def test_a_column_named_rowid_is_a_column_like_others(exports: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "RECENT_ROWS", 1)
    rows = ["1,2027-04-03,12,1", "1,2027-04-03,13,7", "2,2027-04-03,100,1", "3,2027-04-03,1000,1"]
    exports.write("a.csv", "id,at,n,rowid", *rows)
    exports.sync()
    assert exports.total() == 1113
    exports.write("b.csv", "id,at,n,rowid", "2,2027-04-03,200,1")
    exports.sync()
    assert exports.total() == 1213


def test_numbers_too_large_to_add_up_have_no_sum(exports: Shop) -> None:
    exports.write("a.csv", "id,at,n", "1,2027-04-03,1e308", "2,2027-04-03,1e308", "3,2027-04-04,5e0")
    exports.sync()
    assert (exports.total(), exports.total(4, 4)) == (None, 5)


@pytest.mark.parametrize("day", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York"])
def test_a_day_beyond_the_calendar_stops_nobody(exports: Shop, day: str, zone: str) -> None:
    """The end of time is a common stand-in for "not yet", and lies in the year 10000 east of Greenwich."""
    exports.zone = zone
    exports.write("a.csv", "id,at,n", "1,2027-04-03T10:00:00Z,12", f"2,{day},13")
    exports.sync()
    assert (exports.total(), exports.middle(), exports.asked()) == (12, 12, 12)
    exports.write("a.csv", "id,at,n", "1,2027-04-03T10:00:00Z,14", f"2,{day},13")
    exports.sync()
    assert (exports.total(), exports.middle(), exports.asked()) == (14, 14, 14)
