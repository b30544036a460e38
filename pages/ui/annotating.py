"""What happened to a metric: noted on its series by a form, listed, and taken back with a reason."""

from collections.abc import Sequence

import streamlit as st

from metrics.errors import QuarterlineError
from metrics.model.decision import Annotation, AnnotationKind, Recorded, Withdrawal
from pages.ui.deciding import record_decision
from pages.ui.formats import format_day, format_moment
from pages.ui.markup import element
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen

_SORTS: tuple[AnnotationKind, ...] = ("note", "level_shift")


def annotation_part(screen: Screen, metric_id: str, noted: Sequence[Recorded[Annotation]]) -> None:
    """Draw what is noted on a metric, and the form that adds to it."""
    words = screen.words
    nothing = None if noted else element("p", words("annotation.none"), class_="ql-note")
    screen.draw(element("section", element("h2", words("annotation.heading")), nothing))
    for each in noted:
        _listed(screen, each)
    with st.expander(words("annotation.add"), icon=":material/add:"):
        _form(screen, metric_id)


def _listed(screen: Screen, noted: Recorded[Annotation]) -> None:
    words, annotation = screen.words, noted.decision
    who = words("annotation.by", actor=noted.actor, moment=format_moment(noted.at, words, screen.reader.timezone))
    with st.container(horizontal=True, vertical_alignment="center"):
        screen.draw(
            element(
                "p",
                element("strong", format_day(annotation.day, words, year=True)),
                " ",
                element("span", words(f"annotation.{annotation.sort}"), class_="ql-note"),
                " ",
                annotation.text,
                " ",
                element("span", who, class_="ql-note"),
            )
        )
        with st.popover(words("annotation.withdraw"), type="tertiary", key=f"withdraw-{noted.id}"):
            reason = st.text_input(words("annotation.reason"), key=f"withdraw-reason-{noted.id}")
            if st.button(words("annotation.confirm"), key=f"withdraw-now-{noted.id}"):
                _decide(
                    screen,
                    Withdrawal("metric", annotation.key, "annotation", noted.version, reason),
                    words("annotation.withdrawn"),
                )


def _form(screen: Screen, metric_id: str) -> None:
    words = screen.words
    with st.form(f"annotate-{metric_id}", clear_on_submit=False, border=False):
        day = st.date_input(
            words("annotation.day"), screen.reader.today, max_value=screen.reader.today, format="YYYY-MM-DD"
        )
        text = st.text_input(words("annotation.text"), max_chars=500)
        sort = st.radio(
            words("annotation.sort"),
            _SORTS,
            format_func=lambda name: words(f"annotation.{name}"),
            captions=[words(f"annotation.{name}_means") for name in _SORTS],
        )
        if st.form_submit_button(words("annotation.save"), type="primary") and sort is not None:
            _decide(screen, Annotation(metric_id, day, text, sort), words("annotation.saved"))


def _decide(screen: Screen, made: Annotation | Withdrawal, told: str) -> None:
    """Record it and draw the page again; where it is refused, say why beside what was typed."""
    try:
        record_decision(screen.version, made)
    except QuarterlineError as error:
        screen.draw(element("p", error_in_words(error, screen.words), class_="ql-notice", role="alert"))
        return
    st.toast(told)
    st.rerun()
