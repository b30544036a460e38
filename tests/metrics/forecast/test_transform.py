"""Scales go there and back inside the bounds."""

import numpy as np
import pytest

from metrics.forecast.question import Bounds
from metrics.forecast.transform import choose_transform

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
