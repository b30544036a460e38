"""First loads that are known to be large go straight into a piece: stored once, and nothing stays of one that fails."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts, seal
from metrics.facts.layout import Layout
from metrics.model.definition import Definitions, Organisation
from metrics.sync import StreamSync, SyncResult, run_sync
from tests.metrics.sync.rig import NOON, MemoryLog

ROWS = 3_000


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "RECENT_ROWS", 1_000)


def load(root: Path, path: str, *, full: bool = False, deleted: str | None = None) -> SyncResult:
    stream = Stream("shop", "sales", {"path": path}, primary_key=("id",), deleted=deleted)
    source = Source("shop", "files", {}, "pull", {"sales": stream})
    workspace = Workspace(root, Organisation("Test"), sources={"shop": source})
    return run_sync(workspace, MemoryLog(Definitions({}, ())), now=NOON, full=full)


def loaded(root: Path, path: str, deleted: str | None = None) -> StreamSync:
    result = load(root, path, deleted=deleted)
    assert result.ok, result
    return result.streams[0]


def write(root: Path, path: str, table: pa.Table) -> None:
    if path.endswith(".csv"):
        duckdb.from_arrow(table).write_csv(str(root / path))
    else:
        pq.write_table(table, root / path)


def held(root: Path) -> tuple[int, int, int]:
    with open_facts(root / "var") as facts:
        ((rows, keys, total),) = facts.query("SELECT count(*), count(DISTINCT id), sum(n) FROM shop.sales")
    return rows, keys, int(total)


def rows_in_the_writers_file(root: Path) -> int:
    with duckdb.connect(str(Layout.of(root / "var").work), read_only=True) as connection:
        return sum(rows for (rows,) in connection.execute("SELECT estimated_size FROM duckdb_tables()").fetchall())


@pytest.mark.parametrize("path", ["a.csv", "a.parquet"])
def test_a_large_first_load_is_stored_once_in_a_piece(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, pa.table({"id": range(ROWS), "n": [2] * ROWS}))
    assert loaded(tmp_path, path).rows_changed == ROWS
    assert held(tmp_path) == (ROWS, ROWS, 2 * ROWS)
    assert len(Layout.of(tmp_path / "var").pieces()) == 1
    assert rows_in_the_writers_file(tmp_path) < 100
    write(tmp_path, path, pa.table({"id": range(ROWS + 1), "n": [2] * ROWS + [5]}))
    assert loaded(tmp_path, path).rows_changed == 1
    assert held(tmp_path) == (ROWS + 1, ROWS + 1, 2 * ROWS + 5)
    assert load(tmp_path, path, full=True).streams[0].outcome == "unchanged"


@pytest.mark.parametrize("path", ["a.csv", "a.parquet"])
def test_repeated_keys_marked_rows_and_values_that_are_no_numbers_are_resolved_there_too(
    tmp_path: Path, path: str
) -> None:
    table = pa.table(
        {
            "id": [*range(ROWS), 7],
            "n": [1] * ROWS + [100],
            "r": pa.array([float("nan")] + [1.0] * ROWS),
            "gone": [False] * (ROWS - 1) + [True, False],
        }
    )
    write(tmp_path, path, table)
    notes = " ".join(loaded(tmp_path, path, deleted="gone").notes)
    assert "1 rows repeat the key of another row" in notes
    assert "1 rows are marked as deleted" in notes
    assert held(tmp_path) == (ROWS - 1, ROWS - 1, ROWS - 2 + 100)
    with open_facts(tmp_path / "var") as facts:
        assert facts.query("SELECT sum(r) FROM shop.sales") == [(ROWS - 2,)]


@pytest.mark.parametrize("path", ["a.csv", "a.parquet"])
def test_a_large_load_without_all_its_keys_leaves_nothing(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, pa.table({"id": pa.array([*range(ROWS), None], pa.int64()), "n": [1] * (ROWS + 1)}))
    result = load(tmp_path, path)
    assert "1 rows have no id" in (result.streams[0].error or "")
    write(tmp_path, path, pa.table({"id": range(ROWS), "n": [1] * ROWS}))
    assert loaded(tmp_path, path).rows_changed == ROWS
    assert held(tmp_path) == (ROWS, ROWS, ROWS)
    assert len(Layout.of(tmp_path / "var").pieces()) == 1
