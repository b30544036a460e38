"""From facts to questions: what is read, what is left out, and when nothing is forecast."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.facts import Facts
from metrics.forecast.question import day_number
from metrics.model.definition import KeyResult, Read
from metrics.model.reading import Measure, Window
from metrics.model.target import Target, parse_target
from metrics.outlook import Outlook, look_ahead
from metrics.outlook.ahead import shaped

from .conftest import LAST, METRICS, Q4, SYNCED, Moment, at, key_result

NOVEMBER = date(2026, 11, 14)  # a Saturday; the day after has no rows
TRAILING = Read("trailing", 28)
KEY_RESULTS = [
    key_result("revenue", shape="total"),
    key_result("orders", shape="total", filter=(("team", ("north",)),)),
    key_result("average", read=TRAILING),
    key_result("share", shape="keep"),
    key_result("middle", read=TRAILING),
    key_result("per_day", read=Read("last month")),
    key_result("highest"),
    key_result("monthly", shape="total"),
    key_result("share", read=Read("last week"), id="share-week"),
    key_result("per_order", read=TRAILING),
    key_result("net_of_orders", shape="total"),
    key_result("spread"),
]


def ahead(facts: Facts, each: KeyResult, moment: Moment) -> Outlook:
    return look_ahead([each], METRICS, facts, moment)[each.key]


@pytest.mark.parametrize("each", KEY_RESULTS, ids=lambda each: each.id)
@pytest.mark.parametrize("day", [NOVEMBER, NOVEMBER + timedelta(days=1), date(2026, 12, 10)], ids=str)
def test_rows_after_the_day_change_nothing(
    company: Facts, build_company: Callable[[date], Facts], each: KeyResult, day: date
) -> None:
    with_later, without = ahead(company, each, at(day)), ahead(build_company(day), each, at(day))
    assert with_later.forecast is not None
    assert without.forecast is not None
    assert np.array_equal(with_later.forecast.samples, without.forecast.samples)


@pytest.mark.parametrize("each", KEY_RESULTS, ids=lambda each: each.id)
def test_an_open_key_result_has_a_forecast_in_order_and_no_certainty(company: Facts, each: KeyResult) -> None:
    forecast = ahead(company, each, at(NOVEMBER)).forecast
    assert forecast is not None
    ends = (forecast.lo95, forecast.lo80, forecast.median, forecast.hi80, forecast.hi95)
    assert None not in ends
    assert list(ends) == sorted(ends)  # type: ignore[type-var]
    if each.id not in {
        "revenue",
        "orders",
        "highest",
        "monthly",
        "net_of_orders",
    }:  # these have passed 1 for good, or not yet at all
        assert 0 < (forecast.chance(Target(">", float(np.median(forecast.samples)), None, "")) or 0) < 1


def test_all_are_asked_in_one_question_and_answered_as_one_by_one(company: Facts) -> None:
    together = look_ahead(KEY_RESULTS, METRICS, company, at(NOVEMBER))
    assert list(together) == [each.key for each in KEY_RESULTS]
    for each in KEY_RESULTS:
        alone, shared = ahead(company, each, at(NOVEMBER)).forecast, together[each.key].forecast
        assert alone is not None
        assert shared is not None
        assert np.array_equal(alone.samples, shared.samples)


def test_the_last_day_settles_nothing_before_it_is_over(company: Facts) -> None:
    cycle = replace(Q4, ends=LAST)
    total = key_result("orders", ">= 1", shape="total")
    (so_far,) = company.measure([Measure(METRICS["orders"], (), (Window(cycle.starts, LAST),))])
    value = so_far.readings[0].value or 0.0
    wanted = replace(total, target=parse_target(f">= {value + 1:g}"))
    looks = {
        now: look_ahead([wanted], METRICS, company, Moment(LAST, now, cycle))[wanted.key].forecast
        for now in (SYNCED, SYNCED + timedelta(days=1))
    }
    running, over = looks.values()
    assert running is not None
    assert not running.certain
    assert 0 < (running.chance(wanted.target) or 0.0) < 1
    assert over is not None
    assert over.certain
    assert over.chance(wanted.target) == 0.0


def test_a_day_that_is_not_over_is_no_history_but_counts_in_a_total(company: Facts) -> None:
    noon = datetime(2026, 11, 14, 5, tzinfo=UTC)
    running = ahead(company, key_result("revenue", shape="total"), Moment(NOVEMBER, noon))
    assert running.question is not None
    assert running.history is not None
    assert running.forecast is not None
    assert running.question.as_of == NOVEMBER - timedelta(days=1)
    assert running.history.days.max() < day_number(NOVEMBER)
    assert running.so_far is not None
    assert running.forecast.floor == running.so_far
    assert running.forecast.chance(Target(">=", running.so_far, None, "")) == 1.0
    assert running.forecast.chance(Target("<", running.so_far, None, "")) == 0.0


def test_a_total_that_falls_below_its_declared_bound_is_never_certain_before_the_close(company: Facts) -> None:
    outlook = ahead(
        company, key_result("mislaid", shape="total"), Moment(NOVEMBER, datetime(2026, 11, 14, 5, tzinfo=UTC))
    )
    assert outlook.forecast is not None
    assert outlook.so_far is not None
    assert outlook.forecast.floor is None
    for comparator in (">=", "<"):
        chance = outlook.forecast.chance(Target(comparator, outlook.so_far, None, ""))
        assert chance is not None
        assert 0 < chance < 1


def test_a_total_cannot_fall_below_what_was_read_of_it_on_any_day(company: Facts) -> None:
    """The days' sum and the exact read differ in the last digit of a float, which must not open what is settled."""
    each = key_result("revenue", shape="total")
    for after in range(80):
        outlook = ahead(company, each, at(Q4.starts + timedelta(days=after)))
        assert outlook.forecast is not None
        assert outlook.so_far is not None
        assert outlook.forecast.floor == outlook.so_far
        assert outlook.forecast.ordered[0] >= outlook.so_far
        assert outlook.forecast.chance(Target(">=", outlook.so_far, None, "")) == 1.0


def test_what_today_takes_away_opens_a_total_again(company: Facts) -> None:
    outlook = ahead(company, key_result("revenue", shape="total"), at(NOVEMBER))
    assert outlook.forecast is not None
    assert outlook.forecast.floor is not None
    assert outlook.question is not None
    less = outlook.forecast.floor - 1
    assert shaped(outlook.forecast, METRICS["revenue"], outlook.question, less).floor is None


def test_a_day_that_was_running_when_the_rows_were_pulled_is_no_history_either(company: Facts) -> None:
    outlook = ahead(company, key_result("average"), at(LAST, datetime(2026, 12, 25, tzinfo=UTC)))
    assert outlook.question is not None
    assert outlook.question.as_of == LAST - timedelta(days=1)


def test_silent_days_are_zeros_of_a_declared_total_once_newer_rows_confirm_them(company: Facts) -> None:
    sunday = date(2026, 11, 15)
    before, after = (ahead(company, key_result("orders"), at(day)).history for day in (sunday, sunday + DAY))
    assert before is not None
    assert after is not None
    assert before.days.max() == day_number(sunday) - 1
    assert after.values[after.days == day_number(sunday)] == [0.0]


DAY = timedelta(days=1)


def test_gaps_stay_gaps_of_a_ratio(company: Facts) -> None:
    history = ahead(company, key_result("share"), at(NOVEMBER)).history
    assert history is not None
    assert not np.isin((history.days + 3) % 7, [6]).any()


def test_a_monthly_stream_is_asked_by_whole_months(company: Facts) -> None:
    outlook = ahead(company, key_result("monthly", shape="total"), at(NOVEMBER))
    assert outlook.question is not None
    assert outlook.forecast is not None
    assert outlook.question.window == Window(Q4.starts, Q4.ends)
    assert len(outlook.question.days) == 35
    assert outlook.so_far == pytest.approx(2 * 100 + 33 % 5 + 34 % 5)
    assert outlook.forecast.median == pytest.approx(306, abs=8)


def test_counts_are_whole(company: Facts) -> None:
    forecast = ahead(company, key_result("orders", shape="total"), at(NOVEMBER)).forecast
    assert forecast is not None
    assert np.array_equal(forecast.samples, np.rint(forecast.samples))


def test_the_observed_part_of_a_median_is_exact_and_narrows_the_interval(company: Facts) -> None:
    each = key_result("middle", read=TRAILING)
    early, late = ahead(company, each, at(date(2026, 12, 2))), ahead(company, each, at(date(2026, 12, 19)))
    (exact,) = company.measure([Measure(METRICS["middle"], (), (Window(date(2026, 12, 4), date(2026, 12, 19)),))])
    assert early.question is not None
    assert early.question.known is None
    assert late.question is not None
    assert late.question.known == exact.readings[0].value
    widths = []
    for outlook in (early, late):
        assert outlook.forecast is not None
        assert outlook.forecast.hi80 is not None
        assert outlook.forecast.lo80 is not None
        widths.append(outlook.forecast.hi80 - outlook.forecast.lo80)
    assert widths[1] < widths[0]


@pytest.mark.parametrize(
    ("each", "day", "reason"),
    [
        (key_result("revenue"), date(2026, 9, 30), "not_begun"),
        (key_result("buyers"), NOVEMBER, "distinct_over_days"),
        (key_result("stopped"), NOVEMBER, "stale_source"),
        (key_result("broken"), NOVEMBER, "error"),
        (key_result("gone"), NOVEMBER, "error"),
        (key_result("monthly", read=Read("trailing", 7)), NOVEMBER, "no_rows"),
        (key_result("orders", filter=(("team", ("west",)),), id="west"), NOVEMBER, None),
        (replace(key_result("revenue"), shape="binary"), NOVEMBER, "shape_without_forecast"),
    ],
    ids=lambda value: getattr(value, "id", str(value)),
)
def test_what_cannot_be_forecast_says_why(company: Facts, each: KeyResult, day: date, reason: str | None) -> None:
    outlook = ahead(company, each, at(day))
    assert outlook.reason == reason
    assert (outlook.forecast is None) == (reason is not None)


def test_before_the_first_row_there_is_nothing_to_go_by(company: Facts) -> None:
    q2 = replace(Q4, starts=date(2025, 4, 1), ends=date(2025, 6, 30))
    outlook = ahead(company, key_result("revenue"), replace(at(date(2025, 5, 1)), cycle=q2))
    assert outlook.reason == "no_rows"


def test_a_broken_metric_leaves_the_others_alone(company: Facts) -> None:
    found = look_ahead([key_result("broken"), key_result("revenue")], METRICS, company, at(NOVEMBER))
    assert [each.reason for each in found.values()] == ["error", None]


def test_after_the_cycle_the_chance_is_the_outcome_by_the_exact_comparator(company: Facts) -> None:
    q3 = replace(Q4, id="2026-Q3", starts=date(2026, 7, 1), ends=date(2026, 9, 30))
    outlook = ahead(company, key_result("average"), replace(at(NOVEMBER), cycle=q3))
    (read,) = company.measure([Measure(METRICS["average"], (), (Window(q3.starts, q3.ends),))])
    value = read.readings[0].value
    assert value is not None
    assert outlook.forecast is not None
    assert outlook.forecast.median == value
    assert outlook.forecast.chance(Target("<=", value, None, "")) == 1.0
    assert outlook.forecast.chance(Target("<", value, None, "")) == 0.0


def test_a_level_shift_ahead_of_the_day_is_not_known_yet(company: Facts) -> None:
    each = key_result("average")
    plain = ahead(company, each, at(NOVEMBER)).forecast
    shifted = [
        look_ahead([each], METRICS, company, at(NOVEMBER), level_shifts={"average": (day,)})[each.key].forecast
        for day in (NOVEMBER + DAY, NOVEMBER - 30 * DAY)
    ]
    assert plain is not None
    assert shifted[0] is not None
    assert shifted[1] is not None
    assert np.array_equal(plain.samples, shifted[0].samples)
    assert shifted[1].history < plain.history


@given(st.lists(st.floats(0.3, 0.9), min_size=2, max_size=2, unique=True))
def test_a_harder_target_is_never_likelier(known_share: Outlook, targets: list[float]) -> None:
    easy, hard = sorted(targets)
    forecast = known_share.forecast
    assert forecast is not None
    chances = [forecast.chance(Target(">=", level, None, "")) for level in (easy, hard)]
    assert chances[0] is not None
    assert chances[1] is not None
    assert 0 < chances[1] <= chances[0] < 1


@pytest.fixture(scope="session")
def known_share(build_company: Callable[[date], Facts]) -> Outlook:
    return ahead(build_company(LAST), key_result("share"), at(NOVEMBER))


@pytest.mark.parametrize(
    ("derived", "same", "shape"), [("per_order", "average_as_ratio", "reach"), ("net_of_orders", "net", "total")]
)
def test_a_derived_metric_is_forecast_as_the_same_number_over_rows(
    company: Facts, derived: str, same: str, shape: str
) -> None:
    """Revenue over orders is a pooled ratio weighted by orders; revenue less a fee per order is a total."""
    read = TRAILING if shape == "reach" else Read("period")
    one, other = (ahead(company, key_result(name, read=read, shape=shape), at(NOVEMBER)) for name in (derived, same))
    assert one.forecast is not None
    assert other.forecast is not None
    assert np.allclose(one.forecast.samples, other.forecast.samples, rtol=1e-9)
