"""Chances by the exact comparator, and quantiles."""

import numpy as np
import pytest

from metrics.forecast import Forecast
from metrics.forecast.result import quantiles
from metrics.model.target import parse_target


def of(values: list[float], **options: object) -> Forecast:
    samples = np.array(values)
    return Forecast(samples, np.sort(samples), "test", 100, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "count"),
    [("< 2", 1), ("<= 2", 3), ("> 2", 2), (">= 2", 4), ("2..3", 3), ("2.5..2.6", 0), ("1..4", 5), ("> 9", 0)],
)
def test_comparators_are_exact_at_ties(target: str, count: int) -> None:
    assert of([2.0, 1.0, 4.0, 2.0, 3.0]).chance(parse_target(target)) == pytest.approx((count + 0.5) / 6)


@pytest.mark.parametrize(
    ("target", "chance"),
    [(">= 10", 1.0), ("> 10", None), (">= 9", 1.0), ("< 10", 0.0), ("<= 10", None), ("<= 9", 0.0), ("5..9", 0.0)],
)
def test_a_sum_that_can_only_grow_settles_what_it_has_passed(target: str, chance: float | None) -> None:
    forecast = of([10.0, 12.0, 15.0], floor=10.0)
    expected = forecast._share(parse_target(target))
    assert expected == chance if chance is not None else 0.0 < expected < 1.0


def test_quantiles_are_numpys_linear_ones() -> None:
    values = np.sort(np.random.default_rng(1).normal(size=(101, 3)), axis=0)
    shares = (0.0, 0.025, 0.5, 0.9, 1.0)
    np.testing.assert_allclose(quantiles(values, shares), np.quantile(values, shares, axis=0))


def test_what_is_withheld_is_none_but_the_paths_remain() -> None:
    short = of([1.0, 2.0, 3.0], reason="history_too_short")
    assert (short.median, short.lo80, short.hi80, short.lo95, short.hi95) == (None,) * 5
    assert short.chance(parse_target("> 1")) is None
    assert short.p_hit(2.0, "increase") == pytest.approx(2.5 / 4)
