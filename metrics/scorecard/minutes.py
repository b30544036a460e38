"""A review's minutes as Markdown for people and as CSV for programs, the same bytes from every front end."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from metrics.model.decision import Recorded, TargetRevision
from metrics.model.definition import Language
from metrics.model.target import Target
from metrics.periods import month_window
from metrics.scorecard.minutes_words import UNITS, WORDS
from metrics.scorecard.reviewing import LoggedDecision, MonthReview, ReviewedKeyResult
from metrics.scorecard.told import title_in
from metrics.tabular import Cell, write_csv

MINUTES_COLUMNS = (
    "cycle",
    "month",
    "held_on",
    "attendees",
    "as_of",
    "generation",
    "objective",
    "key_result",
    "title_en",
    "title_vi",
    "owner",
    "unit",
    "value",
    "rows",
    "value_before",
    "change",
    "target",
    "original_target",
    "status",
    "p_hit",
    "confidence",
    "checked_in_on",
    "entry",
    "text",
    "who",
    "due",
    "state",
    "recorded_by",
)
"""Headers of the minutes as CSV; new ones are only ever added at the end."""

NBSP = "\u00a0"
_LOCALES = {"en": "en_GB", "vi": "vi_VN"}
_DAY = {"en": "d MMM yyyy", "vi": "d/M/yyyy"}
_MONTH = {"en": "MMMM yyyy", "vi": "'tháng' M/yyyy"}
_COMPARATORS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_LEAST_SHOWN = 0.001
_MOST_DECIMALS = 6
_NOTHING = "–"  # noqa: RUF001 - an en dash stands for a value that does not exist

Entry = tuple[str, str | None, str | None, date | None, str | None, str | None]


def minutes_rows(review: MonthReview) -> list[tuple[Cell, ...]]:
    """Give a row per key result, and one for each decision and revision about it, in `MINUTES_COLUMNS`."""
    return [(*_about(review, row), *entry) for row in review.agenda for entry in _entries(row)]


def minutes_csv(review: MonthReview) -> bytes:
    """Write those rows as CSV that spreadsheets open in the right encoding."""
    return write_csv(MINUTES_COLUMNS, minutes_rows(review), for_spreadsheets=True)


def minutes_markdown(review: MonthReview, organisation: str, language: Language) -> str:
    """Write the minutes for people, in a language; what people typed cannot become markup."""
    words = WORDS[language]
    sections = (
        ("decisions", [_decision(row, each, language) for row in review.agenda for each in row.decisions]),
        ("revisions", [_revision(row, each, language) for row in review.agenda for each in row.revisions]),
        ("earlier", [_decision(row, each, language) for row in review.agenda for each in row.still_open]),
    )
    lines = [*_head(review, organisation, language), f"## {words['key_results']}", "", *_table(review, language)]
    for name, items in sections:
        lines += ["", f"## {words[name]}", "", *(items or [words["nothing"]])]
    return "\n".join(lines) + "\n"


def _about(review: MonthReview, row: ReviewedKeyResult) -> tuple[Cell, ...]:
    card, held = row.card, review.held
    key_result = card.key_result
    return (
        review.cycle.id,
        review.month,
        held.decision.held_on if held else None,
        ", ".join(held.decision.attendees) if held else None,
        review.scorecard.as_of,
        review.scorecard.generation,
        key_result.objective,
        key_result.id,
        key_result.title.get("en"),
        key_result.title.get("vi"),
        key_result.owner,
        card.unit,
        row.month.value,
        row.month.rows,
        row.before.value,
        row.change,
        card.target.text,
        card.original_target.text,
        card.status,
        card.forecast.p_hit,
        card.confidence,
        card.check_in.decision.day if card.check_in else None,
    )


def _entries(row: ReviewedKeyResult) -> Iterator[Entry]:
    yield "key_result", None, None, None, None, None
    for entry, listed in (("decision", row.decisions), ("earlier_decision", row.still_open)):
        for each in listed:
            made = each.made.decision
            yield entry, made.text, made.owner, made.due, each.state, each.made.actor
    for revision in row.revisions:
        changed = revision.decision
        text = f"{changed.old.text} -> {changed.new.text} from {changed.effective_on}: {changed.reason}"
        yield "revision", text, changed.approver, None, None, revision.actor


def _head(review: MonthReview, organisation: str, language: Language) -> Iterator[str]:
    words, held = WORDS[language], review.held
    month = format_date(month_window(review.month).starts, _MONTH[language], locale=_LOCALES[language])
    yield f"# {words['title'].format(month=month)}"
    yield ""
    yield words["where"].format(
        organisation=_text(organisation),
        cycle=review.cycle.id,
        day=_day(review.scorecard.as_of, language),
        generation=review.scorecard.generation,
    )
    if held is None:
        yield words["not_held"]
    else:
        yield words["held"].format(day=_day(held.decision.held_on, language))
        if held.decision.attendees:
            yield words["attendees"].format(names=", ".join(map(_text, held.decision.attendees)))
    yield words["waiting"].format(count=len(review.waiting), all=len(review.agenda))
    if held is not None and held.decision.note:
        yield from ("", _text(held.decision.note))
    yield ""


def _table(review: MonthReview, language: Language) -> Iterator[str]:
    words = WORDS[language]
    names = ("key_result", "month", "change", "target", "chance", "status", "check_in")
    yield f"| {' | '.join(words[name] for name in names)} |"
    yield "|---|--:|--:|--:|--:|---|---|"
    for row in review.agenda:
        yield f"| {' | '.join(_cells(row, language))} |"


def _cells(row: ReviewedKeyResult, language: Language) -> Sequence[str]:
    words, card = WORDS[language], row.card
    target = _target(card.target, card.unit, language)
    if card.original_target != card.target:
        target += f" ({words['first'].format(target=_target(card.original_target, card.unit, language))})"
    chance, check_in = card.forecast.p_hit, card.check_in
    told = (
        _NOTHING
        if check_in is None
        else f"{_day(check_in.decision.day, language)}, {check_in.decision.confidence:.0%}: {check_in.decision.note}"
    )
    return (
        _text(title_in(card.key_result.title, language) or card.key_result.id),
        _value(row.month.value, card.unit, language, beside=card.target),
        _value(row.change, card.unit, language, change=True),
        target,
        _chance(chance, language),
        words[card.status],
        _text(told),
    )


def _decision(row: ReviewedKeyResult, logged: LoggedDecision, language: Language) -> str:
    words, made = WORDS[language], logged.made.decision
    promise = [made.owner, made.due and words["due"].format(day=_day(made.due, language)), words[logged.state]]
    title = title_in(row.card.key_result.title, language) or row.card.key_result.id
    return f"- **{_text(title)}**: {_text(made.text)} ({', '.join(_text(part) for part in promise if part)})"


def _revision(row: ReviewedKeyResult, recorded: Recorded[TargetRevision], language: Language) -> str:
    words, made, unit = WORDS[language], recorded.decision, row.card.unit
    title = title_in(row.card.key_result.title, language) or row.card.key_result.id
    changed = words["revision"].format(
        old=_target(made.old, unit, language),
        new=_target(made.new, unit, language),
        day=_day(made.effective_on, language),
        reason=_text(made.reason),
    )
    agreed = f" ({words['approved'].format(name=_text(made.approver))})" if made.approver else ""
    return f"- **{_text(title)}**: {changed}{agreed}"


def _target(target: Target, unit: str, language: Language) -> str:
    if target.comparator == "within":
        low = _exactly(target.value, unit, language).split(NBSP)[0]
        return f"{low}–{_exactly(target.high or 0.0, unit, language)}"  # noqa: RUF001 - a range takes an en dash
    return _text(f"{_COMPARATORS[target.comparator]} {_exactly(target.value, unit, language)}")


def _chance(chance: float | None, language: Language) -> str:
    """Write a chance; only what is certain is shown as 0 % or 100 %."""
    if chance is None:
        return _NOTHING
    sign = "<" if 0 < chance < _LEAST_SHOWN else ">" if 1 - _LEAST_SHOWN < chance < 1 else ""
    shown = min(max(chance, _LEAST_SHOWN), 1 - _LEAST_SHOWN) if sign else chance
    return _text(f"{sign}{_number(100 * shown, language, 'percent', decimals=1)}")


def _exactly(value: float, unit: str, language: Language) -> str:
    """Write a number that somebody chose: rounding it would show another one than counts."""
    shown = 100 * value if unit == "percent" else value
    exponent = Decimal(f"{shown:.12g}").normalize().as_tuple().exponent
    return _number(shown, language, unit, decimals=max(-int(exponent), 0))


def _value(
    value: float | None, unit: str, language: Language, *, change: bool = False, beside: Target | None = None
) -> str:
    """Write a value; one that is read beside a target never seems to stand at it unless it does."""
    if value is None:
        return _NOTHING
    scale = 100 if unit == "percent" else 1
    shown, other = scale * value, None if beside is None else scale * beside.end_nearest(value)
    decimals = 1 if unit == "percent" else 0 if abs(shown) >= 100 else 1 if abs(shown) >= 10 else 2
    while other not in (None, shown) and decimals < _MOST_DECIMALS and round(shown, decimals) == round(other, decimals):
        decimals += 1
    sign = "+" if change and value > 0 else ""
    return f"{sign}{_number(shown, language, unit, decimals=decimals, change=change)}"


def _number(value: float, language: Language, unit: str, *, decimals: int, change: bool = False) -> str:
    pattern = f"#,##0.{'#' * decimals}" if decimals else "#,##0"
    digits = format_decimal(round(value, decimals) + 0.0, pattern, locale=_LOCALES[language])
    name = WORDS[language]["points"] if change and unit == "percent" else UNITS[language].get(unit, unit)
    return f"{digits}{NBSP}{name}" if name else digits


def _day(day: date, language: Language) -> str:
    return str(format_date(day, _DAY[language], locale=_LOCALES[language]))


def _text(text: str) -> str:
    """Set what people typed as plain text on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(line.strip() for line in text.splitlines()))
