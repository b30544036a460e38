"""Forecast record: can the chances be believed?"""

from collections.abc import Mapping, Sequence

import streamlit as st

from metrics.backtest import Bin, Record, load_record
from pages.ui import data
from pages.ui.backtesting import BacktestProgress, backtest_desk
from pages.ui.charts import PALETTES
from pages.ui.choices import SUBJECT, pick_from_list
from pages.ui.downloads import csv_button
from pages.ui.failures import failure_line
from pages.ui.markup import element
from pages.ui.record import (
    FIGURE_COLUMNS,
    calibration_alt,
    calibration_figure,
    calibration_table,
    figure_rows,
    headline_figures,
    people_block,
    record_summary,
    subject_name,
    subjects_table,
)
from pages.ui.screen import Screen, empty_state, no_generation, page

ALL = ""
_BUSY_SECONDS, _IDLE_SECONDS = 1, 10


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    if version.generation is None:
        screen.draw(screen.header(None), no_generation(words, **screen.reader.kept))
        return
    record = load_record(data.workspace(version.root, version.configuration).var)
    screen.draw(screen.header(None), element("h1", words("record.title")))
    if record is None or not record.pooled.n:
        sentence = words("record.none" if record is None else "record.nothing_replayed")
        step = words("record.none_next", command="{command}")
        screen.draw(empty_state(sentence, step, command="quarterline backtest"))
        _controls(screen)
        return
    screen.draw(record_summary(record, screen.reader))
    _calibration(screen, record)
    screen.draw(
        element(
            "section",
            element("h2", words("record.by_key_result")),
            subjects_table(record, data.definitions(version), screen.reader),
            element("p", words("record.caution"), class_="ql-note"),
        )
    )
    csv_button(words("download.csv"), FIGURE_COLUMNS, lambda: figure_rows(record), file_name="forecast-record.csv")
    screen.draw(people_block(record.check_ins, words))
    _controls(screen)


def _calibration(screen: Screen, record: Record) -> None:
    """Draw the figures and the curve of all key results, or of one."""
    words = screen.words
    names = {each.key_result: each for each in record.subjects if each.figures.n}
    definitions = data.definitions(screen.version)
    with st.container(width=420):
        chosen = pick_from_list(
            SUBJECT,
            words("record.whose_record"),
            [ALL, *names],
            lambda key: subject_name(names[key], definitions, words) if key else words("record.all"),
        )
    shown = names[chosen] if chosen else record
    figures = names[chosen].figures if chosen else record.pooled
    curves = {"ours": shown.calibration, "pace": shown.calibration_pace, "last": shown.calibration_last}
    screen.draw(headline_figures(figures, words))
    _curve(screen, curves)


def _curve(screen: Screen, curves: Mapping[str, Sequence[Bin]]) -> None:
    words = screen.words
    if not curves["ours"]:
        screen.draw(element("p", words("record.no_chances"), class_="ql-note"))
        return
    palette = PALETTES["dark" if st.context.theme.type == "dark" else "light"]
    screen.draw(element("p", words("record.curve"), class_="ql-note"))
    with st.container(width=640):
        st.plotly_chart(
            calibration_figure(curves, words, palette),
            key="calibration",
            alt=calibration_alt(curves["ours"], words),
            theme=None,
            config={"displayModeBar": False},
        )
    with st.expander(words("key_result.data")):
        screen.draw(calibration_table(curves, words))


def _controls(screen: Screen) -> None:
    running = backtest_desk(screen.version.root).running
    st.fragment(_follow, run_every=_BUSY_SECONDS if running else _IDLE_SECONDS)(screen, running)


def _follow(screen: Screen, was_running: bool) -> None:  # noqa: FBT001 - a fragment's arguments
    """Start a backtest and follow it; only this part of the page is drawn again while it runs."""
    words, desk = screen.words, backtest_desk(screen.version.root)
    progress, running = desk.progress, desk.running
    if running != was_running:
        st.rerun()  # from now on it is looked at more often, or the new record is shown
    st.button(words("record.replay"), type="primary", disabled=running, icon=":material/replay:", on_click=desk.start)
    if progress is not None:
        _draw_progress(progress, screen)


def _draw_progress(progress: BacktestProgress, screen: Screen) -> None:
    words = screen.words
    if progress.phase == "failed":
        said = failure_line(progress.message, words) if progress.message else words("record.failed")
        screen.draw(element("p", said, class_="ql-notice", role="alert"))
    elif progress.phase == "running":
        st.progress(progress.share, words("record.replaying", done=progress.done, total=progress.total or "…"))
    else:
        screen.draw(element("p", words("record.done"), class_="ql-note", role="status"))
