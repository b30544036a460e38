"""SMART goals in the ledger: locked once they have begun, overridden only with a reason that stays on the record."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.errors import LedgerError, NotFoundError
from metrics.ledger import Ledger
from metrics.model.decision import CheckIn, CycleChange, Drop, GoalLock
from metrics.model.definition import Definitions
from tests.metrics.ledger.samples import METRICS, OWN, Q1

AT = datetime(2026, 12, 20, 2, 30, tzinfo=UTC)
LATER = AT + timedelta(days=60)
BEFORE, BEGUN = date(2027, 1, 1), date(2027, 1, 2)
GOAL, DRAFT = "2027/own", "2027/idea"
MOVED = OWN.replace('"< 6 %"', '"< 9 %"')
GONE = "cycle: 2027\n"
Define = Callable[..., Definitions]


@pytest.fixture
def kept(ledger: Ledger, define: Define) -> Ledger:
    """A ledger with a quarter, a goal and a draft in force."""
    ledger.apply(define(Q1, OWN), actor="linh", at=AT, day=AT.date())
    return ledger


def target(ledger: Ledger) -> str:
    return next(goal.measured.target.text for goal in ledger.definitions().goals if goal.key == GOAL)


def test_goals_are_versioned_like_everything_that_is_defined(kept: Ledger, define: Define) -> None:
    assert kept.definitions() == define(Q1, OWN)
    plan = kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEFORE)
    assert [(change.kind, change.key, change.fields[0].field) for change in plan.changes] == [("goal", GOAL, "target")]
    assert [version.actor for version in kept.history("goal", GOAL)] == ["linh", "minh"]
    assert kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEGUN).changes == ()


def test_a_goal_that_has_begun_stands_still(kept: Ledger, define: Define) -> None:
    """Its target cannot be moved to where the number happens to be."""
    assert kept.plan(define(Q1, MOVED), day=BEFORE).locked == ()
    assert kept.plan(define(Q1, MOVED), day=BEGUN).locked == (GOAL,)
    standing = kept.revision()
    with pytest.raises(
        LedgerError, match="goal '2027/own' has begun and is locked; put its definition and its metric's back, or"
    ):
        kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEGUN)
    with pytest.raises(LedgerError, match="is locked"):
        kept.apply(define(Q1, GONE), actor="minh", at=LATER, day=BEGUN, force=True)
    with pytest.raises(LedgerError, match="is locked"):
        kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEGUN, overrides={GOAL: "  "})
    assert (kept.revision(), target(kept)) == (standing, "< 6 %")


def test_an_override_needs_a_reason_and_is_logged(kept: Ledger, define: Define) -> None:
    reason = "the carrier left us"
    kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEGUN, overrides={GOAL: reason})
    assert target(kept) == "< 9 %"
    locks = kept.decisions(GoalLock, GOAL)
    assert [(each.decision.locked, each.decision.reason, each.actor) for each in locks] == [
        (False, reason, "minh"),
        (True, reason, "minh"),
    ]
    told = [(entry.action, entry.key) for entry in reversed(kept.audit(limit=3))]
    assert told == [("goal_lock", GOAL), ("change", GOAL), ("goal_lock", GOAL)]
    revisions = [locks[0].revision, kept.history("goal", GOAL)[-1].revision, locks[1].revision]
    assert revisions == sorted(set(revisions)), "each counts, in the order it was done"
    with pytest.raises(LedgerError, match="is locked"):
        kept.apply(define(Q1, OWN), actor="minh", at=LATER, day=BEGUN)


def test_an_override_of_what_is_not_locked_is_a_mistake(kept: Ledger, define: Define) -> None:
    with pytest.raises(NotFoundError, match="could not find locked goal that would change '2027/own'"):
        kept.apply(define(Q1, MOVED), actor="minh", at=LATER, day=BEFORE, overrides={GOAL: "early"})


def test_what_was_unlocked_may_change_until_it_is_locked_again(kept: Ledger, define: Define) -> None:
    kept.decide(GoalLock(GOAL, locked=False, on=BEGUN, reason="measured the wrong orders"), actor="linh", at=LATER)
    kept.apply(define(Q1, MOVED), actor="linh", at=LATER, day=BEGUN)
    kept.decide(GoalLock(GOAL, locked=True, on=BEGUN), actor="linh", at=LATER)
    assert kept.plan(define(Q1, OWN), day=BEGUN).locked == (GOAL,)


def test_a_goal_may_be_locked_before_it_begins(kept: Ledger, define: Define) -> None:
    kept.decide(GoalLock(GOAL, locked=True, on=AT.date()), actor="linh", at=AT)
    assert kept.plan(define(Q1, MOVED), day=BEFORE).locked == (GOAL,)


def test_a_draft_is_nobodys_promise(kept: Ledger, define: Define) -> None:
    """It changes and goes as its owner likes, also after its first day; publishing it makes it stand still."""
    changed = OWN.replace('">= 10"', '">= 20"')
    kept.apply(define(Q1, changed), actor="linh", at=LATER, day=BEGUN)
    published = changed.replace(", draft: true", "")
    kept.apply(define(Q1, published), actor="linh", at=LATER, day=BEGUN)
    assert kept.plan(define(Q1, OWN), day=BEGUN).locked == (DRAFT,)
    with pytest.raises(LedgerError, match=DRAFT):
        kept.apply(define(Q1, changed), actor="linh", at=LATER, day=BEGUN)


def test_a_published_goal_vanishes_only_by_force_and_a_draft_at_once(kept: Ledger, define: Define) -> None:
    assert kept.plan(define(Q1, GONE), day=BEFORE).vanishing == (GOAL,)
    with pytest.raises(LedgerError, match="would vanish: 2027/own; put them back"):
        kept.apply(define(Q1, GONE), actor="linh", at=LATER, day=BEFORE)
    alone = OWN[: OWN.index("  - {id: idea")]
    kept.apply(define(Q1, alone), actor="linh", at=LATER, day=BEGUN)
    assert [goal.key for goal in kept.definitions().goals] == [GOAL]


def test_a_dropped_goal_may_leave_its_file(kept: Ledger, define: Define) -> None:
    kept.decide(Drop("goal", GOAL, "the carrier left us", BEGUN), actor="minh", at=LATER)
    assert kept.plan(define(Q1, GONE), day=BEGUN).locked == ()
    assert kept.plan(define(Q1, MOVED), day=BEGUN).locked == (GOAL,), "dropped, it still says what it said"


def test_a_goal_goes_on_when_its_files_cycle_is_closed(kept: Ledger) -> None:
    kept.decide(CycleChange("2027", "closed", BEGUN, "over"), actor="linh", at=LATER)
    assert kept.decide(CheckIn(GOAL, BEGUN, 0.5, "slow"), actor="minh", at=LATER).version == 1


def test_a_metric_that_a_goal_measures_cannot_be_retired(kept: Ledger, define: Define) -> None:
    kept.apply(define(Q1, OWN), actor="linh", at=AT)
    first = Q1.replace("metric: revenue", "metric: renamed")
    without = METRICS.replace("  revenue:", "  renamed:")
    with pytest.raises(LedgerError, match="could not retire metric 'revenue', because goal '2027/idea' still measures"):
        kept.plan(define(first, metrics=without))


def test_a_goal_stands_still_with_its_metric(kept: Ledger, define: Define) -> None:
    """Counting fewer orders as late would meet the target as surely as moving it."""
    fewer = METRICS.replace("numerator: is_late", "numerator: is_late and not is_gift")
    assert kept.plan(define(Q1, OWN, metrics=fewer), day=BEFORE).locked == ()
    assert kept.plan(define(Q1, OWN, metrics=fewer), day=BEGUN).locked == (GOAL,)
    with pytest.raises(LedgerError, match="goal '2027/own' has begun and is locked"):
        kept.apply(define(Q1, OWN, metrics=fewer), actor="minh", at=LATER, day=BEGUN)
    assert kept.definitions().metrics["late"].numerator == "is_late"
    kept.apply(
        define(Q1, OWN, metrics=fewer), actor="minh", at=LATER, day=BEGUN, overrides={GOAL: "gifts have no date"}
    )
    assert kept.definitions().metrics["late"].numerator == "is_late and not is_gift"
    assert [each.decision.locked for each in kept.decisions(GoalLock, GOAL)] == [False, True]


def test_a_goal_stands_still_with_what_its_metric_is_computed_from(kept: Ledger, define: Define) -> None:
    derived = METRICS + "  punctual: {aggregate: derived, expression: 1 - late}\n"
    goal = OWN.replace('metric: late, shape: keep, target: "< 6 %"', 'metric: punctual, target: ">= 0.94"')
    kept.apply(define(Q1, goal, metrics=derived), actor="minh", at=LATER, day=BEFORE)
    fewer = derived.replace("numerator: is_late", "numerator: is_late and not is_gift")
    assert kept.plan(define(Q1, goal, metrics=fewer), day=BEGUN).locked == (GOAL,)


def test_what_a_metric_is_called_may_change(kept: Ledger, define: Define) -> None:
    named = METRICS.replace("late: {", "late: {title: Late orders, owner: minh, ")
    assert kept.plan(define(Q1, OWN, metrics=named), day=BEGUN).locked == ()
