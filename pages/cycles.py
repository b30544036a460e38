"""Cycles: what is running, what waits to be closed, and how did the others end?"""

import streamlit as st

from metrics.scorecard.cycles import ListedCycle, dropped_list, list_cycles
from pages.ui import data
from pages.ui.closing import cycle_actions, cycle_panel, titles_of
from pages.ui.downloads import csv_button
from pages.ui.endings import cycle_line, cycles_summary, dropped_table, ending_block
from pages.ui.markup import element
from pages.ui.overtaken import overtaken_block
from pages.ui.screen import Screen, empty_state, page

SCORE_COLUMNS = ("cycle", "key_result", "score", "original_score", "met", "verdict", "band", "closed_on", "generation")


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    definitions, decided = data.definitions(version), data.decided(version)
    if not definitions.cycles:
        step = words("empty.no_definitions_next", command="{command}")
        screen.draw(screen.header(None), empty_state(words("empty.no_definitions"), step, command="quarterline apply"))
        return
    workspace = data.workspace(version.root, version.configuration)
    listed = list_cycles(definitions, decided, workspace.organisation, workspace.cycles, day=screen.reader.today)
    screen.draw(screen.header(None), element("h1", words("cycles.title")), cycles_summary(listed, words))
    overtaken_block(screen)
    titles = titles_of(definitions, screen)
    for each in reversed(listed):
        _cycle(screen, each, titles)
    dropped = dropped_list(definitions, decided, screen.reader.today)
    screen.draw(element("h2", words("cycles.dropped")))
    screen.draw(
        dropped_table(dropped, screen.reader)
        if dropped
        else element("p", words("cycles.none_dropped"), class_="ql-note")
    )


def _cycle(screen: Screen, listed: ListedCycle, titles: dict[str, str]) -> None:
    words, name = screen.words, listed.cycle.id
    with st.container(key=f"cycle-row-{name}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"cycle-line-{name}"):
            screen.draw(cycle_line(listed, words))
            if screen.version.generation is not None or listed.state != "active":
                cycle_actions(screen, listed)
        cycle_panel(screen, listed)
        if listed.state != "closed":
            return
        with st.expander(words("cycles.how_it_ended")):
            screen.draw(ending_block(listed, titles, words))
            change = listed.change
            csv_button(
                words("download.csv"),
                SCORE_COLUMNS,
                lambda: [
                    (
                        name,
                        each.key,
                        each.score,
                        each.original_score,
                        each.met,
                        each.verdict,
                        each.band,
                        change.decision.on if change else None,
                        change.decision.generation if change else None,
                    )
                    for each in listed.scores
                ],
                file_name=f"scores-{name}.csv",
            )
