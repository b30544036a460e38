"""What decisions come to as of a day, whenever they were recorded."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.decision import (
    CheckIn,
    CycleChange,
    CycleState,
    Decided,
    Decision,
    Done,
    Drop,
    Recorded,
    TargetRevision,
)
from metrics.model.definition import Definitions, KeyResult, Objective
from metrics.model.scorecard import Cycle
from metrics.model.target import parse_target
from metrics.progress.decided import (
    check_in_on,
    days_without_check_in,
    definitions_in_force,
    done_on,
    drop_on,
    in_force,
    original_target,
    pursued,
    revision_on,
    state_on,
    target_steps,
)

Q1 = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
KEY = "2027-Q1/response"
RESPONSE = KeyResult("response", "quality", "2027-Q1", {"en": "R"}, "m", parse_target("< 2"), definition="sha256:a")
OTHER = KeyResult("other", "quality", "2027-Q1", {"en": "O"}, "m", parse_target("< 9"))
QUALITY = Objective("quality", "2027-Q1", {"en": "Quality"}, (RESPONSE, OTHER))
FEBRUARY = date(2027, 2, 1)
AT = datetime(2027, 3, 1, tzinfo=UTC)
D = TypeVar("D", bound=Decision)


def recorded(*made: D) -> tuple[Recorded[D], ...]:
    """Record decisions in this order, all long after the days they speak of."""
    return tuple(Recorded(each, n, n, AT, "linh", n) for n, each in enumerate(made, 1))


def revision(to: str, on: date, *, was: str = "< 2") -> TargetRevision:
    return TargetRevision(KEY, parse_target(was), parse_target(to), "why", on)


def revisions(*made: TargetRevision) -> Decided:
    return Decided(revisions={KEY: recorded(*made)})


def check_in(day: date, confidence: float = 0.5) -> CheckIn:
    return CheckIn(KEY, day, confidence, "note")


def change(state: CycleState, on: date) -> CycleChange:
    return CycleChange("2027-Q1", state, on)


STEPS = revisions(revision("< 3", FEBRUARY), revision("< 4", date(2027, 3, 1), was="< 3"))


@pytest.mark.parametrize(
    ("day", "target"),
    [
        (date(2027, 1, 1), "< 2"),
        (date(2027, 1, 31), "< 2"),
        (FEBRUARY, "< 3"),
        (date(2027, 2, 28), "< 3"),
        (date(2027, 3, 1), "< 4"),
        (date(2028, 1, 1), "< 4"),
    ],
)
def test_a_target_is_in_force_from_its_day_on(day: date, target: str) -> None:
    standing = in_force(RESPONSE, STEPS, day)
    assert standing.target == parse_target(target)
    assert standing.definition == "sha256:a", "a revision is no changed definition"
    assert original_target(RESPONSE, STEPS) == parse_target("< 2")


def test_of_two_revisions_for_one_day_the_later_recorded_counts() -> None:
    twice = revisions(revision("< 3", FEBRUARY), revision("< 3.5", FEBRUARY, was="< 3"))
    assert in_force(RESPONSE, twice, FEBRUARY).target.text == "< 3.5"


def test_without_a_decision_everything_is_as_defined() -> None:
    nothing = Decided()
    assert in_force(RESPONSE, nothing, FEBRUARY) is RESPONSE
    assert original_target(RESPONSE, nothing) == RESPONSE.target
    assert revision_on(nothing, KEY, FEBRUARY) is None
    assert pursued(QUALITY, nothing, FEBRUARY) == (QUALITY, ())
    assert state_on((), Q1, date(2026, 12, 31)) == "draft"
    assert state_on((), Q1, Q1.starts) == state_on((), Q1, date(2028, 1, 1)) == "active"


def test_export_writes_the_targets_of_a_day() -> None:
    definitions = Definitions({}, (QUALITY,), ("2027-Q1",))
    found = definitions_in_force(definitions, STEPS, FEBRUARY)
    assert [each.target.text for each in found.key_results()] == ["< 3", "< 9"]
    assert definitions_in_force(definitions, STEPS, Q1.starts) == definitions


DAYS = st.integers(0, 120).map(lambda days: Q1.starts + timedelta(days=days))


@given(st.lists(DAYS, max_size=5).map(sorted), DAYS)
def test_the_target_of_a_day_is_the_last_one_that_has_begun(effective: list[date], day: date) -> None:
    decided = revisions(*(revision(f"< {10 + n}", on) for n, on in enumerate(effective)))
    begun = sum(on <= day for on in effective)
    assert in_force(RESPONSE, decided, day).target.text == (f"< {9 + begun}" if begun else "< 2")


@given(st.lists(DAYS, max_size=4).map(sorted), DAYS, DAYS)
def test_a_revision_of_a_later_day_never_changes_an_earlier_one(effective: list[date], later: date, day: date) -> None:
    made = [revision(f"< {10 + n}", on) for n, on in enumerate(effective) if on <= later]
    before = in_force(RESPONSE, revisions(*made), day)
    after = in_force(RESPONSE, revisions(*made, revision("< 99", later)), day)
    assert after == before or day >= later


def test_what_is_dropped_leaves_from_its_day_on_and_may_come_back() -> None:
    drops = recorded(
        Drop("key_result", KEY, "moved to sales", FEBRUARY),
        Drop("key_result", KEY, "came back", date(2027, 3, 1), dropped=False),
    )
    decided = Decided(drops=drops)
    assert drop_on(decided, "key_result", KEY, date(2027, 1, 31)) is None
    assert drop_on(decided, "key_result", KEY, date(2027, 2, 28)) == drops[0]
    assert drop_on(decided, "key_result", KEY, date(2027, 3, 1)) is None
    standing, dropped = pursued(QUALITY, decided, FEBRUARY)
    assert standing is not None
    assert [each.id for each in standing.key_results] == ["other"]
    assert [(each.id, each.objective, each.drop.decision.reason) for each in dropped] == [
        ("response", "quality", "moved to sales")
    ]


def test_a_dropped_objective_is_listed_and_an_objective_of_the_same_name_is_not_confused() -> None:
    decided = Decided(drops=recorded(Drop("objective", "2027-Q1/quality", "no longer ours", FEBRUARY)))
    standing, (listed,) = pursued(QUALITY, decided, FEBRUARY)
    assert (standing, listed.id, listed.title) == (None, "quality", {"en": "Quality"})
    assert drop_on(decided, "key_result", "2027-Q1/quality", FEBRUARY) is None
    assert pursued(QUALITY, decided, date(2027, 1, 31)) == (QUALITY, ())


def test_the_last_check_in_is_by_its_day_not_by_when_it_was_written() -> None:
    made = recorded(check_in(date(2027, 2, 20), 0.2), check_in(FEBRUARY, 0.9), check_in(FEBRUARY, 0.8))
    decided = Decided(check_ins={KEY: made})
    for day, confidence in ((FEBRUARY, 0.8), (date(2027, 2, 19), 0.8), (date(2027, 2, 20), 0.2)):
        found = check_in_on(decided, KEY, day)
        assert found is not None
        assert found.decision.confidence == confidence
    assert check_in_on(decided, KEY, date(2027, 1, 31)) is None


def test_milestones_are_done_from_their_day_on_unless_taken_back() -> None:
    rows = recorded(
        Done(KEY, "pilot", FEBRUARY),
        Done(KEY, None, FEBRUARY),
        Done(KEY, "launch", FEBRUARY),
        Done(KEY, "launch", None),
    )
    assert done_on(rows, date(2027, 1, 31)) == frozenset()
    assert done_on(rows, FEBRUARY) == {"pilot", None}


@pytest.mark.parametrize(
    ("changes", "check_ins", "as_of", "silent"),
    [
        ((), (), date(2027, 3, 1), None),
        ((), (FEBRUARY,), date(2027, 2, 15), None),
        ((), (FEBRUARY,), date(2027, 2, 16), 15),
        ((), (FEBRUARY, date(2027, 2, 10)), date(2027, 2, 16), None),
        ((), (FEBRUARY,), date(2027, 1, 20), None),
        ((), (FEBRUARY,), Q1.ends - timedelta(days=1), 57),
        ((), (FEBRUARY,), Q1.ends, None),
        ((change("active", Q1.starts),), (), date(2027, 1, 15), None),
        ((change("active", Q1.starts),), (), date(2027, 1, 16), 15),
        ((change("active", date(2026, 12, 1)),), (), date(2027, 1, 15), None),
        ((change("draft", Q1.starts),), (FEBRUARY,), date(2027, 3, 1), None),
        ((change("active", Q1.starts), change("closed", date(2027, 3, 1))), (FEBRUARY,), date(2027, 3, 1), None),
        ((change("active", date(2026, 12, 1)),), (), date(2026, 12, 31), None),
    ],
)
def test_a_check_in_is_overdue_only_where_somebody_promised_one(
    changes: Sequence[CycleChange], check_ins: Sequence[date], as_of: date, silent: int | None
) -> None:
    """The first check-in, or activating the cycle, is the promise; data alone ask for none."""
    decided = Decided(check_ins={KEY: recorded(*map(check_in, check_ins))}, cycles=recorded(*changes))
    assert days_without_check_in(decided, KEY, Q1, as_of) == silent


@given(st.lists(DAYS, min_size=1, max_size=4), DAYS, st.integers(1, 40))
def test_a_fresh_check_in_is_never_overdue(days: list[date], as_of: date, every: int) -> None:
    decided = Decided(check_ins={KEY: recorded(*map(check_in, days))})
    silent = days_without_check_in(decided, KEY, Q1, as_of, every=timedelta(days=every))
    made = [day for day in days if day <= as_of]
    if silent is not None:
        assert silent == (as_of - max(made)).days > every
    elif made and Q1.starts <= as_of < Q1.ends:
        assert (as_of - max(made)).days <= every


def test_targets_take_their_turns_within_the_cycle() -> None:
    assert [(days.starts, days.ends, each.text) for days, each in target_steps(RESPONSE, Decided(), Q1)] == [
        (Q1.starts, Q1.ends, "< 2")
    ]
    twice = revisions(revision("< 3", date(2027, 2, 1)), revision("< 4", date(2027, 3, 1), was="< 3"))
    assert [(days.starts, days.ends, each.text) for days, each in target_steps(RESPONSE, twice, Q1)] == [
        (date(2027, 1, 1), date(2027, 1, 31), "< 2"),
        (date(2027, 2, 1), date(2027, 2, 28), "< 3"),
        (date(2027, 3, 1), date(2027, 3, 31), "< 4"),
    ]


def test_of_two_revisions_for_one_day_the_last_counts_and_one_from_the_first_day_leaves_no_step() -> None:
    same = revisions(revision("< 3", date(2027, 2, 1)), revision("< 4", date(2027, 2, 1), was="< 3"))
    assert [each.text for _, each in target_steps(RESPONSE, same, Q1)] == ["< 2", "< 4"]
    early = revisions(revision("< 3", date(2026, 12, 1)))
    assert [(days.starts, each.text) for days, each in target_steps(RESPONSE, early, Q1)] == [(Q1.starts, "< 3")]
