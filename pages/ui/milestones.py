"""What people tick off, drawn as a list of what is done and what is left."""

from metrics.model.scorecard import KeyResultCard, MilestoneCard
from pages.ui.formats import NOTHING, format_day, format_share
from pages.ui.i18n import Words
from pages.ui.markup import Html, element


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


def _row(milestone: MilestoneCard, share: float, words: Words) -> Html:
    done = milestone.done_on
    return element(
        "tr",
        element("th", f"{'✔' if done else '○'} {words.title(milestone.title, milestone.id)}", scope="row"),
        element("td", format_share(share, words)),
        element("td", format_day(done, words, year=True) if done else words("milestone.left")),
        element("td", milestone.by or NOTHING),
    )
