"""SMART goals that stand still: which of them a plan would change, and the logged way round."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from metrics.definitions.restore import restore_definitions
from metrics.errors import LedgerError, NotFoundError
from metrics.ledger import decisions, versions
from metrics.ledger.planning import Documents
from metrics.ledger.records import Change, Plan
from metrics.model.decision import Decided, GoalLock
from metrics.model.definition import Goal, Metric
from metrics.progress.decided import drop_on, is_locked

_SAID_ONLY = frozenset({"title", "description", "owner", "dimensions"})
"""Keys of a metric that change no number."""


def with_locked(plan: Plan, current: Documents, decided: Decided, day: date | None) -> Plan:
    """Note which goals a plan would change or retire although they stand still on a day; a dropped one may go.

    A goal changes with its metric: another computation makes another number of the same target.
    """
    touched = {change.key for change in plan.changes if change.kind == "goal" and change.action != "create"}
    recomputed = {change.key for change in plan.changes if change.kind == "metric" and _is_recomputed(change)}
    if day is None or not touched | recomputed:
        return plan
    defined = restore_definitions(current.values())
    standing = [
        goal.key
        for goal in defined.goals
        if (goal.key in touched or recomputed & _measured_by(goal, defined.metrics))
        and is_locked(goal, decided, day)
        and not (("goal", goal.key) in _retired(plan) and drop_on(decided, "goal", goal.key, day))
    ]
    return replace(plan, locked=tuple(standing))


def _is_recomputed(change: Change) -> bool:
    return change.action == "change" and any(each.field not in _SAID_ONLY for each in change.fields)


def _measured_by(goal: Goal, metrics: Mapping[str, Metric]) -> set[str]:
    """Name the metric of a goal with everything that it is computed from."""
    metric = goal.measured.measured_by(metrics)
    open_, found = [metric] if metric else [], set[str]()
    while open_:
        one = open_.pop()
        found.add(one.id)
        open_.extend(one.components)
    return found


def refuse_locked(plan: Plan, overrides: Mapping[str, str]) -> None:
    """Let a plan pass that changes no locked goal, or only those that somebody answers for.

    Raises:
        LedgerError: a locked goal would change, or a reason is blank.
        NotFoundError: an override names a goal that is not locked, or does not change.
    """
    for key in overrides:
        if key not in plan.locked:
            raise NotFoundError("locked goal that would change", key, plan.locked)
    for key in plan.locked:
        if not overrides.get(key, "").strip():
            raise LedgerError(
                f"could not apply, because goal {key!r} has begun and is locked; put its definition and its metric's "
                f"back, or answer for the change with --override {key} --reason '...'"
            )


@contextmanager
def unlocked(
    connection: Connection,
    plan: Plan,
    overrides: Mapping[str, str],
    *,
    actor: str,
    at: datetime,
    day: date,
    place: str,
) -> Iterator[None]:
    """Unlock a plan's locked goals with their reasons, and lock those that remain again, all on the record."""
    for key in plan.locked:
        made = GoalLock(key, locked=False, on=day, reason=overrides[key])
        decisions.record(connection, made, actor=actor, at=at, place=place)
    if plan.locked:
        versions.next_revision(connection)
    yield
    for key in plan.locked:
        if ("goal", key) not in _retired(plan):
            made = GoalLock(key, locked=True, on=day, reason=overrides[key])
            decisions.record(connection, made, actor=actor, at=at, place=place)


def _retired(plan: Plan) -> set[tuple[str, str]]:
    return {(change.kind, change.key) for change in plan.changes if change.action == "retire"}
