"""SMART goals on the Overview: after the objectives, measured over their own days, and a person's own drafts."""

from dataclasses import replace

from metrics.model.scorecard import GoalCard, Scorecard
from pages.ui.cards import measured_row, measured_table
from pages.ui.formats import format_day
from pages.ui.i18n import Words
from pages.ui.links import define_link
from pages.ui.markup import EMPTY, Html, element
from pages.ui.reader import Reader
from pages.ui.wording import card_title


def goal_block(scorecard: Scorecard, reader: Reader, *, person: str | None) -> Html:
    """Draw the goals that somebody may see; nothing when there is none.

    Args:
        scorecard: whose goals.
        reader: who looks.
        person: whose drafts are shown as well; None where nobody logs in, when there is one person.
    """
    drafts = tuple(each for each in scorecard.drafts if person in {None, each.goal.measured.owner})
    shown = (*scorecard.goals, *drafts)
    if not shown:
        return EMPTY
    forecast = any(each.card.forecast.p_hit is not None for each in shown)
    rows = [_row(each, scorecard, reader, forecast=forecast) for each in shown]
    return element(
        "section",
        element(
            "header",
            element(
                "div",
                element("h2", reader.words("goals.title"), id="ql-goals"),
                element("span", reader.words("goals.about"), class_="ql-note"),
            ),
        ),
        measured_table(rows, reader.words, forecast=forecast, heading="goal"),
        aria_labelledby="ql-goals",
        class_="ql-objective ql-goals ql-forecast" if forecast else "ql-objective ql-goals",
    )


def _row(goal: GoalCard, scorecard: Scorecard, reader: Reader, *, forecast: bool) -> Html:
    name = element(
        "th",
        element("a", card_title(goal.card, reader.words), href=define_link(goal=goal.goal.key, **reader.kept)),
        _draft(goal, reader.words),
        element("span", _about(goal, reader.words), class_="ql-note"),
        scope="row",
    )
    return measured_row(name, goal.card, replace(scorecard, elapsed=goal.elapsed), reader, forecast=forecast)


def _about(goal: GoalCard, words: Words) -> str:
    own = goal.goal
    days = words("goals.days", first=format_day(own.starts, words), last=format_day(own.ends, words, year=True))
    state = words(f"goals.{'locked' if goal.locked else 'unlocked'}")
    parts = [own.measured.owner, own.team, days, None if own.draft else state]
    return " · ".join(part for part in parts if part)


def _draft(goal: GoalCard, words: Words) -> Html:
    return element("span", words("goals.draft"), class_="ql-draft") if goal.goal.draft else EMPTY
