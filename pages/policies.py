"""Policies: how would each convention colour today's key results, and why?"""

import streamlit as st

from metrics.progress.policies import POLICIES
from metrics.scorecard.colouring import Coloured, colour_all
from metrics.scorecard.wording import explain
from metrics.tabular import Cell
from pages.ui import data
from pages.ui.choices import CYCLE, chosen, pick_from_list
from pages.ui.colours import matrix_block, reasons_block
from pages.ui.downloads import csv_button
from pages.ui.markup import element
from pages.ui.screen import Screen, empty_state, no_generation, page

POLICY = "policy"
COLUMNS = ("as_of", "key_result", "policy", "status", "why")


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
    frame = data.frame(version, scorecard.cycle.id, screen.as_of)
    rows = colour_all(scorecard, frame.decided, judged_on=frame.judged_on, check_in_every=frame.check_in_every)
    in_force = frame.policy.name
    agree = sum(len({each.status for each in row.verdicts}) == 1 for row in rows)
    summary = words("policies.summary", agree=agree, all=len(rows), policy=in_force)
    screen.draw(
        screen.header(scorecard),
        element("section", element("h1", words("policies.title")), element("p", summary, class_="ql-summary")),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [in_force, *(name for name in POLICIES if name != in_force)]
        with st.container(width=240):
            policy = pick_from_list(POLICY, words("policies.choose"), names, str)
        _download(rows, str(screen.as_of), words("download.csv"))
    screen.draw(matrix_block(rows, in_force, policy, screen.reader), reasons_block(rows, policy, screen.reader))


def _download(rows: tuple[Coloured, ...], as_of: str, label: str) -> None:
    csv_button(label, COLUMNS, lambda: policy_rows(rows, as_of), file_name=f"policies-{as_of}.csv")


def policy_rows(rows: tuple[Coloured, ...], as_of: str) -> list[tuple[Cell, ...]]:
    """Give a row per key result and policy, in `COLUMNS`."""
    return [
        (as_of, row.card.key_result.key, each.policy.label, each.status, explain(each.why, row.card.unit))
        for row in rows
        for each in row.verdicts
    ]
