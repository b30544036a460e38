"""The story on the page, computed by hand-written SQL on the raw files, on days far apart."""

from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pytest
import yaml

from sample_data import SampleCompany
from sample_data.fiscal import choose_quarter

DAYS = [date(2026, 11, 23), date(2027, 2, 10), date(2026, 3, 2), date(2027, 7, 15)]

Company = Callable[[date], SampleCompany]
Raw = Callable[[date], duckdb.DuckDBPyConnection]
Ask = Callable[[date, str], float]

FIRST_RESPONSE = """
SELECT quantile_cont(first_response_s / 3600.0, 0.5) FROM tickets
WHERE channel <> 'spam' AND opened_at >= DATE '{day}' - 27 AND opened_at < DATE '{day}' + 1
"""
SATISFACTION = """
SELECT count(*) FILTER (score >= 4) / count(*) FROM answers
WHERE answered_at >= DATE '{day}' - 27 AND answered_at < DATE '{day}' + 1
"""
SINCE = "created_at >= DATE '{starts}' AND created_at < DATE '{today}' + 1"


@pytest.fixture
def ask(raw: Raw) -> Ask:
    """Ask the raw files of a day for one number; the text may name today, the quarter's starts and the day before."""

    def number(today: date, query: str, *, day: date | None = None) -> float:
        starts = choose_quarter(today).starts
        ((value,),) = raw(today).execute(query.format(today=today, starts=starts, day=day or today)).fetchall()
        return float(value)

    return number


@pytest.mark.parametrize("today", DAYS)
def test_first_response_came_down_but_not_below_two_hours(ask: Callable[..., float], today: date) -> None:
    before = ask(today, FIRST_RESPONSE, day=choose_quarter(today).starts - timedelta(days=1))
    assert 3.2 < before < 3.9
    assert 2.5 < ask(today, FIRST_RESPONSE) < 2.95


@pytest.mark.parametrize("today", DAYS)
def test_satisfaction_rose_from_75_to_about_84_percent(ask: Callable[..., float], today: date) -> None:
    before = ask(today, SATISFACTION, day=choose_quarter(today).starts - timedelta(days=1))
    assert 0.72 < before < 0.79
    assert 0.81 < ask(today, SATISFACTION) < 0.875


@pytest.mark.parametrize("today", DAYS)
def test_complaints_are_near_five_percent(ask: Callable[..., float], today: date) -> None:
    rate = ask(today, f"SELECT count(*) FILTER (is_complaint) / count(*) FROM transactions WHERE {SINCE}")
    assert 0.046 < rate < 0.056


@pytest.mark.parametrize("today", DAYS)
def test_revenue_is_close_to_its_plan(ask: Callable[..., float], company: Company, today: date) -> None:
    """Between the plan's points straight lines are expected, so that a week of Tết weighs on the comparison."""
    revenue = ask(today, f"SELECT sum(amount) FROM transactions WHERE {SINCE}")
    assert 0.85 < revenue / _planned(company(today), today) < 1.15


@pytest.mark.parametrize("today", DAYS)
def test_the_average_order_does_not_move(ask: Callable[..., float], today: date) -> None:
    mean = ask(today, "SELECT avg(amount) FROM transactions WHERE created_at >= DATE '{today}' - 27")
    assert 490_000 < mean < 530_000


@pytest.mark.parametrize("today", DAYS)
def test_the_central_region_is_behind(ask: Callable[..., float], today: date) -> None:
    gap = ask(
        today,
        "SELECT avg((score >= 4)::INT) FILTER (team <> 'central') - avg((score >= 4)::INT) FILTER (team = 'central') "
        "FROM answers WHERE answered_at >= DATE '{starts}'",
    )
    assert 0.03 < gap < 0.16


@pytest.mark.parametrize("today", DAYS)
def test_tickets_come_back_a_little_too_often(ask: Callable[..., float], company: Company, today: date) -> None:
    """The cap on reopened tickets is spent faster than the quarter passes, but not gone."""
    reopened = ask(today, "SELECT count(*) FROM tickets WHERE reopened AND opened_at >= DATE '{starts}'")
    spent = reopened / _target(company(today), "reopened")
    assert spent < 1
    assert 1.0 < spent / choose_quarter(today).elapsed(today) < 1.35


def _key_result(company: SampleCompany, key_result: str) -> dict[str, object]:
    document = yaml.safe_load((company.directory / f"okrs/{company.cycle}.yaml").read_text(encoding="utf-8"))
    (found,) = [
        one for objective in document["objectives"] for one in objective["key_results"] if one["id"] == key_result
    ]
    return dict(found)


def _target(company: SampleCompany, key_result: str) -> float:
    return float(str(_key_result(company, key_result)["target"]).lstrip("<>= "))


def _planned(company: SampleCompany, today: date) -> float:
    quarter = choose_quarter(today)
    plan = _key_result(company, "revenue")["plan"]
    assert isinstance(plan, list)
    knots = [(quarter.starts - timedelta(days=1), 0.0), *((point["by"], point["value"]) for point in plan)]
    knots.append((quarter.ends, _target(company, "revenue")))
    (left_day, left), (right_day, right) = next(
        (knots[index], knots[index + 1]) for index in range(len(knots) - 1) if knots[index + 1][0] >= today
    )
    return float(left + (right - left) * ((today - left_day) / (right_day - left_day)))
