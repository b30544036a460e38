"""The frame around every page: whose quarter it is, how far it has gone, and how fresh the data are."""

from datetime import datetime

from metrics.model.definition import Language
from metrics.model.scorecard import Cycle, Scorecard
from metrics.periods import days_left
from pages.ui.formats import format_day, format_moment
from pages.ui.i18n import LANGUAGES
from pages.ui.links import language_link
from pages.ui.markup import EMPTY, Html, element
from pages.ui.reader import Reader


def header_block(
    organisation: str,
    scorecard: Scorecard | None,
    published_at: datetime | None,
    reader: Reader,
    choices: dict[str, str],
) -> Html:
    """Draw the header line; without a scorecard, only the organisation and the languages.

    Args:
        choices: the address's parameters, which another language keeps.
    """
    cycle = EMPTY if scorecard is None else element("span", _cycle_text(scorecard, reader), class_="ql-cycle")
    return element(
        "header",
        element("strong", organisation),
        cycle,
        element("span", _freshness(scorecard, published_at, reader), class_="ql-fresh"),
        _languages(reader.words.language, choices, reader.words("header.language")),
        class_="ql-header",
    )


def cycle_name(cycle: Cycle) -> str:
    """Write a fiscal quarter as `Q4 2026`, any other cycle by its id."""
    year, dash, quarter = cycle.id.partition("-")
    return f"{quarter} {year}" if dash and quarter.startswith("Q") and year.isdigit() else cycle.id


def _cycle_text(scorecard: Scorecard, reader: Reader) -> str:
    words, cycle, as_of = reader.words, scorecard.cycle, scorecard.as_of
    if as_of < cycle.starts:
        return words("header.before", cycle=cycle_name(cycle), day=format_day(cycle.starts, words))
    if as_of > cycle.ends:
        return words("header.after", cycle=cycle_name(cycle), day=format_day(cycle.ends, words))
    left = words.counted("header.days_left", days_left(cycle, as_of))
    day = (as_of - cycle.starts).days + 1
    return words("header.cycle", cycle=cycle_name(cycle), day=day, days=cycle.days, left=left)


def _freshness(scorecard: Scorecard | None, published_at: datetime | None, reader: Reader) -> Html:
    words = reader.words
    if published_at is None:
        return element("span", words("freshness.never"), class_="ql-note")
    moment = format_moment(published_at, words, reader.timezone)
    if scorecard is None:
        return element("span", words("freshness.published", moment=moment))
    past = scorecard.as_of < reader.today and format_day(scorecard.as_of, words, year=True)
    as_of = words("header.as_of", moment=past or moment)
    late = sum(card.freshness.stale for card in scorecard.key_results)
    state = words.counted("freshness.late", late) if late else words("freshness.fresh")
    mark = element("span", "◔" if late else "●", aria_hidden="true", class_="ql-stale" if late else "ql-on_track")
    return element("span", f"{as_of}, {state} ", mark)


def _languages(current: Language, choices: dict[str, str], label: str) -> Html:
    links = [
        element(
            "a",
            code,
            href=language_link(code, choices),
            title=name,
            lang=code,
            aria_current="true" if code == current else None,
        )
        for code, name in LANGUAGES.items()
    ]
    return element("nav", *links, aria_label=label, class_="ql-languages")
