"""SMART goals on the Overview, and what the week ticked off: in words, for whom they are, in both languages."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from metrics.model.definition import Goal
from metrics.model.scorecard import ForecastCard, GoalCard, MilestoneCard, Scorecard, Status
from pages.ui.filters import Filters
from pages.ui.goals import goal_block
from pages.ui.i18n import words_in
from pages.ui.milestones import newly_done_block
from pages.ui.reader import Reader
from tests.pages.factory import AS_OF, NOW, card, key_result, objective_card, scorecard
from tests.pages.test_markup import Seen, payloads

EN = Reader(words_in("en"), NOW, "Asia/Ho_Chi_Minh", {"lang": "en"})
VI = Reader(words_in("vi"), NOW, "Asia/Ho_Chi_Minh")


def goal(name: str = "south", *, draft: bool = False, owner: str = "dung", status: Status = "off_track") -> GoalCard:
    measured = key_result(name, title={"en": f"Goal {name}", "vi": f"Mục tiêu {name}"}, owner=owner, objective="")
    shown = card(status, of=measured, forecast=ForecastCard(p_hit=0.08))
    own = Goal(measured, date(2026, 10, 15), date(2026, 12, 15), draft=draft, team="customer-service")
    return GoalCard(own, shown, 0.65, locked=not draft)


def with_goals(*goals: GoalCard) -> Scorecard:
    published = tuple(each for each in goals if not each.goal.draft)
    return replace(scorecard(), goals=published, drafts=tuple(each for each in goals if each.goal.draft))


def plain(markup: str) -> str:
    return Seen(markup).text.replace("\u00a0", " ")


def test_there_is_no_section_without_goals() -> None:
    assert goal_block(scorecard(), EN, person=None) == ""


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (EN, ("SMART goals", "Goal south", "15 Oct – 15 Dec 2026", "locked", "8 %", "off track")),  # noqa: RUF001 - as people write a span
        (VI, ("Mục tiêu SMART", "Mục tiêu south", "15/10 – 15/12/2026", "đã khoá", "8 %", "chệch hướng")),  # noqa: RUF001
    ],
)
def test_a_goal_shows_its_own_days_and_whether_it_is_locked(reader: Reader, expected: tuple[str, ...]) -> None:
    drawn = plain(goal_block(with_goals(goal()), reader, person=None))
    assert all(each in drawn for each in expected), drawn


def test_an_unlocked_goal_says_so() -> None:
    assert "not locked" in plain(goal_block(with_goals(replace(goal(), locked=False)), EN, person=None))


def test_a_draft_is_shown_to_its_owner_only_and_marked() -> None:
    """R34: a member's own goal is private until it is published; where nobody logs in there is one person."""
    shown = with_goals(goal(), goal("idea", draft=True, owner="hieu"))
    assert "Goal idea" not in plain(goal_block(shown, EN, person="dung"))
    for person in ("hieu", None):
        drawn = plain(goal_block(shown, EN, person=person))
        assert "Goal idea" in drawn
        assert "draft, private" in drawn
    assert goal_block(with_goals(goal("idea", draft=True, owner="hieu")), EN, person="linh") == ""


def test_filters_keep_the_goals_that_match() -> None:
    shown = with_goals(goal(), goal("north", owner="minh", status="on_track"))
    assert [each.goal.id for each in Filters(owner="minh").narrow(shown).goals] == ["north"]
    assert [each.goal.id for each in Filters(status="off_track").narrow(shown).goals] == ["south"]
    assert Filters(team="sales").narrow(shown).goals == ()


@pytest.mark.parametrize("payload", payloads())
def test_no_title_of_a_goal_becomes_markup(payload: str) -> None:
    hostile = goal()
    measured = replace(hostile.card.key_result, title={"en": payload}, owner=payload)
    own = replace(
        hostile, goal=replace(hostile.goal, measured=measured), card=replace(hostile.card, key_result=measured)
    )
    seen = Seen(goal_block(with_goals(own), EN, person=None)).tags
    assert [keys for tag, keys in seen if tag == "a"] == [{"href": f"define?goal={own.goal.key}&lang=en"}], (
        "the one link is ours"
    )
    tags = {tag for tag, _ in seen} - {"a"}
    assert tags <= {"section", "header", "div", "h2", "span", "table", "thead", "tbody", "tr", "th", "td", "img"}


def ticked(day: date | None) -> Scorecard:
    milestone = MilestoneCard("pilot", {"en": "Pilot runs", "vi": "Chạy thử"}, done_on=day, by="minh" if day else None)
    moved = card("on_track", of=key_result("move", title={"en": "Move", "vi": "Chuyển kho"}), milestones=(milestone,))
    return scorecard(objective_card(moved))


def test_what_the_week_ticked_off_is_noticed() -> None:
    """R22: for seven days everybody sees it, with who said so, and where it belongs."""
    seen = Seen(newly_done_block(ticked(AS_OF - timedelta(days=6)), VI))
    assert "Chạy thử · Chuyển kho" in seen.text
    assert "17/11 · minh" in seen.text.replace("\u00a0", " ")
    assert [attributes["href"] for tag, attributes in seen.tags if tag == "a"] == ["key-result?kr=2026-Q4/move"]


@pytest.mark.parametrize("day", [None, AS_OF - timedelta(days=7), AS_OF + timedelta(days=1)])
def test_what_is_open_old_or_ahead_is_not(day: date | None) -> None:
    assert newly_done_block(ticked(day), EN) == ""
