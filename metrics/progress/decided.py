"""What people's decisions come to as of a day: the target in force, who dropped out, whose check-in is due.

A decision counts from the day it speaks of, whenever it was recorded, so that a past day is told with everything known
now. Of several for one day the last recorded counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from metrics.model.decision import (
    CheckIn,
    CycleChange,
    CycleState,
    Decided,
    Done,
    Drop,
    GoalLock,
    Recorded,
    TargetRevision,
)
from metrics.model.definition import Definitions, Goal, KeyResult, Objective
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle, Dropped
from metrics.model.target import Target

CHECK_IN_EVERY = timedelta(weeks=2)
"""How often owners check in unless a workspace says otherwise."""


def revision_on(decided: Decided, key: str, day: date) -> Recorded[TargetRevision] | None:
    """Give the revision whose target is in force on a day; None while the definition's own is."""
    begun = [each for each in decided.revisions.get(key, ()) if each.decision.effective_on <= day]
    return max(begun, key=lambda each: (each.decision.effective_on, each.id), default=None)


def in_force(key_result: KeyResult, decided: Decided, day: date) -> KeyResult:
    """Give a key result with its target as of a day; its `definition` stays that of what was applied."""
    revision = revision_on(decided, key_result.key, day)
    return key_result if revision is None else replace(key_result, target=revision.decision.new)


def target_steps(key_result: KeyResult, decided: Decided, cycle: Cycle) -> tuple[tuple[Window, Target], ...]:
    """Give the targets of a cycle in turn, each with the days that it counts for.

    Args:
        key_result: under any of its targets, when it was revised.
    """
    starts = [(cycle.starts, original_target(key_result, decided))]
    for each in decided.revisions.get(key_result.key, ()):
        day = max(each.decision.effective_on, cycle.starts)
        starts = [start for start in starts if start[0] < day]
        starts.append((day, each.decision.new))
    ends = [day - timedelta(days=1) for day, _ in starts[1:]] + [cycle.ends]
    return tuple((Window(day, end), target) for (day, target), end in zip(starts, ends, strict=True))


def original_target(key_result: KeyResult, decided: Decided) -> Target:
    """Give the target that a key result had before any revision."""
    revisions = decided.revisions.get(key_result.key, ())
    return revisions[0].decision.old if revisions else key_result.target


def definitions_in_force(definitions: Definitions, decided: Decided, day: date) -> Definitions:
    """Give definitions with every target as of a day, what was dropped included."""
    objectives = tuple(
        replace(objective, key_results=tuple(in_force(each, decided, day) for each in objective.key_results))
        for objective in definitions.objectives
    )
    return replace(definitions, objectives=objectives)


def standing_definitions(definitions: Definitions, applied: Definitions, decided: Decided, day: date) -> Definitions:
    """Give what definitions from a file would mean on a day: targets in force, and without what was dropped.

    A file that still carries a target which the key result had means the one in force; a target that it never had sets
    revisions aside (see docs/decisions.md).
    """
    known = {each.key: each.target for each in applied.key_results()}
    looked_at = [
        pursued(objective, _following(decided, objective, known), day)[0] for objective in definitions.objectives
    ]
    goals = tuple(goal for goal in definitions.goals if not drop_on(decided, "goal", goal.key, day))
    return replace(definitions, objectives=tuple(each for each in looked_at if each is not None), goals=goals)


def _following(decided: Decided, objective: Objective, known: Mapping[str, Target]) -> Decided:
    """Keep the revisions of those key results whose target in a file is one that they had."""
    kept = {}
    for one in objective.key_results:
        revisions = decided.revisions.get(one.key, ())
        had = [known.get(one.key), *(each.decision.new for each in revisions)]
        if any(target is not None and target.means(one.target) for target in had):
            kept[one.key] = revisions
    return replace(decided, revisions=kept)


def drop_on(decided: Decided, subject: str, key: str, day: date) -> Recorded[Drop] | None:
    """Give the drop that keeps an objective or key result out on a day, or None."""
    begun = [
        each
        for each in decided.drops
        if (each.decision.subject, each.decision.key) == (subject, key) and each.decision.on <= day
    ]
    newest = max(begun, key=lambda each: (each.decision.on, each.id), default=None)
    return newest if newest is not None and newest.decision.dropped else None


def pursued(objective: Objective, decided: Decided, day: date) -> tuple[Objective | None, tuple[Dropped, ...]]:
    """Give an objective with the key results that are pursued on a day, their targets in force, and what is not.

    A dropped objective is None, and listed without its key results.
    """
    gone = drop_on(decided, "objective", objective.key, day)
    if gone is not None:
        return None, (Dropped(gone, objective.id, objective.id, objective.title),)
    drops = [(each, drop_on(decided, "key_result", each.key, day)) for each in objective.key_results]
    kept = tuple(in_force(each, decided, day) for each, drop in drops if drop is None)
    dropped = tuple(Dropped(drop, each.id, objective.id, each.title) for each, drop in drops if drop is not None)
    return replace(objective, key_results=kept), dropped


def lock_on(decided: Decided, key: str, day: date) -> Recorded[GoalLock] | None:
    """Give what was decided last, by a day, about the lock on a goal's definition."""
    begun = [each for each in decided.goal_locks.get(key, ()) if each.decision.on <= day]
    return max(begun, key=lambda each: (each.decision.on, each.id), default=None)


def is_locked(goal: Goal, decided: Decided, day: date) -> bool:
    """Tell whether a goal's definition stands still on a day: what was decided last, else from its first day on.

    A draft is nobody's promise yet.
    """
    newest = lock_on(decided, goal.key, day)
    if newest is not None:
        return newest.decision.locked
    return not goal.draft and goal.starts <= day


def check_in_on(decided: Decided, key: str, day: date) -> Recorded[CheckIn] | None:
    """Give the last check-in on or before a day."""
    made = [each for each in decided.check_ins.get(key, ()) if each.decision.day <= day]
    return max(made, key=lambda each: (each.decision.day, each.id), default=None)


def done_on(rows: Iterable[Recorded[Done]], day: date) -> frozenset[str | None]:
    """Give what is done on a day: milestones by id, None for a done/not-done key result."""
    return frozenset(ticks_on(rows, day))


def ticks_on(rows: Iterable[Recorded[Done]], day: date) -> dict[str | None, Recorded[Done]]:
    """Give the decisions by which something is done on a day, by milestone (None: the key result itself)."""
    newest = {each.decision.milestone: each for each in rows}
    return {
        milestone: tick
        for milestone, tick in newest.items()
        if tick.decision.done_on is not None and tick.decision.done_on <= day
    }


def state_on(changes: Sequence[Recorded[CycleChange]], cycle: Cycle, day: date) -> CycleState:
    """Give a cycle's state on a day; one that nobody decided about is a draft until it begins, then active."""
    newest = change_on(changes, cycle.id, day)
    if newest is not None:
        return newest.decision.state
    return "draft" if day < cycle.starts else "active"


def change_on(changes: Sequence[Recorded[CycleChange]], cycle_id: str, day: date) -> Recorded[CycleChange] | None:
    """Give the last change of a cycle's state on or before a day."""
    begun = [each for each in changes if each.decision.key == cycle_id and each.decision.on <= day]
    return max(begun, key=lambda each: (each.decision.on, each.id), default=None)


def days_without_check_in(
    decided: Decided, key: str, cycle: Cycle, as_of: date, *, every: timedelta = CHECK_IN_EVERY
) -> int | None:
    """Count the days since a key result's last check-in where the next one is overdue, else None.

    A key result that nobody checked in is held to it only where its cycle was activated by somebody, from that day on
    (or from the cycle's first day, whichever is later). Nothing is due before the cycle, on its last day and after, or
    while it is closed.
    """
    if not cycle.starts <= as_of < cycle.ends or state_on(decided.cycles, cycle, as_of) != "active":
        return None
    last = check_in_on(decided, key, as_of)
    if last is not None:
        since = last.decision.day
    elif (activated := _activated(decided.cycles, cycle, as_of)) is not None:
        since = max(activated, cycle.starts)
    else:
        return None
    silent = (as_of - since).days
    return silent if silent > every.days else None


def _activated(changes: Sequence[Recorded[CycleChange]], cycle: Cycle, day: date) -> date | None:
    newest = change_on(changes, cycle.id, day)
    return newest.decision.on if newest is not None and newest.decision.state == "active" else None
