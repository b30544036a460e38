"""Two people decided the same thing: both decisions side by side, and the second person chooses."""

from dataclasses import replace

import streamlit as st

from metrics.model.decision import Decision, Recorded, Review, TargetRevision
from pages.ui.deciding import OVERTAKEN, try_decision
from pages.ui.formats import NOTHING, format_day, format_moment, format_month
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.screen import Screen


def overtaken_block(screen: Screen) -> None:
    """Draw what the reader decided beside what somebody else decided first; nothing where nobody did."""
    if OVERTAKEN not in st.session_state:
        return
    mine, theirs = st.session_state[OVERTAKEN]
    words = screen.words
    with st.container(border=True):
        screen.draw(_both(mine, theirs, screen))
        with st.container(horizontal=True):
            st.button(words("overtaken.keep"), type="primary", on_click=_forget, key="overtaken-keep")
            if st.button(words("overtaken.replace"), key="overtaken-replace"):
                _forget()
                made, seen = _again(mine, theirs)
                try_decision(screen, made, seen=seen)


def _forget() -> None:
    st.session_state.pop(OVERTAKEN, None)


def _again(mine: Decision, theirs: Recorded[Decision]) -> tuple[Decision, int | None]:
    """Decide the same once more, knowing what stands now."""
    if isinstance(mine, TargetRevision) and isinstance(theirs.decision, TargetRevision):
        effective_on = max(mine.effective_on, theirs.decision.effective_on)
        return replace(mine, old=theirs.decision.new, effective_on=effective_on), None
    return mine, theirs.version


def _both(mine: Decision, theirs: Recorded[Decision], screen: Screen) -> Html:
    words = screen.words
    moment = format_moment(theirs.at, words, screen.reader.timezone)
    ours, other = dict(_told(mine, words)), dict(_told(theirs.decision, words))
    rows = [
        element(
            "tr",
            element("th", name, scope="row"),
            element("td", ours.get(name) or NOTHING),
            element(
                "td", other.get(name) or NOTHING, class_="ql-differs" if ours.get(name) != other.get(name) else None
            ),
        )
        for name in {**ours, **other}
    ]
    head = [element("th", text, scope="col") for text in ("", words("overtaken.mine"), words("overtaken.theirs"))]
    return element(
        "section",
        element("h2", words("overtaken.heading", actor=theirs.actor, moment=moment)),
        element("table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-plain"),
        role="alert",
    )


def _told(made: Decision, words: Words) -> list[tuple[str, str]]:
    match made:
        case TargetRevision():
            return [
                (words("overtaken.target"), f"{made.old.text} → {made.new.text}"),
                (words("overtaken.effective"), format_day(made.effective_on, words, year=True)),
                (words("overtaken.reason"), made.reason),
                (words("overtaken.approver"), made.approver or ""),
            ]
        case Review():
            return [
                (words("overtaken.month"), format_month(made.month, words)),
                (words("overtaken.day"), format_day(made.held_on, words, year=True)),
                (words("overtaken.attendees"), ", ".join(made.attendees)),
                (words("overtaken.note"), made.note),
            ]
        case _:
            text = next((str(getattr(made, name)) for name in ("text", "note", "reason") if hasattr(made, name)), "")
            return [(words("overtaken.note"), text)]
