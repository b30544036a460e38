"""Revising a target in the browser: reason, first day, approver; when somebody was faster, both are shown."""

from datetime import date

import streamlit as st

from metrics.errors import QuarterlineError
from metrics.ledger import OvertakenError
from metrics.model.decision import Recorded, TargetRevision
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target
from metrics.scorecard.proposal import propose_revision
from pages.ui import data, prospects
from pages.ui.deciding import record_decision
from pages.ui.formats import format_day, format_moment, format_target
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen


def turn_of(key: str) -> int:
    """Count how often a key result's levers and menu were put back; it is part of their keys."""
    return int(st.session_state.get(f"turn-{key}", 0))


def next_turn(key: str) -> None:
    """Put a key result's levers and menu back.

    A browser keeps showing what was chosen in a control that is only forgotten here, so they all get new names.
    """
    st.session_state[f"turn-{key}"] = turn_of(key) + 1


def revision_menu(screen: Screen, card: KeyResultCard, target: Target) -> None:
    """Offer to revise the target to the one that is looked at; in the ledger it counts from a day on.

    What the decision rests on is noted when the menu opens: who revises meanwhile is not passed over.
    """
    words, key = screen.words, card.key_result.key
    if card.key_result.is_checklist:
        return
    overtaken = st.session_state.get(_conflict(key))
    if overtaken is not None:
        _both(screen, card, *overtaken)
        return
    menu = st.popover(words("revise.open"), on_change="rerun", key=f"revise-{turn_of(key)}-{key}")
    seen = f"revise-seen-{key}"
    if not menu.open:
        st.session_state.pop(seen, None)
        return
    st.session_state.setdefault(seen, prospects.revisions_seen(screen.version, key))
    with menu:
        _form(screen, card, target, seen=st.session_state[seen])


def _form(screen: Screen, card: KeyResultCard, target: Target, *, seen: int) -> None:
    words, key = screen.words, card.key_result.key
    cycle = data.frame(screen.version, card.key_result.cycle, screen.as_of).cycle
    screen.draw(element("p", words("revise.about"), class_="ql-note"))
    with st.form(f"revise-form-{key}", border=False):
        wanted = st.text_input(words("revise.target"), target.text, help=words("revise.target_help"))
        reason = st.text_area(words("revise.reason"), placeholder=words("revise.reason_help"), height=68)
        first = min(max(screen.reader.today, cycle.starts), cycle.ends)
        day = st.date_input(words("revise.effective"), first, cycle.starts, cycle.ends, format="DD/MM/YYYY")
        approver = st.text_input(words("revise.approver"))
        sent = st.form_submit_button(words("revise.apply"), type="primary")
    if not sent:
        return
    try:
        made = _proposed(screen, card, wanted, reason, day, approver.strip() or None)
        _record(screen, made, seen=seen)
    except QuarterlineError as error:
        _complain(screen, error)


def _proposed(
    screen: Screen, card: KeyResultCard, target: str, reason: str, day: date, approver: str | None
) -> TargetRevision:
    frame = data.frame(screen.version, card.key_result.cycle, screen.as_of)
    defined = data.definitions(screen.version).key_results(card.key_result.cycle)
    key_result = next(each for each in defined if each.key == card.key_result.key)
    return propose_revision(
        key_result, frame.decided, frame.cycle, target=target, reason=reason, effective_on=day, approver=approver
    )


def _record(screen: Screen, made: TargetRevision, *, seen: int) -> None:
    """Record a revision and draw the page again; whoever was faster is shown beside it instead."""
    try:
        record_decision(screen.version, made, seen=seen)
    except OvertakenError as overtaken:
        st.session_state[_conflict(made.key)] = (made, overtaken.theirs)
        data.look_again()
    else:
        st.session_state.pop(_conflict(made.key), None)
        st.session_state.pop(f"revise-seen-{made.key}", None)
        next_turn(made.key)
    st.rerun()


def _both(screen: Screen, card: KeyResultCard, mine: TargetRevision, theirs: Recorded[TargetRevision]) -> None:
    """Show both revisions and let the person choose."""
    words, key = screen.words, card.key_result.key
    screen.draw(_versions(mine, theirs, card.unit, screen))
    with st.container(horizontal=True):
        if st.button(words("revise.keep_theirs"), key=f"theirs-{key}"):
            st.session_state.pop(_conflict(key), None)
            st.rerun()
        if st.button(words("revise.keep_mine"), key=f"mine-{key}", type="primary"):
            _insist(screen, card, mine, theirs)


def _insist(screen: Screen, card: KeyResultCard, mine: TargetRevision, theirs: Recorded[TargetRevision]) -> None:
    day = max(mine.effective_on, theirs.decision.effective_on)
    try:
        made = _proposed(screen, card, mine.new.text, mine.reason, day, mine.approver)
        _record(screen, made, seen=theirs.version)
    except QuarterlineError as error:
        _complain(screen, error)


def _versions(mine: TargetRevision, theirs: Recorded[TargetRevision], unit: str, screen: Screen) -> Html:
    words, reader = screen.words, screen.reader
    when = format_moment(theirs.at, words, reader.timezone)
    return element(
        "div",
        element("p", words("revise.overtaken", who=theirs.actor, when=when)),
        element(
            "dl",
            element("dt", words("revise.theirs")),
            element("dd", _said(theirs.decision, unit, words)),
            element("dt", words("revise.mine")),
            element("dd", _said(mine, unit, words)),
        ),
        class_="ql-notice",
        role="alert",
    )


def _said(revision: TargetRevision, unit: str, words: Words) -> str:
    return words(
        "revise.said",
        target=format_target(revision.new, unit, words),
        day=format_day(revision.effective_on, words, year=True),
        reason=revision.reason,
    )


def _complain(screen: Screen, error: QuarterlineError) -> None:
    screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))


def _conflict(key: str) -> str:
    return f"overtaken-revision-{key}"
