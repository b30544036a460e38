"""Alignment: who serves whom, what serves nothing, and who waits for whom?"""

import streamlit as st

from metrics.scorecard.alignment import Alignment
from pages.ui import data
from pages.ui.choices import CYCLE, TEAM, chosen, pick_from_list
from pages.ui.downloads import csv_button
from pages.ui.markup import element
from pages.ui.screen import Screen, empty_state, no_generation, page
from pages.ui.tree import alignment_headline, dependencies_block, tree_block

EVERY_TEAM = ""
COLUMNS = ("cycle", "objective", "level", "team", "owner", "serves", "orphan", "progress", "status")


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
    scorecard = data.scorecard(version, chosen(CYCLE), screen.as_of)
    whole = data.alignment(version, scorecard.cycle.id, screen.as_of)
    screen.draw(screen.header(scorecard), alignment_headline(whole, words))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=240):
            team = pick_from_list(
                TEAM,
                words("filter.team"),
                [EVERY_TEAM, *whole.teams],
                lambda name: name or words("filter.everything"),
            )
        shown = whole.of_team(team or None)
        _download(shown, scorecard.cycle.id, words("download.csv"))
    screen.draw(tree_block(shown, screen.reader))
    heading = element("h2", words("alignment.dependencies"))
    nothing = element("p", words("alignment.no_dependencies"), class_="ql-note")
    screen.draw(
        element("section", heading, dependencies_block(shown.dependencies, words) if shown.dependencies else nothing)
    )


def _download(shown: Alignment, cycle: str, label: str) -> None:
    csv_button(
        label,
        COLUMNS,
        lambda: [
            (
                each.cycle.id,
                each.card.objective.key,
                each.card.objective.level,
                each.card.objective.team,
                each.card.objective.owner,
                each.card.objective.parent,
                each.orphan,
                each.card.progress,
                each.card.status,
            )
            for each in shown.branches
        ],
        file_name=f"alignment-{cycle}.csv",
    )
