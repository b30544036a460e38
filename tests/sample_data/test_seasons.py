from datetime import date, timedelta

import numpy as np
import pytest

from sample_data.seasons import is_public_holiday, seasons, tet

TET = {
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
}


@pytest.mark.parametrize(("year", "first_day"), TET.items())
def test_tet_stands_on_its_real_date(year: int, first_day: date) -> None:
    assert tet(year) == first_day


@pytest.mark.parametrize("first_day", TET.values())
def test_shops_are_full_before_tet_and_shut_on_it(first_day: date) -> None:
    ordinary = _store(first_day - timedelta(days=56), 28).mean()
    before = _store(first_day - timedelta(days=9), 7).mean()
    assert before > 1.4 * ordinary
    assert _store(first_day, 2).max() < 0.2 * ordinary


@pytest.mark.parametrize("day", [date(2026, 4, 30), date(2026, 5, 1), date(2026, 9, 2), date(2027, 1, 1)])
def test_public_holidays_quieten_the_help_desk(day: date) -> None:
    assert is_public_holiday(day)
    week_before = seasons([day - timedelta(days=7)])
    assert seasons([day]).helpdesk[0] < 0.7 * week_before.helpdesk[0]
    assert seasons([day]).store[0] > week_before.store[0]


@pytest.mark.parametrize("day", [date(2025, 11, 28), date(2026, 11, 27), date(2026, 11, 11), date(2026, 12, 12)])
def test_shopping_days_fill_the_online_shop(day: date) -> None:
    """Black Friday (the last Friday of November), 11.11 and 12.12."""
    assert seasons([day]).online[0] > 1.8 * seasons([day - timedelta(days=7)]).online[0]


def test_an_ordinary_week_has_its_rhythm() -> None:
    """Stores live on weekends, the help desk on Mondays."""
    monday_to_sunday = seasons([date(2026, 7, 6) + timedelta(days=offset) for offset in range(7)])
    assert monday_to_sunday.store.argmax() == 5
    assert monday_to_sunday.helpdesk.argmax() == 0
    assert monday_to_sunday.helpdesk.argmin() == 6


def test_a_year_averages_to_about_an_ordinary_day() -> None:
    year = seasons([date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)])
    for level in (year.store, year.online, year.helpdesk):
        assert 0.9 < float(level.mean()) < 1.1
        assert float(level.min()) > 0


def test_days_around_new_year_look_forward_to_an_early_tet() -> None:
    """Tết of 2031 is on 23 January, so that the run-up already begins in December."""
    assert tet(2031) == date(2031, 1, 23)
    assert seasons([date(2030, 12, 31)]).online[0] > seasons([date(2030, 12, 17)]).online[0]


def _store(first: date, days: int) -> np.ndarray:
    return seasons([first + timedelta(days=offset) for offset in range(days)]).store
