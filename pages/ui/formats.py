"""Numbers, targets, days and times as the reader's language writes them."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_decimal

from metrics.model.definition import Language
from metrics.model.target import Target
from metrics.model.written import bounded_chance, first_apart
from pages.ui.i18n import Words

LOCALES: Mapping[Language, str] = {"en": "en_GB", "vi": "vi_VN"}
NBSP = "\u00a0"
"""Keeps a unit beside its number."""

MINUS = "−"  # noqa: RUF001 - the sign, not a hyphen
NOTHING = "–"  # noqa: RUF001 - an en dash stands for a value that does not exist
_COMPARATORS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_COMPACT_FROM = 1_000_000
_COMPACT_DECIMALS = 2
_MOST_DECIMALS = 6
_MOST_DIGITS = 12
_DAY = {"en": "d MMM", "vi": "d/M"}
_MONTH = {"en": "MMMM yyyy", "vi": "'tháng' M/yyyy"}
_DAY_OF_YEAR = {"en": "d MMM yyyy", "vi": "d/M/yyyy"}


@lru_cache(maxsize=4096)
def format_number(value: float, language: Language, *, decimals: int) -> str:
    """Write a number with at most so many decimals, grouped, trailing zeros left out."""
    pattern = f"#,##0.{'#' * decimals}" if decimals else "#,##0"
    # A negative number that rounds to zero is zero: nobody should have to read "-0".
    return format_decimal(round(value, decimals) + 0.0, pattern, locale=LOCALES[language])


def format_score(value: float | None, words: Words, *, decimals: int = 3) -> str:
    """Write a score with exactly so many decimals, so that a column of them lines up."""
    pattern = f"#,##0.{'0' * decimals}"
    return NOTHING if value is None else str(format_decimal(value, pattern, locale=LOCALES[words.language]))


def format_value(
    value: float | None, unit: str, words: Words, *, apart_from: float | None = None, step: float | None = None
) -> str:
    """Write a metric's value with its unit: `2.7 h`, `84,1 %`, `1.2 bn ₫`.

    Args:
        apart_from: a number that the value must not seem equal to unless it is; decimals are added until they differ.
        step: the smallest difference from other values that must show.
    """
    if value is None:
        return NOTHING
    scale = 100 if unit == "percent" else 1
    shown, other = scale * value, None if apart_from is None else scale * apart_from
    decimals = _usual_decimals(shown, unit)
    if step is not None:
        decimals = max(decimals, _decimals_of(scale * step, shown))
    return _with_unit(shown, unit, words, _decimals_apart(shown, other, decimals))


def value_beside(target: Target, value: float | None, unit: str, words: Words) -> str:
    """Write a value that is read beside a target, so that it never seems to stand at it unless it does."""
    return format_value(value, unit, words, apart_from=None if value is None else target.end_nearest(value))


def format_target(target: Target, unit: str, words: Words) -> str:
    """Write a target with its unit and every decimal that it has: `< 2 h`, `≥ 99.95 %`, `4–6 h`."""  # noqa: RUF002
    high = _exactly(target.value if target.high is None else target.high, unit, words)
    if target.comparator == "within":
        return f"{_exactly(target.value, unit, words).split(NBSP)[0]}–{high}"  # noqa: RUF001 - a range takes an en dash
    return f"{sign_of(target)} {high}"


def sign_of(target: Target) -> str:
    """Give the sign of a target's comparator, as people write it."""
    return _COMPARATORS[target.comparator]


def format_share(share: float | None, words: Words, *, apart_from: float = 1.0) -> str:
    """Write a share of 1 as whole per cent, with decimals where it would seem to be all (or another) and is not."""
    if share is None:
        return NOTHING
    decimals = _decimals_apart(100 * share, 100 * apart_from, 0)
    return f"{_digits(100 * share, words, decimals)}{NBSP}%"


def format_chance(chance: float | None, words: Words) -> str:
    """Write a chance as whole per cent; only what is certain is shown as 0 % or 100 %."""
    if chance is None:
        return NOTHING
    sign, shown = bounded_chance(chance)
    return f"{sign}{NBSP if sign else ''}{format_share(shown, words)}"


def format_apart(value: float, marks: Sequence[float], words: Words, *, decimals: int) -> str:
    """Write a number with at most so many decimals, or as many as keep it from seeming to stand at one of the marks."""
    nearest = min(marks, key=lambda mark: abs(mark - value))
    return _digits(value, words, _decimals_apart(value, nearest, decimals))


def format_count(count: int, words: Words) -> str:
    """Write a whole number, grouped."""
    return format_number(count, words.language, decimals=0)


def format_day(day: date, words: Words, *, year: bool = False) -> str:
    """Write a day: `23 Nov`, `23/11`."""
    return format_date(day, (_DAY_OF_YEAR if year else _DAY)[words.language], locale=LOCALES[words.language])


def format_month(month: str, words: Words) -> str:
    """Write a calendar month such as `2027-01`: `January 2027`, `tháng 1/2027`."""
    return format_date(date.fromisoformat(f"{month}-01"), _MONTH[words.language], locale=LOCALES[words.language])


def format_change(change: float | None, unit: str, words: Words) -> str:
    """Write a change with its sign; that of a percentage in percentage points."""
    if change is None:
        return NOTHING
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    size = 100 * abs(change) if unit == "percent" else abs(change)
    return f"{sign}{format_value(size, 'percentage_points' if unit == 'percent' else unit, words)}"


def format_moment(moment: datetime, words: Words, timezone: str) -> str:
    """Write an instant in the organisation's zone: `23 Nov 14:05`."""
    local = moment.astimezone(ZoneInfo(timezone))
    return format_datetime(local, f"{_DAY[words.language]} HH:mm", locale=LOCALES[words.language])


def format_age(age: timedelta, words: Words) -> str:
    """Write how long ago something happened, in its largest unit: `9 d`, `3 h`, `5 min`."""
    seconds = max(age.total_seconds(), 0)
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{format_number(seconds // size, words.language, decimals=0)}{NBSP}{words(f'unit.{name}')}"
    return words("age.now")


def format_seconds(seconds: float, words: Words) -> str:
    """Write a duration in seconds, with decimals only where they say something."""
    return f"{format_number(seconds, words.language, decimals=2 if seconds < 1 else 1 if seconds < 10 else 0)}{NBSP}s"


def _with_unit(shown: float, unit: str, words: Words, decimals: int) -> str:
    name = words.known(f"unit.{unit}", unit)
    return f"{_digits(shown, words, decimals)}{NBSP}{name}" if name else _digits(shown, words, decimals)


def _exactly(value: float, unit: str, words: Words) -> str:
    """Write a number that somebody chose: rounding it would show another one than counts."""
    shown = (100 if unit == "percent" else 1) * value
    written = Decimal(f"{shown:.{_MOST_DIGITS}g}")
    if abs(shown) >= _COMPACT_FROM:
        written = written.scaleb(-3 * (written.adjusted() // 3))  # told in millions, billions, ...
    return _with_unit(shown, unit, words, max(-int(written.normalize().as_tuple().exponent), 0))


def _decimals_apart(shown: float, other: float | None, decimals: int) -> int:
    """Give at least so many decimals, and as many as tell a number from another."""
    told = range(decimals, max(decimals, _MOST_DECIMALS) + 1)
    return decimals if other is None else first_apart(told, _rounded, shown, other)


def _rounded(value: float, decimals: int) -> float:
    """Give the number that is read once it is written with so many decimals: of 1,234,567 it is 1.23 million."""
    whole = round(value, decimals)
    if abs(whole) < _COMPACT_FROM:
        return whole
    size = 1000.0 ** (Decimal(abs(whole)).adjusted() // 3)
    return round(whole / size, max(decimals, _COMPACT_DECIMALS)) * size


def _digits(value: float, words: Words, decimals: int) -> str:
    value = round(value, decimals)
    if abs(value) < _COMPACT_FROM:
        return format_number(value, words.language, decimals=decimals)
    style: Literal["long", "short"] = (
        "long" if words.language == "vi" else "short"
    )  # "1,2 tỷ" is read at once; "1,2 T" is not
    locale = LOCALES[words.language]
    return str(
        format_compact_decimal(
            value, format_type=style, locale=locale, fraction_digits=max(decimals, _COMPACT_DECIMALS)
        )
    )


def _decimals_of(step: float, value: float) -> int:
    """Count the decimals that a step has in the unit, ones, millions or billions, in which the value is written."""
    unit = 1.0 if abs(value) < _COMPACT_FROM else 1000.0 ** (math.log10(abs(value)) // 3)
    return min(max(0, math.ceil(-math.log10(step / unit) - 1e-9)), 12)


def _usual_decimals(value: float, unit: str) -> int:
    size = abs(value)
    if unit in {"percent", "percentage_points"}:
        return 1
    return 0 if size >= 100 else 1 if size >= 10 else 2
