"""`check`: definition problems and SMART verdicts, for people and for programs."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from metrics.cli.session import Session
from metrics.definitions import load_definitions
from tests.metrics.smart.company import TODAY, change, lay_out_company

from .conftest import Command

GOLDEN = Path(__file__).parents[1] / "smart" / "golden" / "check.json"
LETTERS = ["specific", "measurable", "achievable", "relevant", "time_bound"]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, synced; read-only by convention."""
    from datetime import UTC, datetime

    from metrics.cli.syncing import sync_workspace

    root = lay_out_company(tmp_path_factory.mktemp("company"))
    session, moment = Session(root), datetime(2027, 1, 15, 5, tzinfo=UTC)
    session.ledger.apply(load_definitions(session.workspace), actor="test", at=moment)
    assert sync_workspace(session, now=moment).ok
    return root


@pytest.fixture
def company(synced: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(synced, tmp_path / "company"))


@pytest.fixture(autouse=True)
def mid_january(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERLINE_TODAY", TODAY.isoformat())


def document(command: Command, root: Path, *arguments: str) -> Any:
    return json.loads(command("--workspace", root, "check", "--json", *arguments).out)


def verdicts(found: Any) -> dict[str, list[str]]:
    (cycle,) = found["cycles"]
    return {
        one["id"]: [one["verdicts"][letter]["verdict"] for letter in LETTERS]
        for objective in cycle["objectives"]
        for one in objective["key_results"]
    }


def test_the_worked_example_is_told_to_programs_byte_for_byte(
    synced: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten days ahead of the cycle, when it is defined and no forecast has a say yet."""
    monkeypatch.setenv("QUARTERLINE_TODAY", "2026-12-22")
    result = command("--workspace", synced, "check", "--json")
    assert result.code == 0
    assert result.out == GOLDEN.read_text("utf-8")


def test_the_worked_example_is_told_to_people(synced: Path, command: Command) -> None:
    result = command("--workspace", synced, "check")
    assert result.code == 0
    assert "Nâng cao chất lượng dịch vụ khách hàng" in result.out
    assert "Thời gian phản hồi dưới 2 giờ" in result.out
    assert "0 errors" in result.out


def test_before_the_first_sync_verdicts_are_unknown_and_nothing_fails(tmp_path: Path, command: Command) -> None:
    root = lay_out_company(tmp_path)
    result = command("--workspace", root, "check", "--json")
    assert result.code == 0
    found = json.loads(result.out)
    assert found["generation"] is None
    assert list(verdicts(found).values()) == [["pass", "unknown", "unknown", "pass", "pass"]] * 3
    assert "quarterline sync" in command("--workspace", root, "check").out
    assert not (root / "var" / "ledger.db").exists()  # checking files writes nothing


def test_every_problem_of_the_definitions_is_listed(company: Path, command: Command) -> None:
    change(company, "okrs/2027-Q1.yaml", "metric: first_response", "metric: first_respnse")
    change(company, "okrs/2027-Q1.yaml", 'target: "< 5 %"', 'target: "> 5 %"')
    change(company, "metrics.yaml", "aggregate: median", "aggregate: medain")
    result = command("--workspace", company, "check", "--json")
    assert result.code == 1
    found = json.loads(result.out)
    assert found["errors"] == len(found["problems"]) == 3
    assert [(each["file"], each["line"] > 0) for each in found["problems"]] == [
        ("metrics.yaml", True),
        ("okrs/2027-Q1.yaml", True),
        ("okrs/2027-Q1.yaml", True),
    ]
    assert found["cycles"] == []
    people = command("--workspace", company, "check")
    assert people.code == 1
    assert people.out.count("error ") == 3
    assert "did you mean 'first_response'?" in people.out


def test_a_column_that_does_not_exist_is_a_problem_and_the_rest_is_judged(company: Path, command: Command) -> None:
    change(company, "metrics.yaml", "value: hours", "value: hourz")
    result = command("--workspace", company, "check", "--json")
    found = json.loads(result.out)
    assert result.code == 1
    assert "hourz" in found["problems"][0]["message"]
    assert verdicts(found)["response-time"][1] == "fail"
    assert verdicts(found)["complaints"][1] == "pass"


def test_rows_that_never_counted_exit_with_one(company: Path, command: Command) -> None:
    change(company, "okrs/2027-Q1.yaml", "read: trailing 28d", "read: trailing 28d\n        filter: {team: [nowhere]}")
    result = command("--workspace", company, "check", "--json")
    assert result.code == 1
    found = json.loads(result.out)
    assert (found["errors"], found["problems"]) == (1, [])
    assert verdicts(found)["response-time"][1] == "fail"
    assert "none of them ever counted for first_response" in " ".join(
        command("--workspace", company, "check").out.split()
    )


def test_one_cycle_can_be_chosen_even_when_it_is_over(
    synced: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(verdicts(document(command, synced, "--cycle", "2027-Q1"))) == 3
    monkeypatch.setenv("QUARTERLINE_TODAY", "2027-04-02")
    assert document(command, synced)["cycles"] == []
    over = verdicts(document(command, synced, "--cycle", "2027-Q1"))
    assert {each[-1] for each in over.values()} == {"warn"}


def test_a_cycle_without_objectives_is_refused_with_the_known_ones(synced: Path, command: Command) -> None:
    result = command("--workspace", synced, "check", "--cycle", "2027-Q2")
    assert result.code == 1
    assert "could not find objectives of cycle '2027-Q2'; did you mean '2027-Q1'?" in result.err


def test_without_files_the_ledger_is_checked(company: Path, command: Command) -> None:
    files = document(command, company)
    (company / "metrics.yaml").unlink()
    (company / "okrs" / "2027-Q1.yaml").unlink()
    assert document(command, company) == files


def test_brackets_in_a_title_are_no_markup(company: Path, command: Command) -> None:
    change(company, "okrs/2027-Q1.yaml", "Thời gian phản hồi dưới 2 giờ", "'Dưới 2 giờ [bold]thật[/]'")
    assert "[bold]thật[/]" in command("--workspace", company, "check").out


def test_the_sample_company_has_no_error(sample: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERLINE_TODAY", "2026-11-23")
    result = command("--workspace", sample, "check", "--json")
    found = json.loads(result.out)
    assert (result.code, found["errors"], found["problems"]) == (0, 0, [])
    assert [cycle["id"] for cycle in found["cycles"]] == ["2026", "2026-Q4"]
