"""What people record in a review: that it was held, a note, a decision, a revised target, a promise that was kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Literal, TypeVar, get_args

import streamlit as st

from metrics.errors import QuarterlineError
from metrics.model.decision import Review, ReviewDecision, Settlement
from metrics.scorecard.proposal import propose_revision, standing_target
from metrics.scorecard.reviewing import LoggedDecision, MonthReview, ReviewedKeyResult
from pages.ui import data
from pages.ui.deciding import try_decision
from pages.ui.formats import format_target
from pages.ui.markup import element
from pages.ui.refusals import error_in_words
from pages.ui.remarks import remarks_block
from pages.ui.screen import Screen

Action = Literal["note", "decide", "revise"]
ACTIONS: tuple[Action, ...] = get_args(Action)
ICONS = {"note": ":material/chat:", "decide": ":material/gavel:", "revise": ":material/flag:"}
_OPEN = "review-open"
_DATES = "YYYY-MM-DD"
T = TypeVar("T")


def hold_button(screen: Screen, review: MonthReview) -> None:
    """Draw the button that opens the form of the meeting itself."""
    held = review.held is not None
    label = screen.words("review.edit") if held else screen.words("review.start")
    st.button(label, type="tertiary" if held else "primary", key="hold", on_click=_toggle, args=("", "hold"))


def hold_panel(screen: Screen, review: MonthReview) -> None:
    """Draw the form that records the meeting, or changes what was recorded of it, where it is open."""
    if not _is_open("", "hold"):
        return
    words = screen.words
    made, newest = _seen(lambda: (review.held.decision if review.held else None, _newest(screen, review)))
    with st.form("hold-form"):
        first, second = st.columns([1, 3])
        today = screen.reader.today
        day = first.date_input(words("review.day"), made.held_on if made else today, max_value=today, format=_DATES)
        names = second.text_input(words("review.attendees"), ", ".join(made.attendees) if made else "")
        note = st.text_area(words("review.note"), made.note if made else "", height=68)
        sent = st.form_submit_button(words("review.save"), type="primary")
    if sent and isinstance(day, date):
        attendees = tuple(name.strip() for name in names.split(",") if name.strip())
        recorded = Review(review.cycle.id, review.month, day, attendees, note)
        try_decision(screen, recorded, seen=newest, closes=_OPEN)


def action_buttons(screen: Screen, row: ReviewedKeyResult) -> None:
    """Draw the three things that can be done about a key result."""
    key = row.card.key_result.key
    for action in ACTIONS:
        st.button(
            screen.words(f"review.action_{action}"),
            icon=ICONS[action],
            type="tertiary",
            key=f"{action}-{key}",
            on_click=_toggle,
            args=(key, action),
        )


def action_panel(screen: Screen, review: MonthReview, row: ReviewedKeyResult) -> None:
    """Draw the form that is open under a key result, if one is."""
    key = row.card.key_result.key
    opened = next((action for action in ACTIONS if _is_open(key, action)), None)
    if opened is None:
        return
    with st.container(border=True):
        if opened == "note":
            remarks_block(screen, "key_result", key)
        elif opened == "decide":
            _decide(screen, review, row)
        else:
            _revise(screen, review, row)


def settle_button(screen: Screen, logged: LoggedDecision) -> None:
    """Draw the button that opens the form of one decision."""
    place = _place(logged)
    st.button(screen.words("review.settle"), type="tertiary", key=place, on_click=_toggle, args=(place, "settle"))


def settle_panel(screen: Screen, logged: LoggedDecision) -> None:
    """Draw the form that says what came of a decision, where it is open."""
    words, made, place = screen.words, logged.made.decision, _place(logged)
    if not _is_open(place, "settle"):
        return
    with st.form(f"{place}-form"):
        note = st.text_input(words("review.outcome"))
        sent = st.form_submit_button(words("review.settle_now"), type="primary")
    if sent:
        settled = Settlement(made.key, logged.made.version, screen.reader.today, note)
        try_decision(screen, settled, closes=_OPEN)


def _place(logged: LoggedDecision) -> str:
    return f"settle-{logged.made.decision.key}-{logged.made.version}"


def _toggle(place: str, action: str) -> None:
    if _is_open(place, action):
        del st.session_state[_OPEN]
    else:
        st.session_state[_OPEN] = {"form": (place, action)}


def _is_open(place: str, action: str) -> bool:
    return bool(st.session_state.get(_OPEN, {}).get("form") == (place, action))


def _seen(look: Callable[[], T]) -> T:
    """Give what stood when the open form was first drawn: it is what the person who fills it in decides about."""
    opened: dict[str, T] = st.session_state[_OPEN]
    return opened.setdefault("seen", look())


def _newest(screen: Screen, review: MonthReview) -> int:
    """Give the version of the cycle's newest review: reviews of all its months are counted together."""
    reviews = data.minutes(screen.version, review.cycle.id).reviews
    return reviews[-1].version if reviews else 0


def _decide(screen: Screen, review: MonthReview, row: ReviewedKeyResult) -> None:
    words, key = screen.words, row.card.key_result.key
    if review.held is None:
        screen.draw(element("p", words("review.start_first"), class_="ql-notice", role="status"))
        return
    with st.form(f"decide-form-{key}", clear_on_submit=True, border=False):
        text = st.text_area(words("review.decision"), placeholder=words("review.decision_example"), height=68)
        owner, due = st.columns(2)
        who = owner.text_input(words("review.owner"), row.card.key_result.owner or "")
        when = due.date_input(words("review.by"), None, format=_DATES)
        sent = st.form_submit_button(words("review.record"), type="primary")
    if sent:
        day = when if isinstance(when, date) else None
        try_decision(screen, ReviewDecision(key, review.month, text, who.strip() or None, day), closes=_OPEN)


def _revise(screen: Screen, review: MonthReview, row: ReviewedKeyResult) -> None:
    words, key_result = screen.words, row.card.key_result
    decided = data.frame(screen.version, review.cycle.id, screen.as_of).decided
    stands = _seen(lambda: standing_target(key_result, decided))
    with st.form(f"revise-form-{key_result.key}", border=False):
        first, second, third = st.columns(3)
        target = first.text_input(words("review.new_target"), stands.text)
        day = second.date_input(
            words("review.effective"),
            min(screen.reader.today, review.cycle.ends),
            min_value=review.cycle.starts,
            max_value=review.cycle.ends,
            format=_DATES,
        )
        approver = third.text_input(words("review.approver"))
        reason = st.text_input(words("review.reason"), placeholder=words("review.reason_example"))
        note = words("review.stands", target=format_target(stands, row.card.unit, words))
        screen.draw(element("p", note, class_="ql-note"))
        sent = st.form_submit_button(words("review.revise_now"), type="primary")
    if not sent or not isinstance(day, date):
        return
    try:
        revision = propose_revision(
            key_result,
            decided,
            review.cycle,
            target=target,
            reason=reason,
            effective_on=day,
            approver=approver.strip() or None,
            review=review.month,
        )
    except QuarterlineError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    try_decision(screen, replace(revision, old=stands), closes=_OPEN)
