"""Pieces: publishing copies what is recent, and nothing else about a stream changes."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest

from metrics.errors import FactsError
from metrics.facts import open_facts, seal
from metrics.facts.layout import Layout
from metrics.model.reading import Measure, Window
from metrics.sync import Publishing, SyncEvent
from tests.metrics.facts.full_disk import largest_file
from tests.metrics.sync.rig import NOON, Rig, instant, metric

TOTAL, MEDIAN = metric("total", "sum", value="n"), metric("median", "median", value="n")
OTHER = metric("other", "sum", value="n + 0")
YEAR = Window(date(2027, 1, 1), date(2027, 12, 31))
LIMIT = 100


@pytest.fixture
def sealing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(seal, "RECENT_ROWS", LIMIT)
    rig.define(TOTAL, MEDIAN)
    return rig


def rows(ids: Iterator[int] | range, n: int | None = None, **more: pa.Array) -> pa.Table:
    listed = list(ids)
    at = [instant(date(2027, 1, 1) + timedelta(days=each % 90)) for each in listed]
    table = pa.table(
        {
            "id": pa.array(listed, pa.int64()),
            "at": pa.array(at, pa.timestamp("us", tz="UTC")),
            "n": pa.array([each if n is None else n for each in listed], pa.int32()),
        }
    )
    for name, values in more.items():
        table = table.append_column(name, values)
    return table


def held(rig: Rig) -> dict[int, int]:
    """Rows by key, checked against what is derived from them and what is not."""
    with rig.facts() as facts:
        found = dict(facts.query("SELECT id, n FROM shop.sales"))
        ((count,),) = facts.query("SELECT count(*) FROM shop.sales")
        assert count == len(found) == facts.row_counts()["shop.sales"]
        assert facts.tables() == ("shop.sales",)
        assert facts.notices == ()
        sums = [
            each.readings[0].value for each in facts.measure([Measure(each, (), (YEAR,)) for each in (TOTAL, OTHER)])
        ]
        assert sums == [float(sum(found.values()))] * 2
    return found


def pieces(rig: Rig) -> list[int]:
    return Layout.of(rig.root / "var").pieces()


def test_many_rows_move_into_a_piece_and_few_stay(sealing: Rig) -> None:
    sealing.put("sales", rows(range(50)))
    sealing.sync()
    assert pieces(sealing) == []
    sealing.put("sales", rows(range(50, 250)), mode="merge")
    assert sealing.sync().ok
    assert pieces(sealing) == [1]
    assert held(sealing) == {each: each for each in range(250)}


def test_rows_in_pieces_are_changed_removed_and_replaced_as_others(sealing: Rig) -> None:
    expected = {each: each for each in range(300)}
    sealing.put("sales", rows(range(300)))
    sealing.sync()
    for first in (0, 290, 150):
        sealing.put("sales", rows(range(first, first + 20), n=7), mode="merge")
        assert sealing.sync().streams[0].rows_changed in {19, 20}
        expected |= dict.fromkeys(range(first, first + 20), 7)
        assert held(sealing) == expected
    sealing.put("sales", rows(range(280)))
    (stream,) = sealing.sync().streams
    assert stream.notes == ("30 rows are gone from the source and were removed",)
    assert held(sealing) == {each: each for each in range(280)}
    assert sealing.sync().generation is None


def test_columns_of_pieces_grow_and_widen(sealing: Rig) -> None:
    sealing.put("sales", rows(range(200)))
    sealing.sync()
    wide = rows(range(200, 210), extra=pa.array(["x"] * 10)).set_column(
        2, "n", pa.array([5_000_000_000] * 10, pa.int64())
    )
    sealing.put("sales", wide, mode="merge")
    assert sealing.sync().ok
    assert held(sealing) == {each: each for each in range(200)} | dict.fromkeys(range(200, 210), 5_000_000_000)
    with sealing.facts() as facts:
        assert facts.query("SELECT extra, count(*) FROM shop.sales GROUP BY ALL ORDER BY ALL") == [
            ("x", 10),
            (None, 200),
        ]
        assert facts.columns("shop.sales") == {
            "id": "BIGINT", "at": "TIMESTAMP WITH TIME ZONE", "n": "BIGINT", "extra": "VARCHAR"
        }  # fmt: skip


def test_a_stream_without_a_key_gives_its_pieces_up_when_it_is_replaced(sealing: Rig) -> None:
    sealing.declare("sales", key=())
    sealing.put("sales", rows(range(200)))
    sealing.sync()
    assert pieces(sealing) == [1]
    sealing.put("sales", rows(range(40)))
    sealing.sync()
    assert held(sealing) == {each: each for each in range(40)}
    sealing.put("sales", rows(range(500)))
    sealing.sync()
    assert held(sealing) == {each: each for each in range(500)}


def test_pieces_are_written_anew_when_worn_or_many_and_removed_when_no_one_needs_them(
    sealing: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "_MOST_PIECES", 3)
    monkeypatch.setattr(seal, "_MERGED_AT_ONCE", 2)
    expected: dict[int, int] = {}
    for turn in range(12):
        first = turn * 90
        sealing.put("sales", rows(range(first, first + 150), n=turn), mode="merge")
        assert sealing.sync().ok
        expected |= dict.fromkeys(range(first, first + 150), turn)
        assert held(sealing) == expected
        with sealing.facts() as facts:
            ((count,),) = facts.query("SELECT count(*) FROM quarterline.pieces")
        assert count <= 4
    assert set(pieces(sealing)) >= {
        number for (number,) in sealing.facts().query("SELECT number FROM quarterline.pieces")
    }
    assert len(pieces(sealing)) < 12


def test_generations_share_pieces_and_keep_those_they_need(sealing: Rig) -> None:
    sealing.put("sales", rows(range(200)))
    sealing.sync()
    with sealing.facts() as facts:
        for turn in range(6):
            sealing.put("sales", rows(range(200), n=turn))
            sealing.sync()
            (newest,) = sealing.sync().streams
            assert newest.outcome == "unchanged"
        assert sum(n for (n,) in facts.query("SELECT n FROM shop.sales")) == sum(range(200))
    (sealing.folder / "facts-7.duckdb").chmod(0o600)
    (sealing.folder / "facts-7.duckdb").write_bytes(b"x")
    with open_facts(sealing.root / "var") as older:
        assert older.generation == "facts-6"
        assert older.query("SELECT DISTINCT n FROM shop.sales") == [(4,)]


@pytest.mark.parametrize("spoil", ["turned", "cut", "gone", "log"])
def test_a_damaged_piece_is_refused_and_read_anew(sealing: Rig, spoil: str) -> None:
    sealing.put("sales", rows(range(200)))
    sealing.sync()
    path = Layout.of(sealing.root / "var").piece(1)
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    match spoil:
        case "turned":
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        case "cut":
            path.write_bytes(content[:-1])
        case "gone":
            path.unlink()
        case _:
            path.with_name("piece-1.duckdb.wal").write_bytes(b"x")
    with pytest.raises(FactsError, match=r"could not read any generation, because its piece|because a write-ahead log"):
        sealing.facts()
    assert sealing.sync(full=True).ok
    assert held(sealing) == {each: each for each in range(200)}


def test_a_reader_of_pieces_cannot_reach_out_either(sealing: Rig) -> None:
    sealing.put("sales", rows(range(200)))
    sealing.sync()
    with sealing.facts() as facts:
        for sql in (
            f"SELECT * FROM read_text('{sealing.folder}/current')",
            f"COPY (SELECT 1) TO '{sealing.folder}/out.csv'",
            f"ATTACH '{sealing.folder}/other.duckdb' AS other",
            "DELETE FROM piece_1.main.rows",
            "SET enable_external_access = true",
        ):
            with pytest.raises(FactsError):
                facts.query(sql)


def test_a_sync_that_dies_after_sealing_loses_nothing(sealing: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from metrics.facts import writer

    def die(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    sealing.put("sales", rows(range(150)))
    with monkeypatch.context() as patch:
        patch.setattr(writer, "shrink", die)
        assert "No space left on device" in (sealing.sync().error or "")
    assert sealing.sync(now=NOON).ok
    assert held(sealing) == {each: each for each in range(150)}


def test_the_writers_file_does_not_keep_the_room_of_what_it_gave_away(
    sealing: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "_LEAST_FREE_BLOCKS", 4)
    count = 300_000
    table = pa.table(
        {
            "id": pa.array([each * 2_654_435_761 for each in range(count)], pa.int64()),
            "at": pa.array([instant(date(2027, 1, 1))] * count, pa.timestamp("us", tz="UTC")),
            "n": pa.array([each * 2_654_435_761 % 1_000_003 for each in range(count)], pa.int32()),
        }
    )
    sealing.put("sales", table)
    assert sealing.sync().ok
    with duckdb.connect(str(Layout.of(sealing.root / "var").work), read_only=True) as connection:
        ((total, free),) = connection.execute("SELECT total_blocks, free_blocks FROM pragma_database_size()").fetchall()
    assert free <= max(total // 2, 4)
    assert held(sealing)[7 * 2_654_435_761] == 7 * 2_654_435_761 % 1_000_003
    sealing.put("sales", table.slice(0, 5).set_column(2, "n", pa.array([1] * 5, pa.int32())), mode="merge")
    assert sealing.sync().streams[0].rows_changed == 5


def test_a_disk_that_fills_up_while_sealing_keeps_the_last_good_generation(sealing: Rig) -> None:
    sealing.put("sales", rows(range(50)))
    sealing.sync()
    sealing.put("sales", rows(range(50, 250)), mode="merge")
    with ExitStack() as full:

        def fill(event: SyncEvent) -> None:
            if isinstance(event, Publishing):
                full.enter_context(largest_file(100_000))

        result = sealing.sync(on_event=fill)
    assert result.generation is None
    assert re.fullmatch(
        r"could not publish, because .*File too large.*; the last good generation stays; make room in facts/, then "
        r"sync again",
        result.error or "",
    )
    assert held(sealing) == {each: each for each in range(50)}
    assert sealing.sync().generation is not None
    assert pieces(sealing) == [1]
    assert not list(sealing.folder.glob("*.tmp"))
    assert held(sealing) == {each: each for each in range(250)}
