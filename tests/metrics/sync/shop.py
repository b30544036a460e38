"""A workspace over one real source, a SQLite table or files, whose stream tests declare."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.model.definition import Definitions, Metric, Organisation
from metrics.model.reading import Measure, Window
from metrics.sync import StreamSync, run_sync
from tests.metrics.sync.rig import NOON, MemoryLog, metric

TOTAL = metric("total", "sum", value="n")
MIDDLE = metric("middle", "median", value="n")
ASKED = metric("asked", "sql", query='SELECT CAST("at" AS DATE) AS day, sum(n) AS value FROM sales GROUP BY ALL')


@dataclass
class Shop:
    """A source of files or of one SQLite table, whose stream tests declare."""

    root: Path
    type: str
    declared: dict[str, Any] = field(default_factory=dict)
    zone: str = "Asia/Ho_Chi_Minh"

    def declare(self, *key: str, **declared: Any) -> None:
        """Declare the stream."""
        self.declared = {"primary_key": key, **declared}

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows of (id, at, n, changed, gone)."""
        self.run(
            "CREATE TABLE IF NOT EXISTS sales (id integer, at timestamp, n integer, changed timestamp, gone boolean)"
        )
        for row in rows:
            self.run("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", *row)

    def run(self, statement: str, *values: Any) -> None:
        """Run a statement in the database."""
        with sqlite3.connect(self.root / "shop.db") as connection:
            connection.execute(statement, values)
        connection.close()

    def sync(self, **how: Any) -> StreamSync:
        """Run a sync that succeeds."""
        declared = {"options": {"sql": {"table": "sales"}, "files": {"path": "*.csv"}}[self.type], **self.declared}
        stream = Stream("shop", "sales", timezone=self.zone, **declared)
        options = {"url": "sqlite:///shop.db"} if self.type == "sql" else {}
        source = Source("shop", self.type, options, "pull", {"sales": stream})
        workspace = Workspace(self.root, Organisation("Test", timezone=self.zone), sources={"shop": source})
        result = run_sync(
            workspace, MemoryLog(Definitions({each.id: each for each in (TOTAL, MIDDLE, ASKED)}, ())), now=NOON, **how
        )
        assert result.ok, result
        (found,) = result.streams
        return found

    def total(self, first: int = 1, last: int = 30) -> float | None:
        """Read the sum of n over days of April."""
        return self._read(TOTAL, first, last)

    def middle(self) -> float | None:
        """Read the median of n over April."""
        return self._read(MIDDLE, 1, 30)

    def asked(self) -> float | None:
        """Read the sum of n over April by a query of its own."""
        return self._read(ASKED, 1, 30)

    def _read(self, read: Metric, first: int, last: int) -> float | None:
        with open_facts(self.root / "var") as facts:
            april = Window(date(2027, 4, first), date(2027, 4, last))
            return facts.measure([Measure(read, (), (april,))])[0].readings[0].value

    def write(self, name: str, *lines: str) -> None:
        """Write a CSV file."""
        (self.root / name).write_text("\n".join([*lines, ""]), "utf-8")
