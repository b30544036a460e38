"""What is taken for a rhythm, a season or a holiday, and what is not."""

from datetime import date, timedelta

import numpy as np
import pytest

from metrics.forecast import Question, answer
from metrics.forecast.question import Floats, day_number
from metrics.forecast.seasonality import holiday_effect, rhythm_strength, weekly_rhythm, yearly_profile
from metrics.forecast.series import RegularSeries, lay_out
from metrics.forecast.settings import SETTINGS
from metrics.model.reading import Window

AS_OF = date(2026, 11, 15)
QUARTER = Window(date(2026, 10, 1), date(2026, 12, 31))
RHYTHM = np.array([2.0, 1.0, 0.0, 0.0, 1.0, -1.5, -2.5])


def laid_out(values: Floats, step: int = 1, **options: object) -> tuple[RegularSeries, Question]:
    days = day_number(AS_OF) - step * np.arange(len(values))[::-1]
    question = Question(days, values, QUARTER, AS_OF, "mean", **options)  # type: ignore[arg-type]
    series = lay_out(question)
    assert series is not None
    return series, question


def monthly(values: Floats) -> RegularSeries:
    months = np.datetime64("2026-11") - np.arange(len(values))[::-1]
    days = months.astype("datetime64[D]").astype(np.int64) - 1
    series = lay_out(Question(days, values, QUARTER, AS_OF, "mean"))
    assert series is not None
    return series


def weekday_effects(length: int) -> Floats:
    return RHYTHM[[(AS_OF - timedelta(days=length - 1 - i)).weekday() for i in range(length)]]


@pytest.mark.parametrize(("length", "tolerance"), [(10, 0.6), (21, 0.4), (60, 0.3), (400, 0.15)])
def test_a_weekly_rhythm_is_found_from_ten_days_on(rng: np.random.Generator, length: int, tolerance: float) -> None:
    series, _ = laid_out(10 + weekday_effects(length) + rng.normal(0, 0.1, length))
    found = weekly_rhythm(series.values, series).effect
    expected = RHYTHM[(series.stamps + 3) % 7]
    assert np.abs(found[-14:] - expected[-14:]).max() < tolerance


def test_noise_has_next_to_no_rhythm(rng: np.random.Generator) -> None:
    series, _ = laid_out(rng.normal(10, 1, 200))
    season = weekly_rhythm(series.values, series)
    assert np.abs(season.effect).max() < 0.3
    assert rhythm_strength(series.values, season.effect[:200], series.seen) < 0.1


def test_a_few_wild_days_do_not_bend_the_rhythm(rng: np.random.Generator) -> None:
    values = 10 + weekday_effects(200) + rng.normal(0, 0.1, 200)
    values[[20, 76, 140]] += 500
    series, _ = laid_out(values)
    found = weekly_rhythm(series.values, series).effect[-7:]
    assert np.abs(found - RHYTHM[(series.stamps[-7:] + 3) % 7]).max() < 0.5


@pytest.mark.parametrize("years", [2, 3, 5])
def test_a_yearly_profile_is_found_once_years_agree(rng: np.random.Generator, years: int) -> None:
    t = np.arange(12 * years)
    values = 100 + 10 * np.sin(2 * np.pi * t / 12) + rng.normal(0, 0.5, len(t))
    series = monthly(values)
    assert series.grain == "month"
    profile = yearly_profile(series.values, series, SETTINGS["month"].yearly, strength=1.0)
    clean = 10 * np.sin(2 * np.pi * np.arange(len(series.stamps)) / 12)
    assert np.corrcoef(profile.effect, clean)[0, 1] > 0.97
    assert 0 < profile.spent < 1


def test_years_that_disagree_give_a_flat_profile(rng: np.random.Generator) -> None:
    series = monthly(rng.normal(0, 1, 12 * 8))
    profile = yearly_profile(series.values, series, SETTINGS["month"].yearly, strength=1.0)
    assert np.abs(profile.effect).max() < 0.6


def test_less_than_a_year_has_no_season() -> None:
    series = monthly(np.arange(11.0))
    assert not yearly_profile(series.values, series, SETTINGS["month"].yearly, strength=1.0).effect.any()


def test_a_moving_holiday_is_met_where_it_falls_this_year(rng: np.random.Generator) -> None:
    values = rng.normal(100, 2, 400)
    past = {AS_OF - timedelta(days=320 + i): "tet" for i in range(5)}
    coming = {date(2026, 12, 20) + timedelta(days=i): "tet" for i in range(5)}
    for day in past:
        values[len(values) - 1 - (AS_OF - day).days] = 20.0
    series, _ = laid_out(values)
    effect = holiday_effect(series.values, series, past | coming)
    marked = np.isin(series.stamps[series.length :], [day_number(day) for day in coming])
    assert (effect[series.length :][marked] < -60).all()
    assert not effect[series.length :][~marked].any()
    told = answer(laid_out(values, holidays=past | coming)[1])
    untold = answer(laid_out(values)[1])
    assert told.median is not None
    assert untold.median is not None
    assert untold.median - told.median > 2  # five days of 92, 80 lower each


def test_a_holiday_never_seen_takes_the_effect_of_the_others_and_none_without_any() -> None:
    values = np.full(100, 50.0)
    values[60] = 10.0
    series, _ = laid_out(values)
    seen = {AS_OF - timedelta(days=39): "reunification"}
    fresh = {date(2026, 12, 25): "other"}
    effect = holiday_effect(series.values, series, seen | fresh)
    assert effect[series.stamps == day_number(date(2026, 12, 25))] == pytest.approx(-20.0)
    assert not holiday_effect(series.values, series, fresh).any()
