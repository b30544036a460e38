"""The course of a read: what it was each day, and a fan that ends in the forecast at the close."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from metrics.facts import Facts
from metrics.model.definition import KeyResult, Read
from metrics.model.reading import Measure, Window
from metrics.outlook import Course, Outlook, course_of, look_ahead, newest_value

from .conftest import METRICS, Q4, at, key_result

NOW = date(2026, 11, 24)
TRAILING = Read("trailing", 28)
KEY_RESULTS = {
    each.id: each
    for each in (
        key_result("revenue", ">= 19500", shape="total"),
        key_result("share", ">= 60 %", read=TRAILING),
        key_result("middle", "< 50", read=TRAILING),
        key_result("average", "> 50"),
        key_result("orders", ">= 100", Read("last week")),
        key_result("per_day", ">= 250"),
    )
}


def look(facts: Facts, each: KeyResult, day: date = NOW) -> tuple[Outlook, Course]:
    outlook = look_ahead([each], METRICS, facts, at(day))[each.key]
    return outlook, course_of(outlook, facts, at(day))


@pytest.mark.parametrize("name", KEY_RESULTS)
def test_the_fan_ends_in_the_forecast_at_the_close(company: Facts, name: str) -> None:
    outlook, course = look(company, KEY_RESULTS[name])
    last, told = course.fan[-1], outlook.forecast
    assert told is not None
    assert last.day == Q4.ends
    assert (last.lo95, last.lo80, last.median, last.hi80, last.hi95) == pytest.approx(
        (told.lo95, told.lo80, told.median, told.hi80, told.hi95)
    )
    assert 5 <= len(course.fan) <= 14
    assert all(before.day < after.day for before, after in pairwise(course.fan))


@pytest.mark.parametrize("name", KEY_RESULTS)
def test_bands_lie_inside_each_other_and_inside_the_bounds(company: Facts, name: str) -> None:
    low, high = METRICS[name].bounds
    for point in look(company, KEY_RESULTS[name])[1].fan:
        assert point.lo95 <= point.lo80 <= point.median <= point.hi80 <= point.hi95
        assert low is None or point.lo95 >= low
        assert high is None or point.hi95 <= high


@pytest.mark.parametrize("name", KEY_RESULTS)
def test_what_is_drawn_is_the_read_as_of_its_day(company: Facts, name: str) -> None:
    each = KEY_RESULTS[name]
    _, course = look(company, each)
    assert [stretch.window.starts for stretch in course.stretches] == [
        date(2026, 4, 1),
        date(2026, 7, 1),
        date(2026, 10, 1),
    ]
    newest = newest_value(course)
    assert newest is not None
    assert newest.day == NOW
    window = {"trailing": Window(NOW - timedelta(days=27), NOW), "period": Window(Q4.starts, NOW)}.get(
        each.read.kind, Window(date(2026, 11, 16), date(2026, 11, 22))
    )
    (exact,) = company.measure([Measure(METRICS[name], each.filter, (window,))])
    assert newest.value == exact.readings[0].value


def test_a_fan_is_narrow_tomorrow_and_wide_at_the_close(company: Facts) -> None:
    for name in ("revenue", "share", "middle", "average"):
        fan = look(company, KEY_RESULTS[name])[1].fan
        assert fan[0].hi80 - fan[0].lo80 < fan[-1].hi80 - fan[-1].lo80


def test_a_week_that_is_over_is_certain(company: Facts) -> None:
    """Until Sunday a read over the last whole week stays what it is: nothing of it is left to come."""
    _, course = look(company, KEY_RESULTS["orders"], date(2026, 12, 18))
    newest, saturday, sunday = newest_value(course), *course.fan[:2]
    assert newest is not None
    assert (saturday.day, sunday.day) == (date(2026, 12, 19), date(2026, 12, 20))
    assert saturday.lo95 == saturday.hi95 == newest.value
    assert sunday.lo95 < sunday.hi95


def test_a_total_starts_again_each_cycle_and_never_falls(company: Facts) -> None:
    _, course = look(company, KEY_RESULTS["revenue"])
    for stretch in course.stretches:
        values = [point.value for point in stretch.points if point.value is not None]
        assert values == sorted(values)
        assert values[0] < 1000


def test_without_a_forecast_there_is_no_fan_but_a_course(company: Facts) -> None:
    outlook, course = look(company, key_result("buyers"))
    assert outlook.reason == "distinct_over_days"
    assert course.fan == ()
    assert newest_value(course) is not None


def test_once_the_cycle_is_over_nothing_is_forecast(company: Facts) -> None:
    after = date(2027, 1, 3)
    outlook, course = look(company, KEY_RESULTS["share"], after)
    assert outlook.question is None
    assert course.fan == ()
    assert course.stretches[-1].window == Window(Q4.starts, Q4.ends)


def test_without_a_metric_there_is_nothing_to_draw(company: Facts) -> None:
    _, course = look(company, key_result("no_such_metric"))
    assert course == Course((), ())
    assert newest_value(course) is None
