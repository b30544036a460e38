"""Cycles, reads and plans: tables of cases, and properties over any day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import CycleDefinition, Organisation, PlanPoint, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from metrics.periods import (
    baseline_window,
    days_left,
    elapsed_share,
    end_of_day,
    planned_value,
    previous_cycle,
    quarter_of,
    read_window,
    resolve_cycle,
    today,
    trend_window,
)

ORGANISATION = Organisation("Sao Mai Retail", "Asia/Ho_Chi_Minh")
Q1 = resolve_cycle("2027-Q1", ORGANISATION)
DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("cycle_id", "start_month", "starts", "ends"),
    [
        ("2027-Q1", 1, date(2027, 1, 1), date(2027, 3, 31)),
        ("2027", 1, date(2027, 1, 1), date(2027, 12, 31)),
        ("2027-03", 1, date(2027, 3, 1), date(2027, 3, 31)),
        ("2028-02", 7, date(2028, 2, 1), date(2028, 2, 29)),
        ("2019-Q3", 4, date(2018, 10, 1), date(2018, 12, 31)),
        ("2019", 4, date(2018, 4, 1), date(2019, 3, 31)),
        ("2027-Q4", 2, date(2026, 11, 1), date(2027, 1, 31)),
    ],
)
def test_a_cycle_id_follows_the_fiscal_calendar(cycle_id: str, start_month: int, starts: date, ends: date) -> None:
    organisation = Organisation("any", fiscal_year_start=start_month)
    assert resolve_cycle(cycle_id, organisation) == Cycle(cycle_id, starts, ends)


def test_a_declared_cycle_overrides_the_fiscal_calendar() -> None:
    declared = CycleDefinition("2027-Q1", date(2027, 1, 4), date(2027, 4, 4))
    assert resolve_cycle("2027-Q1", ORGANISATION, [declared]) == Cycle("2027-Q1", declared.starts, declared.ends)
    assert quarter_of(date(2027, 4, 3), ORGANISATION, [declared]).id == "2027-Q1"


@pytest.mark.parametrize("cycle_id", ["2027-Q5", "2027-13", "Q1", "", "27-Q1", "2027-Q1 "])
def test_an_unknown_cycle_says_what_to_write(cycle_id: str) -> None:
    with pytest.raises(ValueError, match="is no cycle; write a fiscal year"):
        resolve_cycle(cycle_id, ORGANISATION)


@given(DAYS, st.integers(1, 12))
def test_every_day_lies_in_the_quarter_found_for_it(day: date, start_month: int) -> None:
    cycle = quarter_of(day, Organisation("any", fiscal_year_start=start_month))
    assert cycle.starts <= day <= cycle.ends
    assert cycle.days in range(89, 93)
    assert 0 < elapsed_share(cycle, day) <= 1


@given(DAYS, st.integers(1, 12))
def test_the_previous_cycle_ends_the_day_before_and_is_a_quarter_too(day: date, start_month: int) -> None:
    organisation = Organisation("any", fiscal_year_start=start_month)
    cycle = quarter_of(day, organisation)
    before = previous_cycle(cycle)
    found = quarter_of(before.ends, organisation)
    assert (before.starts, before.ends) == (found.starts, found.ends)


def test_the_cycle_before_a_declared_one_is_the_declared_one_before_it() -> None:
    """4-4-5 weeks: the third month is followed by one of four."""
    months = [
        CycleDefinition("m3", date(2027, 3, 1), date(2027, 4, 4)),
        CycleDefinition("m4", date(2027, 4, 5), date(2027, 5, 2)),
        CycleDefinition("year", date(2026, 4, 6), date(2027, 4, 4)),
        CycleDefinition("alone", date(2027, 9, 6), date(2027, 10, 3)),
    ]
    for cycle in (resolve_cycle("m4", ORGANISATION, months), quarter_of(date(2027, 4, 20), ORGANISATION, months)):
        assert previous_cycle(cycle) == Window(date(2027, 3, 1), date(2027, 4, 4))
        assert baseline_window(Read("period"), cycle, ORGANISATION) == Window(date(2027, 3, 1), date(2027, 4, 4))
    alone = resolve_cycle("alone", ORGANISATION, months)
    assert previous_cycle(alone) == Window(date(2027, 8, 9), date(2027, 9, 5))
    first = resolve_cycle("m4", ORGANISATION, months[1:])
    assert previous_cycle(first) == Window(date(2027, 3, 8), date(2027, 4, 4)), "a year is no month's cycle before"


def test_elapsed_counts_the_day_that_has_begun() -> None:
    assert elapsed_share(Q1, date(2027, 2, 15)) == pytest.approx(46 / 90)
    assert elapsed_share(Q1, date(2026, 12, 31)) == 0
    assert elapsed_share(Q1, date(2027, 5, 1)) == 1
    assert days_left(Q1, date(2027, 2, 15)) == 44


@pytest.mark.parametrize(
    ("read", "as_of", "starts", "ends"),
    [
        (Read("period"), date(2027, 2, 15), date(2027, 1, 1), date(2027, 2, 15)),
        (Read("period"), date(2027, 6, 1), date(2027, 1, 1), date(2027, 3, 31)),
        (Read("trailing", 28), date(2027, 1, 10), date(2026, 12, 14), date(2027, 1, 10)),
        (Read("last week"), date(2027, 1, 10), date(2027, 1, 4), date(2027, 1, 10)),
        (Read("last week"), date(2027, 1, 9), date(2026, 12, 28), date(2027, 1, 3)),
        (Read("last month"), date(2027, 2, 27), date(2027, 1, 1), date(2027, 1, 31)),
        (Read("last month"), date(2027, 2, 28), date(2027, 2, 1), date(2027, 2, 28)),
    ],
)
def test_a_read_covers_these_days(read: Read, as_of: date, starts: date, ends: date) -> None:
    assert read_window(read, Q1, as_of, ORGANISATION) == Window(starts, ends)


def test_nothing_is_read_before_the_cycle_begins() -> None:
    assert read_window(Read("trailing", 28), Q1, date(2026, 12, 31), ORGANISATION) is None


@pytest.mark.parametrize(
    ("read", "starts", "ends"),
    [
        (Read("period"), date(2026, 10, 1), date(2026, 12, 31)),
        (Read("trailing", 28), date(2026, 12, 4), date(2026, 12, 31)),
        (Read("last month"), date(2026, 12, 1), date(2026, 12, 31)),
        (Read("last week"), date(2026, 12, 21), date(2026, 12, 27)),
    ],
)
def test_an_automatic_baseline_reads_the_same_before_the_cycle(read: Read, starts: date, ends: date) -> None:
    assert baseline_window(read, Q1, ORGANISATION) == Window(starts, ends)


def test_weeks_begin_where_the_organisation_says() -> None:
    sunday_first = Organisation("any", week_start="sunday")
    assert read_window(Read("last week"), Q1, date(2027, 1, 9), sunday_first) == Window(
        date(2027, 1, 3), date(2027, 1, 9)
    )
    assert trend_window(date(2027, 2, 17), ORGANISATION) == Window(date(2026, 11, 16), date(2027, 2, 14))
    assert trend_window(date(2027, 2, 14), ORGANISATION).ends == date(2027, 2, 14)


def test_a_falling_plan_runs_from_baseline_through_its_points_to_the_target() -> None:
    plan = (PlanPoint(date(2027, 1, 31), 3.0), PlanPoint(date(2027, 2, 28), 2.5))

    def planned(day: date) -> float:
        return planned_value(plan, Q1, day, baseline=4.0, target=2.0)

    assert planned(date(2026, 12, 31)) == 4.0
    assert planned(date(2027, 1, 31)) == 3.0
    assert planned(date(2027, 2, 14)) == pytest.approx(2.75)
    assert planned(date(2027, 3, 31)) == 2.0
    assert planned(date(2027, 9, 1)) == 2.0


def test_days_are_those_of_the_organisation() -> None:
    assert today(ORGANISATION, datetime(2027, 1, 31, 18, 0, tzinfo=UTC)) == date(2027, 2, 1)
    assert end_of_day(date(2027, 1, 31), ORGANISATION) == datetime(2027, 1, 31, 17, 0, tzinfo=UTC)
