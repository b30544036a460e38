"""What people tick off, drawn as a list of what is done and what is left."""

from metrics.model.scorecard import KeyResultCard, MilestoneCard, Scorecard
from metrics.scorecard.milestones import NewlyDone, newly_done
from pages.ui.formats import NOTHING, format_day, format_share
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element
from pages.ui.reader import Reader
from pages.ui.wording import card_title


def milestone_block(card: KeyResultCard, words: Words) -> Html:
    """Draw each milestone with its share, the day it was done, and who said so."""
    head = [element("th", words(f"milestone.{name}"), scope="col") for name in ("title", "share", "done_on", "by")]
    whole = sum(one.weight for one in card.milestones)
    rows = [_row(one, one.weight / whole, words) for one in card.milestones]
    return element(
        "section",
        element("h2", words("milestone.heading")),
        element("table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-plain"),
    )


def newly_done_block(scorecard: Scorecard, reader: Reader) -> Html:
    """Say what the week brought: one line per milestone that was ticked off, each leading to its key result."""
    found = newly_done(scorecard)
    if not found:
        return EMPTY
    words = reader.words
    items = [
        element(
            "li",
            element("span", "✔", aria_hidden="true"),
            " ",
            element("a", _named(each, words), href=reader.to_key_result(each.card.key_result.key)),
            " ",
            element("span", _told(each, words), class_="ql-note"),
        )
        for each in found
    ]
    return element("ul", *items, class_="ql-newly-done", aria_label=words("goals.newly_done"))


def _named(each: NewlyDone, words: Words) -> str:
    title = words.title(each.milestone.title, each.milestone.id)
    whole = card_title(each.card, words)
    return title if title == whole else f"{title} · {whole}"


def _told(each: NewlyDone, words: Words) -> str:
    day = format_day(each.milestone.done_on, words) if each.milestone.done_on else ""
    return " · ".join(part for part in (day, each.milestone.by) if part)


def _row(milestone: MilestoneCard, share: float, words: Words) -> Html:
    done = milestone.done_on
    return element(
        "tr",
        element("th", f"{'✔' if done else '○'} {words.title(milestone.title, milestone.id)}", scope="row"),
        element("td", format_share(share, words)),
        element("td", format_day(done, words, year=True) if done else words("milestone.left")),
        element("td", milestone.by or NOTHING),
    )
