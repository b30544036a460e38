"""The Define page: what is typed is kept, judged at once, published by the one path, and overwrites nothing unseen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.definitions import load_workspace
from metrics.editing import edit_of_objective, publish
from metrics.ledger import Draft, Ledger, open_ledger
from metrics.model.decision import GoalLock, TargetRevision
from metrics.model.definition import Definitions, Goal, KeyResult
from metrics.starter import lay_out_workspace
from pages.ui import data
from pages.ui.define_data import form_of
from pages.ui.define_entries import metric_entry
from tests.pages.conftest import Run
from tests.pages.sample import DAY, quarterline
from tests.pages.test_app import blocks, healthy, text

OBJECTIVE = "2026-Q4/service-quality"
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
Find = Callable[[str], str]


def ledger_of(workspace: Path) -> Ledger:
    opened = load_workspace(workspace)
    return open_ledger(opened.ledger_url, opened.root)


def definitions(workspace: Path) -> Definitions:
    with ledger_of(workspace) as ledger:
        return ledger.definitions()


def key_result(workspace: Path, key: str) -> KeyResult:
    return next(one for one in definitions(workspace).key_results() if one.key == key)


def drafts(workspace: Path) -> tuple[Draft, ...]:
    with ledger_of(workspace) as ledger:
        return ledger.drafts()


def field(app: AppTest, label: str) -> object:
    """The field that begins with a label."""
    every = [*app.text_input, *app.text_area, *app.selectbox, *app.multiselect, *app.button_group, *app.radio]
    return next(each for each in every if each.label.startswith(label))


def put(app: AppTest, label: str, value: object) -> AppTest:
    field(app, label).set_value(value)  # type: ignore[attr-defined]
    return healthy(app.run())


def press(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click()
    return healthy(app.run())


def opened(run_app: Run, workspace: Path, **parameters: str) -> AppTest:
    data._current_version.clear()
    return healthy(run_app(workspace, "define", **parameters))


def defined(app: AppTest, language: str) -> AppTest:
    """A new objective with one measured key result, typed field by field."""
    vi = language == "vi"
    app = press(app, "Mục tiêu mới" if vi else "New objective")
    app = put(app, "Cần đi đến đâu (Tiếng Việt)" if vi else "Where to go (English)", "Giao hàng đúng hẹn")
    app = put(app, "Vì sao" if vi else "Why it matters", "Khách bỏ đi vì chờ lâu")
    for each in [one for one in app.selectbox if one.label.startswith("Người chịu" if vi else "Owner")]:
        each.set_value("linh")
    app = healthy(app.run())
    app = put(app, "Điều sẽ đạt được (Tiếng Việt)" if vi else "What will have been reached (English)", "Xử lý nhanh")
    app = put(app, "Chỉ số" if vi else "Metric", "resolution_time")
    return put(app, "Chỉ tiêu (giờ)" if vi else "Target (h)", "18,5" if vi else "18.5")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Change an objective of 2026-Q4"), ("vi", "Sửa một mục tiêu của 2026-Q4")]
)
def test_the_page_offers_everything_that_can_be_defined(
    run_app: Run, loaded_workspace: Path, language: str, said: str
) -> None:
    app = opened(run_app, loaded_workspace, lang=language)
    assert said in text(app)
    links = "".join(blocks(app))
    assert "define?objective=2026-Q4/service-quality" in links
    assert "define?edit=first_response" in links


@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_objective_is_defined_field_by_field_and_published(run_app: Run, own_workspace: Path, language: str) -> None:
    app = defined(opened(run_app, own_workspace, lang=language), language)
    shown = text(app)
    assert ("Serves" if language == "en" else "Phục vụ") in " ".join(each.label for each in app.selectbox)
    assert ("Achievable" if language == "en" else "Khả thi") in shown
    (draft,) = drafts(own_workspace)
    assert draft.title == "Giao hàng đúng hẹn"
    app = press(app, "Công bố" if language == "vi" else "Publish")
    assert ("Published: " if language == "en" else "Đã công bố: ") in text(app)
    made = key_result(own_workspace, "2026-Q4/xu-ly-nhanh")
    assert (made.target.text, made.metric, made.owner) == ("< 18.5", "resolution_time", "linh")
    assert drafts(own_workspace) == ()
    overview = text(healthy(run_app(own_workspace, lang=language)))
    assert "Giao hàng đúng hẹn" in overview


def test_a_key_result_that_is_added_opens_empty_beside_the_first(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    app = press(app, "Add a key result")
    assert field(app, "What will have been reached (English)").value == ""  # type: ignore[attr-defined]
    put(app, "What will have been reached (English)", "Deliver on time")
    (draft,) = drafts(own_workspace)
    assert "Xử lý nhanh" in str(draft.body)
    assert "Deliver on time" in str(draft.body)


def test_what_is_typed_last_into_a_key_result_is_kept_when_another_is_opened_at_once(
    run_app: Run, own_workspace: Path
) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    field(app, "Target (h)").set_value("2.5")  # type: ignore[attr-defined]
    app = put(app, "Key result", "k2")  # a busy server hears of both at the same time
    assert field(app, "What will have been reached (English)").value != ""  # type: ignore[attr-defined]
    (draft,) = drafts(own_workspace)
    assert draft.body["objective"]["key_results"][0]["target"] == "2.5"
    assert field(put(app, "Key result", "k1"), "Target (h)").value == "2.5"  # type: ignore[attr-defined]


def test_no_drawing_sends_a_value_that_would_replace_what_is_being_typed(run_app: Run, own_workspace: Path) -> None:
    app = press(opened(run_app, own_workspace, lang="en"), "New objective")
    fields = [*app.text_input, *app.text_area, *app.selectbox, *app.multiselect]
    assert fields
    assert [each.label for each in fields if each.proto.set_value] == []


def test_a_first_objective_of_a_cycle_is_counted_without_the_cycle(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en")
    app = put(app, "Cycle", "2027-Q1")
    app = press(defined(app, "en"), "Publish")
    assert "Published: 2 new" in text(app)


def test_verdicts_change_with_the_target(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    hard = text(app)
    app = put(app, "Target (h)", "1")
    harder = text(app)
    app = put(app, "Target (h)", "90")
    met = text(app)
    assert len({hard, harder, met}) == 3
    assert "already meets < 90" in met
    app = put(app, "Target (h)", "")
    assert "Write a target to see how often" in text(app)


def test_what_is_typed_survives_a_reload(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    (draft,) = drafts(own_workspace)
    again = opened(run_app, own_workspace, lang="en", draft=draft.id)
    assert field(again, "Target (h)").value == "18.5"  # type: ignore[attr-defined]
    assert text(again).count("Giao hàng") == text(app).count("Giao hàng")
    listed = opened(run_app, own_workspace, lang="en")
    assert "Giao hàng đúng hẹn" in text(listed)


def test_what_is_wrong_is_said_at_its_field_in_the_readers_language(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="vi"), "vi")
    app = put(app, "Chỉ tiêu (giờ)", "nhanh")
    assert "< nhanh không phải là chỉ tiêu" in text(app)
    publish_button = next(each for each in app.button if each.label == "Công bố")
    assert publish_button.disabled
    app = put(app, "Chỉ tiêu (giờ)", "18")
    app = put(app, "Dấu so sánh", ">=")
    assert ">= 18 ngược với chiều tốt của chỉ số này" in text(app)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The next measurement is due on 23 Feb 2027"), ("vi", "Lần đo tiếp theo vào ngày 23/2/2027")],
)
def test_what_is_measured_rarely_says_when_it_is_measured_next(
    run_app: Run, own_workspace: Path, language: str, said: str
) -> None:
    """While it is defined and once it is, and never for what is measured day by day."""
    often = opened(run_app, own_workspace, lang=language, objective=OBJECTIVE)
    assert said[:24] not in text(put(often, "Key result" if language == "en" else "Kết quả then chốt", "k2"))
    metrics = own_workspace / "metrics.yaml"
    written = metrics.read_text("utf-8")
    begins = written.index("  satisfaction:")
    quarterly = written[begins:].replace("expected_every: 2d", "expected_every: 92d", 1)
    metrics.write_text(written[:begins] + quarterly, encoding="utf-8")
    assert quarterline(own_workspace, "apply").returncode == 0
    app = opened(run_app, own_workspace, lang=language, objective=OBJECTIVE)
    assert said not in text(app), "the first key result is measured day by day"
    app = put(app, "Key result" if language == "en" else "Kết quả then chốt", "k2")
    assert said in text(app)
    page = healthy(run_app(own_workspace, "key-result", lang=language, kr="2026-Q4/satisfaction"))
    assert said in text(page)


def test_a_metric_is_built_from_columns_with_its_course_and_sql(run_app: Run, own_workspace: Path) -> None:
    app = press(opened(run_app, own_workspace, lang="en"), "New metric")
    app = put(app, "Name of the metric (English)", "Share of spam")
    app = put(app, "How rows become a number", "ratio")
    app = put(app, "Source and stream", "helpdesk.tickets")
    app = put(app, "Numerator", "chanel = 'spam'")
    assert "There is no column chanel. Did you mean channel?" in text(app)
    app = put(app, "Numerator", "channel = 'spam'")
    app = put(app, "Column that says when", "opened_at")
    app = put(app, "Unit", "percent")
    assert len(app.get("plotly_chart")) == 1
    assert "'spam'" in app.code[0].value
    app = press(app, "Publish")
    made = definitions(own_workspace).metrics["share_of_spam"]
    assert (made.numerator, made.unit, made.time) == ("channel = 'spam'", "percent", "opened_at")
    catalogue = text(healthy(run_app(own_workspace, "metrics", lang="en")))
    assert "Share of spam" in catalogue


@pytest.mark.parametrize("language", ["en", "vi"])
def test_approximation_is_offered_only_where_an_engine_computes(
    run_app: Run, own_workspace: Path, language: str
) -> None:
    """Rows that are here are computed exactly, and an aggregate that adds up is exact everywhere."""
    vi = language == "vi"
    switch = "Gần đúng là đủ" if vi else "Approximate is enough"

    def offered(app: AppTest) -> bool:
        return any(each.label.startswith(switch) for each in app.toggle)

    app = opened(run_app, own_workspace, lang=language, edit="first_response")
    assert not offered(app), "its rows are here"
    configuration = own_workspace / "quarterline.yaml"
    written = configuration.read_text("utf-8")
    configuration.write_text(
        written.replace("    type: sql\n", "    type: sql\n    mode: pushdown\n"), encoding="utf-8"
    )
    app = opened(run_app, own_workspace, lang=language, edit="first_response")
    assert offered(app)
    aggregate = "Cách tính từ các dòng" if vi else "How rows become a number"
    app = put(app, aggregate, "mean")
    assert not offered(app), "a mean is always exact"
    app = put(app, aggregate, "p90")
    (tick,) = [each for each in app.toggle if each.label.startswith(switch)]
    assert "ClickHouse" in tick.help
    tick.set_value(True)
    app = healthy(app.run())
    (draft,) = drafts(own_workspace)
    assert draft.body["metrics"][0]["approx"] is True
    assert metric_entry(form_of(draft).metrics[0], "en")["approx"] is True


def test_a_metric_is_built_along_the_way_of_a_key_result(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    app = press(app, "Build a metric from a source")
    app = put(app, "Name of the metric (English)", "Tickets by phone")
    app = put(app, "Source and stream", "helpdesk.tickets")
    app = put(app, "Column that says when", "opened_at")
    app = put(app, "Only rows where", "channel = 'phone'")
    app = put(app, "Unit", "tickets")
    app = put(app, "Comparator", ">=")
    app = put(app, "What it takes", "total")
    app = put(app, "Target", "5000")
    app = press(app, "Publish")
    assert key_result(own_workspace, "2026-Q4/xu-ly-nhanh").metric == "tickets_by_phone"
    assert definitions(own_workspace).metrics["tickets_by_phone"].where == "channel = 'phone'"


def test_editing_an_objective_in_force_fills_the_form_and_changes_nothing_by_itself(
    run_app: Run, own_workspace: Path
) -> None:
    before = definitions(own_workspace)
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    assert field(app, "Target (h)").value == "2"  # type: ignore[attr-defined]
    again = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    assert again.query_params["draft"] == app.query_params["draft"]  # the same draft is gone on with
    assert len(drafts(own_workspace)) == 1
    press(app, "Publish")
    assert definitions(own_workspace) == before


def test_a_moved_target_is_revised_with_a_reason_rather_than_redefined(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    app = put(app, "Target (h)", "3")
    assert "response-time: target from < 2 to < 3" in text(app)
    assert next(each for each in app.button if each.label == "Publish").disabled
    app = put(app, "Reason", "two people left")
    app = press(app, "Publish")
    assert "1 targets revised" in text(app)
    assert key_result(own_workspace, "2026-Q4/response-time").target.text == "< 2"
    with ledger_of(own_workspace) as ledger:
        (revision,) = ledger.decisions(TargetRevision, "2026-Q4/response-time")
    assert (revision.decision.new.text, revision.decision.reason) == ("< 3", "two people left")


def test_a_moved_target_can_be_a_correction(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    app = put(app, "Target (h)", "3")
    app = put(app, "How is the new target meant?", "correct")
    press(app, "Publish")
    assert key_result(own_workspace, "2026-Q4/response-time").target.text == "< 3"
    with ledger_of(own_workspace) as ledger:
        assert ledger.decisions(TargetRevision, "2026-Q4/response-time") == ()


def test_the_second_of_two_editors_sees_both_versions_and_chooses(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    app = put(app, "Where to go (English)", "Serve customers better")
    workspace = load_workspace(own_workspace)
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        edit = edit_of_objective(ledger, OBJECTIVE, DAY)
        theirs = {**(edit.objective or {}), "title": {"en": "Theirs", "vi": "Của họ"}, "team": "new-team"}
        publish(workspace, ledger, edit.__class__(edit.seen, edit.cycle, theirs, edit.was), facts=None,
                actor="minh", now=NOW)  # fmt: skip
    data._current_version.clear()
    app = healthy(app.run())
    shown = text(app)
    assert "Somebody else published this meanwhile" in shown
    assert "Theirs" in shown
    assert "Serve customers better" in shown
    assert not [each for each in app.button if each.label == "Publish"]
    app = press(app, "Go on with what I chose")
    app = press(app, "Publish")
    (objective,) = [each for each in definitions(own_workspace).objectives if each.key == OBJECTIVE]
    assert objective.title["en"] == "Serve customers better"  # mine, as chosen
    assert objective.team == "new-team"  # only they had changed it


def test_a_draft_that_another_window_saved_is_not_overwritten(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    (draft,) = drafts(own_workspace)
    with ledger_of(own_workspace) as ledger:
        body = {**draft.body, "objective": {**draft.body["objective"], "title_en": "From elsewhere"}}
        ledger.save_draft(draft.id, "t", body, seen=draft.version, actor="minh", at=NOW)
    app = put(app, "Where to go (English)", "Mine")
    assert "minh typed into this draft" in text(app)
    app = press(app, "Go on from there")
    assert field(app, "Where to go (English)").value == "From elsewhere"  # type: ignore[attr-defined]


def test_a_removed_key_result_is_retired_only_when_that_is_confirmed(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", objective=OBJECTIVE)
    app = put(app, "Key result", "k3")
    app = press(app, "Remove it")
    assert next(each for each in app.button if each.label == "Publish").disabled
    app.checkbox[0].check()
    app = healthy(app.run())
    app = press(app, "Publish")
    assert "1 retired" in text(app)
    assert "2026-Q4/complaints" not in [one.key for one in definitions(own_workspace).key_results()]


def test_what_others_still_serve_cannot_be_retired(run_app: Run, own_workspace: Path) -> None:
    app = press(opened(run_app, own_workspace, lang="en", objective=OBJECTIVE), "Remove it")
    assert "Another definition: There is no objective or key result 2026-Q4/response-time." in text(app)


def test_a_discarded_draft_can_be_opened_again(run_app: Run, own_workspace: Path) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    app = press(app, "Discard")
    assert drafts(own_workspace) == ()
    app = press(opened(run_app, own_workspace, lang="en"), "Open again")
    (draft,) = drafts(own_workspace)
    assert draft.title == "Giao hàng đúng hẹn"


def test_files_that_fall_behind_are_said_and_their_new_text_is_offered(run_app: Run, own_workspace: Path) -> None:
    assert "differ from what is in force" not in text(opened(run_app, own_workspace, lang="en"))
    app = press(defined(opened(run_app, own_workspace, lang="en"), "en"), "Publish")
    assert "differ from what is in force" in text(app)
    assert "quarterline export" in text(app)
    exported = own_workspace / "export"
    assert quarterline(own_workspace, "export", str(exported)).returncode == 0
    for file in exported.rglob("*.yaml"):
        (own_workspace / file.relative_to(exported)).write_bytes(file.read_bytes())
    planned = quarterline(own_workspace, "apply", "--dry-run").stdout
    assert "0 to change" in planned
    assert "differ from what is in force" not in text(opened(run_app, own_workspace, lang="en"))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"draft": "no-such"}, "There is no no-such here"),
        ({"objective": "2026-Q4/no-such"}, "There is no 2026-Q4/no-such here"),
        ({"edit": "first_respons"}, "Did you mean first_response?"),
    ],
)
def test_an_address_that_names_nothing_says_so_and_leads_back(
    run_app: Run, own_workspace: Path, parameters: dict[str, str], said: str
) -> None:
    app = opened(run_app, own_workspace, lang="en", **parameters)
    assert said in text(app)
    assert "All definitions" in text(app)


def test_before_the_first_sync_a_metric_can_be_chosen_and_says_that_there_is_no_data(
    run_app: Run, own_workspace: Path
) -> None:
    (own_workspace / "var/facts/current").unlink()
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    assert "Nothing has been loaded yet" in text(app)
    app = press(app, "Publish")
    assert "Published: " in text(app)


def test_a_new_workspace_begins_here(run_app: Run, tmp_path: Path) -> None:
    lay_out_workspace(tmp_path / "new", today=DAY)
    app = opened(run_app, tmp_path / "new", lang="en")
    app = press(app, "New objective")
    assert "Still to be filled in." in text(app)


@pytest.mark.parametrize("shape", ["milestone", "binary", "keep", "total"])
def test_every_shape_can_be_written(run_app: Run, own_workspace: Path, shape: str) -> None:
    app = defined(opened(run_app, own_workspace, lang="en"), "en")
    app = put(app, "What it takes", shape)
    if shape == "milestone":
        app = press(app, "Add a milestone")
        app = put(app, "Milestone (English)", "Pilot runs")
    if shape == "total":
        assert "This metric does not add up" in text(app)
        app = put(app, "Metric", "reopened_tickets")
        app = put(app, "Target (tickets)", "400")
    app = press(app, "Publish")
    assert key_result(own_workspace, "2026-Q4/xu-ly-nhanh").shape == shape


GOAL = "2026-Q4/south-answers"


def goal(workspace: Path, key: str) -> Goal:
    return next(each for each in definitions(workspace).goals if each.key == key)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_smart_goal_is_defined_published_and_seen(run_app: Run, own_workspace: Path, language: str) -> None:
    vi = language == "vi"
    app = press(opened(run_app, own_workspace, lang=language), "Mục tiêu SMART mới" if vi else "New SMART goal")
    shapes = next(each for each in app.button_group if each.label == ("Dạng kết quả" if vi else "What it takes"))
    assert len(shapes.options) == 3, "what is ticked off is no SMART goal"
    assert not [each for each in app.text_input if each.label == ("Trọng số" if vi else "Weight")]
    app = put(app, "Điều sẽ đạt được (Tiếng Việt)" if vi else "What will have been reached (English)", "Xử lý nhanh")
    app = put(app, "Chỉ số" if vi else "Metric", "resolution_time")
    app = put(app, "Chỉ tiêu (giờ)" if vi else "Target (h)", "18,5" if vi else "18.5")
    app = put(app, "Người chịu" if vi else "Owner", "linh")
    app = put(app, "Ngày đầu" if vi else "First day", "2026-12-01")
    assert ("Khả thi" if vi else "Achievable") in text(app)
    app = put(app, "Ngày cuối" if vi else "Last day", "2026-11-30")
    assert next(each for each in app.button if each.label == ("Công bố" if vi else "Publish")).disabled
    app = put(app, "Ngày cuối" if vi else "Last day", "2026-12-24")
    app = press(app, "Công bố" if vi else "Publish")
    made = goal(own_workspace, "2026-Q4/xu-ly-nhanh")
    assert (made.measured.target.text, made.measured.owner, made.draft) == ("< 18.5", "linh", False)
    assert (made.starts.isoformat(), made.ends.isoformat()) == ("2026-12-01", "2026-12-24")
    overview = "".join(blocks(healthy(run_app(own_workspace, lang=language))))
    assert "Xử lý nhanh" in overview
    assert "define?goal=2026-Q4/xu-ly-nhanh" in overview


@pytest.mark.parametrize(("language", "locked"), [("en", "has begun and is locked"), ("vi", "đã bắt đầu và đang khoá")])
def test_a_locked_goal_changes_only_with_a_reason_that_is_kept(
    run_app: Run, own_workspace: Path, language: str, locked: str
) -> None:
    vi = language == "vi"
    before = goal(own_workspace, GOAL)
    app = opened(run_app, own_workspace, lang=language, goal=GOAL)
    assert locked not in text(app)
    app = put(app, "Chỉ tiêu (giờ)" if vi else "Target (h)", "9")
    assert locked in text(app)
    assert next(each for each in app.button if each.label == ("Công bố" if vi else "Publish")).disabled
    app = put(app, "Lý do sửa mục tiêu đang khoá" if vi else "Reason for changing a locked goal", "the office moved")
    press(app, "Công bố" if vi else "Publish")
    after = goal(own_workspace, GOAL)
    assert after.measured.target.value == 9
    assert replace(after, measured=before.measured) == before, "nothing else changed"
    with ledger_of(own_workspace) as ledger:
        reasons = [each.decision.reason for each in ledger.decisions(GoalLock, GOAL)]
    assert reasons == ["the office moved", "the office moved"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            {
                "begun": "Locked since 15 Oct 2026, its first day", "open": "unlocked it on",
                "blank": "Nothing is written", "reason": "Why may its definition change?", "unlock": "Unlock it",
                "lock": "Lock it", "target": "Target (h)", "publish": "Publish", "refused": "has begun and is locked",
            },
        ),
        (
            "vi",
            {
                "begun": "Đã khoá từ 15/10/2026, ngày đầu tiên", "open": "đã mở khoá ngày", "blank": "Chưa viết gì",
                "reason": "Vì sao định nghĩa được phép thay đổi?", "unlock": "Mở khoá ngay", "lock": "Khoá ngay",
                "target": "Chỉ tiêu (giờ)", "publish": "Công bố", "refused": "đã bắt đầu và đang khoá",
            },
        ),
    ],
)  # fmt: skip
def test_a_goal_is_unlocked_with_a_reason_changed_and_locked_again(
    run_app: Run, own_workspace: Path, language: str, said: dict[str, str]
) -> None:
    app = opened(run_app, own_workspace, lang=language, goal=GOAL)
    assert said["begun"] in text(app)
    app = press(app, said["unlock"])
    assert said["blank"] in text(app), "nobody answers for it yet"
    field(app, said["reason"]).set_value("the office moved")  # type: ignore[attr-defined]
    app = press(app, said["unlock"])
    assert said["open"] in text(app)
    app = put(app, said["target"], "9")
    assert said["refused"] not in text(app)
    press(app, said["publish"])
    assert goal(own_workspace, GOAL).measured.target.value == 9
    app = press(opened(run_app, own_workspace, lang=language, goal=GOAL), said["lock"])
    history = text(app)
    assert history.count("the office moved") == 1
    assert "< 3 → < 9" in history
    app = put(app, said["target"], "8")
    assert said["refused"] in text(app)
    with ledger_of(own_workspace) as ledger:
        locks = [(each.decision.locked, each.decision.reason) for each in ledger.decisions(GoalLock, GOAL)]
    assert locks == [(False, "the office moved"), (True, "")]


def test_a_draft_has_no_lock(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", goal="2026-Q4/south-returns")
    assert "How it came to be" not in "".join(each.label for each in app.expander)


def test_a_metric_of_a_locked_goal_changes_only_with_a_reason(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, lang="en", edit="first_response")
    app = put(app, "Only rows where", "channel = 'phone'")
    assert "has begun and is locked" in text(app)
    assert next(each for each in app.button if each.label == "Publish").disabled
    app = put(app, "Reason for changing a locked goal", "mail is answered by a machine")
    press(app, "Publish")
    assert definitions(own_workspace).metrics["first_response"].where == "channel = 'phone'"


def test_a_private_goal_is_kept_from_others_until_it_is_published(run_app: Run, own_workspace: Path) -> None:
    app = press(opened(run_app, own_workspace, lang="en"), "New SMART goal")
    app = put(app, "What will have been reached (English)", "Answer sooner")
    app = put(app, "Metric", "resolution_time")
    app = put(app, "Target (h)", "18.5")
    app.toggle[0].set_value(True)
    app = healthy(app.run())
    assert "Still to be filled in" in text(app) or "owner" in text(app), "a draft belongs to somebody"
    assert next(each for each in app.button if each.label == "Publish").disabled
    app = put(app, "Owner", "linh")
    press(app, "Publish")
    assert goal(own_workspace, "2026-Q4/answer-sooner").draft
