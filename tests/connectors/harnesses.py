"""Sources of every bundled kind that hold given rows: what the conformance kit asks an author for."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from openpyxl import Workbook
from sqlalchemy.pool import NullPool

from connectors.base import Connector, Stream
from connectors.registry import open_connector
from connectors.testing import ZONE

Row = Mapping[str, Any]


def local_text(value: datetime | None) -> str | None:
    """Write an instant as its zone's clock shows it, without an offset."""
    return None if value is None else value.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None).isoformat(sep=" ")


class FilesHarness:
    """One file per load and one per change, in one format."""

    def __init__(
        self,
        folder: Path,
        suffix: str,
        write: Callable[[Path, pa.Table], None],
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.suffix, self.write, self.count = folder, suffix, write, 0
        self.columns = columns or {}

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        self.change(rows)
        options = {"path": f"*{self.suffix}"}
        stream = Stream("shop", "orders", options, primary_key=("id",), timezone=ZONE, columns=self.columns)
        return open_connector("files", "shop", {}, self.folder), stream

    def change(self, rows: pa.Table) -> None:
        self.count += 1
        self.write(self.folder / f"{self.count}{self.suffix}", rows)

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={"path": "nowhere/*.csv"})


def write_csv(path: Path, rows: pa.Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows.schema.names)
        writer.writeheader()
        for row in rows.to_pylist():
            paid = None if row["paid"] is None else str(row["paid"]).lower()
            writer.writerow(row | {"paid": paid} | _local(row))


def write_json_lines(path: Path, rows: pa.Table) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows.to_pylist():
            day = None if row["day"] is None else row["day"].isoformat()
            text = json.dumps(row | {"day": day, "amount": "AMOUNT"} | _local(row), ensure_ascii=False)
            # Through a double the amount would lose digits, as it does in a writer that has no decimals.
            file.write(text.replace('"AMOUNT"', "null" if row["amount"] is None else str(row["amount"])) + "\n")
        if not rows.num_rows:
            file.write("\n")


def write_excel(path: Path, rows: pa.Table) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(rows.schema.names)
    for row in rows.to_pylist():
        local = {name: row[name] and datetime.fromisoformat(str(text)) for name, text in _local(row).items()}
        # A workbook's numbers are doubles: who needs more digits keeps them as text, and declares the column.
        exact = str(row["id"]) if abs(row["id"]) > 2**53 else row["id"]
        sheet.append(list((row | local | {"id": exact}).values()))
    book.save(path)


def write_parquet(path: Path, rows: pa.Table) -> None:
    naive = pa.array([local_text(value.as_py()) for value in rows["opened_at"]], pa.string()).cast(pa.timestamp("ms"))
    position = rows.schema.get_field_index("opened_at")
    table = rows.set_column(position, "opened_at", naive)
    names = rows["name"].combine_chunks().dictionary_encode()
    pq.write_table(table.set_column(1, "name", names), path)


def _local(row: Row) -> dict[str, str | None]:
    return {"opened_at": local_text(row["opened_at"]), "updated_at": local_text(row["updated_at"])}


class SqlHarness:
    """A table of its own in a real database."""

    TYPES: ClassVar[Mapping[str, str]] = {
        "postgresql": "id bigint PRIMARY KEY, name text, amount numeric(12,2), paid boolean, day date, "
        "opened_at timestamp, updated_at timestamptz",
        "mysql": "id bigint PRIMARY KEY, name varchar(100) CHARACTER SET utf8mb4, amount decimal(12,2), "
        "paid tinyint(1), day date, opened_at datetime(6), updated_at datetime(6)",
        "sqlite": "id bigint PRIMARY KEY, name text, amount decimal(12,2), paid boolean, day date, "
        "opened_at timestamp, updated_at timestamp",
    }

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        parsed = sa.make_url(url)
        self.dialect = parsed.get_backend_name()
        if self.dialect == "sqlite":
            parsed = parsed.set(database=str(folder / str(parsed.database)))
        self.engine = sa.create_engine(parsed, poolclass=NullPool)

    def load(self, rows: pa.Table) -> tuple[Connector, Stream]:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
            connection.exec_driver_sql(f"CREATE TABLE orders ({self.TYPES[self.dialect]})")
        self.change(rows)
        stream = Stream("shop", "orders", {"table": "orders"}, primary_key=("id",), cursor="updated_at", timezone=ZONE)
        environ = {"SHOP_URL": self.url}
        return open_connector("sql", "shop", {"url": "${SHOP_URL}"}, self.folder, environ), stream

    def change(self, rows: pa.Table) -> None:
        names = rows.schema.names
        insert = sa.text(f"INSERT INTO orders VALUES ({', '.join(f':{name}' for name in names)})")
        with self.engine.begin() as connection:
            for row in rows.to_pylist():
                connection.execute(sa.text("DELETE FROM orders WHERE id = :id"), {"id": row["id"]})
                connection.execute(insert, self._stored(row))

    def elsewhere(self, stream: Stream) -> Stream:
        return replace(stream, options={"table": "oders"})

    def _stored(self, row: Row) -> dict[str, Any]:
        stored = dict(row) | _local(row)
        if self.dialect == "postgresql":
            stored["updated_at"] = row["updated_at"]
        if self.dialect == "sqlite":
            stored["amount"] = None if row["amount"] is None else str(row["amount"])
            stored["day"] = None if row["day"] is None else row["day"].isoformat()
        return stored
