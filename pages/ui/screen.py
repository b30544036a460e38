"""What a page starts from: the version it shows, for whom, and what it says when it cannot."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path

import streamlit as st

from connectors.errors import ConnectorError
from metrics.errors import FactsError, QuarterlineError, WorkspaceError
from metrics.model.definition import Organisation
from metrics.model.scorecard import Scorecard
from pages.ui import data
from pages.ui.choices import all_choices, choose_language, chosen_day, kept_in_links
from pages.ui.failures import failure_line
from pages.ui.frame import header_block
from pages.ui.i18n import Words, words_in
from pages.ui.links import sources_link
from pages.ui.markup import Html, element, join
from pages.ui.reader import Reader

_POLL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Screen:
    """One drawing of one page.

    Attributes:
        as_of: the day asked for, else today.
    """

    version: data.Version
    organisation: Organisation
    reader: Reader
    as_of: date

    @property
    def words(self) -> Words:
        """The reader's catalogue."""
        return self.reader.words

    def draw(self, *blocks: Html) -> None:
        """Put blocks on the page as one element."""
        _draw(blocks, self.words)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Draw a part of the page; when it cannot be drawn, say why in its place and go on."""
        try:
            yield
        except (QuarterlineError, ConnectorError) as error:
            told = self.words("empty.part_failed", error=failure_line(str(error), self.words))
            self.draw(element("p", told, class_="ql-notice", role="alert"))

    def header(self, scorecard: Scorecard | None) -> Html:
        """Draw the frame's header, and a notice for each generation that was passed over."""
        published_at, notices = None, tuple[str, ...]()
        if self.version.generation is not None:
            facts = data.facts(self.version)
            published_at, notices = facts.published_at, facts.notices
        head = header_block(self.organisation.name, scorecard, published_at, self.reader, all_choices())
        told = (failure_line(notice, self.words) for notice in notices)
        return join(head, *(element("p", each, class_="ql-notice", role="status") for each in told))


def page(render: Callable[[Screen], None]) -> Callable[[], None]:
    """Turn a drawing function into a page: it gets its screen, says what is missing, and follows new data."""

    @wraps(render)
    def run() -> None:
        root = data.workspace_root()
        version = None
        try:
            version = data.current_version(root)
            render(_screen(version))
        except QuarterlineError as error:
            words = language_words()
            _draw([_missing(error, version, words)], words)
        _follow(root, version)

    return run


def language_words() -> Words:
    """Give the reader's catalogue, whatever else is missing."""
    try:
        version = data.current_version(data.workspace_root())
        default = data.workspace(version.root, version.configuration).organisation.language
    except QuarterlineError:
        default = "en"
    return words_in(choose_language(default))


def empty_state(sentence: str, next_step: str, *, command: str = "", link: Html | None = None) -> Html:
    """Draw an empty page: one sentence, and what leads on; `{command}` in the step is set as code."""
    before, _, after = next_step.partition("{command}")
    step = join(before, element("code", command), after) if command else join(next_step)
    return element("div", element("p", sentence, class_="ql-summary"), element("p", step), link, class_="ql-empty")


def no_generation(words: Words, **kept: str) -> Html:
    """Say that nothing has been loaded yet."""
    link = element("p", element("a", words("empty.to_sources"), href=sources_link(**kept), class_="ql-button"))
    step = words("empty.no_generation_next", command="{command}")
    return empty_state(words("empty.no_generation"), step, command="quarterline sync", link=link)


def _draw(blocks: Iterable[Html], words: Words) -> None:
    # The document itself says lang="en", whatever is written in it: a screen reader needs the blocks to say it.
    st.html(element("div", *blocks, class_="ql", lang=words.language))


def _screen(version: data.Version) -> Screen:
    organisation = data.workspace(version.root, version.configuration).organisation
    language = choose_language(organisation.language)
    kept = kept_in_links(organisation.language, language)
    reader = Reader(words_in(language), data.present(version), organisation.timezone, kept)
    return Screen(version, organisation, reader, chosen_day() or data.present_day(version))


def _missing(error: QuarterlineError, version: data.Version | None, words: Words) -> Html:
    if isinstance(error, WorkspaceError):
        step = words("empty.no_workspace_next", command="{command}")
        return empty_state(words("empty.no_workspace"), step, command="quarterline demo")
    if isinstance(error, FactsError) and version is not None and version.generation is None:
        return no_generation(words)
    lines = [element("p", failure_line(line, words)) for line in str(error).splitlines()]
    return element(
        "div", element("p", words("empty.failed"), class_="ql-summary"), *lines, class_="ql-empty", role="alert"
    )


@st.fragment(run_every=_POLL_SECONDS)
def _follow(root: Path, shown: data.Version | None) -> None:
    """Draw the page again once a new generation is published or the ledger changes; what was chosen stays."""
    try:
        newest = data.current_version(root)
    except QuarterlineError:
        newest = None  # the page keeps its last good value until the store can be read again
    if newest is not None and newest != shown:
        st.rerun()
