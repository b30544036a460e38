"""Numbers, targets and times in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import Language
from metrics.model.target import parse_target
from pages.ui.formats import (
    format_age,
    format_day,
    format_moment,
    format_seconds,
    format_share,
    format_target,
    format_value,
)
from pages.ui.i18n import words_in

EN, VI = words_in("en"), words_in("vi")


@pytest.mark.parametrize(
    ("value", "unit", "english", "vietnamese"),
    [
        (2.71, "hours", "2.71 h", "2,71 giờ"),
        (0.841, "percent", "84.1 %", "84,1 %"),
        (0.05, "percent", "5 %", "5 %"),
        (1234.5, "orders", "1,234 orders", "1.234 đơn"),
        (12.34, "points", "12.3 points", "12,3 điểm"),
        (1_234_000_000, "vnd", "1.23B ₫", "1,23 tỷ ₫"),
        (-0.0001, "hours", "0 h", "0 giờ"),
        (7, "furlongs", "7 furlongs", "7 furlongs"),
        (7, "", "7", "7"),
        (None, "hours", "–", "–"),  # noqa: RUF001
    ],
)
def test_a_value_is_written_as_its_reader_writes_it(
    value: float | None, unit: str, english: str, vietnamese: str
) -> None:
    assert format_value(value, unit, EN).replace("\u00a0", " ") == english
    assert format_value(value, unit, VI).replace("\u00a0", " ") == vietnamese


def test_the_unit_never_parts_from_its_number() -> None:
    assert format_value(2.7, "hours", EN) == "2.7\u00a0h"


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [(1.996, 2, "1.996 h"), (2.0, 2, "2 h"), (1.9999999, 2, "2 h"), (2.7, 2, "2.7 h"), (0.04999, 0.05, "0.04999 h")],
)
def test_a_value_near_its_target_gets_the_decimals_that_tell_them_apart(
    value: float, target: float, shown: str
) -> None:
    assert format_value(value, "hours", EN, apart_from=target).replace("\u00a0", " ") == shown


@given(st.floats(-1e9, 1e9), st.sampled_from(["en", "vi"]), st.sampled_from(["percent", "hours", "vnd"]))
def test_no_number_is_ever_written_as_negative_zero_or_with_an_exponent(
    value: float, language: Language, unit: str
) -> None:
    shown = format_value(value, unit, words_in(language)).split("\u00a0")[0]
    assert shown not in {"-0", "-0.0"}
    assert "e" not in shown.lower().replace("triệu", "").replace("tỷ", "")


@pytest.mark.parametrize(
    ("target", "unit", "english", "vietnamese"),
    [
        ("< 2", "hours", "< 2 h", "< 2 giờ"),
        (">= 90 %", "percent", "≥ 90 %", "≥ 90 %"),
        ("<= 2.5", "hours", "≤ 2.5 h", "≤ 2,5 giờ"),
        ("4..6", "hours", "4–6 h", "4–6 giờ"),  # noqa: RUF001
        (">= 50000000000", "vnd", "≥ 50B ₫", "≥ 50 tỷ ₫"),
    ],
)
def test_a_target_keeps_its_comparator(target: str, unit: str, english: str, vietnamese: str) -> None:
    assert format_target(parse_target(target), unit, EN).replace("\u00a0", " ") == english
    assert format_target(parse_target(target), unit, VI).replace("\u00a0", " ") == vietnamese


def test_days_and_moments_follow_the_language_and_the_organisations_zone() -> None:
    moment = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    assert format_day(date(2026, 11, 23), EN) == "23 Nov"
    assert format_day(date(2026, 11, 23), VI, year=True) == "23/11/2026"
    assert format_moment(moment, EN, "Asia/Ho_Chi_Minh") == "24 Nov 00:30"
    assert format_moment(moment, VI, "Asia/Ho_Chi_Minh") == "24/11 00:30"


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(days=9, hours=5), "9 d"),
        (timedelta(hours=3), "3 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=-4), "just now"),
    ],
)
def test_an_age_is_written_in_its_largest_unit(age: timedelta, shown: str) -> None:
    assert format_age(age, EN).replace("\u00a0", " ") == shown


def test_shares_and_seconds() -> None:
    assert format_share(0.587, EN) == "59\u00a0%"
    assert format_share(None, EN) == "–"  # noqa: RUF001
    assert format_seconds(1.25, VI) == "1,2\u00a0s"
    assert format_seconds(75.4, EN) == "75\u00a0s"
