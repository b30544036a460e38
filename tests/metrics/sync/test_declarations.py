"""A stream that is declared otherwise than when its rows were read: they are read again, nothing stays of before."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.sync.shop import Shop

ROWS = [
    (1, "2027-04-01 05:00:00", 10, "2027-04-01 10:00:00", 1),
    (2, "2027-04-02 10:00:00", 20, "2027-04-02 10:00:00", 0),
]


@pytest.fixture
def table(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path, "sql")
    shop.insert(ROWS)
    shop.declare("id", cursor="changed")
    shop.sync()
    assert shop.total() == 30
    return shop


@pytest.mark.parametrize("declared", [{"options": {"query": "SELECT * FROM sales WHERE n <> 10"}}, {"deleted": "gone"}])
def test_rows_that_another_declaration_leaves_out_go(table: Shop, declared: dict[str, Any]) -> None:
    """The cursor passed them long ago, so no later pull would look at them."""
    table.declare("id", cursor="changed", **declared)
    said = table.sync()
    assert "its declaration changed, so everything was read again" in said.notes
    assert table.total() == 20
    assert "its declaration changed, so everything was read again" not in table.sync().notes


def test_local_times_are_read_again_in_another_zone(table: Shop) -> None:
    table.zone = "America/New_York"
    table.sync()
    assert (table.total(1, 1), table.total()) == (10, 30)


def test_an_answer_without_rows_keeps_the_rows_and_is_asked_for_again(table: Shop) -> None:
    table.declare("id", cursor="changed", options={"query": "SELECT * FROM sales WHERE n = 0"})
    table.sync()
    assert table.total() == 30
    table.insert([(3, "2027-04-03 10:00:00", 0, "2027-04-03 10:00:00", 0)])
    table.sync()
    assert table.total() == 0


def test_how_long_a_pull_may_take_says_nothing_about_its_rows(table: Shop) -> None:
    table.declare("id", cursor="changed", lookback=timedelta(hours=1), deadline=timedelta(minutes=5))
    assert table.sync().outcome == "unchanged"


def test_days_written_in_another_way_are_read_again_though_the_file_is_the_same(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "files")
    (tmp_path / "sales.csv").write_text("id,at,n\n1,03/04/2027,10\n2,05/04/2027,20\n", "utf-8")
    shop.declare("id", columns={"at": {"type": "date", "format": "%m/%d/%Y"}})
    shop.sync()
    assert shop.total() is None
    shop.declare("id", columns={"at": {"type": "date", "format": "%d/%m/%Y"}})
    shop.sync()
    assert shop.total() == 30


def test_a_key_that_is_declared_later_leaves_one_row_of_each(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "files")
    (tmp_path / "sales.csv").write_text("id,at,n\n1,2027-04-03,10\n1,2027-04-03,12\n2,2027-04-05,20\n", "utf-8")
    shop.sync()
    assert shop.total() == 42
    shop.declare("id")
    shop.sync()
    assert shop.total() == 32


def test_without_a_key_a_cursor_does_not_replace_the_stream_by_what_is_new(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "sql", {"cursor": "changed"})
    shop.insert(ROWS)
    shop.sync()
    shop.insert([(3, "2027-04-03 10:00:00", 30, "2027-04-03 10:00:00", 0)])
    shop.sync()
    assert shop.total() == 60
