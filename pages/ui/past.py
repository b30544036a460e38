"""What was shown on a past day beside what is known about it now, drawn, with every difference explained."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from metrics.model.target import parse_target
from metrics.scorecard.difference import Cause, Code, Difference, measured_by_identity
from metrics.scorecard.document import scorecard_document
from metrics.scorecard.past import ThenAndNow
from pages.ui.formats import (
    NOTHING,
    format_count,
    format_day,
    format_moment,
    format_number,
    format_share,
    format_target,
    format_value,
    value_beside,
)
from pages.ui.i18n import Words
from pages.ui.markup import Html, element
from pages.ui.reader import Reader
from pages.ui.wording import SHAPES, sentence

Numbers = Mapping[str, Any]
Document = Mapping[str, Any]


def past_headline(past: ThenAndNow, reader: Reader) -> Html:
    """Say how many key results are told differently now."""
    words, count, listed = reader.words, len(past.differences), measured_by_identity(past.then)
    when = format_moment(past.shown.recorded_at, words, reader.timezone)
    about = words("then.recorded", moment=when, generation=past.shown.generation, now=past.now.generation)
    return element(
        "section",
        element("h1", words("then.title", day=format_day(past.shown.day, words, year=True))),
        element(
            "p",
            words.counted("then.differ", count, all=len(listed)) if count else words("then.same"),
            class_="ql-summary",
        ),
        element("p", about, class_="ql-note"),
    )


def differences_table(past: ThenAndNow, reader: Reader) -> Html:
    """Draw each key result that differs: shown then, known now, and why."""
    words = reader.words
    known, then = measured_by_identity(scorecard_document(past.now, "en")), measured_by_identity(past.then)
    rows = [_row(each, then.get(each.identity), known.get(each.identity), past, reader) for each in past.differences]
    return _table(("key_result", "then", "now", "why"), rows, words)


def unchanged_table(past: ThenAndNow, reader: Reader) -> Html:
    """Draw the key results that are told now as they were shown then."""
    words, differing = reader.words, {each.identity for each in past.differences}
    rows = [
        element(
            "tr",
            element("th", _title(each, past, reader), scope="row"),
            element("td", *_standing(each, words)),
        )
        for identity, each in measured_by_identity(past.then).items()
        if identity not in differing
    ]
    return _table(("key_result", "then"), rows, words)


def word_cause(cause: Cause, unit: str, words: Words) -> str:
    """Word a cause in the reader's language, as a clause without a full stop."""
    numbers = dict(cause.values)
    worded = _WORDED.get(cause.code, _plainly)(numbers, unit, words)
    return words(f"cause.{cause.code}", **worded)


def _row(difference: Difference, then: Document | None, now: Document | None, past: ThenAndNow, reader: Reader) -> Html:
    words, either = reader.words, then or now or {}
    causes = [
        element("li", sentence(word_cause(cause, str(either.get("unit", "")), words)), ".")
        for cause in difference.causes
    ]
    return element(
        "tr",
        element("th", _title(either, past, reader), scope="row"),
        element("td", *_standing(then, words), data_label=words("then.column_then")),
        element("td", *_standing(now, words), data_label=words("then.column_now")),
        element("td", element("ul", *causes, class_="ql-decided")),
    )


def _standing(told: Document | None, words: Words) -> tuple[Html | str, ...]:
    """Draw a key result as a document tells it: value, target, status."""
    if told is None:
        return (element("span", words("then.not_there"), class_="ql-note"),)
    aim = parse_target(told["target"])
    value = value_beside(aim, told["value"], told["unit"], words)
    target = format_target(aim, told["unit"], words)
    status = told["status"]
    return (
        element("strong", value),
        element("span", words("key_result.target", target=target), class_="ql-note ql-line"),
        element("span", f"{SHAPES[status]} {words(f'status.{status}')}", class_=f"ql-status ql-{status}"),
    )


def _title(told: Document, past: ThenAndNow, reader: Reader) -> Html | str:
    found = next((card for card in past.now.key_results if card.key_result.id == told.get("id")), None)
    if found is None or "starts" in told:  # a goal has no page of its own here
        return str(told.get("title", ""))
    title = reader.words.title(found.key_result.title, found.key_result.id)
    return element("a", title, href=reader.to_key_result(found.key_result.key))


def _table(names: tuple[str, ...], rows: list[Html], words: Words) -> Html:
    head = [element("th", words(f"then.column_{name}"), scope="col") for name in names]
    return element("table", element("thead", element("tr", *head)), element("tbody", *rows), class_="ql-past ql-rows")


def _rows(numbers: Numbers, unit: str, words: Words) -> dict[str, str]:
    return {
        "rows_then": format_count(numbers["rows_then"], words),
        "rows_now": format_count(numbers["rows_now"], words),
        "value_then": format_value(numbers["value_then"], unit, words, apart_from=numbers["value_now"]),
        "value_now": format_value(numbers["value_now"], unit, words, apart_from=numbers["value_then"]),
    }


def _values(numbers: Numbers, unit: str, words: Words) -> dict[str, str]:
    then, now = numbers["then"], numbers["now"]
    return {
        "then": format_value(then, unit, words, apart_from=now),
        "now": format_value(now, unit, words, apart_from=then),
    }


def _targets(numbers: Numbers, unit: str, words: Words) -> dict[str, str]:
    told = {name: format_target(parse_target(numbers[name]), unit, words) for name in ("then", "now")}
    day = format_day(date.fromisoformat(numbers["effective_on"]), words, year=True)
    return {**told, "effective_on": day, "reason": numbers["reason"], "by": numbers["by"]}


def _confidence(numbers: Numbers, _unit: str, words: Words) -> dict[str, str]:
    return {name: format_share(numbers[name], words) for name in ("then", "now")}


def _freshness(numbers: Numbers, _unit: str, words: Words) -> dict[str, str]:
    return {name: words(f"then.{numbers[name]}") for name in ("then", "now")}


def _dropped(numbers: Numbers, _unit: str, words: Words) -> dict[str, str]:
    return {**numbers, "on": format_day(date.fromisoformat(numbers["on"]), words, year=True)}


def _plainly(numbers: Numbers, _unit: str, words: Words) -> dict[str, str]:
    return {name: _plain(value, words) for name, value in numbers.items()}


def _plain(value: object, words: Words) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOTHING if value is None else str(value)
    return format_number(float(value), words.language, decimals=2)


_WORDED: Mapping[Code, Callable[[Numbers, str, Words], dict[str, str]]] = {
    "late_rows": _rows,
    "withdrawn_rows": _rows,
    "corrected_rows": _rows,
    "moved_baseline": _values,
    "revised_target": _targets,
    "checked_in": _confidence,
    "freshness": _freshness,
    "dropped": _dropped,
}
