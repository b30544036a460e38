"""A key result or a goal is given up with a reason in the browser, stays listed, and is taken up again."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.model.decision import Drop
from pages.ui import data
from tests.pages.conftest import Run
from tests.pages.test_app import blocks, healthy, text
from tests.pages.test_define_page import GOAL, field, ledger_of, press

KEY = "2026-Q4/complaints"
SAID = {
    "en": {
        "why": "Why is it given up?", "now": "Give it up", "blank": "Nothing is written",
        "told": "gave it up on 23 Nov 2026",
        "again": "Why is it taken up again?", "resume": "Take it up again",
    },
    "vi": {
        "why": "Vì sao dừng theo đuổi?", "now": "Dừng theo đuổi ngay", "blank": "Chưa viết gì",
        "told": "đã dừng theo đuổi ngày 23/11/2026", "again": "Vì sao theo đuổi lại?", "resume": "Theo đuổi lại ngay",
    },
}  # fmt: skip


def opened(run_app: Run, workspace: Path, page: str, **parameters: str) -> AppTest:
    data._current_version.clear()
    return healthy(run_app(workspace, page, **parameters))


def reasoned(app: AppTest, label: str, reason: str, button: str) -> AppTest:
    field(app, label).set_value(reason)  # type: ignore[attr-defined]
    return press(app, button)


def drops(workspace: Path, key: str) -> list[tuple[str, str, bool]]:
    with ledger_of(workspace) as ledger:
        made = [each.decision for each in ledger.decisions(Drop, key)]
    return [(each.subject, each.reason, each.dropped) for each in made]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_key_result_is_given_up_listed_and_taken_up_again(run_app: Run, own_workspace: Path, language: str) -> None:
    said = SAID[language]
    app = opened(run_app, own_workspace, "key-result", lang=language, kr=KEY)
    app = press(app, said["now"])
    assert said["blank"] in text(app)
    assert drops(own_workspace, KEY) == []
    app = reasoned(app, said["why"], "nobody counts them", said["now"])
    assert f"{said['told']}: nobody counts them" in text(app)
    cycles = opened(run_app, own_workspace, "cycles", lang=language)
    assert "nobody counts them" in text(cycles)
    assert f"key-result?kr={KEY}" in "".join(blocks(cycles))
    overview = "".join(blocks(opened(run_app, own_workspace, "", lang=language)))
    assert f"key-result?kr={KEY}" not in overview
    app = reasoned(
        opened(run_app, own_workspace, "key-result", lang=language, kr=KEY), said["again"], "we do", said["resume"]
    )
    assert said["told"] not in text(app)
    assert drops(own_workspace, KEY) == [("key_result", "nobody counts them", True), ("key_result", "we do", False)]
    assert f"key-result?kr={KEY}" in "".join(blocks(opened(run_app, own_workspace, "", lang=language)))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_goal_is_given_up_where_it_is_defined(run_app: Run, own_workspace: Path, language: str) -> None:
    said = SAID[language]
    app = opened(run_app, own_workspace, "define", lang=language, goal=GOAL)
    app = reasoned(app, said["why"], "the team moved", said["now"])
    assert f"{said['told']}: the team moved" in text(app)
    app = reasoned(app, said["again"], "it came back", said["resume"])
    assert said["told"] not in text(app)
    assert drops(own_workspace, GOAL) == [("goal", "the team moved", True), ("goal", "it came back", False)]


def test_nothing_is_given_up_once_its_days_are_over(run_app: Run, own_workspace: Path) -> None:
    app = opened(run_app, own_workspace, "key-result", lang="en", kr="2026-Q3/complaints")
    assert "Check-ins and revisions" in text(app)
    assert not [each for each in app.text_input if each.label == SAID["en"]["why"]]
