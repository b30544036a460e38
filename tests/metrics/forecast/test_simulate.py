"""Draws are spread evenly and shared; errors follow how restless the newest ones were; rare events are kept."""

from datetime import date

import numpy as np
import pytest

from metrics.forecast import Question, answer, pooled_ratio
from metrics.forecast.question import day_number
from metrics.forecast.settings import PATHS
from metrics.forecast.simulate import uniform_draws
from metrics.model.reading import Window
from tests.metrics.forecast.conftest import Ask

Q4, AS_OF = Window(date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 20)


def test_every_period_s_draws_are_spread_evenly_over_the_paths() -> None:
    draws = uniform_draws(1, 92)
    even = (np.arange(PATHS) + 0.5) / PATHS
    np.testing.assert_allclose(np.sort(draws, axis=1), np.tile(even, (92, 1)), atol=1e-6)


def test_periods_are_drawn_independently_of_each_other() -> None:
    between = np.corrcoef(uniform_draws(2, 60)) - np.eye(60)
    assert np.abs(between).max() < 0.15
    assert np.abs(between.mean()) < 0.005


@pytest.mark.parametrize("longer", [40, 64, 65, 200])
def test_a_longer_horizon_keeps_the_draws_of_a_shorter_one(longer: int) -> None:
    np.testing.assert_array_equal(uniform_draws(1, longer)[:30], uniform_draws(1, 30))


def test_a_restless_end_widens_a_weekly_forecast_and_a_quiet_one_narrows_it(ask: Ask, rng: np.random.Generator) -> None:
    noise = rng.normal(0.0, 1.0, 80)
    calm, restless = np.where(np.arange(80) < 68, 4.0, 1.0) * noise, np.where(np.arange(80) < 68, 1.0, 4.0) * noise
    widths = []
    for shocks in (calm, noise, restless):
        forecast = answer(ask(100.0 + shocks * 2.5 / np.std(shocks), step=7))  # one spread over the whole history
        widths.append(forecast.quantile(0.9) - forecast.quantile(0.1))
    assert widths[0] < widths[1] < widths[2]


@pytest.mark.parametrize(("rows", "share"), [(1.0, 0.02), (2.0, 0.05)])
@pytest.mark.parametrize("kind", ["ratio", "sum"])
def test_rare_events_are_expected_to_go_on(rows: float, share: float, kind: str) -> None:
    rng, errors, inside = np.random.default_rng(20270101), [], []
    days = day_number(Q4.ends) - np.arange(491)[::-1]
    known, counted = days <= day_number(AS_OF), days >= day_number(Q4.starts)
    for _ in range(60):
        of = rng.poisson(rows, len(days)).astype(np.float64)
        events = rng.binomial(of.astype(np.int64), share).astype(np.float64)
        outcome = events[counted].sum()
        if kind == "ratio":
            outcome /= of[counted].sum()
            asked = pooled_ratio(days[known], events[known], of[known], window=Q4, as_of=AS_OF, bounds=(0.0, 1.0))
        else:
            asked = Question(days[known], events[known], Q4, AS_OF, "sum", (0.0, None))
        forecast = answer(asked)
        errors.append(forecast.quantile(0.5) - outcome)
        inside.append(forecast.quantile(0.025) <= outcome <= forecast.quantile(0.975))
    usual = share if kind == "ratio" else rows * share * counted.sum()
    assert abs(np.mean(errors)) < 0.25 * usual
    assert np.mean(inside) >= 0.8
