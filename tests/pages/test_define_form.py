"""The Define page's texts and the definitions they stand for, there and back without loss."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metrics.definitions import Workspace, load_workspace, stored_documents
from metrics.definitions.load import load_definitions
from metrics.definitions.restore import restore_definitions
from metrics.demo import lay_out_demo
from metrics.editing import Edit, edit_of_goal, edit_of_metric, edit_of_objective, understand
from metrics.ledger import Ledger, open_ledger
from pages.ui.define_entries import make_id, problems_below, to_edit
from pages.ui.define_fill import from_edit
from pages.ui.define_form import (
    NEW,
    DraftForm,
    KeyResultForm,
    MetricForm,
    MilestoneForm,
    ObjectiveForm,
    PlanForm,
    draft_title,
    from_json,
    new_draft,
    next_mark,
    to_json,
)

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    directory = tmp_path_factory.mktemp("form") / "workspace"
    lay_out_demo(directory, day=DAY, small=True)
    return load_workspace(directory)


@pytest.fixture(scope="module")
def ledger(workspace: Workspace) -> Ledger:
    return open_ledger(workspace.ledger_url, workspace.root)


@pytest.fixture(scope="module")
def unit_of(ledger: Ledger) -> Callable[[str], str]:
    metrics = ledger.definitions().metrics
    return lambda name: metrics[name].unit if name in metrics else ""


def no_unit(_: str) -> str:
    return ""


def key_result(unit: str = "", language: str = "en", **typed: object) -> dict[str, object]:
    """The entry of one key result that is typed."""
    form = replace(KeyResultForm("k1", title_en="Response time", metric="m"), **typed)  # type: ignore[arg-type]
    edit = to_edit(DraftForm(1, ObjectiveForm("2027-Q1", key_results=(form,))), language, lambda _: unit, ())  # type: ignore[arg-type]
    assert edit.objective is not None
    entry: dict[str, object] = dict(edit.objective["key_results"][0])
    return entry


def test_every_objective_of_the_sample_company_survives_the_form(
    workspace: Workspace, ledger: Ledger, unit_of: Callable[[str], str]
) -> None:
    definitions = ledger.definitions()
    before = {(each.kind, each.key): each.body for each in stored_documents(definitions)}
    for objective in definitions.objectives:
        edit = edit_of_objective(ledger, objective.key, DAY)
        form = from_json(json.loads(json.dumps(to_json(from_edit(edit, unit_of)))))
        again = to_edit(form, "vi", unit_of, ())
        understood = understand(workspace, definitions, again)
        assert understood.problems == ()
        after = {(each.kind, each.key): each.body for each in stored_documents(understood.definitions)}
        assert after == before


def test_every_goal_of_the_sample_company_survives_the_form(
    workspace: Workspace, ledger: Ledger, unit_of: Callable[[str], str]
) -> None:
    definitions = ledger.definitions()
    assert len(definitions.goals) > 1
    before = {(each.kind, each.key): each.body for each in stored_documents(definitions)}
    for goal in definitions.goals:
        form = from_json(json.loads(json.dumps(to_json(from_edit(edit_of_goal(ledger, goal.key), unit_of)))))
        understood = understand(workspace, definitions, to_edit(form, "vi", unit_of, ()))
        assert understood.problems == ()
        assert {(each.kind, each.key): each.body for each in stored_documents(understood.definitions)} == before


def test_every_metric_of_the_sample_company_survives_the_form(
    workspace: Workspace, ledger: Ledger, unit_of: Callable[[str], str]
) -> None:
    definitions = ledger.definitions()
    for name, metric in definitions.metrics.items():
        form = from_json(json.loads(json.dumps(to_json(from_edit(edit_of_metric(ledger, name), unit_of)))))
        understood = understand(workspace, definitions, to_edit(form, "en", unit_of, ()))
        assert understood.problems == ()
        assert understood.definitions.metrics[name] == metric


def test_keys_that_the_form_has_no_field_for_are_kept() -> None:
    entry = {
        "id": "a",
        "title": {"en": "A"},
        "priority": 3,
        "depends_on": ["2027-Q1/b"],
        "key_results": [
            {"id": "b", "title": {"en": "B"}, "metric": "m", "target": "<2", "initiatives": [{"title": {"en": "x"}}]}
        ],
    }
    again = to_edit(from_edit(Edit(1, "2027-Q1", entry, "a"), no_unit), "en", no_unit, ())
    assert again.objective is not None
    assert {key: again.objective[key] for key in ("priority", "depends_on")} == {
        "priority": 3,
        "depends_on": ["2027-Q1/b"],
    }
    (one,) = again.objective["key_results"]
    assert one["initiatives"] == [{"title": {"en": "x"}}]
    assert one["target"] == "<2"  # as it was spelt, since nobody changed it


@pytest.mark.parametrize(
    ("typed", "unit", "language", "target"),
    [
        ({"comparator": "<", "target": "2"}, "hours", "en", "< 2"),
        ({"comparator": "<", "target": "2,5"}, "hours", "vi", "< 2.5"),
        ({"comparator": "<", "target": "2,5"}, "hours", "en", "< 2,5"),  # refused where it is checked
        ({"comparator": ">=", "target": "90"}, "percent", "en", ">= 90 %"),
        ({"comparator": ">=", "target": "90 %"}, "percent", "vi", ">= 90 %"),
        ({"comparator": "within", "target": "4", "high": "6"}, "", "en", "4..6"),
        ({"comparator": "within", "target": "4", "high": "6,5"}, "percent", "vi", "4 %..6.5 %"),
        ({"comparator": "<", "target": "two"}, "", "en", "< two"),
        ({"comparator": "", "target": "2"}, "", "en", "2"),
        ({"comparator": "<", "target": "<= 3"}, "", "en", "<= 3"),
    ],
)
def test_a_target_is_written_as_in_a_file(typed: dict[str, str], unit: str, language: str, target: str) -> None:
    assert key_result(unit, language, **typed)["target"] == target


def test_what_is_left_empty_is_left_out_and_what_is_wrong_is_passed_on() -> None:
    assert key_result() == {"id": "response-time", "title": {"en": "Response time"}, "shape": "reach", "metric": "m",
                            "read": "period", "weight": 1}  # fmt: skip
    entry = key_result("percent", automatic=False, baseline="75", weight="heavy", stretch="95", comparator=">=",
                       target="90", read="trailing", days="28")  # fmt: skip
    assert entry["baseline"] == "75 %"
    assert entry["weight"] == "heavy"
    assert entry["stretch"] == ">= 95 %"
    assert entry["read"] == "trailing 28d"
    assert key_result(automatic=False)["baseline"] == ""


def test_a_plan_and_milestones() -> None:
    plan = (PlanForm("p1", "2027-01-31", "3,5"),)
    assert key_result(language="vi", plan=plan)["plan"] == [{"by": "2027-01-31", "value": 3.5}]
    steps = (MilestoneForm("g1", title_vi="Chạy thử ở Đà Nẵng"), MilestoneForm("g2", title_en="Launch", weight="2"))
    entry = key_result(shape="milestone", milestones=steps, comparator="<", target="2")
    assert "target" not in entry
    assert "metric" not in entry
    assert entry["milestones"] == [
        {"id": "chay-thu-o-da-nang", "title": {"vi": "Chạy thử ở Đà Nẵng"}, "weight": 1},
        {"id": "launch", "title": {"en": "Launch"}, "weight": 2},
    ]
    assert "milestones" not in key_result(shape="binary", milestones=steps)


def test_a_metric_that_is_built_along_the_way_is_measured_by_its_own_unit() -> None:
    built = MetricForm("m1", title_en="Refund share", aggregate="ratio", numerator="refunded", denominator="true",
                       value="ignored", unit="percent", low="0", high="100", source="billing.t", time="at")  # fmt: skip
    one = KeyResultForm("k1", title_en="Refunds", metric=f"{NEW}m1", comparator="<", target="3")
    edit = to_edit(DraftForm(1, ObjectiveForm("2027-Q1", key_results=(one,)), (built,)), "en", no_unit, ())
    assert edit.objective is not None
    assert edit.objective["key_results"][0]["metric"] == "refund_share"
    assert edit.objective["key_results"][0]["target"] == "< 3 %"
    entry = edit.metrics["refund_share"]
    assert "value" not in entry
    assert entry["bounds"] == ["0 %", "100 %"]
    derived = MetricForm("m2", title_en="D", aggregate="derived", expression="a / b", source="x.y", where="z")
    (only,) = to_edit(DraftForm(1, None, (derived,)), "en", no_unit, ()).metrics.values()
    assert only == {"title": {"en": "D"}, "aggregate": "derived", "expression": "a / b", "better": "higher"}


def test_a_metric_of_its_own_query_leaves_out_what_speaks_of_rows() -> None:
    built = MetricForm("m1", title_en="Nps", aggregate="sql", query="select 1", where="x", dimensions=("team",),
                       source="a.b", time="at", value="left over")  # fmt: skip
    entry = to_edit(DraftForm(1, None, (built,)), "en", no_unit, ()).metrics["nps"]
    assert entry == {
        "title": {"en": "Nps"},
        "source": "a.b",
        "time": "at",
        "aggregate": "sql",
        "query": "select 1",
        "better": "higher",
    }
    again = from_edit(Edit(1, metrics={"nps": entry}), no_unit)
    assert to_edit(again, "en", no_unit, ()).metrics["nps"] == entry


def test_working_hours_take_the_place_of_a_value_and_come_back() -> None:
    built = MetricForm("m1", title_en="Answer", aggregate="median", value="left over", calendar="office",
                       hours_from="opened_at", hours_to="answered_at", sample=True,
                       source="a.b", time="at")  # fmt: skip
    edit = to_edit(DraftForm(1, None, (built,)), "en", no_unit, ())
    entry = edit.metrics["answer"]
    assert entry["working_hours"] == {"field": ["opened_at", "answered_at"], "calendar": "office"}
    assert entry["sample"] is True
    assert "value" not in entry
    assert to_edit(from_edit(edit, no_unit), "en", no_unit, ()).metrics["answer"] == entry


def test_an_approximate_metric_stays_so_until_its_aggregate_is_always_exact() -> None:
    entry = {"title": {"en": "P"}, "source": "a.b", "time": "at", "aggregate": "p90", "value": "x", "approx": True}
    form = from_edit(Edit(1, metrics={"p": entry}), no_unit)
    assert to_edit(form, "en", no_unit, ()).metrics["p"]["approx"] is True
    (built,) = form.metrics
    summed = replace(form, metrics=(replace(built, aggregate="sum"),))
    assert "approx" not in to_edit(summed, "en", no_unit, ()).metrics["p"]


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("Nâng cao chất lượng dịch vụ", "nang-cao-chat-luong-dich-vu"),
        ("Đơn hàng > 5 %", "don-hang-5"),
        ("  ", "untitled"),
        ("漢字", "untitled"),
        ("x" * 200, "x" * 59),
    ],
)
def test_an_id_is_made_from_a_title(title: str, made: str) -> None:
    used = set[str]()
    assert make_id(title, used) == made
    assert make_id(title, used) == f"{made}-2"
    assert make_id(title, used, "_") == (f"{made}_2" if "-" not in made else made.replace("-", "_"))


def test_marks_and_titles() -> None:
    assert next_mark("k", ["k1", "k7", "x"]) == "k8"
    assert new_draft(3, "2027-Q1").objective == ObjectiveForm("2027-Q1", key_results=(KeyResultForm("k1"),))
    assert draft_title(DraftForm(1, None, (MetricForm("m1", title_en="M"),))) == "M"
    assert draft_title(DraftForm(1)) == ""


def test_a_draft_of_an_earlier_version_is_still_read() -> None:
    body = {"seen": 3, "objective": {"cycle": "2027-Q1", "gone": 1, "key_results": [{"mark": "k1", "old": 2}]}}
    form = from_json(body)
    assert form.objective is not None
    assert form.objective.key_results == (KeyResultForm("k1"),)


def test_problems_are_sorted_onto_their_fields(workspace: Workspace, ledger: Ledger) -> None:
    one = KeyResultForm("k1", metric="revenu", comparator="<", plan=(PlanForm("p1", "soon", "1"),))
    form = DraftForm(1, ObjectiveForm("2026-Q4", key_results=(one,)))
    definitions = ledger.definitions()
    understood = understand(workspace, definitions, to_edit(form, "en", no_unit, ()))
    found = problems_below(understood.problems, "objective.key_results[0]")
    assert set(found) == {"title", "metric", "target", "plan"}
    assert "did you mean 'revenue'" in found["metric"][0]
    assert problems_below(understood.problems, "objective")["title"] == ("is missing",)


def test_the_sample_is_what_was_applied(workspace: Workspace, ledger: Ledger) -> None:
    applied = restore_definitions(stored_documents(load_definitions(workspace)))
    assert ledger.definitions() == applied
    assert Path(workspace.root).exists()
