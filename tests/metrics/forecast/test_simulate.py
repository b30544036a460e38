"""Draws are spread evenly and shared; errors follow how restless the newest ones were."""

import numpy as np
import pytest

from metrics.forecast import answer
from metrics.forecast.settings import PATHS
from metrics.forecast.simulate import uniform_draws
from tests.metrics.forecast.conftest import Ask


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
