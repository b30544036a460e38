"""Define: is this a good key result?"""

import streamlit as st

from metrics.errors import NotFoundError
from pages.ui import define_data
from pages.ui.choices import DRAFT, chosen
from pages.ui.define_editor import editor
from pages.ui.define_list import drafts_part, edit_something, files_part, in_force_part, start_part
from pages.ui.define_publishing import PUBLISHED
from pages.ui.links import define_link
from pages.ui.markup import Html, element
from pages.ui.refusals import error_in_words
from pages.ui.screen import Screen, empty_state, page


@page
def render(screen: Screen) -> None:
    """Draw the page."""
    words = screen.words
    objective, metric, goal, draft = chosen("objective"), chosen("edit"), chosen("goal"), chosen(DRAFT)
    try:
        if draft is not None:
            standing = define_data.draft(screen.version, draft)
            if standing.state == "open":
                screen.draw(screen.header(None), _head(screen))
                editor(screen, standing)
                return
            screen.draw(screen.header(None), _closed(screen, words(f"draft_state.{standing.state}")))
        elif objective is not None or metric is not None or goal is not None:
            edit_something(screen, objective, metric, goal)
        else:
            _overview(screen)
    except NotFoundError as error:
        screen.draw(screen.header(None), _closed(screen, error_in_words(error, words)))


def _overview(screen: Screen) -> None:
    words = screen.words
    screen.draw(
        screen.header(None),
        element("h1", words("define.title")),
        element("p", words("define.intro"), class_="ql-summary"),
        *_published(screen),
    )
    files_part(screen)
    start_part(screen)
    drafts_part(screen)
    in_force_part(screen)


def _head(screen: Screen) -> Html:
    words = screen.words
    back = element("a", "‹ ", words("define.back"), href=define_link(**screen.reader.kept), class_="ql-back")  # noqa: RUF001
    return element("section", back, element("h1", words("define.title")))


def _closed(screen: Screen, sentence: str) -> Html:
    link = element("a", screen.words("define.back"), href=define_link(**screen.reader.kept), class_="ql-button")
    return empty_state(sentence, "", link=element("p", link))


def _published(screen: Screen) -> list[Html]:
    """Say what was published last, with every drawing: one that is said once may be drawn over at once."""
    told = st.session_state.get(PUBLISHED)
    if told is None:
        return []
    return [element("p", screen.words("define.published", **told), class_="ql-notice", role="status")]
