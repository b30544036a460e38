"""`alignment` and `policies` on the sample company, through the real command line."""

import json
from pathlib import Path

import pytest

from metrics.progress.policies import POLICIES

from .conftest import Command
from .test_deciding import done, status


def test_the_tree_holds_every_objective_of_the_quarter_and_its_year(sample: Path, command: Command) -> None:
    document = json.loads(done(command, sample, "alignment", "--json"))
    assert [each["key"] for each in document["objectives"]] == ["2026/customer-trust", "2026/sound-growth"]
    (quality,) = document["objectives"][0]["objectives"]
    assert (quality["key"], quality["serves"]) == ("2026-Q4/service-quality", "2026/customer-trust")
    said = done(command, sample, "alignment", "--team", "customer-service")
    assert "2026-Q4 team" in said
    assert "Tăng trưởng vững" not in said, "the other branch has nobody of that team"


def test_what_waits_for_another_department_is_told(copy: Path, command: Command) -> None:
    quarter = copy / "okrs" / "2026-Q4.yaml"
    text = quarter.read_text().replace(
        "  - id: first-time-right\n", "  - id: first-time-right\n    depends_on: [2026-Q4/revenue]\n"
    )
    quarter.write_text(text)
    done(command, copy, "apply")
    said = done(command, copy, "alignment")
    assert "2026-Q4/first-time-right waits for 2026-Q4/revenue (across departments)" in said


def test_every_policy_colours_every_key_result_and_says_why(sample: Path, command: Command) -> None:
    document = json.loads(done(command, sample, "policies", "--json"))
    shown = {each["id"]: each for each in status(command, sample)["key_results"]}
    for row in document["key_results"]:
        assert list(row["policies"]) == list(POLICIES)
        in_force = shown[row["key_result"].partition("/")[2]]
        assert row["policies"]["probability"] == {"status": in_force["status"], "why": in_force["why"]}
    said = done(command, sample, "policies", "google")
    assert "(google)" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alignment", "--team", "customer-servic"], "did you mean 'customer-service'?"),
        (["alignment", "--cycle", "2026-Q9"], "could not find cycle '2026-Q9'"),
        (["policies", "googel"], "did you mean 'google'?"),
    ],
)
def test_what_cannot_be_shown_is_one_line_with_the_way_out(
    sample: Path, command: Command, arguments: list[str], message: str
) -> None:
    result = command("--workspace", sample, *arguments)
    assert result.code == 1
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1
