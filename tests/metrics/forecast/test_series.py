"""Which grid a series is laid on, and what is left of messy input."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from metrics.forecast import Question
from metrics.forecast.question import day_number, day_of
from metrics.forecast.series import clean, lay_out
from metrics.model.reading import Window

QUARTER = Window(date(2026, 10, 1), date(2026, 12, 31))
AS_OF = date(2026, 11, 15)


def question(days: list[date], values: list[float] | None = None, **options: object) -> Question:
    numbers = np.arange(1.0, len(days) + 1) if values is None else np.array(values)
    return Question(
        np.array([day_number(day) for day in days]),
        numbers,
        options.pop("window", QUARTER),  # type: ignore[arg-type]
        options.pop("as_of", AS_OF),  # type: ignore[arg-type]
        "sum",
        **options,  # type: ignore[arg-type]
    )


def run_of(count: int, step: int = 1, end: date = AS_OF) -> list[date]:
    return [end - timedelta(days=step * i) for i in range(count)][::-1]


MONTH_ENDS = [date(2025, 11, 30), date(2025, 12, 31), *(date(2026, m, 1) - timedelta(days=1) for m in range(2, 12))]


@pytest.mark.parametrize(
    ("days", "grain", "weekly", "horizon"),
    [
        (run_of(60), "day", 7, 46),
        ([day for day in run_of(60) if day.weekday() < 5], "day", 5, 34),
        ([day for day in run_of(60) if day.weekday() < 6], "day", 6, 40),
        ([day for day in run_of(60) if day.weekday() in {0, 3}], "day", 2, 14),
        (run_of(8), "day", 7, 46),
        (run_of(30, 4), "day", 0, 11),
        (run_of(30, 7), "week", 0, 6),
        (run_of(30, 14), "week", 0, 3),
        (MONTH_ENDS, "month", 0, 2),
        ([day.replace(day=1) for day in MONTH_ENDS], "month", 0, 2),
        (MONTH_ENDS[::3], "month", 0, 1),
    ],
)
def test_the_grid_is_inferred(days: list[date], grain: str, weekly: int, horizon: int) -> None:
    series = lay_out(question(days))
    assert series is not None
    assert (series.grain, series.weekly, series.horizon) == (grain, weekly, horizon)
    assert day_of(int(series.stamps[-1])) <= QUARTER.ends
    assert series.seen.sum() == len(days)


def test_weekdays_only_look_forward_to_weekdays_only() -> None:
    series = lay_out(question([day for day in run_of(60) if day.weekday() < 5]))
    assert series is not None
    assert all(day_of(int(stamp)).weekday() < 5 for stamp in series.stamps)


def test_gaps_infinities_weightless_and_repeated_days_are_cleaned_away() -> None:
    days = [date(2026, 11, d) for d in (5, 3, 4, 5, 2, 1)]
    asked = question(days, [1.0, float("nan"), 3.0, 4.0, float("inf"), 6.0])
    kept_days, values, _ = clean(asked)
    assert [day_of(int(day)).day for day in kept_days] == [1, 4, 5]
    assert list(values) == [6.0, 3.0, 4.0]
    weighted = replace(asked, weights=np.array([1.0, 1.0, 0.0, 2.0, 1.0, 1.0]))
    assert list(clean(weighted)[1]) == [6.0, 4.0]


def test_a_gap_stays_a_gap_and_evidence_averages_one() -> None:
    days = [day for day in run_of(30) if day != date(2026, 11, 3)]
    series = lay_out(question(days, weights=np.arange(1.0, 30)))
    assert series is not None
    assert np.isnan(series.values).sum() == 1
    assert series.weights[series.seen].mean() == pytest.approx(1.0)
    assert series.weights[~series.seen] == 0.0


def test_the_window_may_begin_before_the_cycle_or_after_as_of() -> None:
    trailing = lay_out(question(run_of(60), window=Window(date(2026, 12, 4), date(2026, 12, 31))))
    assert trailing is not None
    assert trailing.inside.sum() == 28
    assert not trailing.inside[: trailing.length].any()
    earlier = lay_out(question(run_of(60), window=Window(date(2026, 9, 1), date(2026, 11, 20))))
    assert earlier is not None
    assert earlier.horizon == 5


def test_history_older_than_a_few_years_is_left_alone() -> None:
    series = lay_out(question(run_of(5000)))
    assert series is not None
    assert series.length == 1500


def test_day_numbers_are_numpys() -> None:
    assert day_number(date(2026, 2, 28)) == int(np.datetime64("2026-02-28").astype(np.int64))
    assert day_of(day_number(date(2026, 2, 28))) == date(2026, 2, 28)
