"""Parquet files that DuckDB reads itself: the same values as by batches, and refused in the same words."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Stream
from connectors.errors import ConnectorError, ContentError, UnavailableError
from connectors.files.extract import FilesExtract
from metrics.sync import scanning
from metrics.sync.drift import duckdb_types
from metrics.sync.scanning import insert_scan
from metrics.sync.stage import create_table, insert_batches

EARLY, LATE = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - the time zone is the column's
VALUES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "tiny": (pa.int8(), st.integers(-(2**7), 2**7 - 1)),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "counted": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "rough": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "real": (pa.float64(), st.floats(allow_nan=False)),
    "exact": (pa.decimal128(38, 6), st.decimals(-(10**31), 10**31, places=6)),
    "text": (pa.string(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)),
    "yes": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "at": (pa.timestamp("us", tz="Asia/Ho_Chi_Minh"), st.datetimes(EARLY, LATE, timezones=st.just(UTC))),
    "about": (pa.timestamp("ms", tz="UTC"), st.datetimes(EARLY, LATE, timezones=st.just(UTC))),
    "naive": (pa.timestamp("us"), st.datetimes(EARLY, LATE)),
}


def whole_milliseconds(row: dict[str, Any]) -> dict[str, Any]:
    about = row["about"]
    return row | {"about": about and about.replace(microsecond=about.microsecond // 1000 * 1000)}


ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, (_, values) in VALUES.items()}).map(whole_milliseconds),
    min_size=1,
    max_size=12,
)


def begin(folder: Path, path: str = "*.parquet", **declared: Any) -> FilesExtract:
    return FilesExtract(Stream("shop", "sales", {"path": path}, **declared), folder, None)


def stored(into: Callable[[duckdb.DuckDBPyConnection, list[str]], object], extract: FilesExtract) -> list[Any]:
    types = duckdb_types(extract.schema)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        create_table(connection, "sales", types)
        into(connection, list(types))
        return connection.execute("SELECT * FROM sales").fetchall()


def by_scan(extract: FilesExtract) -> list[Any]:
    scan = extract.scan
    assert scan is not None
    return stored(
        lambda into, columns: insert_scan(into, "sales", columns, scan, key=(), on_rows=lambda _rows, _bytes: None),
        extract,
    )


def by_batches(extract: FilesExtract) -> list[Any]:
    return stored(
        lambda into, columns: insert_batches(
            into, "sales", columns, extract.batches(), key=(), on_rows=lambda _rows, _bytes: None
        ),
        extract,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, ROWS)
def test_every_value_is_the_same_as_by_batches(
    tmp_path: Path, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    schema = pa.schema([(name, type_) for name, (type_, _) in VALUES.items()])
    for name, rows in (("a", first), ("b", second)):
        pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / f"{name}.parquet")
    assert by_scan(begin(tmp_path)) == by_batches(begin(tmp_path))


@pytest.mark.parametrize(
    ("table", "path", "declared"),
    [
        (pa.table({"id": [1], "at": pa.array([1], pa.timestamp("us"))}), "a.parquet", {"timezone": "Europe/Berlin"}),
        (pa.table({"id": [1], "at": pa.array([1], pa.timestamp("ns", tz="UTC"))}), "a.parquet", {}),
        (pa.table({"id": [1], "of": pa.array([{"a": 1}])}), "a.parquet", {}),
        (pa.table({"id": [1], "in": pa.array(["x"]).dictionary_encode()}), "a.parquet", {}),
        (pa.table({"id": [1], "raw": pa.array([b"x"])}), "a.parquet", {}),
        (pa.table({"id": ["1"]}), "a.parquet", {"columns": {"id": "bigint"}}),
        (pa.table({"id": [1]}), "a[1].parquet", {}),
    ],
    ids=["local times", "nanoseconds", "nested", "categories", "bytes", "declared", "path"],
)
def test_what_could_be_read_otherwise_goes_by_batches(
    tmp_path: Path, table: pa.Table, path: str, declared: dict[str, Any]
) -> None:
    pq.write_table(table, tmp_path / path)
    try:
        assert begin(tmp_path, path.replace("[1]", "*"), **declared).scan is None
    except ConnectorError:  # nor is it read at all
        assert pa.types.is_nested(table.schema.types[-1])


def test_files_of_different_columns_or_types_go_by_batches(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": pa.array([1], pa.int32())}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"id": pa.array([2], pa.int64())}), tmp_path / "b.parquet")
    extract = begin(tmp_path)
    assert extract.scan is None
    assert by_batches(extract) == [(1,), (2,)]


def test_folders_that_look_like_columns_are_none(tmp_path: Path) -> None:
    for team in ("north", "south"):
        (tmp_path / f"team={team}").mkdir()
        pq.write_table(pa.table({"id": [1], "team": ["east"]}), tmp_path / f"team={team}/a.parquet")
    assert by_scan(begin(tmp_path, "*/a.parquet")) == [(1, "east")] * 2


def test_a_file_that_changes_on_the_way_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), tmp_path / "a.parquet")
    extract = begin(tmp_path)
    pq.write_table(pa.table({"id": [2, 3]}), tmp_path / "new")
    (tmp_path / "new").replace(tmp_path / "a.parquet")
    with pytest.raises(UnavailableError, match=r"a\.parquet: could not read the file whole, because it was changed"):
        by_scan(extract)


def test_a_damaged_page_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": range(50_000), "v": [str(n) for n in range(50_000)]}), path, compression="zstd")
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 400] = os.urandom(400)
    path.write_bytes(damaged)
    with pytest.raises(ContentError, match=r"a\.parquet"):
        by_scan(begin(tmp_path))


@pytest.mark.parametrize(
    ("ids", "ascends"), [([1, 2, 9], True), ([1, 2, 2], False), ([2, 1], False), ([1, None], False)]
)
def test_keys_that_grow_are_seen(tmp_path: Path, ids: list[int | None], ascends: bool) -> None:
    pq.write_table(pa.table({"id": pa.array(ids, pa.int64())}), tmp_path / "a.parquet")
    scan = begin(tmp_path).scan
    assert scan is not None
    with duckdb.connect() as connection:
        create_table(connection, "sales", {"id": "BIGINT"})
        seen: list[tuple[int, int]] = []
        done = insert_scan(
            connection, "sales", ["id"], scan, key=("id",), on_rows=lambda rows, size: seen.append((rows, size))
        )
    assert (done.rows, done.has_ascending_keys) == (len(ids), ascends)
    assert seen[-1] == (len(ids), done.bytes)


def test_a_long_scan_is_told_of_and_ends_when_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_LOOK_SECONDS", 0.02)
    duckdb.sql(f"COPY (SELECT i AS id, hash(i) || '' AS v FROM range(3_000_000) AS t(i)) TO '{tmp_path}/a.parquet'")
    scan = begin(tmp_path).scan
    assert scan is not None

    def stop(rows: int, _bytes: int) -> None:
        assert rows < 3_000_000, "it was over before anybody was told"
        raise TimeoutError

    with duckdb.connect() as connection:
        create_table(connection, "sales", {"id": "BIGINT", "v": "VARCHAR"})
        connection.execute("SET threads = 1")
        with pytest.raises(TimeoutError):
            insert_scan(connection, "sales", ["id", "v"], scan, key=("id",), on_rows=stop)
        assert connection.execute("SELECT count(*) FROM sales").fetchone() == (0,)
