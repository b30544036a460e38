"""Overview: will we make the quarter, and what needs me?"""

import streamlit as st

from metrics.errors import NotFoundError
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_rows
from metrics.scorecard.week import by_loss
from pages.ui import data, prospects
from pages.ui.cards import attention_block, objective_block, summary_block
from pages.ui.chances import Moves
from pages.ui.choices import CYCLE, SORT, VIEW, chosen, switch
from pages.ui.downloads import csv_button
from pages.ui.filters import LOST, chosen_filters, filter_menu
from pages.ui.goals import goal_block
from pages.ui.links import define_link, overview_link
from pages.ui.markup import Html, element
from pages.ui.milestones import newly_done_block
from pages.ui.screen import Screen, empty_state, no_generation, page


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    cycles = _cycles(version)
    if not cycles:
        step = words("empty.no_definitions_next", command="{command}")
        link = element("a", words("empty.to_define"), href=define_link(**screen.reader.kept), class_="ql-button")
        said = empty_state(words("empty.no_definitions"), step, command="quarterline apply", link=element("p", link))
        screen.draw(screen.header(None), said)
        return
    if version.generation is None:
        screen.draw(screen.header(None), no_generation(words, **screen.reader.kept))
        return
    try:
        whole = data.scorecard(version, chosen(CYCLE), screen.as_of)
    except NotFoundError:
        screen.draw(screen.header(None), _no_objectives(chosen(CYCLE) or "", cycles, screen))
        return
    filters = chosen_filters()
    week = prospects.week(version, whole.cycle.id, screen.as_of)
    moves = Moves(week.since, week.moves(whole))
    shown = filters.narrow(whole)
    if chosen(SORT) == LOST:
        shown = by_loss(shown, moves.by_key)
    screen.draw(
        screen.header(whole),
        summary_block(whole, screen.reader),
        newly_done_block(whole, screen.reader),
        attention_block(shown, screen.reader, moves),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        as_cards = switch(VIEW, ("table", "cards"), lambda view: words(f"view.{view}")) == "cards"
        filter_menu(whole, cycles, filters, words)
        csv_button(
            words("download.csv"),
            KEY_RESULT_COLUMNS,
            lambda: key_result_rows(shown),
            file_name=f"key-results-{shown.cycle.id}-{shown.as_of}.csv",
        )
    goals = goal_block(shown, screen.reader, person=data.logged_in(version))
    if shown.objectives or goals:
        blocks = (objective_block(card, shown, screen.reader, moves, as_cards=as_cards) for card in shown.objectives)
        screen.draw(*blocks, goals)
    else:
        screen.draw(element("p", words("filter.nothing_left")))


def _no_objectives(cycle: str, cycles: list[str], screen: Screen) -> Html:
    step = screen.words("empty.no_objectives_next", command="{command}")
    links = [element("a", name, " ", href=overview_link(cycle=name, **screen.reader.kept)) for name in cycles]
    sentence = screen.words("empty.no_objectives", cycle=cycle)
    return empty_state(sentence, step, command="quarterline apply", link=element("p", *links))


def _cycles(version: data.Version) -> list[str]:
    return sorted(data.definitions(version).written_cycles, reverse=True)
