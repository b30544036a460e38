"""The Overview's blocks: what needs attention, and each objective with its key results as a table or as cards."""

from collections.abc import Sequence

from metrics.model.scorecard import KeyResultCard, ObjectiveCard, Scorecard
from metrics.scorecard.mix import mix_of
from metrics.scorecard.standing import stands_still
from pages.ui.chances import NO_MOVES, Moves, lost_mark, move_mark, passes_short, whole_mark
from pages.ui.formats import format_chance, format_target
from pages.ui.i18n import Words
from pages.ui.markup import EMPTY, Html, element, join
from pages.ui.parts import (
    objective_progress,
    progress_cell,
    status_badge,
    title_link,
    trend_image,
    value_with_unit,
    worst_note,
)
from pages.ui.reader import Reader
from pages.ui.samples import sample_note
from pages.ui.wording import attention_of, explain, sentence, summarise


def summary_block(scorecard: Scorecard, reader: Reader) -> Html:
    """Draw the sentence that answers the page's question."""
    return join(
        element("p", summarise(scorecard, reader.words, reader.now), class_="ql-summary"),
        element("p", _mix(scorecard, reader.words), class_="ql-note ql-mix"),
    )


def _mix(scorecard: Scorecard, words: Words) -> str:
    """Say how many objectives are commitments and how many are aspirations: a cycle needs both."""
    counted = [words.counted(f"mix.{kind}", count) for kind, count in mix_of(scorecard).items() if count]
    return " · ".join(counted)


_ATTENTION_ROWS = 5
"""How many rows are seen at once; all of them where only one more would be folded."""


def attention_block(scorecard: Scorecard, reader: Reader, moves: Moves = NO_MOVES) -> Html:
    """Draw the key results that need attention, the worst first; nothing when none does."""
    waiting = attention_of(scorecard)
    if not waiting:
        return EMPTY
    rows = [_attention_row(card, reader, moves) for card in waiting]
    shown = len(rows) if len(rows) <= _ATTENTION_ROWS + 1 else _ATTENTION_ROWS
    return element(
        "section",
        element("h2", reader.words("attention.title"), id="ql-attention"),
        _attention_table(rows[:shown]),
        _folded(rows[shown:], reader) if rows[shown:] else None,
        aria_labelledby="ql-attention",
    )


def _attention_table(rows: Sequence[Html]) -> Html:
    return element("table", element("tbody", *rows), class_="ql-attention ql-rows")


def _folded(rows: Sequence[Html], reader: Reader) -> Html:
    """Fold what is less pressing, so that the first screen holds what has to be decided first."""
    label = reader.words.counted("attention.more", len(rows))
    return element("details", element("summary", label), _attention_table(rows), class_="ql-more")


def objective_block(
    card: ObjectiveCard, scorecard: Scorecard, reader: Reader, moves: Moves = NO_MOVES, *, as_cards: bool
) -> Html:
    """Draw one objective with its key results."""
    body = _card_grid(card, scorecard, reader, moves) if as_cards else _key_result_table(card, scorecard, reader, moves)
    heading = f"ql-{card.objective.key}"
    kind = "ql-objective ql-forecast" if _forecasts(scorecard) else "ql-objective"
    return element("section", _objective_head(card, reader, heading), body, aria_labelledby=heading, class_=kind)


def _attention_row(card: KeyResultCard, reader: Reader, moves: Moves) -> Html:
    words = reader.words
    target = format_target(card.target, card.unit, words)
    why = sentence(explain(card, words, reader.now))
    still = element("span", words("goals.stands_still"), class_="ql-still") if stands_still(card) else None
    return element(
        "tr",
        element("td", status_badge(card.status, words), class_="ql-state"),
        element("th", title_link(card, reader), " ", element("span", target, class_="ql-note"), scope="row"),
        element("td", value_with_unit(card, words), class_="ql-number"),
        element("td", why, " ", lost_mark(card, moves, words), still, class_="ql-why"),
        element("td", card.key_result.owner or "", class_="ql-owner"),
    )


def _objective_head(card: ObjectiveCard, reader: Reader, heading: str) -> Html:
    words, objective = reader.words, card.objective
    about = [words(f"kind.{objective.kind}"), words(f"level.{objective.level}"), objective.team, objective.owner]
    notes = " · ".join(part for part in about if part)
    left_out = (
        element("span", words.counted("progress.without_data", len(card.without_data)), class_="ql-note")
        if card.without_data
        else None
    )
    chance = None
    if card.p_hit is not None:
        title = "column.chance_to_pass" if objective.kind == "aspirational" else "column.chance"
        name = element("span", words(title), class_="ql-note")
        chance = element("div", name, " ", format_chance(card.p_hit, words), class_="ql-chance")
    return element(
        "header",
        element(
            "div",
            element("h2", words.title(objective.title, objective.id), id=heading),
            element("span", notes, class_="ql-note"),
        ),
        element("div", objective_progress(card, words), left_out, worst_note(card, words), class_="ql-progress"),
        chance,
        status_badge(card.status, words),
    )


def _key_result_table(card: ObjectiveCard, scorecard: Scorecard, reader: Reader, moves: Moves) -> Html:
    forecast = _forecasts(scorecard)
    rows = [_key_result_row(each, scorecard, reader, moves, forecast=forecast) for each in card.key_results]
    return measured_table(rows, reader.words, forecast=forecast)


def measured_table(rows: Sequence[Html], words: Words, *, forecast: bool, heading: str = "key_result") -> Html:
    """Lay out rows of what is measured under their headings."""
    names = [heading, "now", "target", "progress", "trend", *(["chance"] if forecast else []), "status"]
    numeric = {"now", "target", "chance"}
    head = [
        element(
            "th",
            words(f"column.{name}"),
            scope="col",
            class_=f"ql-{name} ql-number" if name in numeric else f"ql-{name}",
        )
        for name in names
    ]
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-key-results ql-rows"
    )


def _forecasts(scorecard: Scorecard) -> bool:
    """Tell whether anything is forecast; before that, chances are absent rather than empty."""
    return any(each.forecast.p_hit is not None for each in scorecard.key_results)


def _key_result_row(card: KeyResultCard, scorecard: Scorecard, reader: Reader, moves: Moves, *, forecast: bool) -> Html:
    name = element("th", title_link(card, reader), _owner(card), scope="row")
    return measured_row(name, card, scorecard, reader, moves, forecast=forecast)


def measured_row(
    name: Html, card: KeyResultCard, scorecard: Scorecard, reader: Reader, moves: Moves = NO_MOVES, *, forecast: bool
) -> Html:
    """Draw one row of what is measured behind its name."""
    words = reader.words
    chance = (
        element(
            "td",
            format_chance(card.forecast.p_hit, words),
            whole_mark(card, words),
            move_mark(card, moves, words),
            class_="ql-number ql-chance",
            data_label=words("column.chance"),
        )
        if forecast
        else None
    )
    return element(
        "tr",
        name,
        element("td", value_with_unit(card, words), sample_note(card, words), class_="ql-number ql-now"),
        element("td", format_target(card.target, card.unit, words), class_="ql-number ql-target"),
        element("td", progress_cell(card, scorecard.elapsed, words), class_="ql-progress"),
        element("td", trend_image(card, scorecard.as_of, words), class_="ql-trend-cell"),
        chance,
        element("td", status_badge(card.status, words), _reason(card, reader), class_="ql-state"),
    )


def _card_grid(card: ObjectiveCard, scorecard: Scorecard, reader: Reader, moves: Moves) -> Html:
    return element("ul", *(_one_card(each, scorecard, reader, moves) for each in card.key_results), class_="ql-cards")


def _one_card(card: KeyResultCard, scorecard: Scorecard, reader: Reader, moves: Moves) -> Html:
    words = reader.words
    value = element("span", value_with_unit(card, words), class_="ql-big")
    target = element("span", format_target(card.target, card.unit, words), class_="ql-note")
    return element(
        "li",
        element("h3", title_link(card, reader)),
        element("p", value, " ", target, sample_note(card, words)),
        element("div", progress_cell(card, scorecard.elapsed, words), class_="ql-progress"),
        _card_chance(card, moves, words),
        trend_image(card, scorecard.as_of, words),
        element("p", status_badge(card.status, words), _reason(card, reader)),
    )


def _card_chance(card: KeyResultCard, moves: Moves, words: Words) -> Html:
    if card.forecast.p_hit is None:
        return EMPTY
    name = element("span", words("whatif.chance_whole" if passes_short(card) else "column.chance"), class_="ql-note")
    return element("p", name, " ", format_chance(card.forecast.p_hit, words), " ", move_mark(card, moves, words))


def _owner(card: KeyResultCard) -> Html:
    return element("span", card.key_result.owner, class_="ql-note") if card.key_result.owner else EMPTY


def _reason(card: KeyResultCard, reader: Reader) -> Html:
    return element("span", sentence(explain(card, reader.words, reader.now)), class_="ql-note")
