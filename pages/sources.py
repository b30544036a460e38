"""Sources: can I believe the numbers today?"""

from typing import Literal

import streamlit as st

from pages.ui import data
from pages.ui.choices import pick_from_list
from pages.ui.downloads import csv_button
from pages.ui.failures import failure_line
from pages.ui.formats import format_age, format_count
from pages.ui.i18n import Words
from pages.ui.markup import element
from pages.ui.screen import Screen, page
from pages.ui.streams import StreamRow, stream_rows, streams_summary, streams_table
from pages.ui.syncing import Phase, StreamProgress, SyncProgress, sync_desk
from pages.ui.uploading import upload_button

LOAD_COLUMNS = (
    "source", "stream", "started_at", "seconds", "outcome", "rows_read", "rows_changed", "bytes", "cursor", "error",
)  # fmt: skip
EVERYTHING = ""
_BUSY_SECONDS, _IDLE_SECONDS = 1, 5


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words, version = screen.words, screen.version
    workspace = data.workspace(version.root, version.configuration)
    if not workspace.streams:
        screen.draw(screen.header(None), element("p", words("sources.none"), class_="ql-summary"))
        upload_button(screen)
        return
    types = {
        f"{source.name}.{stream}": source.type for source in workspace.sources.values() for stream in source.streams
    }
    pushed = [source for source in workspace.sources.values() if source.mode == "pushdown"]
    away = {f"{source.name}.{stream}" for source in pushed for stream in source.streams}
    rows = stream_rows(types, data.loads(version), data.stream_ages(version), away=away)
    screen.draw(screen.header(None), element("h1", words("sources.title")), streams_summary(rows, screen.reader))
    running = sync_desk(version.root).running
    follow = st.fragment(_sync_controls, run_every=_BUSY_SECONDS if running else _IDLE_SECONDS)
    follow(screen, tuple(workspace.sources), running)
    screen.draw(streams_table(rows, screen.reader))
    with st.container(horizontal=True):
        upload_button(screen)
        _loads_download(rows, words("download.csv"))


def _sync_controls(screen: Screen, sources: tuple[str, ...], was_running: bool) -> None:  # noqa: FBT001 - a fragment's arguments
    """Start a sync and follow it; only this part of the page is drawn again while it runs."""
    words, desk = screen.words, sync_desk(screen.version.root)
    progress = desk.progress
    running = desk.running
    if running != was_running:
        st.rerun()  # from now on it is looked at more often, or the table shows the new loads
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = EVERYTHING
        if len(sources) > 1:
            with st.container(width=240):
                target = pick_from_list(
                    "source",
                    words("sources.sync_which"),
                    [EVERYTHING, *sources],
                    lambda name: name or words("sources.all_sources"),
                )
        st.button(
            words("sources.sync_all"),
            type="primary",
            disabled=running,
            icon=":material/sync:",
            on_click=desk.start,
            args=([target] if target else [],),
        )
    if desk.next_in is not None and not running:
        age = format_age(desk.next_in, words)
        said = words("sources.next_soon") if age == words("age.now") else words("sources.next_in", age=age)
        screen.draw(element("p", said, class_="ql-note"))
    if progress is not None:
        _draw_progress(progress, screen)


def _draw_progress(progress: SyncProgress, screen: Screen) -> None:
    words = screen.words
    looks: dict[Phase, tuple[str, Literal["running", "complete", "error"]]] = {
        "running": (words("sources.running"), "running"),
        "publishing": (words("sources.publishing"), "running"),
        "done": (
            words("sources.done", generation=progress.generation)
            if progress.generation
            else words("sources.nothing_new"),
            "complete",
        ),
        "failed": (words("sources.failed"), "error"),
    }
    label, state = looks[progress.phase]
    box = st.status(label, state=state, expanded=not progress.finished or state == "error")
    box.progress(progress.share)
    lines = [element("li", name, ": ", _stream_text(stream, words)) for name, stream in progress.streams.items()]
    if progress.phase == "failed" and progress.message:
        lines.append(element("li", failure_line(progress.message, words), class_="ql-error"))
    with box.container():
        screen.draw(element("ul", *lines, class_="ql-progress-list"))


def _stream_text(stream: StreamProgress, words: Words) -> str:
    if stream.state == "failed":
        return failure_line(stream.error, words) if stream.error else words("sources.stream_failed")
    return words.counted("sources.reading", stream.rows, rows=format_count(stream.rows, words))


def _loads_download(rows: tuple[StreamRow, ...], label: str) -> None:
    loads = [load for row in rows for load in row.loads]
    csv_button(
        label,
        LOAD_COLUMNS,
        lambda: [tuple(getattr(load, column) for column in LOAD_COLUMNS) for load in loads],
        file_name="loads.csv",
    )
