"""`upload`: a file becomes a source, is loaded like any other, replaced, added to, and taken away."""

import json
from pathlib import Path

import duckdb
import pytest

from metrics.cli.session import Session

from .conftest import Command

METRIC = """
  visits:
    title: {en: Visits, vi: Lượt khách}
    source: branch_visits.rows
    time: day
    aggregate: sum
    value: visitors
    unit: visits
"""


def _file(folder: Path, *rows: str, name: str = "Khách thăm.csv") -> Path:
    path = folder / name
    path.write_text("id,day,visitors\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def _rows(workspace: Path) -> list[tuple[int, int]]:
    current = (workspace / "var/facts/current").read_text().strip()
    with duckdb.connect(str(workspace / f"var/facts/{current}.duckdb"), read_only=True) as connection:
        return connection.execute("select id, visitors from branch_visits.rows order by id").fetchall()


def test_an_uploaded_file_is_a_source_that_metrics_read(command: Command, copy: Path, tmp_path: Path) -> None:
    """From the file on somebody's desk to a number, without a line in quarterline.yaml."""
    file = _file(tmp_path, "1,2026-11-01,5", "2,2026-11-02,7")
    said = command("--workspace", copy, "upload", "branch_visits", file, "--primary-key", "id")
    assert said.code == 0, said.err
    assert "uploaded Khách thăm.csv as branch_visits.rows: id bigint, day date, visitors bigint" in said.out
    assert command("--workspace", copy, "sync", "branch_visits").code == 0
    metrics = copy / "metrics.yaml"
    metrics.write_text(metrics.read_text(encoding="utf-8") + METRIC, encoding="utf-8")
    assert command("--workspace", copy, "apply").code == 0
    assert command("--workspace", copy, "sync", "branch_visits").code == 0
    series = json.loads(command("--workspace", copy, "series", "visits", "--grain", "month", "--json").out)
    assert [point["value"] for point in series["points"] if point["value"]] == [12]


def test_a_later_file_takes_the_place_of_the_first_or_stands_beside_it(
    command: Command, copy: Path, tmp_path: Path
) -> None:
    """Without a key a new file replaces every row; with --add both files count."""
    for rows, options, expected in (
        (["1,2026-11-01,5", "2,2026-11-02,7"], [], [(1, 5), (2, 7)]),
        (["3,2026-11-03,9"], [], [(3, 9)]),
        (["4,2026-11-04,1"], ["--add"], [(3, 9), (4, 1)]),
    ):
        file = _file(tmp_path, *rows)
        assert command("--workspace", copy, "upload", "branch_visits", file, *options).code == 0
        assert command("--workspace", copy, "sync", "branch_visits").code == 0
        assert _rows(copy) == expected
    assert sorted(path.name for path in (copy / "var/uploads/branch_visits").iterdir()) == ["1.csv", "2.csv"]


def test_who_uploaded_what_is_in_the_ledger(command: Command, copy: Path, tmp_path: Path) -> None:
    command("--workspace", copy, "upload", "branch_visits", _file(tmp_path, "1,2026-11-01,5"))
    entry = Session(copy).ledger.audit(1)[0]
    assert (entry.action, entry.kind, entry.key) == ("upload", "source", "branch_visits")
    assert "Khách thăm.csv" in str(entry.after)


def test_a_source_is_taken_away_with_a_reason(command: Command, copy: Path, tmp_path: Path) -> None:
    command("--workspace", copy, "upload", "branch_visits", _file(tmp_path, "1,2026-11-01,5"))
    remove = ("--workspace", copy, "upload", "branch_visits", "--remove")
    assert "its reason is blank" in command(*remove).err
    assert command(*remove, "--reason", "counted elsewhere").code == 0
    assert not (copy / "var/uploads/branch_visits").exists()
    assert "could not find" in command("--workspace", copy, "sync", "branch_visits").err
    assert "uploaded source 'branch_visits'" in command(*remove, "--reason", "again").err


@pytest.mark.parametrize(
    ("source", "name", "content", "options", "words"),
    [
        ("helpdesk", "a.csv", "id\n1\n", (), "quarterline.yaml declares a source of that name"),
        ("Visits", "a.csv", "id\n1\n", (), "a source's name is a small letter"),
        ("visits", "a.exe", "MZ", (), "no file of a known kind"),
        ("visits", "a.csv", "id,v\n1\n", (), "a.csv, line 2: could not read the record"),
        ("visits", "a.csv", "", (), "empty file"),
        ("visits", "a.csv", "id\n1\n", ("--primary-key", "nr"), "could not find column 'nr'"),
        ("visits", "a.csv", "id\n1\n", ("--option", "sheet"), "write it as key=value"),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    command: Command,
    copy: Path,
    tmp_path: Path,
    source: str,
    name: str,
    content: str,
    options: tuple[str, ...],
    words: str,
) -> None:
    (tmp_path / name).write_text(content)
    before = Session(copy).ledger.revision()
    said = command("--workspace", copy, "upload", source, tmp_path / name, *options)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert words in said.err
    assert Session(copy).ledger.revision() == before
    assert not list((copy / "var").glob("uploads/*/*"))


def test_a_source_that_metrics_read_stays(command: Command, copy: Path, tmp_path: Path) -> None:
    command("--workspace", copy, "upload", "branch_visits", _file(tmp_path, "1,2026-11-01,5"))
    metrics = copy / "metrics.yaml"
    metrics.write_text(metrics.read_text(encoding="utf-8") + METRIC, encoding="utf-8")
    assert command("--workspace", copy, "apply").code == 0
    said = command("--workspace", copy, "upload", "branch_visits", "--remove", "--reason", "away")
    assert "because visits read it" in said.err
