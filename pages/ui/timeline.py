"""A key result's timeline: check-ins, revisions and annotations, the newest first, and the forms that add to it."""

from collections.abc import Sequence

import streamlit as st

from metrics.model.decision import Annotation, CheckIn, TargetRevision
from metrics.model.scorecard import KeyResultCard
from pages.ui import data
from pages.ui.deciding import try_decision
from pages.ui.dropping import drop_menu
from pages.ui.fan import noted_text, sort_of
from pages.ui.formats import format_day
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.prospects import Noted, day_of
from pages.ui.screen import Screen

SHAPES = {"check_in": "●", "note": "▲", "level_shift": "◆", "target_revision": "■"}
"""The marks of the chart."""

_CONFIDENCES = tuple(range(0, 101, 5))
_SHOWN = 8


def timeline_block(screen: Screen, card: KeyResultCard, noted: Sequence[Noted]) -> None:
    """Draw what people noted, and beside it the forms to check in and to annotate."""
    words = screen.words
    screen.draw(element("h2", words("timeline.heading")))
    if not noted:
        screen.draw(element("p", words("timeline.none"), class_="ql-note"))
    else:
        screen.draw(_list(noted[:_SHOWN], card.unit, words))
    if len(noted) > _SHOWN:
        with st.expander(words("timeline.older", count=len(noted) - _SHOWN)):
            screen.draw(_list(noted[_SHOWN:], card.unit, words))
    with st.container(horizontal=True):
        _check_in_menu(screen, card)
        if card.key_result.metric:
            _annotation_menu(screen, card.key_result.metric)
        key = card.key_result.key
        drop_menu(screen, "key_result", key, data.frame(screen.version, card.key_result.cycle, screen.as_of).cycle.ends)


def _list(noted: Sequence[Noted], unit: str, words: Words) -> Html:
    return element("ol", *(_entry(each, unit, words) for each in noted), class_="ql-timeline")


def _entry(noted: Noted, unit: str, words: Words) -> Html:
    sort = sort_of(noted)
    head = f"{format_day(day_of(noted), words, year=True)} · {words(f'timeline.{sort}')} · {noted.actor}"
    return element(
        "li",
        element("span", SHAPES[sort], aria_hidden="true", class_="ql-mark"),
        element(
            "div",
            element("p", head, class_="ql-note"),
            element("p", noted_text(noted, unit, words)),
            *_more(noted, words),
        ),
    )


def _more(noted: Noted, words: Words) -> list[Html]:
    made = noted.decision
    if isinstance(made, CheckIn):
        parts = [("blockers", made.blockers), ("next_steps", made.next_steps)]
    elif isinstance(made, TargetRevision):
        parts = [("approver", made.approver or ""), ("review", made.review or "")]
    else:
        return []
    return [
        element("p", element("span", words(f"timeline.{name}"), class_="ql-note"), " ", text)
        for name, text in parts
        if text
    ]


def _check_in_menu(screen: Screen, card: KeyResultCard) -> None:
    words, key = screen.words, card.key_result.key
    menu = st.popover(words("check_in.open"), on_change="rerun", key=f"check-in-{key}", type="primary")
    if not menu.open:
        return
    before = 0.5 if card.confidence is None else card.confidence
    newest = min(_CONFIDENCES, key=lambda each: abs(each / 100 - before))
    with menu, st.form(f"check-in-form-{key}", border=False):
        confidence = st.select_slider(
            words("check_in.confidence"), _CONFIDENCES, newest, format_func=lambda each: f"{each} %"
        )
        note = st.text_area(words("check_in.note"), placeholder=words("check_in.note_help"), height=68)
        blockers = st.text_input(words("check_in.blockers"))
        next_steps = st.text_input(words("check_in.next"))
        day = st.date_input(
            words("check_in.day"), screen.reader.today, max_value=screen.reader.today, format="DD/MM/YYYY"
        )
        sent = st.form_submit_button(words("check_in.send"), type="primary")
    if sent:
        with menu:
            try_decision(screen, CheckIn(key, day, confidence / 100, note, blockers, next_steps))


def _annotation_menu(screen: Screen, metric: str) -> None:
    words = screen.words
    menu = st.popover(words("annotate.open"), on_change="rerun", key=f"annotate-{metric}")
    if not menu.open:
        return
    with menu, st.form(f"annotate-form-{metric}", border=False):
        day = st.date_input(
            words("annotate.day"), screen.reader.today, max_value=screen.reader.today, format="DD/MM/YYYY"
        )
        text = st.text_area(words("annotate.text"), placeholder=words("annotate.text_help"), height=68)
        shift = st.checkbox(words("annotate.level_shift"), help=words("annotate.level_shift_help"))
        sent = st.form_submit_button(words("annotate.send"), type="primary")
    if sent:
        with menu:
            try_decision(screen, Annotation(metric, day, text, "level_shift" if shift else "note"))
