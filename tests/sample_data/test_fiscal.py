from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import Organisation
from metrics.periods import elapsed_share, quarter_of, resolve_cycle
from sample_data.fiscal import STARTS, Quarter, choose_quarter, year_of
from sample_data.fiscal import quarter_of as sample_quarter_of

DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


def _organisation(start_month: int) -> Organisation:
    return Organisation("Sao Mai Retail", "Asia/Ho_Chi_Minh", "vi", start_month)


@pytest.mark.parametrize(
    ("today", "start_month", "cycle"),
    [
        (date(2026, 11, 23), 1, "2026-Q4"),
        (date(2027, 2, 10), 3, "2027-Q4"),
        (date(2026, 3, 2), 1, "2026-Q1"),
        (date(2027, 7, 15), 2, "2028-Q2"),
        (date(2026, 1, 1), 2, "2026-Q4"),
    ],
)
def test_known_days_fall_into_known_quarters(today: date, start_month: int, cycle: str) -> None:
    quarter = choose_quarter(today)
    assert (quarter.start_month, quarter.id) == (start_month, cycle)


@given(today=DAYS)
def test_no_other_start_is_nearer_to_two_thirds(today: date) -> None:
    """Of all twelve months, none puts the day nearer to two thirds of a quarter than the chosen one does."""
    chosen = abs(choose_quarter(today).elapsed(today) - 2 / 3)
    for month in range(1, 13):
        organisation = _organisation(month)
        assert chosen <= abs(elapsed_share(quarter_of(today, organisation), today) - 2 / 3) + 1e-12


@given(today=DAYS)
def test_the_chosen_quarter_is_about_two_thirds_over(today: date) -> None:
    assert 0.48 <= choose_quarter(today).elapsed(today) <= 0.86


@given(today=DAYS, start_month=st.sampled_from(STARTS))
def test_quarters_are_those_of_the_product(today: date, start_month: int) -> None:
    """Ids, days and elapsed share agree with the rules that the product itself applies to the written cycle."""
    mine, theirs = sample_quarter_of(today, start_month), quarter_of(today, _organisation(start_month))
    assert (mine.id, mine.starts, mine.ends) == (theirs.id, theirs.starts, theirs.ends)
    assert mine.elapsed(today) == elapsed_share(theirs, today)


@given(today=DAYS)
def test_years_are_those_of_the_product(today: date) -> None:
    quarter = choose_quarter(today)
    year = resolve_cycle(str(quarter.year), _organisation(quarter.start_month))
    assert year_of(quarter) == (year.starts, year.ends)


@given(today=DAYS)
def test_the_previous_quarter_ends_the_day_before(today: date) -> None:
    quarter = choose_quarter(today)
    previous: Quarter = quarter.previous()
    assert previous.ends + timedelta(days=1) == quarter.starts
    assert previous.number == (quarter.number - 2) % 4 + 1
