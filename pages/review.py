"""Review: what do we decide this month?"""

import streamlit as st

from metrics.scorecard.minutes import minutes_csv, minutes_markdown
from metrics.scorecard.reviewing import CalendarMonth, MonthReview, decision_log, month_to_review, review_calendar
from pages.ui import data
from pages.ui.agenda import (
    agenda_head,
    agenda_line,
    calendar_block,
    decided_block,
    log_rows,
    review_headline,
    room_view,
)
from pages.ui.choices import CYCLE, MONTH, PRESENT, all_choices, chosen, chosen_day, pick_from_list
from pages.ui.downloads import csv_button, file_button
from pages.ui.formats import format_month
from pages.ui.links import review_link
from pages.ui.markup import element
from pages.ui.meeting import action_buttons, action_panel, hold_button, hold_panel, settle_button, settle_panel
from pages.ui.overtaken import overtaken_block
from pages.ui.screen import Screen, empty_state, no_generation, page
from pages.ui.tables import plain_table

LOG_COLUMNS = ("month", "key_result", "text", "owner", "due", "state", "settled_on", "outcome", "recorded_by")
_LOG_SHOWN = ("month", "key_result", "text", "owner", "due", "state")


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    if not data.definitions(version).objectives:
        step = words("empty.no_definitions_next", command="{command}")
        screen.draw(screen.header(None), empty_state(words("empty.no_definitions"), step, command="quarterline apply"))
        return
    if version.generation is None:
        screen.draw(screen.header(None), no_generation(words, **screen.reader.kept))
        return
    calendar, default = _calendar(screen)
    if chosen(PRESENT):
        review = _review(screen, chosen(MONTH) or default)
        screen.draw(room_view(review, screen.reader, review_link(**{**all_choices(), PRESENT: None})))
        return
    head = st.container()
    overtaken_block(screen)
    review = _bar(screen, calendar)
    with head:
        months = review_calendar(review.cycle, data.minutes(version, review.cycle.id), screen.as_of)
        screen.draw(
            screen.header(review.scorecard),
            review_headline(review, words),
            calendar_block(months, review.month, all_choices(), words),
        )
    hold_panel(screen, review)
    _agenda(screen, review)
    _log(screen, review)


def _review(screen: Screen, month: str) -> MonthReview:
    return data.review(screen.version, _cycle(screen), month, chosen_day())


def _cycle(screen: Screen) -> str:
    return data.frame(screen.version, chosen(CYCLE), screen.as_of).cycle.id


def _calendar(screen: Screen) -> tuple[dict[str, CalendarMonth | None], str]:
    """Give the months that have begun, the newest first, and the one that a meeting today looks at."""
    cycle = data.frame(screen.version, chosen(CYCLE), screen.as_of).cycle
    known = review_calendar(cycle, data.minutes(screen.version, cycle.id), screen.as_of)
    begun = {each.month: each for each in reversed(known) if each.state != "ahead" or each.begun_by(screen.as_of)}
    default = month_to_review(cycle, screen.as_of)
    return {default: begun.get(default), **begun}, default


def _bar(screen: Screen, calendar: dict[str, CalendarMonth | None]) -> MonthReview:
    """Draw what can be chosen and taken along, above the agenda; give the review of the chosen month."""
    words = screen.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=280):
            month = pick_from_list(
                MONTH, words("review.month"), list(calendar), lambda name: _month_name(name, calendar[name], screen)
            )
        review = _review(screen, month)
        hold_button(screen, review)
        _downloads(screen, review)
        room = review_link(**{**all_choices(), PRESENT: "1"})
        screen.draw(element("a", words("review.present"), href=room, class_="ql-quiet"))
    return review


def _month_name(month: str, on_calendar: CalendarMonth | None, screen: Screen) -> str:
    words, name = screen.words, format_month(month, screen.words)
    return f"{name} · {words(f'review.month_{on_calendar.state}')}" if on_calendar else name


def _downloads(screen: Screen, review: MonthReview) -> None:
    organisation, language = screen.organisation.name, screen.words.language
    name = f"minutes-{review.cycle.id}-{review.month}"
    file_button(
        screen.words("review.minutes"),
        lambda: minutes_markdown(review, organisation, language).encode(),
        file_name=f"{name}.md",
        mime="text/markdown",
    )
    file_button(screen.words("download.csv"), lambda: minutes_csv(review), file_name=f"{name}.csv")


def _agenda(screen: Screen, review: MonthReview) -> None:
    words = screen.words
    well = tuple(row for row in review.agenda if not row.needs_decision)
    for name, rows in (("review.group_waiting", review.waiting), ("review.group_well", well)):
        if not rows:
            continue
        screen.draw(element("h2", words(name)))
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"agenda-head-{name[-4:]}"):
            screen.draw(agenda_head(review, words))
        for row in rows:
            key = row.card.key_result.id
            with st.container(key=f"agenda-row-{key}", gap="xsmall"):
                with st.container(horizontal=True, vertical_alignment="center", key=f"agenda-line-{key}"):
                    screen.draw(agenda_line(row, review, screen.reader))
                    with st.container(horizontal=True, gap="xsmall", width="content", key=f"agenda-actions-{key}"):
                        action_buttons(screen, row)
                decided = decided_block(row, words)
                if decided is not None:
                    screen.draw(decided)
                action_panel(screen, review, row)


def _log(screen: Screen, review: MonthReview) -> None:
    words = screen.words
    log = decision_log(data.minutes(screen.version, review.cycle.id), review.scorecard.as_of)
    waiting = [each for each in log if each.state != "settled"]
    screen.draw(element("h2", words("review.open_decisions")))
    if not waiting:
        screen.draw(element("p", words("review.nothing_open"), class_="ql-note"))
    for each in waiting:
        (row,) = log_rows((each,), words)
        with st.container(horizontal=True, vertical_alignment="center"):
            about = " · ".join([row[0], row[1], *row[3:]])
            screen.draw(element("p", row[2], " ", element("span", about, class_="ql-note")))
            settle_button(screen, each)
        settle_panel(screen, each)
    if not log:
        return
    with st.expander(words("review.log")):
        head = [words(f"review.log_{name}") for name in _LOG_SHOWN]
        screen.draw(plain_table(head, log_rows(log, words), numeric=frozenset()))
        csv_button(
            words("download.csv"),
            LOG_COLUMNS,
            lambda: [
                (
                    each.made.decision.month,
                    each.made.decision.key,
                    each.made.decision.text,
                    each.made.decision.owner,
                    each.made.decision.due,
                    each.state,
                    each.settlement.decision.on if each.settlement else None,
                    each.settlement.decision.note if each.settlement else None,
                    each.made.actor,
                )
                for each in log
            ],
            file_name=f"decisions-{review.cycle.id}.csv",
        )
