"""How the observed part of a window and the simulated rest become one number."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from metrics.forecast import Question, answer, forecast_many, pooled_ratio
from metrics.forecast.question import Kind, day_number
from metrics.model.reading import Window
from metrics.model.target import parse_target
from tests.metrics.forecast.conftest import Ask


def test_a_sum_is_what_was_seen_plus_the_rest(ask: Ask) -> None:
    forecast = answer(ask([10.0] * 90, "sum", bounds=(0.0, None)))
    assert forecast.median == pytest.approx(920.0)
    assert forecast.floor == pytest.approx(460.0)


def test_a_total_already_reached_is_certain_and_one_exceeded_is_lost(ask: Ask, rng: np.random.Generator) -> None:
    forecast = answer(ask(rng.poisson(10, 90), "sum", bounds=(0.0, None)))
    assert forecast.floor is not None
    assert forecast.chance(parse_target(f">= {forecast.floor:.0f}")) == 1.0
    assert forecast.chance(parse_target(f"< {forecast.floor:.0f}")) == 0.0
    between = forecast.chance(parse_target(f"<= {forecast.floor + 400:.0f}"))
    assert between is not None
    assert 0.0 < between < 1.0


def test_a_mean_that_is_mostly_seen_can_hardly_move(ask: Ask, rng: np.random.Generator) -> None:
    early, late = date(2026, 10, 20), date(2026, 12, 28)
    widths = []
    for as_of in (early, late):
        forecast = answer(ask(rng.normal(50, 5, 120), "mean", as_of=as_of))
        assert forecast.hi80 is not None
        assert forecast.lo80 is not None
        widths.append(forecast.hi80 - forecast.lo80)
    assert widths[1] < widths[0] / 3


@pytest.mark.parametrize("kind", ["mean", "sum", "last", "max", "min", "pooled"])
def test_missing_days_of_the_window_are_gaps_not_zeros(ask: Ask, kind: Kind) -> None:
    values = np.full(90, 8.0)
    values[60:70] = np.nan
    forecast = answer(ask(values, kind, weights=np.full(90, 3.0)))
    expected = 8.0 * (92 - 10) if kind == "sum" else 8.0
    assert forecast.median == pytest.approx(expected)


def test_an_extreme_already_seen_stays(ask: Ask) -> None:
    values = np.full(90, 5.0)
    values[-10] = 50.0
    values[-20] = 1.0
    assert answer(ask(values, "max")).ordered[0] >= 50.0
    assert answer(ask(values, "min")).ordered[-1] <= 1.0


def test_a_trailing_window_forgets_what_leaves_it(ask: Ask) -> None:
    values = np.r_[np.full(60, 100.0), np.full(30, 10.0)]
    window = Window(date(2026, 12, 4), date(2026, 12, 31))
    trailing = answer(ask(values, "mean", window=window, level_shifts=(date(2026, 10, 17),)))
    assert trailing.median == pytest.approx(10.0, abs=1.0)
    partly = answer(ask(values, "mean", window=Window(date(2026, 10, 25), date(2026, 11, 21))))
    assert partly.median == pytest.approx(10.0, abs=3.0)


def test_a_pooled_ratio_weighs_days_by_their_denominator(rng: np.random.Generator) -> None:
    as_of = date(2026, 11, 15)
    days = day_number(as_of) - np.arange(140)[::-1]
    busy = (days + 3) % 7 < 5
    denominator = np.where(busy, 900.0, 100.0)
    numerator = rng.binomial(denominator.astype(np.int64), np.where(busy, 0.02, 0.2)).astype(np.float64)
    window = Window(date(2026, 10, 1), date(2026, 12, 31))
    question = pooled_ratio(days, numerator, denominator, window=window, as_of=as_of, bounds=(0.0, 1.0))
    forecast = answer(question)
    unweighted = answer(replace(question, kind="mean", weights=None))
    truth = (5 * 900 * 0.02 + 2 * 100 * 0.2) / (5 * 900 + 2 * 100)
    assert forecast.median == pytest.approx(truth, rel=0.1)
    assert unweighted.median is not None
    assert unweighted.median > 2 * truth
    assert forecast.ordered[0] >= 0
    assert forecast.ordered[-1] <= 1


def test_a_keep_budget_is_a_chance_on_the_pooled_rate(rng: np.random.Generator) -> None:
    as_of = date(2026, 11, 15)
    days = day_number(as_of) - np.arange(140)[::-1]
    denominator = np.full(140, 500.0)
    numerator = rng.binomial(500, 0.05, 140).astype(np.float64)
    window = Window(date(2026, 10, 1), date(2026, 12, 31))
    forecast = answer(pooled_ratio(days, numerator, denominator, window=window, as_of=as_of, bounds=(0.0, 1.0)))
    chances = [forecast.chance(parse_target(text)) for text in ("< 4.5 %", "< 5 %", "< 5.5 %", "4.5 %..5.5 %")]
    assert None not in chances
    assert chances[0] < 0.1 < chances[1] < 0.9 < chances[2]  # type: ignore[operator]
    assert chances[3] > 0.8  # type: ignore[operator]


def test_a_denominator_of_zero_is_a_day_without_a_rate() -> None:
    days = np.arange(day_number(date(2026, 8, 1)), day_number(date(2026, 11, 15)) + 1)
    denominator = np.where(days % 3 == 0, 0.0, 10.0)
    window = Window(date(2026, 10, 1), date(2026, 12, 31))
    asked = pooled_ratio(
        days, denominator * 0.3, denominator, window=window, as_of=date(2026, 11, 15), bounds=(0.0, 1.0)
    )
    assert answer(asked).median == pytest.approx(0.3)


def test_the_exact_read_so_far_corrects_the_approximation(rng: np.random.Generator) -> None:
    as_of, window = date(2026, 11, 15), Window(date(2026, 10, 1), date(2026, 12, 31))
    daily = [rng.lognormal(1.0 + 0.5 * (i % 2), 0.8, 200) for i in range(168)]
    days = day_number(date(2026, 12, 31)) - np.arange(168)[::-1]
    medians = np.array([np.median(rows) for rows in daily])
    seen, inside = days <= day_number(as_of), days >= day_number(window.starts)
    pooled = [
        np.median(np.concatenate([r for r, k in zip(daily, s, strict=True) if k])) for s in (inside, inside & seen)
    ]
    known = Window(window.starts, as_of)
    assert known.days == 46
    asked = Question(
        days[seen], medians[seen], window, as_of, "pooled", (0.0, None), weights=np.full(int(seen.sum()), 200.0)
    )
    plain, corrected = forecast_many([asked, replace(asked, known=float(pooled[1]))])
    assert plain.median is not None
    assert corrected.median is not None
    assert abs(corrected.median - pooled[0]) < abs(plain.median - pooled[0])


def test_the_fan_ends_where_the_forecast_does(ask: Ask, rng: np.random.Generator) -> None:
    forecast = answer(ask(rng.normal(50, 5, 120), "sum", fan=True, bounds=(0.0, None)))
    assert [point.day for point in forecast.fan] == [date(2026, 11, 16) + timedelta(days=i) for i in range(46)]
    end = forecast.fan[-1]
    assert (end.lo95, end.lo80, end.median, end.hi80, end.hi95) == pytest.approx(
        (forecast.lo95, forecast.lo80, forecast.median, forecast.hi80, forecast.hi95)
    )
    assert all(p.lo95 <= p.lo80 <= p.median <= p.hi80 <= p.hi95 for p in forecast.fan)


def test_one_spike_does_not_explode_the_interval(ask: Ask, rng: np.random.Generator) -> None:
    values = rng.normal(80, 5, 90)
    calm = answer(ask(values, "mean", bounds=(0.0, None)))
    values[40] = 80_000
    wild = answer(ask(values, "mean", bounds=(0.0, None)))
    assert wild.median is not None
    assert calm.median is not None
    assert wild.median < 10 * calm.median
    assert wild.ordered[-1] < 80_000


def test_many_at_once_are_the_same_as_one_by_one(ask: Ask, rng: np.random.Generator) -> None:
    asked = [ask(rng.normal(50, 5, 40 + 10 * i), kind) for i in range(4) for kind in ("mean", "last")]
    for together, question in zip(forecast_many(asked), asked, strict=True):
        np.testing.assert_array_equal(together.samples, answer(question).samples)


def test_a_median_whose_window_is_all_ahead_is_forecast_where_exact_reads_lie(rng: np.random.Generator) -> None:
    """Few skewed rows a day: the mean of their medians lies far above the median of all rows."""
    first, as_of = date(2025, 11, 1), date(2026, 10, 31)
    days = (as_of - first).days + 1
    rows = [rng.lognormal(1.0, 1.0, int(rng.integers(1, 4))) for _ in range(days)]
    truth = float(np.median(np.concatenate(rows)))
    values, weights = np.array([float(np.median(each)) for each in rows]), np.array([float(len(each)) for each in rows])
    asked = Question(
        np.arange(day_number(first), day_number(first) + days),
        values,
        Window(date(2026, 12, 4), date(2026, 12, 31)),
        as_of,
        "pooled",
        (0.0, None),
        weights=weights,
    )
    mean = float(values @ weights / weights.sum())
    plain, offset = answer(asked), answer(replace(asked, offset=truth - mean))
    assert plain.median is not None
    assert offset.median is not None
    assert plain.median > 1.15 * truth
    assert abs(offset.median - truth) < 0.5 * abs(plain.median - truth)


def test_thin_days_do_not_widen_what_busy_days_decide(rng: np.random.Generator) -> None:
    """Rates of days with two rows jump about; a pooled rate that hardly counts them must not."""
    busy = np.array([400.0, 400, 400, 400, 400, 2, 2])
    days = np.arange(day_number(date(2026, 1, 1)), day_number(date(2026, 11, 15)) + 1)
    rows = busy[(days + 3) % 7]
    good = rng.binomial(rows.astype(int), 0.7).astype(float)
    window, as_of = Window(date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 15)
    thin = answer(pooled_ratio(days, good, rows, window=window, as_of=as_of, bounds=(0.0, 1.0)))
    weekdays = rows > 2
    without = answer(
        pooled_ratio(days[weekdays], good[weekdays], rows[weekdays], window=window, as_of=as_of, bounds=(0.0, 1.0))
    )
    assert thin.hi80 is not None
    assert thin.lo80 is not None
    assert without.hi80 is not None
    assert without.lo80 is not None
    assert thin.hi80 - thin.lo80 < 1.6 * (without.hi80 - without.lo80)
