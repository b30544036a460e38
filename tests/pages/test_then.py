"""Then and now: a past day as it was shown beside what is known, each difference explained in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest

from metrics.definitions import load_workspace
from metrics.ledger import Ledger, open_ledger
from metrics.model.decision import CheckIn, Drop, TargetRevision
from metrics.model.target import parse_target
from metrics.scorecard.difference import Cause, Code
from pages.ui.formats import NOTHING
from pages.ui.i18n import words_in
from pages.ui.past import word_cause
from tests.pages.conftest import Run
from tests.pages.sample import DAY
from tests.pages.test_app import blocks, healthy, text

LATER = datetime(2026, 11, 25, 3, tzinfo=UTC)
RESPONSE = "2026-Q4/response-time"
NUMBERS: dict[Code, tuple[tuple[str, float | str], ...]] = {
    "late_rows": (("rows_then", 10.0), ("rows_now", 12.0), ("value_then", 2.5), ("value_now", 2.4)),
    "withdrawn_rows": (("rows_then", 12.0), ("rows_now", 10.0), ("value_then", 2.4), ("value_now", 2.5)),
    "corrected_rows": (("rows_then", 12.0), ("rows_now", 12.0), ("value_then", 2.4), ("value_now", 2.5)),
    "moved_baseline": (("then", 4.1), ("now", 4.0)),
    "revised_target": (
        ("then", "< 2"), ("now", "< 3"), ("effective_on", "2026-11-20"), ("reason", "two left"), ("by", "linh"),
    ),
    "changed_definition": (("then", "sha256:a"), ("now", "sha256:b")),
    "changed_policy": (("then", "pace/1"), ("now", "google/1")),
    "checked_in": (("then", 0.5), ("now", 0.7)),
    "freshness": (("then", "late"), ("now", "fresh")),
    "dropped": (("on", "2026-11-20"), ("reason", "counted twice"), ("by", "minh")),
    "ticked_off": (("then", 1.0), ("now", 2.0)),
}  # fmt: skip


@pytest.fixture
def ledger(own_workspace: Path) -> Iterator[Ledger]:
    workspace = load_workspace(own_workspace)
    with open_ledger(workspace.ledger_url, workspace.root) as opened:
        yield opened


@pytest.mark.parametrize(("language", "said"), [("en", "What is known now is what was shown."), ("vi", "đúng như")])
def test_a_day_of_which_nothing_new_is_known(run_app: Run, loaded_workspace: Path, language: str, said: str) -> None:
    app = healthy(run_app(loaded_workspace, "then", lang=language))
    assert said in text(app) or "data were" in text(app)
    assert app.selectbox[0].value == DAY.isoformat()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Target revised from < 2 h to < 3 h as of 20 Nov 2026 by linh: two left.",
                f"Confidence {NOTHING} then, 40 % now.",
                "Dropped as of 23 Nov 2026 by linh: counted <i>twice</i>.", "not there")),
        ("vi", ("Chỉ tiêu được điều chỉnh từ < 2 giờ thành < 3 giờ", f"Mức tự tin khi đó {NOTHING}, nay 40 %.",
                "Đã bỏ từ 23/11/2026, bởi linh: counted <i>twice</i>.", "không có")),
    ],
)  # fmt: skip
def test_each_difference_is_explained(
    run_app: Run, own_workspace: Path, ledger: Ledger, language: str, said: tuple[str, ...]
) -> None:
    two, three = parse_target("< 2"), parse_target("< 3")
    for made in (
        TargetRevision(RESPONSE, two, three, "two left", date(2026, 11, 20)),
        CheckIn("2026-Q4/complaints", DAY, 0.4, "hard"),
        Drop("key_result", "2026-Q4/reopened", "counted <i>twice</i>", DAY),
    ):
        ledger.decide(made, actor="linh", at=LATER)
    app = healthy(run_app(own_workspace, "then", lang=language, day=DAY.isoformat()))
    shown = text(app)
    for each in said:
        assert each in shown
    differing = next(block for block in blocks(app) if "ql-past" in block)
    assert "reached" not in differing


def test_a_cycle_of_which_nothing_was_recorded_says_what_records_it(run_app: Run, loaded_workspace: Path) -> None:
    assert "No day was recorded yet." in text(healthy(run_app(loaded_workspace, "then", lang="en", cycle="2026-Q3")))


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("code", get_args(Code))
def test_every_cause_is_worded_with_its_numbers(language: str, code: Code) -> None:
    words = words_in(language)
    worded = word_cause(Cause(code, NUMBERS.get(code, ())), "hours", words)
    assert worded
    assert "{" not in worded


def test_a_baseline_that_hardly_moved_is_told_apart_from_what_it_was() -> None:
    moved = Cause("moved_baseline", (("then", 4.001), ("now", 4.002)))
    said = word_cause(moved, "hours", words_in("en")).replace("\u00a0", " ")
    assert "4.001 h" in said
    assert "4.002 h" in said
