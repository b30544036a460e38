"""Generations: whole or not at all, never repeated, and a damaged one never shows a number."""

import json
import multiprocessing
import os
import random
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from metrics.errors import FactsError
from metrics.facts import current_generation, open_facts, seal
from metrics.facts.layout import Layout
from metrics.facts.lock import lock_holder, sync_lock
from metrics.model.reading import Measure, Window
from tests.metrics.facts.full_disk import largest_file
from tests.metrics.sync.rig import NOON, Rig, instant, metric

CORRUPTIONS = int(os.environ.get("QUARTERLINE_CORRUPTIONS", "100"))
"""Of each kind of store; `.ci/run` asks for more."""

TOTAL = metric("total", "sum", value="n")
MEDIAN = metric("median", "median", value="n")
APRIL = Window(date(2027, 4, 1), date(2027, 4, 30))


def stock(rig: Rig, value: int) -> None:
    """Publish a generation in which everything sums to ten times `value`."""
    at = pa.array([instant(date(2027, 4, 1))] * 10, pa.timestamp("us", tz="UTC"))
    rig.put("sales", pa.table({"id": list(range(10)), "at": at, "n": [value] * 10}))
    rig.define(TOTAL, MEDIAN)
    rig.sync()


def read(rig: Rig) -> tuple[float | None, float | None, str]:
    with rig.facts() as facts:
        total, median = facts.measure([Measure(TOTAL, (), (APRIL,)), Measure(MEDIAN, (), (APRIL,))])
        return total.readings[0].value, median.readings[0].value, facts.generation


def test_before_the_first_sync_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert current_generation(tmp_path) is None
    with pytest.raises(FactsError, match="nothing was synced yet; run `quarterline sync`"):
        open_facts(tmp_path)


def test_each_change_is_a_new_generation_and_three_are_kept(rig: Rig) -> None:
    for value in range(1, 6):
        stock(rig, value)
        assert read(rig) == (10.0 * value, value, f"facts-{value}")
        assert current_generation(rig.root / "var") == f"facts-{value}"
    names = sorted(path.name for path in rig.folder.iterdir() if path.name.startswith("facts-"))
    assert names == [f"facts-{value}.{kind}" for value in (3, 4, 5) for kind in ("duckdb", "json")]
    assert all((rig.folder / name).stat().st_mode & 0o777 == 0o444 for name in names)


def test_a_reader_keeps_its_generation_after_it_is_removed(rig: Rig) -> None:
    stock(rig, 1)
    with rig.facts() as facts:
        for value in range(2, 7):
            stock(rig, value)
        assert not (rig.folder / "facts-1.duckdb").exists()
        assert facts.measure([Measure(TOTAL, (), (APRIL,))])[0].readings[0].value == 10


def test_names_never_repeat_even_when_files_are_lost(rig: Rig) -> None:
    for value in (1, 2, 3):
        stock(rig, value)
    for path in rig.folder.glob("facts-*"):
        path.unlink()
    (rig.folder / "current").unlink()
    stock(rig, 4)
    assert read(rig)[2] == "facts-4"
    for path in rig.folder.glob("work.duckdb*"):
        path.unlink()
    stock(rig, 5)
    assert read(rig) == (50, 5, "facts-5")


def test_what_was_committed_but_not_published_is_published_next_time(rig: Rig) -> None:
    """A sync that dies between its commit and its publish leaves nothing behind that the next one would miss."""
    stock(rig, 1)
    published = {path: path.read_bytes() for path in rig.folder.glob("facts-1.*")}
    pointer = (rig.folder / "current").read_bytes()
    stock(rig, 2)
    for path in rig.folder.glob("facts-2.*"):
        path.unlink()
    (rig.folder / "current").write_bytes(pointer)
    assert published.keys() == set(rig.folder.glob("facts-*"))
    assert read(rig)[0] == 10
    (stream,) = (result := rig.sync()).streams
    assert (stream.outcome, result.generation) == ("unchanged", "facts-3")
    assert read(rig)[0] == 20


def test_a_generation_that_was_renamed_but_never_pointed_to_is_not_read(rig: Rig) -> None:
    stock(rig, 1)
    stock(rig, 2)
    (rig.folder / "current").write_text("facts-1\n")
    assert read(rig)[0] == 10
    assert rig.sync().generation == "facts-3"


def test_unfinished_files_are_removed(rig: Rig) -> None:
    stock(rig, 1)
    leftover = rig.folder / "facts-9.duckdb.tmp"
    leftover.write_bytes(b"half")
    rig.sync()
    assert not leftover.exists()


def test_a_full_disk_keeps_the_last_good_generation(rig: Rig) -> None:
    stock(rig, 1)
    with largest_file(200_000):
        stock(rig, 2)
        (load, *_) = reversed(rig.log.loads)
        assert load.generation is None
    assert read(rig) == (10, 1, "facts-1")
    assert not list(rig.folder.glob("*.tmp"))
    result = rig.sync()
    assert result.error is None
    assert read(rig)[0] == 20


def test_publishing_that_fails_says_so(rig: Rig) -> None:
    stock(rig, 1)
    (rig.folder / "facts-2.duckdb.tmp").mkdir()
    at = pa.array([instant(date(2027, 4, 1))], pa.timestamp("us", tz="UTC"))
    rig.put("sales", pa.table({"id": [1], "at": at, "n": [7]}))
    assert rig.sync().error == (
        "could not publish facts-2, because Is a directory (facts/); the last good generation stays; make room or "
        "allow writing there, then sync again"
    )
    (rig.folder / "facts-2.duckdb.tmp").rmdir()
    assert read(rig)[0] == 10
    assert rig.sync().generation == "facts-3"
    assert read(rig)[0] == 7


@pytest.mark.slow
@pytest.mark.parametrize("sealed", [False, True])
def test_a_damaged_generation_is_passed_over_with_a_notice(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, *, sealed: bool
) -> None:
    """At random: bytes turned, cut, grown, emptied, removed, exchanged, sidecar or pointer spoilt; pieces likewise."""
    if sealed:
        monkeypatch.setattr(seal, "RECENT_ROWS", 5)
    stock(rig, 1)
    stock(rig, 2)
    stock(rig, 3)
    pieces = [Layout.of(rig.root / "var").piece(number) for number in Layout.of(rig.root / "var").pieces()]
    assert bool(pieces) == sealed
    spoilt = (rig.folder / "facts-3.duckdb", rig.folder / "facts-3.json", *pieces)
    good = {path: path.read_bytes() for path in spoilt}
    chance = random.Random(20270410)
    served: dict[float | None, int] = {}
    for _ in range(CORRUPTIONS):
        for path, content in good.items():
            path.unlink(missing_ok=True)
            path.write_bytes(content)
        for log in rig.folder.glob("*.wal"):
            log.unlink()
        damage(chance.choice([rig.folder / "facts-3.duckdb", *pieces]), chance)
        try:
            value, median, generation = read(rig)
        except FactsError as error:
            assert "\n" not in str(error)  # noqa: PT017
            continue
        assert (value, median) == {"facts-3": (30, 3), "facts-2": (20, 2), "facts-1": (10, 1)}[generation]
        if generation != "facts-3":
            with rig.facts() as facts:
                assert facts.notices or current_generation(rig.root / "var") != "facts-3"
        served[value] = served.get(value, 0) + 1
    assert sum(served.values()) > CORRUPTIONS * (0.3 if sealed else 0.75)
    assert served[20.0] > CORRUPTIONS * 0.1


def damage(path: Path, chance: random.Random) -> None:
    """Spoil the newest generation or a piece in one of many ways."""
    folder = path.parent
    content = bytearray(path.read_bytes())
    match chance.randrange(10):
        case 0 | 1 | 2:
            for _ in range(chance.choice((1, 1, 8, 500))):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            path.write_bytes(content)
        case 3:
            path.write_bytes(content[: chance.randrange(len(content))])
        case 4:
            path.write_bytes(content + chance.randbytes(chance.randrange(1, 9_000)))
        case 5:
            path.unlink()
        case 6:
            shutil.copy(folder / chance.choice(("facts-1.duckdb", "work.duckdb")), path)
        case 7:
            sidecar = folder / "facts-3.json"
            told = json.loads(sidecar.read_text())
            spoilt = (
                "",
                "{}",
                "[]",
                "null",
                json.dumps(told | {"size": 1}),
                json.dumps(told | {"size": "1"}),
                json.dumps(told | {"sha256": "0" * 64}),
            )
            sidecar.write_text(chance.choice((*spoilt, json.dumps(told | {"published_at": "yesterday"}))))
        case 8:
            path.with_name(f"{path.name}.wal").write_bytes(chance.randbytes(100))
        case _:
            start = chance.randrange(len(content))
            content[start : start + 4096] = bytes(len(content[start : start + 4096]))
            path.write_bytes(content)


@pytest.mark.parametrize("content", ["", "facts-0", "../work", "facts-1.duckdb", "facts-" + "9" * 400, "\0\xff"])
def test_a_spoilt_pointer_falls_back_to_the_newest_whole_generation(rig: Rig, content: str) -> None:
    stock(rig, 1)
    stock(rig, 2)
    (rig.folder / "current").write_text(content, "latin-1")
    assert read(rig)[0] == 20


def test_a_damaged_writer_file_says_what_to_do(rig: Rig) -> None:
    stock(rig, 1)
    (rig.folder / "work.duckdb").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(FactsError, match=r"could not open the writer's file work.duckdb, because .*; move it away"):
        rig.sync()
    assert read(rig)[0] == 10


def hold(path: Path, ready: "multiprocessing.synchronize.Event", go: "multiprocessing.synchronize.Event") -> None:
    with sync_lock(path, since=NOON):
        ready.set()
        go.wait(30)


def test_a_second_sync_is_told_who_runs_the_first(rig: Rig) -> None:
    stock(rig, 1)
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(Layout.of(rig.root / "var").lock, ready, go))
    holder.start()
    try:
        assert ready.wait(30)
        with pytest.raises(
            FactsError, match=rf"because process {holder.pid} on \S+ \(since 2027-04-10T12:00:00\+00:00\)"
        ):
            rig.sync()
        assert str(lock_holder(Layout.of(rig.root / "var").lock)).startswith(f"process {holder.pid} on ")
    finally:
        go.set()
        holder.join(30)
    assert lock_holder(Layout.of(rig.root / "var").lock) is None
    assert rig.sync().ok


def test_a_reader_cannot_reach_out_of_its_generation(rig: Rig) -> None:
    stock(rig, 1)
    with rig.facts() as facts:
        for sql in (
            f"SELECT * FROM read_text('{rig.folder}/current')",
            f"COPY (SELECT 1) TO '{rig.folder}/out.csv'",
            f"ATTACH '{rig.folder}/work.duckdb' AS work",
            "CREATE TABLE shop.more (a INTEGER)",
            "DELETE FROM shop.sales",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(FactsError):
                facts.query(sql)
    assert not (rig.folder / "out.csv").exists()
    assert read(rig)[0] == 10
