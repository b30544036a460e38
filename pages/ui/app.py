"""The main script: language, frame and navigation; every page's first request comes through here."""

from pathlib import Path

import streamlit as st

from pages import key_result, overview, sources
from pages.ui.links import KEY_RESULT, OVERVIEW, SOURCES
from pages.ui.screen import language_words

_STYLE = Path(__file__).with_name("style.css")
_ICON = Path(__file__).with_name("icon.svg")


def main() -> None:
    """Run the page that the address asks for."""
    words = language_words()
    st.set_page_config(page_title="Quarterline", page_icon=_ICON, layout="wide")
    pages = [
        st.Page(overview.render, title=words("page.overview"), url_path=OVERVIEW, default=True),
        st.Page(key_result.render, title=words("page.key_result"), url_path=KEY_RESULT, visibility="hidden"),
        st.Page(sources.render, title=words("page.sources"), url_path=SOURCES),
    ]
    chosen = st.navigation(pages, position="top")
    st.html(_STYLE)
    chosen.run()


if __name__ == "__main__":
    main()
