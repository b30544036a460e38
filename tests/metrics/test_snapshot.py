"""Snapshots are written whole, never change, and their names cannot reach outside their folder."""

import hashlib
import json
import resource
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from metrics.errors import NotFoundError, QuarterlineError
from metrics.model.scorecard import Cycle, Scorecard
from metrics.snapshot import Snapshot, export_snapshot, find_snapshot, list_snapshots, take_snapshot

TAKEN = datetime(2027, 2, 15, 9, tzinfo=UTC)
CYCLE = Cycle("2027-Q1", TAKEN.date().replace(month=1, day=1), TAKEN.date().replace(month=3, day=31))
EMPTY = Scorecard("facts-12", 7, TAKEN.date(), CYCLE, 46 / 90, "burning/1", ())


def take(directory: Path, name: str | None = None, *, at: datetime = TAKEN) -> Snapshot:
    return take_snapshot(
        EMPTY, {"metrics": {}}, directory, name=name, taken_at=at, actor="linh", language="vi", version="0.1.0"
    )


def test_a_snapshot_holds_its_tables_its_definitions_and_the_hash_of_each(tmp_path: Path) -> None:
    snapshot = take(tmp_path / "snapshots")
    assert snapshot.name == "2027-Q1_2027-02-15_facts-12"
    manifest = json.loads((snapshot.directory / "manifest.json").read_text())
    assert sorted(manifest["files"]) == ["definitions.json", "key_results.csv", "objectives.csv", "scorecard.json"]
    for file, facts in manifest["files"].items():
        assert hashlib.sha256((snapshot.directory / file).read_bytes()).hexdigest() == facts["sha256"]


def test_the_same_scorecard_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = take(tmp_path, "one"), take(tmp_path, "other")
    assert one.manifest["files"] == other.manifest["files"]


def test_a_snapshot_is_never_replaced(tmp_path: Path) -> None:
    first = take(tmp_path, "board").content()
    with pytest.raises(QuarterlineError, match="snapshots never change"):
        take(tmp_path, "board")
    assert find_snapshot(tmp_path, "board").content() == first


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "-flag", "", "x" * 101, "a\nb", "a\n", "con\x00", "sàng"])
def test_a_name_cannot_reach_outside(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "snapshots"
    if name:
        with pytest.raises(QuarterlineError, match="as a snapshot's name"):
            take(inside, name)
    with pytest.raises(QuarterlineError, match="as a snapshot's name"):
        find_snapshot(inside, name)
    assert list(tmp_path.iterdir()) == []


def test_hostile_names_of_the_shared_cases_are_refused(tmp_path: Path, shared: Path) -> None:
    names = json.loads((shared / "trust/badfiles/payload_snapshot_names.json").read_text())
    refused = 0
    for name in (name for name in names if isinstance(name, str) and name):
        try:
            take(tmp_path / "snapshots", name)
        except QuarterlineError:
            refused += 1
    assert refused > 0
    assert {path.name for path in tmp_path.iterdir()} <= {"snapshots"}


def test_listing_gives_the_newest_first_and_skips_what_is_broken(tmp_path: Path) -> None:
    take(tmp_path, "older", at=TAKEN.replace(hour=1))
    take(tmp_path, "newer")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    assert [snapshot.name for snapshot in list_snapshots(tmp_path)] == ["newer", "older"]
    assert list_snapshots(tmp_path / "absent") == ()


def test_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    take(tmp_path, "board-february")
    with pytest.raises(NotFoundError, match="did you mean 'board-february'"):
        find_snapshot(tmp_path, "board-febuary")


def test_an_export_is_the_csv_or_the_whole_folder_and_overwrites_nothing(tmp_path: Path) -> None:
    snapshot = take(tmp_path / "snapshots", "board")
    assert export_snapshot(snapshot, tmp_path / "out" / "board.csv").read_bytes() == snapshot.content()
    whole = export_snapshot(snapshot, tmp_path / "copy")
    assert sorted(path.name for path in whole.iterdir()) == sorted([*snapshot.manifest["files"], "manifest.json"])
    with pytest.raises(QuarterlineError, match="because it exists"):
        export_snapshot(snapshot, tmp_path / "out" / "board.csv")


def test_a_file_that_is_not_what_was_taken_is_neither_shown_nor_exported(tmp_path: Path) -> None:
    snapshot = take(tmp_path / "snapshots", "board")
    table = snapshot.directory / "key_results.csv"
    table.write_bytes(table.read_bytes().replace(b"as_of", b"as_0f"))
    with pytest.raises(QuarterlineError, match="it is not what was taken"):
        snapshot.content()
    for out in ("board.csv", "copy"):
        with pytest.raises(QuarterlineError, match=r"key_results\.csv of snapshot 'board'"):
            export_snapshot(snapshot, tmp_path / out)
    table.unlink()
    with pytest.raises(QuarterlineError, match="it cannot be read"):
        snapshot.content()
    assert [path.name for path in tmp_path.iterdir()] == ["snapshots"]


@pytest.mark.parametrize("out", ["board.csv", "copy"])
def test_an_export_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path, out: str) -> None:
    snapshot = take(tmp_path / "snapshots", "board")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(QuarterlineError, match="because of File too large"):
            export_snapshot(snapshot, tmp_path / out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["snapshots"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file in the way")
    with pytest.raises(QuarterlineError, match="cannot be written") as caught:
        take(tmp_path / "snapshots", "board")
    assert "\n" not in str(caught.value)


def test_a_snapshot_of_another_day_is_named_after_it(tmp_path: Path) -> None:
    other = replace(EMPTY, as_of=TAKEN.date().replace(day=1))
    snapshot = take_snapshot(other, {}, tmp_path, taken_at=TAKEN, actor="linh", language="en", version="0.1.0")
    assert snapshot.name == "2027-Q1_2027-02-01_facts-12"
