"""Files come and go: what is read again, what is kept, what is refused; JSON lines, Parquet and gzip."""

import gzip
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import State, Stream
from connectors.errors import ConnectorError, ContentError, DriftError
from connectors.files import FilesConnector, opening
from tests.connectors.reading import pull, read_text, stream_of

KEYED = stream_of("*.csv", primary_key=("id",))
KEYLESS = stream_of("*.csv")


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)


def _mode_and_rows(folder: Path, stream: Stream, state: State | None) -> tuple[str, list[Any], State]:
    extract = FilesConnector("s", {}, folder).extract(stream, state)
    rows = [row["id"] for batch in extract.batches() for row in batch.to_pylist()]
    return extract.mode, rows, extract.state()


def test_only_changed_files_are_read_again(tmp_path: Path) -> None:
    """With a key, a new file and one that only grew are merged; the untouched one is not opened."""
    _write(tmp_path, a="id,v\n1,x\n", b="id,v\n2,x\n")
    _, rows, state = _mode_and_rows(tmp_path, KEYED, None)
    assert rows == [1, 2]
    _write(tmp_path, b="id,v\n2,x\n3,y\n", c="id,v\n4,x\n")
    assert _mode_and_rows(tmp_path, KEYED, state)[:2] == ("merge", [2, 3, 4])


@pytest.mark.parametrize(
    ("first", "changed"), [("2,x\n3,x\n", "2,y\n"), ("2,x\n3,x\n", "2,x\n4,x\n5,x\n"), ("2,x\n3,x", "2,x\n31,x\n")]
)
def test_a_file_changed_inside_may_have_lost_rows_so_all_are_read_again(
    tmp_path: Path, first: str, changed: str
) -> None:
    _write(tmp_path, a="id,v\n1,x\n", b=f"id,v\n{first}")
    _, _, state = _mode_and_rows(tmp_path, KEYED, None)
    _write(tmp_path, b=f"id,v\n{changed}")
    mode, rows, _ = _mode_and_rows(tmp_path, KEYED, state)
    assert (mode, rows[0]) == ("replace", 1)


def test_where_rows_cannot_be_told_gone_a_note_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.files import extract

    _write(tmp_path, a="id,v\n1,x\n", b="id,v\n2,x\n3,x\n")
    _, _, state = _mode_and_rows(tmp_path, KEYED, None)
    _write(tmp_path, b="id,v\n2,x\n")
    monkeypatch.setattr(extract, "_WHOLE_BYTES", 5)
    pulled = FilesConnector("s", {}, tmp_path).extract(KEYED, state)
    assert (pulled.mode, [batch.num_rows for batch in pulled.batches()]) == ("merge", [1])
    assert pulled.notes[:1] == [
        "changed inside: b.csv; rows that were removed there stay until `quarterline sync --full`"
    ]


def test_a_back_fill_reads_again_the_files_written_since(tmp_path: Path) -> None:
    _write(tmp_path, a="id,v\n1,x\n", b="id,v\n2,x\n")
    os.utime(tmp_path / "a.csv", (0, 0))
    _, _, state = _mode_and_rows(tmp_path, KEYED, None)
    later = replace(KEYED, since=date(1999, 1, 1))
    assert _mode_and_rows(tmp_path, later, state)[1] == [1, 2]
    assert _mode_and_rows(tmp_path, replace(KEYED, since=date(2999, 1, 1)), state)[1] == []


def test_a_touched_file_with_the_same_bytes_is_unchanged(tmp_path: Path) -> None:
    _write(tmp_path, a="id,v\n1,x\n")
    _, _, state = _mode_and_rows(tmp_path, KEYED, None)
    os.utime(tmp_path / "a.csv", ns=(1, 1))
    _, rows, after = _mode_and_rows(tmp_path, KEYED, state)
    assert rows == []
    assert after["files"]["a.csv"]["modified_ns"] == 1


def test_without_a_key_a_change_replaces_the_stream(tmp_path: Path) -> None:
    """Rows cannot be told apart, so every file is read again."""
    _write(tmp_path, a="id,v\n1,x\n", b="id,v\n2,x\n")
    _, _, state = _mode_and_rows(tmp_path, KEYLESS, None)
    _write(tmp_path, b="id,v\n3,x\n")
    assert _mode_and_rows(tmp_path, KEYLESS, state)[:2] == ("replace", [1, 3])


def test_a_file_that_is_gone_keeps_its_rows(tmp_path: Path) -> None:
    """The note says so; without a key a change beside it would lose them, and is refused."""
    _write(tmp_path, a="id,v\n1,x\n", b="id,v\n2,x\n")
    _, _, state = _mode_and_rows(tmp_path, KEYLESS, None)
    (tmp_path / "a.csv").unlink()
    extract = FilesConnector("s", {}, tmp_path).extract(KEYLESS, state)
    assert list(extract.batches()) == []
    assert extract.mode == "merge"
    assert extract.notes == ["gone since the last load, its rows are kept: a.csv"]
    _write(tmp_path, b="id,v\n3,x\n")
    with pytest.raises(ContentError, match=r"'a\.csv' is gone"):
        _mode_and_rows(tmp_path, KEYLESS, extract.state())
    assert _mode_and_rows(tmp_path, KEYED, state)[:2] == ("merge", [3])


def test_an_older_file_may_keep_lacking_a_column(tmp_path: Path) -> None:
    """A column that came later is not asked of a file that was loaded without it."""
    _write(tmp_path, a="id,v\n1,x\n", b="id,v,w\n2,x,5\n")
    table, _, state = pull(tmp_path, KEYED)
    assert table["w"].to_pylist() == [None, 5]
    _write(tmp_path, a="id,v\n1,changed\n")
    assert pull(tmp_path, KEYED, state)[0].to_pylist()[0] == {"id": 1, "v": "changed", "w": None}
    _write(tmp_path, c="id,v\n3,x\n")
    with pytest.raises(DriftError, match=r"c\.csv, line 1, column 'w'"):
        pull(tmp_path, KEYED, state)


def test_a_file_that_changes_while_it_is_read_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, a="id,v\n1,x\n")
    original = opening.refuse_other_formats

    def grow(head: bytes, label: str, expected: str) -> None:
        original(head, label, expected)
        with (tmp_path / "a.csv").open("a") as file:
            file.write("2,y\n")

    monkeypatch.setattr("connectors.files.delimited.refuse_other_formats", grow)
    with pytest.raises(ConnectorError, match="changed while it was read") as caught:
        pull(tmp_path, KEYED)
    assert caught.value.retriable


def test_a_file_that_changes_after_it_was_read_is_read_again(tmp_path: Path) -> None:
    """To the same size, so that only its hash tells."""
    _write(tmp_path, a="id,v\n1,x\n")
    extract = FilesConnector("s", {}, tmp_path).extract(KEYED, None)
    assert sum(batch.num_rows for batch in extract.batches()) == 1
    _write(tmp_path, a="id,v\n2,x\n")
    assert _mode_and_rows(tmp_path, KEYED, extract.state())[:2] == ("replace", [2])


@pytest.mark.parametrize("path", ["../x.csv", "a/../../x.csv", "link.csv"])
def test_a_path_stays_in_the_workspace(tmp_path: Path, path: str) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "a").mkdir(parents=True)
    (tmp_path / "x.csv").write_text("id\n1\n")
    (workspace / "link.csv").symlink_to(tmp_path / "x.csv")
    with pytest.raises(ConnectorError, match="leaves the workspace"):
        pull(workspace, stream_of(path))
    assert pull(workspace, stream_of(str(tmp_path / "x.csv")))[0].num_rows == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [("sales.csv", "did you mean 'sale.csv'"), ("nowhere/*.csv", "none matches 'nowhere/*.csv'"), ("", "no 'path'")],
)
def test_a_missing_file_is_named(tmp_path: Path, path: str, words: str) -> None:
    (tmp_path / "sale.csv").write_text("id\n1\n")
    with pytest.raises(ConnectorError) as caught:
        pull(tmp_path, stream_of(path))
    assert words in str(caught.value)


def test_formats_are_told_by_name_or_declared(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("id,v\n1,x\n")
    with pytest.raises(ConnectorError, match="declare format"):
        pull(tmp_path, stream_of("a.dat"))
    assert pull(tmp_path, stream_of("a.dat", format="csv"))[0].num_rows == 1
    (tmp_path / "b.jsonl").write_text('{"id": 1}\n')
    (tmp_path / "b.csv").write_text("id\n1\n")
    with pytest.raises(ConnectorError, match="several formats"):
        pull(tmp_path, stream_of("b.*"))
    with pytest.raises(ConnectorError, match="did you mean 'csv'"):
        pull(tmp_path, stream_of("a.dat", format="csvv"))


def test_gzip_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    rows = "id,v\n" + "".join(f"{number},{number * 7919 % 1000}\n" for number in range(10_000))
    for name in ("a.csv.gz", "a.csv"):
        (tmp_path / name).write_bytes(gzip.compress(rows.encode()))
        assert pull(tmp_path, stream_of(name))[0].num_rows == 10_000


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id,v\n" + b"1,2\n" * 1000)[:-12])
    with pytest.raises(ConnectorError, match="gzip data are damaged"):
        pull(tmp_path, stream_of("a.csv.gz"))


JSON: list[tuple[str, list[dict[str, Any]]]] = [
    ('{"id": 1, "v": 1.10}\n{"id": 2}\n', [{"id": 1, "v": Decimal("1.10")}, {"id": 2, "v": None}]),
    ('{"id": "007", "at": "2026-01-01T10:00:00Z"}\n', [{"id": "007", "at": datetime(2026, 1, 1, 10, tzinfo=UTC)}]),
    ('{"id": "12", "day": "2026-01-01", "ok": true}', [{"id": "12", "day": date(2026, 1, 1), "ok": True}]),
    ('[{"id": 1},\n {"id": 12345678901234567890}]', [{"id": 1}, {"id": Decimal(12345678901234567890)}]),
    ('{"id": 1, "tags": ["a", 1.50], "o": {"k": null}}\n', [{"id": 1, "tags": '["a", 1.50]', "o": '{"k": null}'}]),
]


@pytest.mark.parametrize(("text", "expected"), JSON)
def test_json_keeps_what_json_says(tmp_path: Path, text: str, expected: list[dict[str, Any]]) -> None:
    """Numbers as written, strings never as numbers, nested values as their JSON."""
    table, _ = read_text(tmp_path, text, "a.jsonl")
    assert table.to_pylist() == expected


BAD_JSON = [
    ('{"id": 1}\n{"id": 1, "id": 2}\n', 2, "'id' is repeated"),
    ('{"id": 1}\n[1]\n', 2, "no object"),
    ('{"id": 1} {"id": 2}\n', 1, "more text"),
    ('{"id": "\\ud800"}\n', 1, "surrogate"),
    ('{"id": ' + "[" * 100_000 + "\n", 1, "nested too deeply"),
    ('{"id": Infinity}\n', 1, "Infinity"),
    ('[{"id": 1},\n{"id": "x"}]', 2, "in row 2"),
    ('[{"id": 1}', 1, "not closed"),
    ('[{"id": 1}] x', 1, "after the array"),
    ('{"id": 1}\n{"id": 01}\n', 2, "delimiter"),
]


@pytest.mark.parametrize(("text", "line", "words"), BAD_JSON)
def test_bad_json_is_refused_at_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        read_text(tmp_path, text, "a.jsonl")
    assert words in str(caught.value)
    assert caught.value.line == line


def test_parquet_files_agree_or_say_where_they_do_not(tmp_path: Path) -> None:
    """A narrower integer widens; text where a number was is refused with its file."""
    stream = stream_of("*.parquet", primary_key=("id",))
    pq.write_table(
        pa.table({"id": pa.array([1], pa.int16()), "v": pa.array([1.5], pa.float32())}), tmp_path / "a.parquet"
    )
    pq.write_table(
        pa.table({"id": pa.array([2**40], pa.int64()), "v": pa.array([None], pa.float64())}), tmp_path / "b.parquet"
    )
    table, _, state = pull(tmp_path, stream)
    assert table.to_pylist() == [{"id": 1, "v": 1.5}, {"id": 2**40, "v": None}]
    pq.write_table(pa.table({"id": ["x"], "v": [1.0]}), tmp_path / "c.parquet")
    with pytest.raises(DriftError, match=r"c\.parquet, column 'id'.*is text here and bigint elsewhere"):
        pull(tmp_path, stream, state)
    (tmp_path / "c.parquet").write_bytes(b"PAR1 damaged PAR1")
    with pytest.raises(ContentError, match=r"c\.parquet: could not read the file as Parquet"):
        pull(tmp_path, stream, state)


def test_parquet_times_finer_than_a_microsecond_are_not_cut_off(tmp_path: Path) -> None:
    pq.write_table(pa.table({"at": pa.array([1], pa.timestamp("ns", tz="UTC"))}), tmp_path / "a.parquet")
    with pytest.raises(ContentError, match="column 'at'"):
        pull(tmp_path, stream_of("a.parquet"))
