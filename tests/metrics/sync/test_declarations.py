"""A stream that is declared otherwise than when its rows were read: they are read again, nothing stays of before."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Organisation
from metrics.model.reading import Measure, Window
from metrics.sync import StreamSync, run_sync
from tests.metrics.sync.rig import NOON, MemoryLog, metric

TOTAL = metric("total", "sum", value="n")
ROWS = [
    (1, "2027-04-01 05:00:00", 10, "2027-04-01 10:00:00", 1),
    (2, "2027-04-02 10:00:00", 20, "2027-04-02 10:00:00", 0),
]


@dataclass
class Shop:
    """A source of files or of one SQLite table, whose stream tests declare."""

    root: Path
    type: str
    declared: dict[str, Any] = field(default_factory=dict)
    zone: str = "Asia/Ho_Chi_Minh"

    def declare(self, *key: str, **declared: Any) -> None:
        self.declared = {"primary_key": key, **declared}

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with sqlite3.connect(self.root / "shop.db") as connection:
            columns = "id integer, at timestamp, n integer, changed timestamp, gone boolean"
            connection.execute(f"CREATE TABLE IF NOT EXISTS sales ({columns})")
            connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)
        connection.close()

    def sync(self, **how: Any) -> StreamSync:
        declared = {"options": {"sql": {"table": "sales"}, "files": {"path": "*.csv"}}[self.type], **self.declared}
        stream = Stream("shop", "sales", timezone=self.zone, **declared)
        options = {"url": "sqlite:///shop.db"} if self.type == "sql" else {}
        source = Source("shop", self.type, options, "pull", {"sales": stream})
        workspace = Workspace(self.root, Organisation("Test", timezone=self.zone), sources={"shop": source})
        (found,) = run_sync(workspace, MemoryLog(Definitions({"total": TOTAL}, ())), now=NOON, **how).streams
        assert found.error is None
        return found

    def total(self, first: int = 1, last: int = 30) -> float | None:
        with open_facts(self.root / "var") as facts:
            april = Window(date(2027, 4, first), date(2027, 4, last))
            return facts.measure([Measure(TOTAL, (), (april,))])[0].readings[0].value


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
