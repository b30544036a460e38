"""SMART goals that stand on their own: measured only, dates of their own, written and read back as they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metrics.definitions import definition_documents, json_schema, restore_definitions, stored_documents
from metrics.definitions.dump import definition_texts, dump_definitions
from metrics.definitions.load import load_definitions
from metrics.definitions.workspace import Workspace
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS, OKRS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

GOALS = """\
cycle: 2027
goals:
  - id: calm-inbox
    title: {en: Answer within an hour, vi: Trả lời trong một giờ}
    why: Customers ask me first
    owner: minh
    metric: first_response
    filter: {team: north}
    read: trailing 28d
    baseline: 4
    target: "< 1"
    starts: 2027-01-11
    ends: 2027-03-20
    plan: [{by: 2027-02-15, value: 2}]
  - {id: sell, title: Sell, metric: orders, shape: total, target: ">= 50", starts: 2027-02-01, ends: 2027-05-31}
"""


def test_a_goal_has_dates_of_its_own(read: Reader) -> None:
    first, second = read(METRICS, goals=GOALS).goals
    assert (first.key, first.starts, first.ends) == ("2027/calm-inbox", date(2027, 1, 11), date(2027, 3, 20))
    assert (first.level, first.draft, first.why) == ("individual", False, {"en": "Customers ask me first"})
    assert (first.measured.objective, first.measured.baseline, first.measured.target.text) == ("", 4.0, "< 1")
    assert (second.measured.shape, second.ends) == ("total", date(2027, 5, 31))
    assert first.definition.startswith("sha256:")
    assert first.definition != second.definition


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("shape: total", "shape: milestone", "goals[1].shape: a SMART goal is measured, and milestone is ticked off"),
        ("shape: total", "shape: binary", "goals[1].shape: a SMART goal is measured, and binary is ticked off"),
        ("shape: total", "shape: total, milestones: []", "goals[1].milestones: unknown key"),
        ("shape: total", "shape: total, weight: 2", "goals[1].weight: unknown key"),
        ("shape: total", "shape: total, parent: x", "goals[1].parent: unknown key"),
        ("metric: orders, ", "", "goals[1].metric: is missing"),
        (
            "metric: orders",
            "metric: order",
            "goals[1].metric: 'order' is no metric in metrics.yaml; did you mean 'orders'?",
        ),
        ('target: ">= 50", ', "", "goals[1].target: is missing"),
        ('">= 50"', '"<= 50"', "contradicts metric 'orders', where better is higher"),
        ("starts: 2027-02-01, ", "", "goals[1].starts: is missing"),
        ("ends: 2027-05-31", "ends: 2027-02-01", "goals[1].ends: 2027-02-01 does not come after the start 2027-02-01"),
        ("ends: 2027-05-31", "ends: soon", "goals[1].ends: 'soon' is no date; write it as 2027-01-31"),
        ("by: 2027-02-15", "by: 2027-03-21", "goals[0].plan[0].by: 2027-03-21 is outside the goal's dates"),
        ("value: 2}", "value: 5}", "goals[0].plan[0].value: 5 goes against the direction of the target '< 1'"),
        ("baseline: 4", "baseline: 0.5", "goals[0].baseline: 0.5 already meets the target '< 1'"),
        ("    owner: minh\n", "    draft: true\n", "goals[0].owner: is missing; a draft is private to its owner"),
        ("draft: true", "draft: perhaps", "goals[0].draft: "),
        ("id: sell", "id: calm-inbox", "duplicate id 'calm-inbox' in cycle 2027, first given at okrs/goals.yaml:3"),
        ("{team: north}", "{tea: north}", "'tea' is no dimension of metric 'first_response'; did you mean 'team'?"),
    ],
)
def test_what_a_goal_may_not_say(refusals: Refusals, old: str, new: str, expected: str) -> None:
    text = GOALS.replace("    owner: minh\n", "    owner: minh\n    draft: true\n") if "perhaps" in new else GOALS
    assert old in text
    lines = refusals(METRICS, q1=OKRS, goals=text.replace(old, new, 1))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("okrs/goals.yaml:") for line in lines)


def test_every_problem_of_every_goal_is_reported_at_once(refusals: Refusals) -> None:
    wrong = (
        GOALS.replace("baseline: 4", "baseline: none").replace("shape: total", "shape: binary").replace('"< 1"', "1")
    )
    keys = [line.partition(": ")[2].partition(":")[0] for line in refusals(METRICS, q1=OKRS, goals=wrong)]
    assert keys == ["goals[0].baseline", "goals[0].target", "goals[1].shape"]


def test_an_id_belongs_to_a_goal_or_to_a_key_result(refusals: Refusals) -> None:
    here = GOALS.replace("cycle: 2027\n", "cycle: 2027-Q1\n").replace("id: sell", "id: orders")
    (line,) = refusals(METRICS, goals=here, q1=OKRS)
    assert "duplicate id 'orders' in cycle 2027-Q1" in line


def test_publishing_a_draft_does_not_change_what_it_means(read: Reader) -> None:
    published = read(METRICS, goals=GOALS)
    drafted = read(METRICS, goals=GOALS.replace("    owner: minh\n", "    owner: minh\n    draft: true\n"))
    assert [goal.draft for goal in drafted.goals] == [True, False]
    assert [goal.definition for goal in drafted.goals] == [goal.definition for goal in published.goals]
    assert [*definition_documents(published)["goals"]] == ["2027/calm-inbox", "2027/sell"]
    assert [*definition_documents(drafted)["goals"]] == ["2027/sell"], "a draft is in no snapshot"


def test_a_metric_that_changes_changes_the_goal(read: Reader) -> None:
    before = read(METRICS, goals=GOALS).goals
    after = read(METRICS.replace("aggregate: median", "aggregate: mean"), goals=GOALS).goals
    assert (before[0].definition == after[0].definition, before[1].definition == after[1].definition) == (False, True)


def test_goals_are_exported_and_read_back_as_they_are(read: Reader, workspace: Workspace, tmp_path: Path) -> None:
    definitions = read(METRICS, q1=OKRS, goals=GOALS)
    assert restore_definitions(stored_documents(definitions)) == definitions
    dump_definitions(definitions, tmp_path / "exported")
    assert load_definitions(replace(workspace, root=tmp_path / "exported")) == definitions
    assert "goals" not in definition_texts(read(METRICS, q1=OKRS))["okrs/2027-Q1.yaml"]


def test_editors_know_what_a_goal_may_hold() -> None:
    schema = json_schema("okrs")["properties"]["goals"]["anyOf"][0]["items"]
    assert set(schema["required"]) == {"id", "title", "metric", "target", "starts", "ends"}
    assert "milestones" not in schema["properties"]
