"""The Review page: a month's agenda in both languages, the meeting held in it, and what two people decide at once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.ledger import Ledger
from metrics.model.decision import Review, ReviewDecision, Settlement, TargetRevision
from metrics.model.target import parse_target
from metrics.scorecard.minutes import minutes_csv, minutes_markdown
from pages.ui import data
from tests.pages.conftest import Run
from tests.pages.sample import quarterline
from tests.pages.test_app import healthy, text

RESPONSE = "2026-Q4/response-time"
HELD = Review("2026-Q4", "2026-10", date(2026, 11, 20), ("Linh",), "short")
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def kept(workspace: Path) -> Ledger:
    version = data.current_version(workspace)
    return data.ledger(version.root, version.configuration)


def press(app: AppTest, name: str, *, last: bool = False) -> AppTest:
    """Press the button of that label or key, the first unless the last is asked for."""
    found = [button for button in app.button if name in (button.label, button.key)]
    return healthy(found[-1 if last else 0].click().run())


def fill(app: AppTest, label: str, value: object) -> None:
    fields = [*app.text_input, *app.text_area, *app.date_input]
    next(field for field in fields if field.label == label).set_value(value)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Review of October 2026", "key results need a decision.", "Needs a decision", "not recorded yet")),
        ("vi", ("Họp đánh giá tháng 10/2026", "kết quả then chốt cần quyết định.", "Cần quyết định", "Chưa ghi nhận")),
    ],
)
def test_the_agenda_in_each_language(
    run_app: Run, loaded_workspace: Path, language: str, said: tuple[str, ...]
) -> None:
    app = healthy(run_app(loaded_workspace, "review", lang=language))
    for each in said:
        assert each in text(app)
    lines = [block.proto.body for block in app.get("html") if "ql-agenda" in block.proto.body]
    assert len([line for line in lines if 'class="ql-name"' in line]) == 13


def test_the_calendar_says_which_review_was_held_and_which_is_due(run_app: Run, own_workspace: Path) -> None:
    calendar = "◆ October 2026 due ◌ November 2026 not over yet ◌ December 2026 not over yet"
    assert calendar.replace(" ", "") in text(healthy(run_app(own_workspace, "review", lang="en"))).replace(" ", "")
    kept(own_workspace).decide(HELD, actor="linh", at=AT)
    data.look_again()  # decided elsewhere: a page sees it within a second
    assert "✔ tháng 10/2026 đã họp 20/11" in text(healthy(run_app(own_workspace, "review", lang="vi")))


def test_the_page_says_what_the_command_line_says(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "review", lang="en"))
    version = data.current_version(loaded_workspace)
    review = data.review(version, "2026-Q4", "2026-10", None)
    printed = quarterline(loaded_workspace, "review", "minutes", "--language", "en")
    assert printed.stdout == minutes_markdown(review, "Sao Mai Retail", "en")
    table = quarterline(loaded_workspace, "review", "minutes", "--format", "csv")
    assert table.stdout.encode() == minutes_csv(review)
    shown = text(app)
    assert all(row.card.key_result.title["en"] in shown for row in review.agenda)


def test_the_meeting_room_sees_the_agenda_and_no_controls(run_app: Run, loaded_workspace: Path) -> None:
    app = healthy(run_app(loaded_workspace, "review", lang="en", present="1"))
    assert (len(app.button), len(app.selectbox), len(app.get("download_button"))) == (0, 0, 0)
    assert "Needs a decision" in text(app)
    assert "Leave the presentation" in text(app)


def test_a_meeting_is_held_and_decides(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "review", lang="en"))
    press(app, f"decide-{RESPONSE}")
    assert "Press “Start the meeting” above first" in text(app)
    press(app, "Start the meeting")
    fill(app, "Who is there, separated by commas", "Linh, Minh ,")
    press(app, "Save the meeting")
    assert "Held on 23 Nov 2026 with Linh, Minh." in text(app)
    press(app, f"decide-{RESPONSE}")
    fill(app, "What is decided?", "hire <i>two</i> people")
    fill(app, "By", date(2026, 12, 15))
    press(app, "Record the decision")
    assert "hire <i>two</i> people" in text(app)
    assert "minh · by 15 Dec · ○ open" in text(app)
    (decision,) = kept(own_workspace).decisions(ReviewDecision, RESPONSE)
    assert (decision.decision.month, decision.decision.owner) == ("2026-10", "minh")
    press(app, f"settle-{RESPONSE}-1")
    fill(app, "What came of it?", "both are here")
    press(app, "Record as done")
    assert "No decision is open." in text(app)
    assert [each.decision.note for each in kept(own_workspace).decisions(Settlement)] == ["both are here"]


def test_a_target_is_revised_from_inside_the_meeting(run_app: Run, own_workspace: Path) -> None:
    kept(own_workspace).decide(HELD, actor="linh", at=AT)
    app = healthy(run_app(own_workspace, "review", lang="vi", as_of="2026-11-23"))
    press(app, f"revise-{RESPONSE}")
    fill(app, "Chỉ tiêu mới", "3")
    fill(app, "Vì sao điều chỉnh?", "hai người nghỉ việc")
    press(app, "Điều chỉnh chỉ tiêu")
    assert "3 không phải là chỉ tiêu. Hãy viết dấu so sánh" in text(app)
    fill(app, "Chỉ tiêu mới", "< 3")
    press(app, "Điều chỉnh chỉ tiêu")
    assert "Chỉ tiêu < 2 giờ → < 3 giờ từ 23/11: hai người nghỉ việc" in text(app)
    assert "trước đây < 2 giờ" in text(app)
    (revision,) = kept(own_workspace).decisions(TargetRevision, RESPONSE)
    assert (revision.decision.review, revision.decision.new.text) == ("2026-10", "< 3")


def test_whoever_was_overtaken_sees_both_and_chooses(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "review", lang="en"))
    press(app, f"revise-{RESPONSE}")
    fill(app, "New target", "< 3")
    fill(app, "Why is it revised?", "two left")
    theirs = TargetRevision(RESPONSE, parse_target("< 2"), parse_target("< 4"), "three left", date(2026, 11, 21))
    kept(own_workspace).decide(theirs, actor="minh", at=AT)
    data.look_again()
    press(app, "Revise the target")
    shown = text(app)
    for said in ("minh decided this before you", "< 2 → < 4", "three left", "< 2 → < 3", "two left"):
        assert said in shown
    press(app, "Record mine all the same")
    assert "decided this before you" not in text(app)
    newest = kept(own_workspace).decisions(TargetRevision, RESPONSE)[-1]
    assert (newest.decision.old.text, newest.decision.new.text) == ("< 4", "< 3")


def test_a_meeting_that_somebody_else_recorded_meanwhile_is_not_overwritten(run_app: Run, own_workspace: Path) -> None:
    app = healthy(run_app(own_workspace, "review", lang="en"))
    press(app, "Start the meeting")
    fill(app, "Who is there, separated by commas", "Trang")
    kept(own_workspace).decide(HELD, actor="minh", at=AT)
    data.look_again()
    press(app, "Save the meeting")
    assert "minh decided this before you" in text(app)
    press(app, "Keep what stands")
    assert "Held on 20 Nov 2026 with Linh." in text(app)
    assert len(kept(own_workspace).decisions(Review)) == 1


def test_an_earlier_month_and_an_earlier_cycle_are_chosen_by_the_address(run_app: Run, loaded_workspace: Path) -> None:
    september = healthy(run_app(loaded_workspace, "review", lang="en", cycle="2026-Q3", month="2026-08"))
    assert "Review of August 2026" in text(september)
    nonsense = healthy(run_app(loaded_workspace, "review", lang="en", month="soon"))
    assert "Review of October 2026" in text(nonsense)


@pytest.mark.parametrize(("language", "said"), [("en", "No data has been loaded yet."), ("vi", "Chưa tải dữ liệu")])
def test_before_the_first_sync_the_page_leads_to_sources(
    run_app: Run, own_workspace: Path, language: str, said: str
) -> None:
    (own_workspace / "var/facts/current").unlink()
    assert said in text(healthy(run_app(own_workspace, "review", lang=language)))
