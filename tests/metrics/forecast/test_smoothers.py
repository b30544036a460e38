"""The smoothers' arithmetic, and which of them a series believes."""

import numpy as np
import pytest

from metrics.forecast.settings import SETTINGS
from metrics.forecast.smoothers import BLOCK, Aim, discounted_sums, fit_smoothers


@pytest.mark.parametrize("length", [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7])
def test_discounted_sums_are_the_plain_recursion(rng: np.random.Generator, length: int) -> None:
    x, rates = rng.normal(size=length), (0.03, 0.4, 1.0)
    expected = np.zeros((3, length))
    for row, rate in enumerate(rates):
        total = 0.0
        for t in range(length):
            total = total * (1 - rate) + x[t]
            expected[row, t] = total
    np.testing.assert_allclose(discounted_sums(x, rates), expected, atol=1e-12)


def test_a_constant_series_is_forecast_exactly() -> None:
    fit = fit_smoothers(np.full(50, 3.0), np.ones(50), SETTINGS["day"], Aim(0, 30, last=False))
    np.testing.assert_allclose(fit.futures, 3.0)
    assert fit.weights.sum() == pytest.approx(1.0)
    assert np.abs(fit.residuals).max() < 1e-12


def test_a_random_walk_believes_quick_smoothers_and_noise_slow_ones(rng: np.random.Generator) -> None:
    settings, aim = SETTINGS["day"], Aim(0, 30, last=True)
    noise = rng.normal(size=300)
    steady = fit_smoothers(noise, np.ones(300), settings, aim)
    walking = fit_smoothers(np.cumsum(noise), np.ones(300), settings, aim)
    assert abs(float(steady.weights @ steady.futures[:, -1])) < 0.5
    assert walking.steady > 0.5 > steady.steady


def test_a_trend_is_followed_for_weeks_but_fades(rng: np.random.Generator) -> None:
    x = np.arange(60.0) + rng.normal(0, 0.2, 60)
    fit = fit_smoothers(x, np.ones(60), SETTINGS["week"], Aim(0, 8, last=True))
    path = fit.weights @ fit.futures
    assert x[-1] < path[-1] < x[-1] + 8
    assert np.diff(path)[0] > np.diff(path)[-1] > 0


def test_a_gap_holds_the_level(rng: np.random.Generator) -> None:
    x, evidence = rng.normal(5, 0.1, 80), np.ones(80)
    x[40:70], evidence[40:70] = 0.0, 0.0
    fit = fit_smoothers(x, evidence, SETTINGS["day"], Aim(0, 10, last=False))
    np.testing.assert_allclose(fit.weights @ fit.futures, 5.0, atol=0.2)


def test_days_with_many_rows_count_for_more() -> None:
    x, evidence = np.tile([0.0, 10.0], 100), np.tile([9.0, 1.0], 100) / 5
    fit = fit_smoothers(x, evidence, SETTINGS["day"], Aim(0, 10, last=False))
    assert float(fit.weights @ fit.futures[:, -1]) < 3.0


def test_the_aim_is_the_mean_of_the_window_that_is_left() -> None:
    shapes = np.array([[1.0, 2.0, 3.0, 4.0]])
    assert Aim(0, 4, last=False).of(shapes) == pytest.approx([2.5])
    assert Aim(2, 4, last=False).of(shapes) == pytest.approx([3.5])
    assert Aim(0, 4, last=True).of(shapes) == pytest.approx([4.0])
    assert [Aim(2, 4, last=False).periods, Aim(2, 4, last=True).periods] == [2, 1]
