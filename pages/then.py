"""Then and now: what did we show on that day, and what do we know about it today?"""

from datetime import date

import streamlit as st

from metrics.errors import NotFoundError
from metrics.scorecard.difference import word_cause
from metrics.scorecard.past import ThenAndNow
from pages.ui import data
from pages.ui.choices import CYCLE, chosen, pick_from_list
from pages.ui.downloads import csv_button, file_button
from pages.ui.formats import format_day
from pages.ui.past import differences_table, past_headline, unchanged_table
from pages.ui.screen import Screen, empty_state, no_generation, page

DAY = "day"
COLUMNS = ("day", "cycle", "key_result", "figure", "then", "now", "why")


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
    head = st.container()
    cycle, days = _days(screen)
    if not days:
        step = words("then.nothing_next", command="{command}")
        screen.draw(screen.header(None), empty_state(words("then.nothing"), step, command="quarterline sync"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=240):
            names = [day.isoformat() for day in days]
            day = pick_from_list(
                DAY, words("then.choose"), names, lambda name: format_day(date.fromisoformat(name), words, year=True)
            )
        past = data.then_and_now(version, cycle, date.fromisoformat(day))
        _downloads(screen, past)
    with head:
        screen.draw(screen.header(past.now), past_headline(past, screen.reader))
    if past.differences:
        screen.draw(differences_table(past, screen.reader))
    with st.expander(words("then.unchanged"), expanded=not past.differences):
        screen.draw(unchanged_table(past, screen.reader))


def _days(screen: Screen) -> tuple[str, tuple[date, ...]]:
    """Give the cycle and the days on which something of it was shown; a day of the past comes before today."""
    version, today = screen.version, screen.reader.today
    try:
        cycle = data.frame(version, chosen(CYCLE), screen.as_of).cycle.id
    except NotFoundError:
        cycle = data.frame(version, None, screen.as_of).cycle.id
    days = data.shown_days(version, cycle)
    return cycle, tuple(sorted(days, key=lambda day: (day >= today, -day.toordinal())))


def _downloads(screen: Screen, past: ThenAndNow) -> None:
    name = f"{past.shown.cycle}-{past.shown.day}"
    csv_button(
        screen.words("download.csv"),
        COLUMNS,
        lambda: [
            (
                past.shown.day,
                past.shown.cycle,
                each.key_result,
                figure.name,
                figure.then,
                figure.now,
                "; ".join(word_cause(cause) for cause in each.causes),
            )
            for each in past.differences
            for figure in each.figures
        ],
        file_name=f"then-and-now-{name}.csv",
    )
    file_button(
        screen.words("then.document"),
        past.shown.document.encode,
        file_name=f"shown-{name}.json",
        mime="application/json",
    )
