"""Giving up a key result or a goal with a reason, and taking it up again; both stay on the record."""

from datetime import date
from typing import Literal

import streamlit as st

from metrics.model.decision import Drop
from metrics.progress.decided import drop_on
from pages.ui import data
from pages.ui.deciding import try_decision
from pages.ui.formats import format_day
from pages.ui.markup import element
from pages.ui.screen import Screen

Subject = Literal["key_result", "goal"]


def drop_menu(screen: Screen, subject: Subject, key: str, ends: date) -> None:
    """Offer to give it up, or to take it up again; nothing once its days are over.

    Args:
        key: `cycle/id`.
        ends: its last day.
    """
    today = screen.reader.today
    if today > ends:
        return
    dropped = drop_on(data.decided(screen.version), subject, key, today) is not None
    words, turn = screen.words, "resume" if dropped else "drop"
    with (
        st.popover(words(f"drop.{turn}"), type="tertiary", key=f"{turn}-{subject}-{key}"),
        st.form(f"{turn}-form-{subject}-{key}", border=False),
    ):
        screen.draw(element("p", words(f"drop.{turn}_means"), class_="ql-note"))
        reason = st.text_input(words(f"drop.{turn}_reason"), key=f"{turn}-reason-{subject}-{key}")
        if st.form_submit_button(words(f"drop.{turn}_now"), type="primary"):
            try_decision(screen, Drop(subject, key, reason.strip(), today, dropped=not dropped))


def dropped_note(screen: Screen, subject: Subject, key: str) -> bool:
    """Say who gave it up, when and why; tell whether anybody did."""
    drop = drop_on(data.decided(screen.version), subject, key, screen.reader.today)
    if drop is None:
        return False
    day = format_day(drop.decision.on, screen.words, year=True)
    told = screen.words("drop.dropped", actor=drop.actor, day=day, reason=drop.decision.reason)
    screen.draw(element("p", told, class_="ql-notice", role="status"))
    return True
