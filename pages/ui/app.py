"""The main script: language, frame and navigation; every page's first request comes through here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages import (
    alignment,
    cycles,
    define,
    forecast_record,
    key_result,
    metrics_catalogue,
    overview,
    policies,
    review,
    sources,
    then,
)
from pages.ui.i18n import Words
from pages.ui.links import (
    ALIGNMENT,
    CYCLES,
    DEFINE,
    FORECAST_RECORD,
    KEY_RESULT,
    METRICS,
    OVERVIEW,
    POLICIES,
    REVIEW,
    SOURCES,
    THEN,
)
from pages.ui.screen import language_words

_STYLE = Path(__file__).with_name("style.css")
_ICON = Path(__file__).with_name("icon.svg")


class Entry(NamedTuple):
    """A page in the menu; its title is `page.<address>`, and one that is hidden is reached by links only."""

    address: str
    render: Callable[[], None]
    hidden: bool = False


# The pages by section, in the order that they are listed; a section's title is `menu.<section>`. The first page opens.
# (A comment, since Streamlit would draw a bare string of the main script on every page.)
MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",  # what people open every day stands in the bar itself
        (
            Entry(OVERVIEW, overview.render),
            Entry(KEY_RESULT, key_result.render, hidden=True),
            Entry(REVIEW, review.render),
            Entry(ALIGNMENT, alignment.render),
        ),
    ),
    (
        "define",
        (
            Entry(DEFINE, define.render),
            Entry(METRICS, metrics_catalogue.render),
            Entry(CYCLES, cycles.render),
        ),
    ),
    (
        "trust",
        (
            Entry(SOURCES, sources.render),
            Entry(FORECAST_RECORD, forecast_record.render),
            Entry(THEN, then.render),
            Entry(POLICIES, policies.render),
        ),
    ),
)


def main() -> None:
    """Run the page that the address asks for."""
    words = language_words()
    st.set_page_config(page_title="Quarterline", page_icon=_ICON, layout="wide")
    sections = {
        words(f"menu.{section}") if section else "": [_page(entry, words) for entry in entries]
        for section, entries in MENU
        if entries
    }
    chosen = st.navigation(sections, position="top")
    st.html(_STYLE)
    chosen.run()


def _page(entry: Entry, words: Words) -> st.Page:
    return st.Page(
        entry.render,
        title=words(f"page.{entry.address.replace('-', '_')}"),
        url_path=entry.address,
        default=entry.address == OVERVIEW,
        visibility="hidden" if entry.hidden else "visible",
    )


if __name__ == "__main__":
    main()
