"""What people tick off: weights, days, what is taken back, and what is expected of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.decision import Decided, Done, Recorded
from metrics.model.definition import ALL_DONE, KeyResult, Milestone, PlanPoint
from metrics.model.scorecard import Cycle, MilestoneCard
from metrics.progress.checklist import all_done_on, done_share, milestone_cards
from metrics.progress.measure import (
    effective_baseline,
    expected_progress,
    is_limit,
    needed_change,
    raw_progress,
)

QUARTER = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
DAY = date(2027, 2, 10)
WEIGHTS = {"pilot": 1.0, "launch": 2.0, "close-old": 1.0}
ROLLOUT = KeyResult(
    "rollout",
    "move",
    "2027-Q1",
    {"en": "New warehouse runs"},
    None,
    ALL_DONE,
    shape="milestone",
    milestones=tuple(Milestone(name, {"en": name}, weight) for name, weight in WEIGHTS.items()),
)
SIGNED = KeyResult("signed", "move", "2027-Q1", {"en": "Lease is signed"}, None, ALL_DONE, shape="binary")


def decided(*ticks: tuple[str | None, date | None], of: KeyResult = ROLLOUT) -> Decided:
    at = datetime(2027, 2, 1, tzinfo=UTC)
    rows = tuple(
        Recorded(Done(of.key, milestone, day), number, number, at, "linh", number)
        for number, (milestone, day) in enumerate(ticks, start=1)
    )
    return Decided(done={of.key: rows})


def share(*ticks: tuple[str | None, date | None], on: date = DAY) -> float:
    return done_share(milestone_cards(ROLLOUT, decided(*ticks), on))


def test_progress_is_the_share_of_the_weights_that_is_done() -> None:
    assert share() == 0.0
    assert share(("pilot", DAY)) == 0.25
    assert share(("launch", DAY)) == 0.5
    assert share(("pilot", DAY), ("launch", DAY)) == 0.75
    assert share(("pilot", DAY), ("launch", DAY), ("close-old", DAY)) == 1.0


def test_a_tick_counts_from_its_day_on_and_no_more_once_taken_back() -> None:
    assert share(("launch", DAY), on=DAY - timedelta(days=1)) == 0.0
    assert share(("launch", DAY), ("launch", None)) == 0.0
    assert share(("launch", DAY), ("launch", None), ("launch", DAY)) == 0.5
    assert share(("launch", DAY + timedelta(days=9)), ("launch", DAY)) == 0.5, "the last word counts"


def test_a_tick_of_what_is_no_milestone_any_more_counts_nothing() -> None:
    assert share(("abolished", DAY), (None, DAY)) == 0.0


def test_done_or_not_is_its_own_only_milestone() -> None:
    assert milestone_cards(SIGNED, Decided(), DAY) == (MilestoneCard("signed", {"en": "Lease is signed"}),)
    cards = milestone_cards(SIGNED, decided((None, DAY), of=SIGNED), DAY)
    assert cards == (MilestoneCard("signed", {"en": "Lease is signed"}, 1.0, DAY, "linh"),)
    assert done_share(cards) == 1.0


def test_the_day_of_the_last_milestone_is_when_all_was_done() -> None:
    days = [DAY, DAY + timedelta(days=3), DAY + timedelta(days=1)]
    ticks = list(zip(WEIGHTS, days, strict=True))
    later = DAY + timedelta(days=10)
    assert all_done_on(milestone_cards(ROLLOUT, decided(*ticks), later)) == DAY + timedelta(days=3)
    assert all_done_on(milestone_cards(ROLLOUT, decided(*ticks[:2]), later)) is None
    assert all_done_on(()) is None, "what a metric measures is never ticked off"


def test_its_progress_starts_at_nothing_and_ends_at_all_of_it() -> None:
    assert effective_baseline(ROLLOUT, None) == 0.0
    assert raw_progress(ROLLOUT, value=0.75, baseline=0.0) == 0.75
    assert not is_limit(ROLLOUT)
    assert not ALL_DONE.is_met(0.999)
    assert ALL_DONE.is_met(1.0)


def test_milestones_are_expected_with_the_days_or_by_the_plan() -> None:
    half = QUARTER.starts + timedelta(days=44)
    assert expected_progress(ROLLOUT, QUARTER, half, baseline=0.0) == 0.5
    planned = replace(ROLLOUT, plan=(PlanPoint(date(2027, 2, 28), 0.25),))
    assert expected_progress(planned, QUARTER, date(2027, 2, 28), baseline=0.0) == 0.25


@pytest.mark.parametrize(("day", "expected"), [(1, 0.0), (30, 0.0), (31, 1.0)])
def test_nobody_expects_half_a_signature(day: int, expected: float) -> None:
    assert expected_progress(SIGNED, QUARTER, date(2027, 3, day), baseline=0.0) == expected
    assert needed_change(SIGNED, QUARTER, date(2027, 3, 1), value=0.0) is None


def test_what_is_left_is_needed_by_the_week() -> None:
    needed = needed_change(ROLLOUT, QUARTER, date(2027, 3, 17), value=0.5)
    assert needed is not None
    assert needed.per_week == 0.25


weights = st.lists(st.tuples(st.floats(1e-6, 1e6), st.booleans()), min_size=1, max_size=9)


@given(weights=weights, scale=st.floats(1e-3, 1e3))
def test_the_share_stays_within_bounds_and_does_not_depend_on_the_unit_of_weights(
    weights: list[tuple[float, bool]], scale: float
) -> None:
    def cards(by: float) -> list[MilestoneCard]:
        return [
            MilestoneCard(str(index), {}, weight * by, DAY if done else None)
            for index, (weight, done) in enumerate(weights)
        ]

    found = done_share(cards(1.0))
    assert 0.0 <= found <= 1.0
    assert (found == 1.0) == all(done for _, done in weights) or found == pytest.approx(1.0)
    assert done_share(cards(scale)) == pytest.approx(found)
