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


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [
        (999_999.7, 1e6, "999,999.7 ₫"),
        (999_999_600, 1e9, "999.9996M ₫"),
        (1_232_000, 1_234_567, "1.232M ₫"),
        (1e6, 1e6, "1M ₫"),
    ],
)
def test_a_large_value_does_not_seem_to_stand_at_its_target_either(value: float, target: float, shown: str) -> None:
    assert format_value(value, "vnd", EN, apart_from=target).replace("\u00a0", " ") == shown


def test_a_share_seems_to_be_all_only_where_it_is() -> None:
    shown = [format_share(share, EN).replace("\u00a0", " ") for share in (0.994, 0.996, 0.99996, 1.0, 1.004, 1.1)]
    assert shown == ["99 %", "99.6 %", "99.996 %", "100 %", "100.4 %", "110 %"]
    assert format_share(0.696, VI, apart_from=0.7) == "69,6\u00a0%"


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
        (">= 1234567", "vnd", "≥ 1.234567M ₫", "≥ 1,234567 triệu ₫"),
        (">= 99.95 %", "percent", "≥ 99.95 %", "≥ 99,95 %"),
        ("< 0.05 %", "percent", "< 0.05 %", "< 0,05 %"),
        ("< 0.001", "hours", "< 0.001 h", "< 0,001 giờ"),
        ("< 123.4", "points", "< 123.4 points", "< 123,4 điểm"),
        ("99.5..99.96", "points", "99.5–99.96 points", "99,5–99,96 điểm"),  # noqa: RUF001
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
