"""Overview: will we make the quarter, and what needs me?"""

import streamlit as st

from metrics.model.scorecard import Scorecard
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_rows
from pages.ui import data
from pages.ui.cards import attention_block, objective_block, summary_block
from pages.ui.choices import CYCLE, VIEW, chosen, pick
from pages.ui.downloads import csv_button
from pages.ui.filters import chosen_filters, filter_menu
from pages.ui.frame import cycle_name
from pages.ui.markup import element
from pages.ui.screen import Screen, draw, empty_state, no_generation, page


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    cycles = _cycles(version)
    if not cycles:
        step = words("empty.no_definitions_next", command="{command}")
        draw(screen.header(None), empty_state(words("empty.no_definitions"), step, command="quarterline apply"))
        return
    if version.generation is None:
        draw(screen.header(None), no_generation(words, **screen.reader.kept))
        return
    whole = data.scorecard(version, chosen(CYCLE), screen.as_of)
    if not whole.objectives:
        _offer_cycles(screen, whole, cycles)
        return
    filters = chosen_filters()
    shown = filters.narrow(whole)
    draw(screen.header(whole), summary_block(whole, screen.reader), attention_block(shown, screen.reader))
    with st.container(horizontal=True, vertical_alignment="center"):
        as_cards = pick(VIEW, words("view.label"), ("table", "cards"), lambda view: words(f"view.{view}")) == "cards"
        filter_menu(whole, cycles, filters, words)
        csv_button(
            words("download.csv"),
            KEY_RESULT_COLUMNS,
            lambda: key_result_rows(shown),
            file_name=f"key-results-{shown.cycle.id}-{shown.as_of}.csv",
        )
    if shown.objectives:
        draw(*(objective_block(card, shown, screen.reader, as_cards=as_cards) for card in shown.objectives))
    else:
        draw(element("p", words("filter.nothing_left")))


def _offer_cycles(screen: Screen, scorecard: Scorecard, cycles: list[str]) -> None:
    words = screen.words
    step = words("empty.no_objectives_next", command="{command}")
    sentence = words("empty.no_objectives", cycle=cycle_name(scorecard.cycle))
    draw(screen.header(scorecard), empty_state(sentence, step, command="quarterline apply"))
    filter_menu(scorecard, cycles, chosen_filters(), words)


def _cycles(version: data.Version) -> list[str]:
    return sorted({objective.cycle for objective in data.definitions(version).objectives}, reverse=True)
