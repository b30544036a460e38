"""What people tick off has pages like everything else: no metric, no chart, and a list of what is done."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metrics.definitions import load_definitions, load_workspace
from metrics.ledger import open_ledger
from metrics.model.decision import Done
from metrics.model.definition import ALL_DONE, KeyResult, Milestone
from metrics.model.scorecard import MilestoneCard
from pages.ui.i18n import words_in
from pages.ui.milestones import milestone_block
from tests.pages.conftest import Run
from tests.pages.factory import card
from tests.pages.sample import DAY
from tests.pages.test_app import healthy, text

OKRS = """\
cycle: 2026-Q4
objectives:
  - id: move
    title: {en: Move to the new warehouse, vi: Chuyển sang kho mới}
    owner: minh
    key_results:
      - id: rollout
        title: {en: New warehouse runs, vi: Kho mới vận hành}
        shape: milestone
        milestones:
          - {id: pilot, title: {en: Pilot runs, vi: Chạy thử}}
          - {id: launch, title: {en: "All orders <b>", vi: Mọi đơn hàng}, weight: 3}
      - {id: signed, title: {en: Lease is signed, vi: Đã ký hợp đồng thuê}, shape: binary}
"""
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def moving(own_workspace: Path) -> Path:
    """The sample company with key results that are ticked off, one milestone of them done."""
    (own_workspace / "okrs" / "move.yaml").write_text(OKRS, encoding="utf-8")
    workspace = load_workspace(own_workspace)
    with open_ledger(workspace.ledger_url, workspace.root) as ledger:
        ledger.apply(load_definitions(workspace), actor="linh", at=AT)
        ledger.decide(Done("2026-Q4/rollout", "launch", DAY), actor="linh", at=AT)
    return own_workspace


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("New warehouse runs", "What is to be done", "✔ All orders <b>", "○ Pilot runs", "not yet", "75")),
        ("vi", ("Kho mới vận hành", "Việc cần hoàn thành", "✔ Mọi đơn hàng", "○ Chạy thử", "chưa xong", "75")),
    ],
)
def test_its_page_lists_what_is_done_in_each_language(
    run_app: Run, moving: Path, language: str, said: tuple[str, ...]
) -> None:
    app = healthy(run_app(moving, "key-result", kr="2026-Q4/rollout", lang=language))
    for expected in said:
        assert expected in text(app), expected
    assert not app.get("plotly_chart")
    assert "over the cycle so far" not in text(app)


def test_done_or_not_has_a_page_without_a_chart(run_app: Run, moving: Path) -> None:
    app = healthy(run_app(moving, "key-result", kr="2026-Q4/signed", lang="en"))
    assert "○ Lease is signed" in text(app)


def test_the_overview_shows_it_beside_what_is_measured(run_app: Run, moving: Path) -> None:
    for view in ("table", "cards"):
        app = healthy(run_app(moving, lang="en", view=view))
        assert "New warehouse runs" in text(app)
        assert "First response" in text(app)


def test_each_milestone_says_its_share_its_day_and_by_whom() -> None:
    rollout = KeyResult(
        "rollout",
        "move",
        "2026-Q4",
        {"en": "R"},
        None,
        ALL_DONE,
        shape="milestone",
        milestones=(Milestone("pilot", {"en": "Pilot"}), Milestone("launch", {"en": "Launch"}, 3.0)),
    )
    milestones = (MilestoneCard("pilot", {"en": "Pilot"}), MilestoneCard("launch", {"en": "Launch"}, 3.0, DAY, "linh"))
    drawn = str(milestone_block(card(of=rollout, milestones=milestones), words_in("en"))).replace("\u00a0", " ")
    assert drawn.index("○ Pilot") < drawn.index("25 %") < drawn.index("not yet")
    assert drawn.index("✔ Launch") < drawn.index("75 %") < drawn.index("23 Nov 2026") < drawn.index("linh")
