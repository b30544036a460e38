"""The agenda of a month under review, drawn: a line per key result, what was decided, and the meeting room's view."""

from collections.abc import Mapping, Sequence

from metrics.model.decision import TargetRevision
from metrics.scorecard.reviewing import CalendarMonth, LoggedDecision, MonthReview, ReviewedKeyResult
from pages.ui.chances import whole_mark
from pages.ui.failures import failure_line
from pages.ui.formats import (
    NOTHING,
    format_chance,
    format_change,
    format_day,
    format_month,
    format_share,
    format_target,
    value_beside,
)
from pages.ui.i18n import Words
from pages.ui.links import review_link
from pages.ui.markup import Html, element, join
from pages.ui.parts import status_badge
from pages.ui.reader import Reader
from pages.ui.wording import card_title, explain, sentence

_NUMBERS = ("month", "change", "target", "chance")


def review_headline(review: MonthReview, words: Words) -> Html:
    """Draw the answer: how many key results need a decision, and whether the meeting was held."""
    count = words.counted("review.waiting", len(review.waiting), all=len(review.agenda))
    return element(
        "section",
        element("h1", words("review.title", month=format_month(review.month, words))),
        element("p", count if review.waiting else words("review.none_waiting"), class_="ql-summary"),
        element("p", _held(review, words), class_="ql-note"),
    )


def calendar_block(months: Sequence[CalendarMonth], shown: str, kept: Mapping[str, str], words: Words) -> Html:
    """Draw the cycle's months: reviewed, due for review, or not over yet; those that can be lead to their agenda."""
    return element(
        "nav",
        *(_calendar_month(each, shown, kept, words) for each in months),
        class_="ql-months",
        aria_label=words("review.calendar"),
    )


def agenda_head(review: MonthReview, words: Words) -> Html:
    """Draw the names of the agenda's columns."""
    names = ("key_result", *_shown_numbers(review), "check_in", "status")
    cells = [
        element("span", words(f"review.column_{name}"), class_="ql-number" if name in _NUMBERS else None)
        for name in names
    ]
    return element("div", *cells, class_=f"{_kind(review)} ql-agenda-head", aria_hidden="true")


def agenda_line(row: ReviewedKeyResult, review: MonthReview, reader: Reader) -> Html:
    """Draw one key result: its month, change, target, chance, last check-in and status."""
    words, card = reader.words, row.card
    numbers = {
        "month": value_beside(card.target, row.month.value, card.unit, words),
        "change": format_change(row.change, card.unit, words),
        "target": _target(row, words),
        "chance": join(format_chance(card.forecast.p_hit, words), whole_mark(card, words)),
    }
    title = element("a", card_title(card, words), href=reader.to_key_result(card.key_result.key))
    owner = card.key_result.owner or row.objective.owner
    return element(
        "div",
        element("div", title, element("span", owner, class_="ql-note") if owner else None, class_="ql-name"),
        *(
            element("div", numbers[name], class_="ql-number", data_label=words(f"review.column_{name}"))
            for name in _shown_numbers(review)
        ),
        element("div", *_check_in(row, words), class_="ql-said"),
        element("div", status_badge(card.status, words), element("span", _why(row, reader), class_="ql-note")),
        class_=_kind(review),
    )


def decided_block(row: ReviewedKeyResult, words: Words) -> Html | None:
    """Draw what this review decided about a key result, and what earlier ones left open; None where nothing."""
    items = [
        *(_decision(each, words, earlier=True) for each in row.still_open),
        *(_decision(each, words, earlier=False) for each in row.decisions),
        *(_revision(each.decision, row, words) for each in row.revisions),
    ]
    return element("ul", *items, class_="ql-decided") if items else None


def room_view(review: MonthReview, reader: Reader, leave: str) -> Html:
    """Draw the whole agenda large and without controls, for the meeting room."""
    words = reader.words
    groups = [
        ("review.group_waiting", review.waiting),
        ("review.group_well", tuple(row for row in review.agenda if not row.needs_decision)),
    ]
    sections = [
        element(
            "section",
            element("h2", words(name)),
            agenda_head(review, words),
            *(join(agenda_line(row, review, reader), decided_block(row, words)) for row in rows),
        )
        for name, rows in groups
        if rows
    ]
    out = element("a", words("review.leave"), href=leave, class_="ql-back")
    return element("div", review_headline(review, words), *sections, element("p", out), class_="ql-present")


def log_rows(log: tuple[LoggedDecision, ...], words: Words) -> list[tuple[str, ...]]:
    """Give the decision log as cells, the newest first."""
    return [
        (
            format_month(each.made.decision.month, words),
            each.made.decision.key.partition("/")[2],
            each.made.decision.text,
            each.made.decision.owner or NOTHING,
            format_day(each.made.decision.due, words, year=True) if each.made.decision.due else NOTHING,
            _state(each, words),
        )
        for each in reversed(log)
    ]


def _calendar_month(month: CalendarMonth, shown: str, kept: Mapping[str, str], words: Words) -> Html:
    mark = {"held": "✔", "due": "◆", "ahead": "◌"}[month.state]
    day = month.held and format_day(month.held.decision.held_on, words)
    state = words("review.month_held_on", day=day) if day else words(f"review.month_{month.state}")
    text = f"{mark} {format_month(month.month, words)}"
    note = element("span", state, class_="ql-at_risk" if month.state == "due" else "ql-note")
    if month.state == "ahead":
        return element("span", text, " ", note, class_="ql-note")
    current = "true" if month.month == shown else None
    return element("a", text, " ", note, href=review_link(**{**kept, "month": month.month}), aria_current=current)


def _shown_numbers(review: MonthReview) -> tuple[str, ...]:
    """Leave the chance out where nothing is forecast."""
    forecast = any(row.card.forecast.p_hit is not None for row in review.agenda)
    return _NUMBERS if forecast else _NUMBERS[:-1]


def _kind(review: MonthReview) -> str:
    return "ql-agenda" if "chance" in _shown_numbers(review) else "ql-agenda ql-no-chance"


def _held(review: MonthReview, words: Words) -> str:
    as_of = words("review.as_of", day=format_day(review.scorecard.as_of, words, year=True))
    if review.held is None:
        return f"{words('review.not_held')} {as_of}"
    made = review.held.decision
    day = format_day(made.held_on, words, year=True)
    who = words("review.held_with", day=day, names=", ".join(made.attendees)) if made.attendees else None
    return " ".join(filter(None, [who or words("review.held", day=day), as_of, made.note]))


def _target(row: ReviewedKeyResult, words: Words) -> Html:
    card = row.card
    target = element("span", format_target(card.target, card.unit, words))
    if card.original_target == card.target:
        return target
    was = words("key_result.was", target=format_target(card.original_target, card.unit, words))
    return join(target, element("span", was, class_="ql-note"))


def _check_in(row: ReviewedKeyResult, words: Words) -> tuple[Html | str, ...]:
    recorded = row.card.check_in
    if recorded is None:
        return (element("span", words("review.no_check_in"), class_="ql-note"),)
    made = recorded.decision
    confidence = words("review.confidence", share=format_share(made.confidence, words))
    about = f"{format_day(made.day, words)} · {confidence}"
    return element("span", about, class_="ql-note"), element("span", made.note)


def _why(row: ReviewedKeyResult, reader: Reader) -> str:
    return failure_line(row.error, reader.words) if row.error else sentence(explain(row.card, reader.words, reader.now))


def _decision(logged: LoggedDecision, words: Words, *, earlier: bool) -> Html:
    made = logged.made.decision
    about = [
        words("review.from_month", month=format_month(made.month, words)) if earlier else None,
        made.owner,
        made.due and words("review.due", day=format_day(made.due, words)),
        _state(logged, words),
    ]
    return element("li", made.text, " ", element("span", " · ".join(part for part in about if part), class_="ql-note"))


def _revision(made: TargetRevision, row: ReviewedKeyResult, words: Words) -> Html:
    old, new = (format_target(each, row.card.unit, words) for each in (made.old, made.new))
    told = words("review.revised", old=old, new=new, day=format_day(made.effective_on, words))
    return element("li", f"{told}: {made.reason}")


def _state(logged: LoggedDecision, words: Words) -> str:
    shape = {"open": "○", "overdue": "▼", "settled": "✔"}[logged.state]
    return f"{shape} {words(f'review.state_{logged.state}')}"
