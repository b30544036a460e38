"""The what-if panel, its target applied as a revision, and the revision's conflict, run without a browser."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import SelectSlider

from metrics.model.decision import Recorded, TargetRevision
from metrics.model.definition import Language
from metrics.model.target import parse_target
from metrics.outlook.levers import round_step
from pages.ui import data, prospects
from pages.ui.choices import plain
from pages.ui.i18n import words_in
from pages.ui.supposing import change_names, number_names
from tests.pages.conftest import Run
from tests.pages.sample import quarterline
from tests.pages.test_app import healthy, text

KEY = "2026-Q4/new-customers"
RESPONSE = "2026-Q4/response-time"


def lever(app: AppTest, name: str) -> SelectSlider[object]:
    (found,) = [each for each in app.select_slider if str(each.key).startswith(f"whatif-{name}-")]
    return found


def levers(app: AppTest) -> list[object]:
    return [lever(app, name).value for name in ("target", "ends", "level")]


def fill(app: AppTest, label: str, value: str) -> None:
    (field,) = [each for each in (*app.text_input, *app.text_area) if each.label == label]
    field.set_value(value)


def drawn_lines(app: AppTest) -> list[list[float]]:
    """The heights of every line of the page's chart."""
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    return [[each for each in trace["y"] if isinstance(each, int | float)] for trace in figure["data"] if "y" in trace]


@pytest.mark.parametrize(
    ("language", "now", "head", "reset"),
    [
        ("en", "now", "Share of the futures", "Reset"),
        ("vi", "hiện là", "Tỷ lệ tương lai", "Đặt lại"),
    ],
)
def test_every_lever_moves_the_chance_and_all_can_be_put_back(
    run_app: Run, loaded_workspace: Path, language: str, now: str, head: str, reset: str
) -> None:
    app = healthy(run_app(loaded_workspace, "key-result", kr=RESPONSE, lang=language))
    (before, *_), usual = levers(app), levers(app)
    assert before == 2.0
    assert head in text(app), "what the picture shows stands in a table"
    seen = set()
    for name, value in (("target", 4.0), ("ends", date(2026, 12, 15)), ("level", -0.5)):
        healthy(lever(app, name).set_value(value).run())
        shown = text(app)
        at = shown.index(f"{now} ")
        seen.add(shown[at - 20 : at])
    assert levers(app) == [4.0, date(2026, 12, 15), -0.5]
    assert len(seen) == 3, "each lever gives another chance"
    (button,) = [each for each in app.button if each.label == reset]
    healthy(button.click().run())
    assert levers(app) == usual
    assert reset not in {each.label for each in app.button}


@pytest.mark.parametrize(
    ("language", "reason", "apply", "was"),
    [
        ("en", "Reason", "Revise the target", "was < 2 h"),
        ("vi", "Lý do", "Điều chỉnh chỉ tiêu", "trước đây < 2 giờ"),
    ],
)
def test_what_was_tried_is_applied_as_a_revision(
    run_app: Run, own_workspace: Path, language: str, reason: str, apply: str, was: str
) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=RESPONSE, lang=language))
    healthy(lever(app, "target").set_value(3.0).run())
    healthy(lever(app, "level").set_value(-0.5).run())
    app.session_state[f"revise-0-{RESPONSE}"] = True
    healthy(app.run())
    fill(app, reason, "two couriers left")
    (button,) = [each for each in app.button if each.label == apply]
    shown = text(healthy(button.click().run()))
    assert was in shown
    assert "two couriers left" in shown, "in the timeline"
    assert [2.0, 2.0, 3.0, 3.0] in drawn_lines(app), "the target line is stepped"
    assert levers(app)[0::2] == [3.0, 0.0], "nothing is supposed any more"
    assert apply not in {each.label for each in app.button}, "the menu is closed"
    made = data.ledger(str(own_workspace), data.current_version(own_workspace).configuration)
    (kept,) = made.decisions(TargetRevision, RESPONSE)
    assert (kept.decision.old.text, kept.decision.new.text) == ("< 2", "< 3")
    assert (kept.decision.reason, kept.decision.effective_on) == ("two couriers left", date(2026, 11, 23))


@pytest.mark.parametrize(
    ("language", "target", "apply", "why"),
    [
        ("en", "New target", "Revise the target", "Nothing is written. Say in a sentence what should be remembered."),
        ("vi", "Chỉ tiêu mới", "Điều chỉnh chỉ tiêu", "Chưa viết gì. Hãy viết một câu cần ghi nhớ."),
    ],
)
def test_a_revision_without_a_reason_is_refused_and_nothing_is_kept(
    run_app: Run, own_workspace: Path, language: str, target: str, apply: str, why: str
) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=RESPONSE, lang=language))
    app.session_state[f"revise-0-{RESPONSE}"] = True
    healthy(app.run())
    fill(app, target, "< 3")
    (button,) = [each for each in app.button if each.label == apply]
    assert why in text(healthy(button.click().run()))
    made = data.ledger(str(own_workspace), data.current_version(own_workspace).configuration)
    assert made.decisions(TargetRevision, RESPONSE) == ()


@settings(deadline=None)  # the first of a language loads it
@given(
    st.sampled_from(["hours", "percent", "VND", ""]),
    st.floats(-7, 9),
    st.integers(-200, 200),
    st.sampled_from(["en", "vi"]),
)
def test_no_two_options_of_a_slider_read_alike(unit: str, magnitude: float, first: int, language: Language) -> None:
    words = words_in(language)
    step = round_step(10**magnitude)
    numbers = [round(index * step, 12) for index in range(first, first + 60)]
    changes = [round(index * step, 12) for index in range(-10, 11)]
    assert len(set(number_names(numbers, unit, words).values())) == 60
    assert len(set(change_names(changes, unit, words).values())) == 21


@pytest.mark.parametrize("said", ["< 2 h", "≥ 10.5 %", "\u22120,5 giờ", "> 5 customers", "±0 h"])
def test_what_a_slider_reads_out_carries_no_backslash(said: str) -> None:
    assert plain(said).strip("\u2060") == said


def test_a_cycle_that_is_over_offers_nothing_to_try(run_app: Run, loaded_workspace: Path) -> None:
    past = next(data.definitions(data.current_version(loaded_workspace)).key_results("2026-Q3")).key
    app = healthy(run_app(loaded_workspace, "key-result", kr=past, lang="en"))
    assert "Without a forecast there is nothing to try" in text(app)


def test_both_versions_are_shown_and_theirs_can_be_kept(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=KEY, lang="en"))
    revised = quarterline(own_workspace, "revise", "new-customers", "--target", ">= 3000", "--reason", "fewer shops")
    assert revised.returncode == 0, revised.stderr
    data.look_again()
    mine = TargetRevision(KEY, parse_target(">= 3100"), parse_target(">= 3200"), "more shops", date(2026, 11, 23))
    made = data.ledger(str(own_workspace), data.current_version(own_workspace).configuration)
    (theirs,) = made.decisions(TargetRevision, KEY)
    app.session_state[f"overtaken-revision-{KEY}"] = (mine, theirs)
    shown = text(healthy(app.run()))
    assert "revised this target at" in shown
    assert "≥ 3,000 customers from 23 Nov 2026: fewer shops" in shown
    assert "≥ 3,200 customers from 23 Nov 2026: more shops" in shown
    (keep,) = [each for each in app.button if each.label == "Keep theirs"]
    assert "revised this target at" not in text(healthy(keep.click().run()))
    assert [each.decision.new.text for each in made.decisions(TargetRevision, KEY)] == [">= 3000"]


def test_mine_can_be_recorded_after_theirs(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "key-result", kr=KEY, lang="en"))
    assert quarterline(own_workspace, "revise", "new-customers", "--target", ">= 3000", "--reason", "r").returncode == 0
    data.look_again()
    version = data.current_version(own_workspace)
    assert prospects.revisions_seen(version, KEY) == 1
    made = data.ledger(str(own_workspace), version.configuration)
    (theirs,) = made.decisions(TargetRevision, KEY)
    mine = TargetRevision(KEY, parse_target(">= 3100"), parse_target(">= 3200"), "more shops", date(2026, 11, 23))
    assert isinstance(theirs, Recorded)
    assert theirs.at < datetime(2100, 1, 1, tzinfo=UTC)
    app.session_state[f"overtaken-revision-{KEY}"] = (mine, theirs)
    healthy(app.run())
    (keep,) = [each for each in app.button if each.label == "Record mine after it"]
    shown = text(healthy(keep.click().run()))
    assert "≥ 3,000 customers → ≥ 3,200 customers: more shops" in shown
    assert [each.decision.new.text for each in made.decisions(TargetRevision, KEY)] == [">= 3000", ">= 3200"]
