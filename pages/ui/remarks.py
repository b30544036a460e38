"""What people remark on an objective, a key result or a metric: read, added to, and taken back by whoever wrote it."""

from typing import Literal

import streamlit as st

from metrics.model.decision import Comment, Recorded, Withdrawal
from pages.ui import data
from pages.ui.deciding import acting_person, try_decision
from pages.ui.formats import format_moment
from pages.ui.markup import Html, element
from pages.ui.reader import Reader
from pages.ui.screen import Screen

Subject = Literal["objective", "key_result", "metric"]


def remarks_block(screen: Screen, subject: Subject, key: str) -> None:
    """Draw the remarks on one thing, the newest first, and where to add one."""
    remarks = data.remarks(screen.version, subject, key)
    screen.draw(element("h2", screen.words("remarks.heading")))
    if not remarks:
        screen.draw(element("p", screen.words("remarks.none"), class_="ql-note"))
    for each in reversed(remarks):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            screen.draw(_remark(each, screen.reader))
            if each.actor == acting_person():
                _withdraw_menu(screen, each)
    _remark_form(screen, subject, key)


def _remark(remark: Recorded[Comment], reader: Reader) -> Html:
    when = format_moment(remark.at, reader.words, reader.timezone)
    return element(
        "p",
        element("span", f"{remark.actor} · {when}", class_="ql-note"),
        " ",
        remark.decision.text,
        class_="ql-remark",
    )


def _remark_form(screen: Screen, subject: Subject, key: str) -> None:
    words, place = screen.words, f"remark-{subject}-{key}"
    with st.form(place, clear_on_submit=True, border=False):
        text = st.text_area(words("remarks.label"), placeholder=words("remarks.placeholder"), height=68)
        sent = st.form_submit_button(words("remarks.add"))
    if sent:
        try_decision(screen, Comment(subject, key, text))


def _withdraw_menu(screen: Screen, remark: Recorded[Comment]) -> None:
    words, made = screen.words, remark.decision
    place = f"withdraw-{made.subject}-{made.key}-{remark.version}"
    menu = st.popover(words("remarks.withdraw"), type="tertiary", on_change="rerun", key=place)
    if not menu.open:
        return
    with menu, st.form(f"{place}-form", border=False):
        reason = st.text_input(words("remarks.reason"))
        sent = st.form_submit_button(words("remarks.withdraw_now"))
    if sent:
        with menu:
            try_decision(screen, Withdrawal(made.subject, made.key, "comment", remark.version, reason))
