"""How batches reach a table: in their order, in pieces that are stored once."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from metrics.sync import stage


def batches(rows: int, *, at_once: int) -> Iterator[pa.RecordBatch]:
    for first in range(0, rows, at_once):
        yield pa.record_batch({"id": pa.array(range(first, min(first + at_once, rows)), pa.int64())})


def test_rows_keep_their_order_and_fill_whole_row_groups() -> None:
    seen: list[int] = []
    with duckdb.connect() as connection:
        stage.create_table(connection, "t", {"id": "BIGINT"})
        inserted = stage.insert_batches(
            connection,
            "t",
            ["id"],
            batches(600_000, at_once=7_001),
            key=["id"],
            on_rows=lambda rows, _: seen.append(rows),
        )
        stored = connection.execute("SELECT id, rowid FROM t WHERE id <> rowid").fetchall()
        groups = connection.execute(
            "SELECT DISTINCT row_group_id, max(start + count) OVER (PARTITION BY row_group_id) "
            "FROM pragma_storage_info('t') WHERE segment_type = 'BIGINT' ORDER BY 1"
        ).fetchall()
    assert (inserted.rows, inserted.bytes, inserted.has_ascending_keys) == (600_000, 600_000 * 8, True)
    assert stored == []
    assert seen == [4 * 122_880, 600_000]
    assert [end for _, end in groups][:4] == [122_880] * 4


@pytest.mark.parametrize("at_once", [32 << 20, 1_000])
def test_repeated_keys_are_found_wherever_they_are_looked_for(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many shares of the keys find what one does."""
    monkeypatch.setattr(stage, "_BYTES_COUNTED_AT_ONCE", at_once)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT i % 700 AS id, 'k' || i % 2 AS part, i AS version FROM range(1_500) AS ids(i)"
        )
        notes = stage.resolve_duplicates(
            connection, "t", ["id", "part"], "version", {"id": "BIGINT", "part": "VARCHAR", "version": "BIGINT"}
        )
        kept = connection.execute("SELECT count(*), min(version) FROM t").fetchall()
    assert notes == ["800 rows repeat the key of another row; the newest version was kept"]
    assert kept == [(700, 800)]
