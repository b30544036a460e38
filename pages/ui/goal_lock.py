"""The lock on a SMART goal's definition: how it stands, the way to open or close it, and how it came to be so."""

import streamlit as st

from metrics.ledger import Version
from metrics.model.decision import GoalLock, Recorded
from metrics.model.definition import Goal
from pages.ui import data, define_data
from pages.ui.deciding import try_decision
from pages.ui.detail import changes_of
from pages.ui.dropping import drop_menu, dropped_note
from pages.ui.formats import format_day, format_moment
from pages.ui.markup import element
from pages.ui.screen import Screen
from pages.ui.tables import plain_table


def lock_part(screen: Screen, key: str) -> None:
    """Draw the lock of a published goal in force (`cycle/id`); a new one and a draft have none.

    A change of a locked goal can also be published with a reason, which opens the lock for that change alone.
    """
    goal = next((each for each in data.definitions(screen.version).goals if each.key == key), None)
    if goal is None or goal.draft:
        return
    locked, newest = define_data.goal_lock(screen.version, goal)
    screen.draw(element("p", _standing(goal, newest, screen, locked=locked), class_="ql-note", role="status"))
    dropped_note(screen, "goal", key)
    with st.container(horizontal=True):
        _menu(screen, key, locked=locked)
        drop_menu(screen, "goal", key, goal.ends)
    with st.expander(screen.words("goal_lock.history")):
        head = [screen.words(f"column.{name}") for name in ("when", "who", "change")]
        screen.draw(plain_table(head, _history(goal, screen), numeric=frozenset()))


def _standing(goal: Goal, newest: Recorded[GoalLock] | None, screen: Screen, *, locked: bool) -> str:
    words = screen.words
    if newest is None:
        return words(f"goal_lock.{'begun' if locked else 'ahead'}", day=format_day(goal.starts, words, year=True))
    made = newest.decision
    said = words(
        f"goal_lock.{'locked' if locked else 'unlocked'}_by",
        actor=newest.actor,
        day=format_day(made.on, words, year=True),
    )
    return f"{said} {words('goal_lock.because', reason=made.reason)}" if made.reason else said


def _menu(screen: Screen, key: str, *, locked: bool) -> None:
    words, turn = screen.words, "unlock" if locked else "lock"
    with (
        st.popover(words(f"goal_lock.{turn}"), key=f"goal-{turn}-{key}"),
        st.form(f"goal-{turn}-form-{key}", border=False),
    ):
        screen.draw(element("p", words(f"goal_lock.{turn}_means"), class_="ql-note"))
        reason = st.text_input(words(f"goal_lock.{turn}_reason"), key=f"goal-{turn}-reason-{key}")
        sent = st.form_submit_button(words(f"goal_lock.{turn}_now"), type="primary")
        if sent:
            try_decision(screen, GoalLock(key, locked=not locked, on=screen.reader.today, reason=reason.strip()))


def _history(goal: Goal, screen: Screen) -> list[tuple[str, ...]]:
    """Give what happened as cells, the newest first."""
    words, timezone = screen.words, screen.reader.timezone
    events = define_data.goal_history(screen.version, goal)
    changes = iter(changes_of([each for each in events if isinstance(each, Version)], words))
    rows: list[tuple[str, ...]] = []
    for each in events:
        if isinstance(each, Version):
            rows.append((format_moment(each.applied_at, words, timezone), each.actor, next(changes)))
        else:
            turn = words(f"goal_lock.was_{'locked' if each.decision.locked else 'unlocked'}")
            why = f": {each.decision.reason}" if each.decision.reason else ""
            rows.append((format_moment(each.at, words, timezone), each.actor, f"{turn}{why}"))
    return rows[::-1]
