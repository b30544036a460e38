"""Scales go there and back inside the bounds."""

from datetime import date

import numpy as np
import pytest

from metrics.forecast.question import Bounds, Floats, Question, day_number
from metrics.forecast.series import RegularSeries, lay_out
from metrics.forecast.transform import choose_transform, steadying_root
from metrics.model.reading import Window

CASES: list[tuple[Bounds, bool]] = [
    ((None, None), False),
    ((0.0, None), False),
    ((None, 5.0), False),
    ((0.0, 1.0), False),
    ((0.0, 1.0), True),
    ((-2.0, 3.0), True),
]


@pytest.mark.parametrize(("bounds", "pooled"), CASES)
def test_there_and_back_is_the_same_number(bounds: Bounds, pooled: bool) -> None:
    low, high = (-10.0 if bounds[0] is None else bounds[0]), (10.0 if bounds[1] is None else bounds[1])
    values = np.linspace(low, high, 41)
    scale = choose_transform(bounds, pooled=pooled)
    np.testing.assert_allclose(scale.back(scale.forward(values)), values, atol=1e-9)
    assert (np.diff(scale.forward(values)) > 0).all()


@pytest.mark.parametrize(("bounds", "pooled"), CASES)
def test_the_way_back_never_leaves_the_bounds(bounds: Bounds, pooled: bool) -> None:
    back = choose_transform(bounds, pooled=pooled).back(np.array([-1e9, -1.0, 0.0, 1.0, 1e9]))
    assert np.isfinite(back).all()
    assert bounds[0] is None or back.min() >= bounds[0]
    assert bounds[1] is None or back.max() <= bounds[1]


def test_values_outside_the_bounds_are_taken_for_the_bound() -> None:
    scale = choose_transform((0.0, 100.0))
    np.testing.assert_allclose(scale.forward(np.array([-5.0, 130.0])), scale.forward(np.array([0.0, 100.0])))


def laid(values: Floats) -> RegularSeries:
    days = day_number(date(2026, 11, 15)) - np.arange(len(values))[::-1]
    series = lay_out(Question(days, values, Window(date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 15), "mean"))
    assert series is not None
    return series


LEVEL = 200.0 * np.exp(np.sin(np.arange(420) / 40.0))


def test_the_root_steadies_what_a_series_changes_by(rng: np.random.Generator) -> None:
    alike = laid(LEVEL + rng.normal(0.0, 5.0, len(LEVEL)))
    counts = laid(rng.poisson(LEVEL).astype(np.float64))
    percent = laid(LEVEL * np.exp(rng.normal(0.0, 0.1, len(LEVEL))))
    assert steadying_root(alike, 0.0) == 1
    assert steadying_root(counts, 0.0) == 2
    assert steadying_root(percent, 0.0) == 6


def test_the_root_is_the_square_root_where_the_blocks_say_nothing(rng: np.random.Generator) -> None:
    few = laid(rng.poisson(50.0, 20).astype(np.float64))
    level = laid(rng.poisson(np.full(420, 50.0)).astype(np.float64))
    assert [steadying_root(series, 0.0) for series in (few, level, laid(np.zeros(60)), laid(np.full(60, 7.0)))] == [
        2
    ] * 4


@pytest.mark.parametrize("root", [1, 2, 3, 6])
@pytest.mark.parametrize("low", [0.0, -40.0])
def test_every_root_leads_back(root: int, low: float) -> None:
    scale = choose_transform((low, None), root=root)
    values = np.array([low, low + 1e-6, low + 0.5, low + 1.0, low + 3e4])
    np.testing.assert_allclose(scale.back(scale.forward(values)), values, rtol=1e-12, atol=1e-12)
    assert scale.back(np.array([-3.0]))[0] == low
