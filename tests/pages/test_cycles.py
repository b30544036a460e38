"""The Cycles page: what runs, closing with scores and what was learned, reopening, and what was dropped."""

from pathlib import Path

import pytest

from metrics.model.decision import ClosingScore, CycleChange
from pages.ui import data
from pages.ui.endings import scores_table
from pages.ui.i18n import words_in
from tests.pages.conftest import Run
from tests.pages.sample import quarterline
from tests.pages.test_app import healthy, text
from tests.pages.test_review import fill, kept, press


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("Running: 2026, Q4 2026.", "Over and not closed yet: Q3 2026.", "No objective or key result was dropped"),
        ),
        ("vi", ("Đang diễn ra: 2026, Q4 2026.", "chưa khép lại: Q3 2026.", "Chưa bỏ mục tiêu")),
    ],
)
def test_the_cycles_in_each_language(
    run_app: Run, loaded_workspace: Path, language: str, said: tuple[str, ...]
) -> None:
    shown = text(healthy(run_app(loaded_workspace, "cycles", lang=language)))
    for each in said:
        assert each in shown


def test_a_score_short_of_a_mark_does_not_seem_to_have_reached_it() -> None:
    scores = (
        ClosingScore("c/a", 0.996, 0.696, False, "missed", "green"),
        ClosingScore("c/b", 0.7, 0.5967, False, "passed", "green"),
    )
    shown = str(scores_table(scores, {}, words_in("en")))
    for said in ("0.996", "0.696", ">0.7<", "0.597"):
        assert said in shown


def test_a_cycle_is_closed_with_the_scores_that_were_shown_and_carried_on(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "cycles", lang="en"))
    press(app, "close-2026-Q4")
    assert "The scores that would be recorded" in text(app)
    press(app, "Close and record the scores")
    assert "its last day 2026-12-31 is not over" in text(app)
    app.checkbox[0].check()
    press(app, "Close and record the scores")
    assert "Nothing is written. Say in a sentence" in text(app)
    fill(app, "What was learned?", "hire before Tet")
    app.multiselect[0].select("2026-Q4/online-share")
    press(app, "Close and record the scores")
    shown = text(app)
    for said in ("hire before Tet", "Carried into 2027-Q1: Online brings", "of 13 succeeded", "✔ closed"):
        assert said in shown
    (closing,) = kept(own_workspace).decisions(CycleChange, "2026-Q4")
    scorecard = data.scorecard(data.current_version(own_workspace), "2026-Q4", closing.decision.on)
    assert [each.score for each in closing.decision.scores] == [card.progress for card in scorecard.key_results]
    assert closing.decision.generation == scorecard.generation


def test_a_closed_cycle_is_reopened_with_a_reason(run_app: Run, own_workspace: Path) -> None:
    done = quarterline(own_workspace, "cycle", "close", "2026-Q3", "--note", "sold out in August")
    assert done.returncode == 0, done.stderr
    app = healthy(run_app(own_workspace, "cycles", lang="vi"))
    assert "sold out in August" in text(app)
    press(app, "reopen-2026-Q3")
    fill(app, "Vì sao mở lại?", "số liệu tháng 9 đến muộn")
    press(app, "Mở lại", last=True)
    assert "chưa khép lại: Q3 2026." in text(app)
    assert kept(own_workspace).decisions(CycleChange, "2026-Q3")[-1].decision.note == "số liệu tháng 9 đến muộn"


def test_what_was_dropped_is_listed_with_its_reason(run_app: Run, own_workspace: Path) -> None:
    done = quarterline(own_workspace, "drop", "reopened", "--reason", "counted twice <b>already</b>")
    assert done.returncode == 0, done.stderr
    assert "counted twice <b>already</b>" in text(healthy(run_app(own_workspace, "cycles", lang="en")))


def test_before_the_first_sync_nothing_can_be_closed(run_app: Run, own_workspace: Path) -> None:
    (own_workspace / "var/facts/current").unlink()
    app = healthy(run_app(own_workspace, "cycles", lang="en"))
    assert "Running: 2026, Q4 2026." in text(app)
    assert [button.label for button in app.button] == []
