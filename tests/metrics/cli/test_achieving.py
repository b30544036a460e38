"""`achievements`: off unless a workspace allows it, and then what was recorded when its cycle was closed."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from metrics.cli.session import Session
from metrics.scorecard.achievements import ACHIEVEMENT_COLUMNS

from .conftest import Command

CONFIGURATION = "quarterline.yaml"


@pytest.fixture
def company(applied: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(applied, tmp_path / "company"))


@pytest.fixture(autouse=True)
def after_the_quarter(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERLINE_TODAY", "2027-04-02")


def allow(root: Path) -> None:
    with (root / CONFIGURATION).open("a", encoding="utf-8") as file:
        file.write("achievements_export: true\n")


def test_nothing_is_exported_unless_it_was_agreed(company: Path, command: Command, tmp_path: Path) -> None:
    refused = command("--workspace", company, "achievements", "--out", tmp_path / "a.csv")
    assert refused.code == 1
    assert "this workspace does not allow it; agree first" in refused.err
    assert not (tmp_path / "a.csv").exists()


def test_what_a_closing_recorded_is_exported_with_goals_that_are_over(
    company: Path, command: Command, tmp_path: Path
) -> None:
    """A draft is nobody's achievement, and an open cycle has none yet."""
    allow(company)
    out = tmp_path / "deep" / "achievements.csv"

    def exported() -> list[dict[str, str]]:
        assert command("--workspace", company, "achievements", "--out", out).code == 0
        return list(csv.DictReader(out.read_text("utf-8").splitlines()))

    assert [(each["kind"], each["id"], each["verdict"]) for each in exported()] == [("goal", "calm", "no_data")]
    closing = ("--workspace", company, "cycle", "close", "2027-Q1", "--note", "we learned")
    assert "was not over when data were last synced" in command(*closing).err
    assert command(*closing, "--early").code == 0
    rows = exported()
    assert tuple(rows[0]) == ACHIEVEMENT_COLUMNS
    assert [(each["kind"], each["id"]) for each in rows] == [
        ("key_result", "response-time"),
        ("key_result", "satisfaction"),
        ("key_result", "complaints"),
        ("goal", "calm"),
    ]
    complaints = rows[2]
    assert (complaints["owner"], complaints["commitment"], complaints["ended_on"]) == (
        "minh",
        "committed",
        "2027-04-02",
    )
    assert (complaints["met"], complaints["verdict"]) == ("true", "met")

    session = Session(company)
    definitions = session.ledger.definitions()
    (first, *others) = [each for each in definitions.objectives if each.cycle == "2027-Q1"]
    kept = replace(first, key_results=tuple(one for one in first.key_results if one.id != "complaints"))
    elsewhere = [each for each in definitions.objectives if each.cycle != "2027-Q1"]
    less = replace(definitions, objectives=(kept, *others, *elsewhere))
    session.ledger.apply(less, actor="linh", at=session.now, force=True)
    assert exported() == rows, "what was achieved stays so, whatever is defined later"
