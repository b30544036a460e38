from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_data import story
from sample_data.fiscal import choose_quarter
from sample_data.timeline import first_day, morning_of, timeline


def test_phase_counts_quarters_before_and_shares_of_the_current_one() -> None:
    quarter = choose_quarter(date(2026, 11, 23))
    line = timeline(quarter, date(2026, 7, 1), date(2026, 12, 31))
    phase = dict(zip(line.days, line.phase.tolist(), strict=True))
    assert phase[date(2026, 10, 1)] == 0
    assert phase[date(2026, 7, 1)] == pytest.approx(-92 / 91.3125)
    assert phase[date(2026, 11, 16)] == 46 / 92


@given(today=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_incidents_are_past_and_outside_the_last_28_days(today: date) -> None:
    """Whatever the day, what went wrong is behind the trailing windows that the page shows."""
    quarter = choose_quarter(today)
    line = timeline(quarter, quarter.starts, today)
    down = line.on_phase(story.OUTAGE)
    assert down.sum() == 1
    assert line.days[int(down.argmax())] <= today - timedelta(days=28)
    assert line.on_phase(story.SURVEY_DOWN, length=story.SURVEY_DOWN_DAYS).sum() == story.SURVEY_DOWN_DAYS


@given(today=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_history_covers_the_year_and_the_quarter_before(today: date) -> None:
    """Every cycle with key results has its data, and 28 days before it for an automatic baseline."""
    first = first_day(today)
    assert timedelta(days=545) <= today - first <= timedelta(days=581)
    assert first <= choose_quarter(today).previous().starts - timedelta(days=28)


def test_the_company_is_shown_in_the_morning() -> None:
    assert morning_of(date(2026, 11, 23)).isoformat() == "2026-11-23T09:30:00+07:00"
