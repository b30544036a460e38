"""Types of real databases arrive exactly: checked value by value, and by sums and counts on both sides."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from connectors.base import Stream
from connectors.columns import INSTANT
from connectors.errors import ConnectorError
from connectors.sql import SqlConnector

ZONE = "Asia/Ho_Chi_Minh"

POSTGRES = """
CREATE TABLE exact (
    id bigint PRIMARY KEY, small smallint, whole integer, money numeric(20, 4), free numeric, share double precision,
    flag boolean, day date, clock time, local_at timestamp, at timestamptz, code uuid, body jsonb, raw bytea,
    name varchar(40));
INSERT INTO exact VALUES
    (9223372036854775807, -32768, 2147483647, 1234567890123456.7891, 0.000000000000000001, 0.1, true, '2024-02-29',
     '23:59:59.999999', '2026-01-01 00:00:00.000001', '2026-01-01 00:00:00+07',
     '5f0c9a60-0000-4000-8000-000000000001', '{"a": [1, 2]}', '\\x00ff', 'Nguyễn "Út", 100 %'),
    (-1, 32767, -2147483648, -0.0001, 'NaN', 'NaN', false, '0001-01-01', '00:00:00', '1969-12-31 23:59:59',
     '2026-06-01 12:00:00.5+00', NULL, 'null', '', ''),
    (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""
MARIADB = """
CREATE TABLE exact (
    id bigint PRIMARY KEY, small smallint, whole int, money decimal(20, 4), huge bigint unsigned, share double,
    flag tinyint(1), bits bit(1), day date, clock time(6), local_at datetime(6), at timestamp(6) NULL, body json,
    raw varbinary(10), name varchar(40) CHARACTER SET utf8mb4, kind enum('a', 'b'));
INSERT INTO exact VALUES
    (9223372036854775807, -32768, 2147483647, 1234567890123456.7891, 18446744073709551615, 0.1, 1, 1, '2024-02-29',
     '23:59:59.999999', '2026-01-01 00:00:00.000001', '2025-12-31 17:00:00', '{"a": [1, 2]}', x'00ff',
     'Nguyễn "Út", 100 %', 'a'),
    (-1, 32767, -2147483648, -0.0001, 0, -1e308, 0, 0, '1000-01-01', '00:00:00', '1969-12-31 23:59:59',
     '2026-06-01 12:00:00.5', 'null', '', '', 'b'),
    (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""
# The clocks of Saigon were eight hours ahead of UTC in 1969.
COMMON: Mapping[str, tuple[pa.DataType, list[Any]]] = {
    "id": (pa.int64(), [2**63 - 1, -1, 0]),
    "small": (pa.int16(), [-(2**15), 2**15 - 1, None]),
    "whole": (pa.int32(), [2**31 - 1, -(2**31), None]),
    "money": (pa.decimal128(20, 4), [Decimal("1234567890123456.7891"), Decimal("-0.0001"), None]),
    "flag": (pa.bool_(), [True, False, None]),
    "clock": (pa.time64("us"), [time(23, 59, 59, 999999), time(0), None]),
    "local_at": (
        INSTANT,
        [datetime(2025, 12, 31, 17, 0, 0, 1, UTC), datetime(1969, 12, 31, 15, 59, 59, 0, UTC), None],
    ),
    "at": (INSTANT, [datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 6, 1, 12, 0, 0, 500000, UTC), None]),
    "raw": (pa.binary(), [b"\x00\xff", b"", None]),
    "name": (pa.string(), ['Nguyễn "Út", 100 %', "", None]),
}


def _pull(url: str, script: str, folder: Path, **keys: Any) -> tuple[pa.Table, list[str], sa.Engine]:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS exact")
        for statement in script.split(";\n"):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    connector = SqlConnector("shop", {"url": url}, folder)
    extract = connector.extract(Stream("shop", "exact", {"table": "exact"}, timezone=ZONE, **keys), None)
    return pa.Table.from_batches(list(extract.batches()), extract.schema), extract.notes, engine


def _compare(table: pa.Table, expected: Mapping[str, tuple[pa.DataType, list[Any]]]) -> None:
    order = table["id"].to_pylist()
    table = table.take([order.index(key) for key in COMMON["id"][1]])
    for name, (type_, values) in expected.items():
        assert table.schema.field(name).type == type_, name
        assert table[name].to_pylist() == values, name


def _sums_agree(table: pa.Table, engine: sa.Engine) -> None:
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT count(*), count(money), sum(money), sum(whole) FROM exact").one()
    money = sum(value for value in table["money"].to_pylist() if value is not None)
    ours = (table.num_rows, pc.count(table["money"]).as_py(), money, pc.sum(table["whole"]).as_py())
    assert tuple(row) == ours


@pytest.mark.service
def test_postgresql_types(postgres_url: str, tmp_path: Path) -> None:
    """Fifteen column types with NULLs, extremes, Vietnamese text and both kinds of timestamps."""
    table, notes, engine = _pull(postgres_url, POSTGRES, tmp_path)
    _compare(table, COMMON)
    _compare(
        table,
        {
            "day": (pa.date32(), [date(2024, 2, 29), date(1, 1, 1), None]),
            "free": (pa.decimal128(38, 18), [Decimal("0.000000000000000001"), None, None]),
            "share": (pa.float64(), [0.1, None, None]),
            "code": (pa.string(), ["5f0c9a60-0000-4000-8000-000000000001", None, None]),
            "body": (pa.string(), ['{"a": [1, 2]}', "null", None]),
        },
    )
    assert sum("1 NaN or infinite" in note for note in notes) == 2
    _sums_agree(table, engine)


@pytest.mark.service
@pytest.mark.parametrize("left_out", [(), ("raw",)], ids=["by the cursor", "as lines"])
def test_mariadb_types(mariadb_url: str, tmp_path: Path, left_out: tuple[str, ...]) -> None:
    """Sixteen column types, unsigned and bit ones included; TIMESTAMP is an instant, DATETIME local."""
    script = ";\n".join([MARIADB, *(f"ALTER TABLE exact DROP COLUMN {name}" for name in left_out)])
    table, _, engine = _pull(mariadb_url, script, tmp_path)
    _compare(table, {name: column for name, column in COMMON.items() if name not in left_out})
    _compare(
        table,
        {
            "day": (pa.date32(), [date(2024, 2, 29), date(1000, 1, 1), None]),
            "huge": (pa.uint64(), [2**64 - 1, 0, None]),
            "share": (pa.float64(), [0.1, -1e308, None]),
            "bits": (pa.bool_(), [True, False, None]),
            "body": (pa.string(), ['{"a": [1, 2]}', "null", None]),
            "kind": (pa.string(), ["a", "b", None]),
        },
    )
    _sums_agree(table, engine)


@pytest.mark.service
def test_a_declared_type_goes_before_the_found_one(postgres_url: str, tmp_path: Path) -> None:
    """Text with days, numbers with seconds and codes kept as text come out as declared."""
    script = (
        "CREATE TABLE exact (id text, day text, at bigint, code integer, money text, whole integer);\n"
        "INSERT INTO exact VALUES ('a', '31/12/2025', 1767225600, 7, '1.50', 1)"
    )
    columns = {
        "day": {"type": "date", "format": "%d/%m/%Y"},
        "at": {"type": "timestamp", "unit": "s"},
        "code": "text",
        "money": "decimal(10, 2)",
    }
    table, _, _ = _pull(postgres_url, script, tmp_path, columns=columns)
    assert table.to_pylist() == [
        {
            "id": "a",
            "day": date(2025, 12, 31),
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "code": "7",
            "money": Decimal("1.50"),
            "whole": 1,
        }
    ]


@pytest.mark.service
def test_any_text_passes_as_a_line(mariadb_url: str, tmp_path: Path) -> None:
    """Quotes, commas, line breaks, backslashes, percent signs and NUL stay; empty is not missing."""
    texts = ['"', 'a,"b"\n\r\n', "\\N", "%s 100 %", "\0x", "", None, "Đồng hồ 🕰", ","]
    script = "CREATE TABLE exact (id int PRIMARY KEY, name text CHARACTER SET utf8mb4, ratio double)"
    _, _, engine = _pull(mariadb_url, script, tmp_path)
    with engine.begin() as connection:
        for number, text in enumerate(texts):
            connection.execute(sa.text("INSERT INTO exact VALUES (:id, :name, :id / 7)"), {"id": number, "name": text})
    stream = Stream("shop", "exact", {"query": "SELECT * FROM exact ORDER BY id"})
    extract = SqlConnector("shop", {"url": mariadb_url}, tmp_path).extract(stream, None)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    assert table["name"].to_pylist() == texts
    with engine.connect() as connection:
        assert table["ratio"].to_pylist() == list(
            connection.exec_driver_sql("SELECT ratio FROM exact ORDER BY id").scalars()
        )


@pytest.mark.service
def test_a_day_that_is_none_is_refused(mariadb_url: str, tmp_path: Path) -> None:
    script = (
        "SET SESSION sql_mode = '';\nCREATE TABLE exact (id int PRIMARY KEY, day date, at timestamp NULL);\n"
        "INSERT INTO exact VALUES (1, '2026-01-01', NULL), (2, '0000-00-00', NULL)"
    )
    with pytest.raises(ConnectorError, match=r"column 'day': could not read '0000-00-00' in the row with id '2'"):
        _pull(mariadb_url, script, tmp_path, primary_key=("id",))


@pytest.mark.service
def test_a_score_in_tinyint_one_is_refused_with_its_row(mariadb_url: str, tmp_path: Path) -> None:
    """tinyint(1) is a boolean, unless it is declared otherwise: 5 is no truth value."""
    script = "CREATE TABLE exact (id int PRIMARY KEY, score tinyint(1));\nINSERT INTO exact VALUES (1, 1), (7, 5)"
    with pytest.raises(ConnectorError, match=r"column 'score': could not read '5' in the row with id '7'"):
        _pull(mariadb_url, script, tmp_path, primary_key=("id",))
    table, _, _ = _pull(mariadb_url, script, tmp_path, columns={"score": "tinyint"})
    assert table["score"].to_pylist() == [1, 5]


@pytest.mark.service
def test_an_infinite_date_is_refused(postgres_url: str, tmp_path: Path) -> None:
    """No date stands for infinity."""
    script = "CREATE TABLE exact (id int, day date);\nINSERT INTO exact VALUES (1, '2026-01-01'), (2, 'infinity')"
    with pytest.raises(ConnectorError, match="column 'day': could not read 'infinity' in the row with id '2'"):
        _pull(postgres_url, script, tmp_path, primary_key=("id",))


@pytest.mark.service
@pytest.mark.parametrize("spent", ["36:15:00", "-10:00:00"])
def test_a_length_of_time_is_no_time_of_day(mariadb_url: str, tmp_path: Path, spent: str) -> None:
    """Such a column can be read in seconds: TIME_TO_SEC(spent) in a query."""
    script = (
        f"CREATE TABLE exact (id int PRIMARY KEY, spent time);\nINSERT INTO exact VALUES (1, '09:30'), (2, '{spent}')"
    )
    with pytest.raises(
        ConnectorError, match=rf"column 'spent': could not read '{spent}' in the row with id '2' as time"
    ):
        _pull(mariadb_url, script, tmp_path, primary_key=("id",))


@pytest.mark.service
def test_midnight_at_the_end_of_a_day_is_refused(postgres_url: str, tmp_path: Path) -> None:
    script = "CREATE TABLE exact (id int, closes time);\nINSERT INTO exact VALUES (1, '21:30'), (2, '24:00')"
    with pytest.raises(
        ConnectorError, match="column 'closes': could not read '24:00:00' in the row with id '2' as time"
    ):
        _pull(postgres_url, script, tmp_path, primary_key=("id",))


@pytest.mark.service
def test_a_number_of_another_unit_is_refused_with_its_row(postgres_url: str, tmp_path: Path) -> None:
    script = "CREATE TABLE exact (id int, at bigint);\nINSERT INTO exact VALUES (1, 1700000000), (2, 1700000000000)"
    columns = {"at": {"type": "timestamp", "unit": "s"}}
    with pytest.raises(ConnectorError, match="column 'at': could not read '1700000000000' in the row with id '2'"):
        _pull(postgres_url, script, tmp_path, primary_key=("id",), columns=columns)
