"""SMART goals judged by the same rules: measured, met as a commitment is, standing on their own."""

from datetime import date

import pytest

from metrics.model.definition import Goal
from metrics.model.scorecard import Cycle
from metrics.smart import Evidence, GoalFindings, judge_goal
from metrics.smart.wording import explain
from tests.metrics.smart.build import RESPONSE, TODAY, codes, drops, evidence, key_result, values_of

STARTS, ENDS = date(2027, 1, 4), date(2027, 2, 28)


def judged(known: Evidence | None = None, *, as_of: date = TODAY, **changes: object) -> GoalFindings:
    measured = key_result(str(changes.pop("target", "< 2")), objective="", **changes.pop("measured", {}))  # type: ignore[arg-type]
    goal = Goal(measured, STARTS, ENDS, **changes)  # type: ignore[arg-type]
    dates = Cycle(goal.key, goal.starts, goal.ends)
    return judge_goal(goal, RESPONSE, dates, as_of, evidence=known or evidence(*drops(3, 3, 3, 3, 3, 3, 3, 3)))


def outcomes(found: GoalFindings) -> list[str]:
    return [verdict.outcome for verdict in found.measured.verdicts]


def test_a_goal_without_anything_above_it_is_relevant() -> None:
    """R38: an OKR without a parent is warned about, a SMART goal is not."""
    alone, stated = judged(), judged(why={"vi": "Khách chờ lâu"})
    assert outcomes(alone) == outcomes(stated) == ["pass"] * 5
    assert "goal_alone" in codes(alone.measured.findings, "ok")
    assert "goal_stated" in codes(stated.measured.findings, "ok")


@pytest.mark.parametrize(
    ("as_of", "code", "outcome"),
    [
        (date(2027, 1, 3), "goal_ahead", "pass"),
        (date(2027, 1, 15), "days_left", "pass"),
        (date(2027, 3, 1), "goal_over", "warn"),
    ],
)
def test_its_time_is_its_own(as_of: date, code: str, outcome: str) -> None:
    found = judged(as_of=as_of)
    assert code in codes(found.measured.findings)
    assert outcomes(found)[4] == outcome
    assert values_of(found.measured.findings, code)["ends"] == "2027-02-28"


def test_it_is_held_to_what_a_commitment_is_held_to() -> None:
    rare = judged(evidence(*drops(3, 0, 0, 0, 0, 0, 0, 0)))
    assert codes(rare.measured.findings, "warning") == ["rarely_done"]
    unlikely = judged(evidence(*drops(3, 3, 3), chance=0.4))
    assert codes(unlikely.measured.findings, "warning") == ["chance_low"]
    easy = judged(evidence(*drops(3, 3, 3), chance=0.99))
    assert codes(easy.measured.findings, "warning") == [], "an easy commitment is no sandbagging"


def test_it_needs_an_owner_of_its_own() -> None:
    assert codes(judged(measured={"owner": None}).measured.findings, "warning") == ["owner_missing"]


@pytest.mark.parametrize("code", ["goal_alone", "goal_stated", "goal_ahead", "goal_over"])
def test_every_finding_of_a_goal_is_worded_in_both_languages(code: str) -> None:
    found = [
        finding
        for goal in (judged(), judged(why={"en": "x"}), judged(as_of=date(2026, 1, 1)), judged(as_of=date(2028, 1, 1)))
        for finding in goal.measured.findings
        if finding.code == code
    ]
    assert explain(found[0], "en") != explain(found[0], "vi")
