"""Edits among everything in force: understood as files are, merged with what others published, put in force."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.definitions import Workspace, load_definitions, load_workspace
from metrics.definitions.dump import dump_definitions
from metrics.editing import (
    Edit,
    EditOvertakenError,
    Revising,
    changed_targets,
    edit_of_goal,
    edit_of_metric,
    edit_of_objective,
    files_behind,
    overtaken,
    publish,
    rebase,
    understand,
)
from metrics.errors import DefinitionError, LedgerError, NotFoundError
from metrics.ledger import Ledger, Plan, open_ledger
from metrics.model.decision import GoalLock, TargetRevision
from metrics.model.definition import KeyResult, Objective
from tests.metrics.smart.company import lay_out_company

DAY = date(2027, 1, 15)
NOW = datetime(2027, 1, 15, 5, tzinfo=UTC)
OBJECTIVE = "2027-Q1/service-quality"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return load_workspace(lay_out_company(tmp_path / "company"))


@pytest.fixture
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    with open_ledger(workspace.ledger_url, workspace.root) as opened:
        opened.apply(load_definitions(workspace), actor="files", at=NOW)
        yield opened


def changed(edit: Edit, **keys: Any) -> Edit:
    """The edit with other keys of its objective; None leaves one out."""
    entry = {**(edit.objective or {}), **keys}
    return replace(edit, objective={key: value for key, value in entry.items() if value is not None})


def with_key_result(edit: Edit, name: str, **keys: Any) -> Edit:
    entries = (edit.objective or {})["key_results"]
    return changed(edit, key_results=[{**one, **keys} if one["id"] == name else one for one in entries])


def put(workspace: Workspace, ledger: Ledger, edit: Edit, actor: str = "linh", **how: Any) -> Plan:
    return publish(workspace, ledger, edit, facts=None, actor=actor, now=NOW, **how)


def objective(ledger: Ledger) -> Objective:
    return next(each for each in ledger.definitions().objectives if each.key == OBJECTIVE)


def key_result(ledger: Ledger, name: str) -> KeyResult:
    return next(one for one in objective(ledger).key_results if one.id == name)


def test_an_edit_that_changes_nothing_publishes_nothing(workspace: Workspace, ledger: Ledger) -> None:
    before = ledger.revision()
    assert put(workspace, ledger, edit_of_objective(ledger, OBJECTIVE, DAY)).changes == ()
    assert put(workspace, ledger, edit_of_metric(ledger, "first_response")).changes == ()
    assert ledger.revision() == before


def test_only_what_is_edited_changes_and_it_is_audited(workspace: Workspace, ledger: Ledger) -> None:
    edit = changed(edit_of_objective(ledger, OBJECTIVE, DAY), team="service")
    plan = put(workspace, ledger, edit)
    assert [(change.action, change.kind, change.key) for change in plan.changes] == [("change", "objective", OBJECTIVE)]
    assert objective(ledger).team == "service"
    newest = ledger.audit(1)[0]
    assert (newest.actor, newest.kind) == ("linh", "objective")


def test_a_new_objective_stands_beside_the_others(workspace: Workspace, ledger: Ledger) -> None:
    entry = {
        "id": "calm",
        "title": {"en": "Stay calm"},
        "key_results": [
            {"id": "kept", "title": {"en": "Few"}, "metric": "complaint_rate", "shape": "keep", "target": "< 6 %"}
        ],
    }
    put(workspace, ledger, Edit(ledger.revision(), "2027-Q1", entry))
    assert [each.id for each in ledger.definitions().objectives_of("2027-Q1")] == ["service-quality", "calm"]
    put(workspace, ledger, Edit(ledger.revision(), "2027-Q2", entry))
    assert "2027-Q2/kept" in [one.key for one in ledger.definitions().key_results()]


def test_problems_are_named_below_the_edit_and_nothing_is_changed(workspace: Workspace, ledger: Ledger) -> None:
    edit = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", target="> 2", weight=0)
    metrics = {"broken": {"title": {"en": "B"}, "source": "desk.tickts", "time": "opened_on", "aggregate": "sum"}}
    edit = replace(edit, metrics=metrics)
    found = understand(workspace, ledger.definitions(), edit)
    assert {problem.key for problem in found.problems} == {
        "objective.key_results[0].target",
        "objective.key_results[0].weight",
        "metrics.broken.source",
        "metrics.broken.value",
    }
    assert found.objective(edit) is not None  # as far as it could be understood
    before = ledger.revision()
    with pytest.raises(DefinitionError) as refused:
        put(workspace, ledger, edit)
    assert refused.value.problems == found.problems
    assert ledger.revision() == before


def test_a_smart_error_blocks_and_a_warning_does_not(workspace: Workspace, ledger: Ledger) -> None:
    edit = edit_of_objective(ledger, OBJECTIVE, DAY)
    vague = changed(edit, title={"en": "Improve things"})
    assert put(workspace, ledger, vague).changes
    gone = changed(edit_of_objective(ledger, OBJECTIVE, DAY), key_results=[])
    with pytest.raises(DefinitionError, match="at least one key result"):
        put(workspace, ledger, gone, retire=True)


def test_a_key_result_vanishes_only_when_that_is_said(workspace: Workspace, ledger: Ledger) -> None:
    edit = edit_of_objective(ledger, OBJECTIVE, DAY)
    fewer = changed(
        edit, key_results=[one for one in (edit.objective or {})["key_results"] if one["id"] != "complaints"]
    )
    with pytest.raises(LedgerError, match="would vanish"):
        put(workspace, ledger, fewer)
    put(workspace, ledger, fewer, retire=True)
    assert [one.id for one in objective(ledger).key_results] == ["response-time", "satisfaction"]


def test_a_moved_target_is_revised_from_a_day_on(workspace: Workspace, ledger: Ledger) -> None:
    edit = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", target="< 3")
    assert changed_targets(ledger.definitions(), ledger, edit, DAY) == {"response-time": ("< 2", "< 3")}
    put(workspace, ledger, edit, revising={"response-time": Revising("two people left", DAY)})
    assert key_result(ledger, "response-time").target.text == "< 2"
    (revision,) = ledger.decisions(TargetRevision)
    assert (revision.decision.new.text, revision.decision.reason) == ("< 3", "two people left")
    # From now on the edit begins with the target in force, and publishing it as it stands revises nothing.
    again = edit_of_objective(ledger, OBJECTIVE, DAY)
    assert (again.objective or {})["key_results"][0]["target"] == "< 3"
    assert changed_targets(ledger.definitions(), ledger, again, DAY) == {}
    assert put(workspace, ledger, again).changes == ()
    assert len(ledger.decisions(TargetRevision)) == 1


def test_another_spelling_is_no_other_target(workspace: Workspace, ledger: Ledger) -> None:
    edit = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", target="<2")
    assert changed_targets(ledger.definitions(), ledger, edit, DAY) == {}


def test_the_same_number_in_another_unit_is_no_other_target(workspace: Workspace, ledger: Ledger) -> None:
    standing = edit_of_objective(ledger, OBJECTIVE, DAY)
    put(workspace, ledger, with_key_result(standing, "response-time", target="< 0.05"))
    edit = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", target="< 5 %")
    assert changed_targets(ledger.definitions(), ledger, edit, DAY) == {}
    unreadable = with_key_result(edit, "response-time", target="soon")
    assert changed_targets(ledger.definitions(), ledger, unreadable, DAY) == {"response-time": ("< 0.05", "soon")}


def test_a_definition_and_the_revision_published_with_it_stand_or_fall_together(
    workspace: Workspace, ledger: Ledger
) -> None:
    renamed = changed(edit_of_objective(ledger, OBJECTIVE, DAY), title={"en": "Another", "vi": "Khác"})
    edit = with_key_result(renamed, "response-time", target="< 3")
    before = (ledger.revision(), objective(ledger).title, ledger.audit())
    with pytest.raises(LedgerError, match="reason"):
        put(workspace, ledger, edit, revising={"response-time": Revising(" ", DAY)})
    assert (ledger.revision(), objective(ledger).title, ledger.audit()) == before
    put(workspace, ledger, edit, revising={"response-time": Revising("two people left", DAY)})
    assert objective(ledger).title["en"] == "Another"
    assert len(ledger.decisions(TargetRevision)) == 1


def test_the_second_editor_is_told_field_by_field(workspace: Workspace, ledger: Ledger) -> None:
    mine = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", owner="linh", weight=3)
    theirs = with_key_result(
        edit_of_objective(ledger, OBJECTIVE, DAY), "response-time", owner="trang", read="last week"
    )
    put(workspace, ledger, theirs, actor="trang")
    with pytest.raises(EditOvertakenError, match="trang changed key result '2027-Q1/response-time'") as refused:
        put(workspace, ledger, mine)
    (met,) = refused.value.overtaken
    fields = {each.field: (each.base, each.theirs, each.mine) for each in met.fields}
    assert fields["owner"] == ("minh", "trang", "linh")
    assert fields["weight"] == (None, None, 3)
    assert fields["read"] == ("trailing 28d", "last week", "trailing 28d")
    kept = rebase(ledger, mine, DAY, {("key_result", met.key, "owner"): False})
    put(workspace, ledger, kept)
    one = key_result(ledger, "response-time")
    assert (one.owner, one.weight, str(one.read)) == ("trang", 3, "last week")


def test_what_others_changed_elsewhere_is_no_conflict_and_stays(workspace: Workspace, ledger: Ledger) -> None:
    mine = changed(edit_of_objective(ledger, OBJECTIVE, DAY), team="mine")
    theirs = with_key_result(edit_of_objective(ledger, OBJECTIVE, DAY), "satisfaction", owner="trang")
    put(workspace, ledger, theirs)
    assert overtaken(ledger, mine, understand(workspace, ledger.definitions(), mine).definitions) == ()
    put(workspace, ledger, mine)
    assert objective(ledger).team == "mine"
    assert key_result(ledger, "satisfaction").owner == "trang"


def test_a_key_result_that_others_added_meanwhile_is_kept(workspace: Workspace, ledger: Ledger) -> None:
    mine = changed(edit_of_objective(ledger, OBJECTIVE, DAY), team="mine")
    edit = edit_of_objective(ledger, OBJECTIVE, DAY)
    added = {"id": "calls", "title": {"en": "Calls"}, "metric": "first_response", "target": "< 3"}
    put(workspace, ledger, changed(edit, key_results=[*(edit.objective or {})["key_results"], added]))
    put(workspace, ledger, mine)
    assert "calls" in [one.id for one in objective(ledger).key_results]
    assert objective(ledger).team == "mine"


def test_two_people_who_make_the_same_change_do_not_meet(workspace: Workspace, ledger: Ledger) -> None:
    mine = changed(edit_of_objective(ledger, OBJECTIVE, DAY), team="service")
    put(workspace, ledger, mine, actor="trang")
    assert put(workspace, ledger, mine).changes == ()


def test_metrics_of_two_editors_meet_too(workspace: Workspace, ledger: Ledger) -> None:
    edit = edit_of_metric(ledger, "first_response")
    (entry,) = edit.metrics.values()
    mine = replace(edit, metrics={"first_response": {**entry, "unit": "minutes"}})
    put(workspace, ledger, replace(edit, metrics={"first_response": {**entry, "owner": "trang"}}), actor="trang")
    with pytest.raises(EditOvertakenError, match="metric 'first_response'"):
        put(workspace, ledger, mine)
    put(workspace, ledger, rebase(ledger, mine, DAY, {}))
    metric = ledger.definitions().metrics["first_response"]
    assert (metric.unit, metric.owner) == ("minutes", "trang")


def test_what_is_not_in_force_cannot_be_edited(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="did you mean '2027-Q1/service-quality'"):
        edit_of_objective(ledger, "2027-Q1/service-qualty", DAY)
    with pytest.raises(NotFoundError, match="did you mean 'first_response'"):
        edit_of_metric(ledger, "first_respons")


def test_files_are_behind_after_an_edit_until_they_are_written_anew(workspace: Workspace, ledger: Ledger) -> None:
    assert files_behind(workspace, ledger) == ()
    put(workspace, ledger, changed(edit_of_objective(ledger, OBJECTIVE, DAY), team="service"))
    assert files_behind(workspace, ledger) == (f"objective {OBJECTIVE}",)
    dump_definitions(ledger.definitions(), workspace.root)
    assert files_behind(workspace, ledger) == ()
    assert ledger.plan(load_definitions(workspace)).changes == ()


GOAL = "2027-Q1/mine"
ENTRY = {
    "id": "mine", "title": {"en": "I answer within 2 hours", "vi": "Tôi trả lời trong 2 giờ"}, "owner": "minh",
    "metric": "first_response", "target": "< 2", "starts": "2027-01-20", "ends": "2027-03-15",
}  # fmt: skip
BEGUN = datetime(2027, 2, 1, 5, tzinfo=UTC)


def with_goal(ledger: Ledger, **keys: Any) -> Edit:
    """An edit of the goal in force with other keys."""
    edit = edit_of_goal(ledger, GOAL)
    return replace(edit, goal={**(edit.goal or {}), **keys})


def test_a_goal_is_published_by_itself(workspace: Workspace, ledger: Ledger) -> None:
    plan = put(workspace, ledger, Edit(ledger.revision(), "2027-Q1", goal=ENTRY))
    assert [(change.action, change.kind, change.key) for change in plan.changes if change.kind != "cycle"] == [
        ("create", "goal", GOAL)
    ]
    put(workspace, ledger, with_goal(ledger, target="< 1.5"))
    (goal,) = ledger.definitions().goals
    assert goal.measured.target.text == "< 1.5"
    assert put(workspace, ledger, edit_of_goal(ledger, GOAL)).changes == ()


def test_problems_of_a_goal_are_named_below_it(workspace: Workspace, ledger: Ledger) -> None:
    wrong = {**ENTRY, "ends": "2027-01-19", "shape": "binary"}
    with pytest.raises(DefinitionError) as told:
        put(workspace, ledger, Edit(ledger.revision(), "2027-Q1", goal=wrong))
    assert {problem.key for problem in told.value.problems} == {"goal.ends", "goal.shape"}
    assert ledger.definitions().goals == ()


def test_a_goal_that_has_begun_changes_only_with_a_reason(workspace: Workspace, ledger: Ledger) -> None:
    put(workspace, ledger, Edit(ledger.revision(), "2027-Q1", goal=ENTRY))
    edit = with_goal(ledger, target="< 4")
    with pytest.raises(LedgerError, match="has begun and is locked"):
        publish(workspace, ledger, edit, facts=None, actor="minh", now=BEGUN)
    publish(workspace, ledger, edit, facts=None, actor="minh", now=BEGUN, overrides={GOAL: "two of us left"})
    assert ledger.definitions().goals[0].measured.target.text == "< 4"
    assert [each.decision.reason for each in ledger.decisions(GoalLock, GOAL)] == ["two of us left"] * 2


def test_goals_of_two_editors_meet_too(workspace: Workspace, ledger: Ledger) -> None:
    put(workspace, ledger, Edit(ledger.revision(), "2027-Q1", goal=ENTRY))
    mine = with_goal(ledger, target="< 3")
    put(workspace, ledger, with_goal(ledger, target="< 1", team="service"), actor="hieu")
    with pytest.raises(EditOvertakenError) as met:
        put(workspace, ledger, mine)
    (theirs,) = met.value.overtaken
    assert (theirs.kind, theirs.key, theirs.actor) == ("goal", GOAL, "hieu")
    put(workspace, ledger, rebase(ledger, mine, DAY, {}))
    (goal,) = ledger.definitions().goals
    assert (goal.measured.target.text, goal.team) == ("< 3", "service")
