"""Statuses, reasons and the summary sentence, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from metrics.model.definition import Read
from metrics.model.scorecard import KeyResultCard, Scorecard, Status
from metrics.progress.rollup import NEEDS_ATTENTION, WORST_FIRST
from metrics.progress.status import PASS_MARKS
from pages.ui.failures import failure_line
from pages.ui.formats import (
    format_age,
    format_apart,
    format_chance,
    format_change,
    format_day,
    format_number,
    format_share,
    format_value,
    value_beside,
)
from pages.ui.i18n import Words

SHAPES: Mapping[Status, str] = {
    "on_track": "●",
    "at_risk": "◆",
    "off_track": "▼",
    "achieved": "✔",
    "missed": "✖",
    "no_data": "○",
    "stale": "◔",
    "not_started": "◌",
}
"""Each status has a shape of its own, so that nothing rests on colour alone."""

_NAMED_IN_SUMMARY = 2

Numbers = Mapping[str, float | str]


def card_title(card: KeyResultCard, words: Words) -> str:
    """Give a key result's title."""
    return words.title(card.key_result.title, card.key_result.id)


def attention_of(scorecard: Scorecard) -> tuple[KeyResultCard, ...]:
    """Give the key results that need attention, the worst first, otherwise in the order they are defined."""
    waiting = [card for card in scorecard.key_results if card.status in NEEDS_ATTENTION]
    return tuple(sorted(waiting, key=lambda card: WORST_FIRST.index(card.status)))


def summarise(scorecard: Scorecard, words: Words, now: datetime) -> str:
    """Say in one or two sentences how many key results are on track, and which need a decision."""
    cards = scorecard.key_results
    good = sum(card.status in {"on_track", "achieved"} for card in cards)
    first = words.counted("summary.on_track", len(cards), good=good)
    waiting = attention_of(scorecard)
    if not waiting:
        return f"{first} {words('summary.none_open')}"
    named = [
        words("summary.item", title=card_title(card, words), reason=explain(card, words, now))
        for card in waiting[:_NAMED_IN_SUMMARY]
    ]
    if len(waiting) > _NAMED_IN_SUMMARY:
        named.append(words("summary.and_more", count=len(waiting) - _NAMED_IN_SUMMARY))
    names = ", ".join(named)
    if len(waiting) == 1:
        return f"{first} {words('summary.need_one', names=names)}"
    count = words.known(f"number.{len(waiting)}", str(len(waiting)))
    return f"{first} {words('summary.need', count=count, names=names)}"


def explain(card: KeyResultCard, words: Words, now: datetime) -> str:
    """Word why a key result has its status, as a clause without a full stop."""
    code, numbers = card.why.code, dict(card.why.values)
    word = _WORDED.get(code)
    worded = words.known(f"reason.{code}", code) if word is None else word(card, numbers, words, now)
    if "no_forecast" not in numbers:
        return worded
    return words("reason.no_forecast", reason=worded, why=words(f"no_forecast.{numbers['no_forecast']}"))


def read_in_words(read: Read, words: Words) -> str:
    """Say what "the value" of a key result is."""
    return words(f"read.{read.kind.replace(' ', '_')}", days=read.days)


def needed_per_week(amount: float, card: KeyResultCard, words: Words) -> str:
    """Say what still meets the target: of a total what comes in per week, of everything else its change."""
    if card.key_result.shape == "total":
        return words("needed.per_week", change=format_value(abs(amount), card.unit, words))
    return words("needed.per_week", change=format_change(amount, card.unit, words))


def _not_started(_card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    return words.counted("reason.not_started", int(float(numbers["days"])))


def _error(_card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    return words("reason.error", message=failure_line(str(numbers["message"]), words))


def _not_due(_card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    return words("reason.not_due", due=format_day(date.fromisoformat(str(numbers["due"])), words))


def _stale(_card: KeyResultCard, numbers: Numbers, words: Words, now: datetime) -> str:
    would_be = words(f"status.{numbers['would_be']}")
    last = numbers["last_event_at"]
    if not last:
        return words("reason.stale_never", would_be=would_be)
    age: timedelta = now - datetime.fromisoformat(str(last))
    return words("reason.stale", age=format_age(age, words), would_be=would_be)


def _check_in_overdue(_card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    days, would_be = int(float(numbers["days"])), words(f"status.{numbers['would_be']}")
    return words("reason.check_in_overdue", days=days, would_be=would_be)


def _at_close(card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    return words(
        f"reason.{card.why.code}",
        progress=format_share(_number(numbers.get("progress")), words, apart_from=_mark_beside(numbers)),
        pass_mark=format_share(_number(numbers.get("pass_mark")), words),
    )


def _mark_beside(numbers: Numbers) -> float:
    """Of a part of the way that is short of all of it, the mark that it must not seem to reach."""
    progress, lesser = float(numbers["progress"]), PASS_MARKS["aspirational"]
    return lesser if progress < (lesser + 1) / 2 else 1.0


def _burn(card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    rate = float(numbers["burn"])
    burn = format_apart(rate, (1.0,), words, decimals=1 if rate >= 1.1 else 2)
    rest_rate = format_value(_number(numbers.get("rest_rate")), card.unit, words)
    return words(f"reason.{card.why.code}", burn=burn, rest_rate=rest_rate)


def _budget_gone(_card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    over = float(numbers["spent"]) - float(numbers["allowed"])
    return words("reason.budget_gone", over=format_apart(over, (0.0,), words, decimals=0))


def _pace(card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    gap = 100 * (float(numbers["expected"]) - float(numbers["progress"]))
    return words(f"reason.{card.why.code}", gap=format_number(gap, words.language, decimals=0))


def _chance(card: KeyResultCard, numbers: Numbers, words: Words, _now: datetime) -> str:
    part = "_part" if float(numbers["pass_mark"]) < 1 else ""
    return words(
        f"reason.{card.why.code}{part}",
        chance=format_chance(_number(numbers["p_hit"]), words),
        median=value_beside(card.target, _number(numbers["median"]), card.unit, words),
        pass_mark=format_share(_number(numbers["pass_mark"]), words),
    )


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)


_WORDED: Mapping[str, Callable[[KeyResultCard, Numbers, Words, datetime], str]] = {
    "not_started": _not_started,
    "error": _error,
    "not_due": _not_due,
    "stale": _stale,
    "check_in_overdue": _check_in_overdue,
    "pass_mark_at_close": _at_close,
    "missed_at_close": _at_close,
    "undone_at_close": _at_close,
    "within_budget": _burn,
    "burning_too_fast": _burn,
    "recoverable": _burn,
    "budget_gone": _budget_gone,
    "behind_pace": _pace,
    "far_behind_pace": _pace,
    "chance_high": _chance,
    "chance_even": _chance,
    "chance_low": _chance,
}


def sentence(text: str) -> str:
    """Begin a clause as a sentence, its first letter alone changed."""
    return text[:1].upper() + text[1:]
