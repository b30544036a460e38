"""`forecast` on the sample company: the scorecard's chance, what moved it, and what it would be if."""

import json
from pathlib import Path

import pytest

from .conftest import Command


def test_the_forecast_agrees_with_the_scorecard_and_its_week_adds_up(sample: Path, command: Command) -> None:
    status = json.loads(command("--workspace", sample, "status", "--json").out)
    for told in status["key_results"]:
        document = json.loads(command("--workspace", sample, "forecast", told["id"], "--json").out)
        assert document["forecast"]["p_hit"] == told["forecast"]["p_hit"]
        assert document["supposed"]["chance"] == told["forecast"]["p_hit"]
        assert document["fan"][-1]["day"] == "2026-12-31"
        assert document["fan"][-1]["median"] == pytest.approx(told["forecast"]["median"])
        change = document["change"]
        assert change["then"] + change["elapsed"] + change["data"] + change["target"] == change["now"]


def test_it_is_said_in_a_few_lines_with_what_if(sample: Path, command: Command) -> None:
    said = command("--workspace", sample, "forecast", "response-time", "--target", "< 4", "--ends", "2027-01-15")
    assert said.code == 0
    assert "chance" in said.out
    assert "what changed within a week" in said.out
    assert "if < 4 by 2027-01-15, values +0: chance" in said.out
    assert "passes" not in said.out, "a committed key result passes at its target"
    aspiring = command("--workspace", sample, "forecast", "revenue").out
    assert "that it closes >=" in aspiring
    assert "that it passes, at 70% of the way" in aspiring
    harder = json.loads(command("--workspace", sample, "forecast", "revenue", "--level-change", "-1e6", "--json").out)
    assert harder["supposed"]["chance"] < harder["forecast"]["p_hit"]
    assert harder["supposed"]["needed"]["percentile"] > 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target", "two"), "is no target; write a comparator and a number"),
        (("--ends", "2026-11-01"), "choose a later day"),
        (("--ends", "2099-01-01"), "choose an earlier day"),
        (("--ends", "soon"), "write a date"),
    ],
)
def test_what_cannot_be_supposed_says_why(
    sample: Path, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    failed = command("--workspace", sample, "forecast", "revenue", *arguments)
    assert failed.code == 1
    assert said in failed.err
    assert len(failed.err.strip().splitlines()) == 1


def test_an_unknown_key_result_names_the_nearest(sample: Path, command: Command) -> None:
    failed = command("--workspace", sample, "forecast", "revenu")
    assert failed.code == 1
    assert "revenue" in failed.err
