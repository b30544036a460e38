"""Slices of the final values: they hold every path once, and are cut at the target."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.forecast import Forecast, distribution_of
from metrics.model.target import parse_target


def spread(centre: float = 10.0, width: float = 2.0) -> Forecast:
    samples = np.random.default_rng(3).normal(centre, width, 1000)
    return Forecast(samples, np.sort(samples), "test", 100)


@given(st.floats(-30, 50), st.sampled_from(["<", "<=", ">", ">="]))
def test_slices_hold_every_path_once_and_agree_with_the_chance(limit: float, comparator: str) -> None:
    target, forecast = parse_target(f"{comparator} {limit!r}"), spread()
    slices = distribution_of(forecast, target)
    assert sum(each.share for each in slices) == pytest.approx(1)
    assert sum(each.met for each in slices) == pytest.approx(forecast.chance(target), abs=1e-3)
    assert all(before.high == after.low for before, after in pairwise(slices))


def test_the_target_is_an_edge_so_that_no_bar_is_half_met() -> None:
    slices = distribution_of(spread(), parse_target(">= 11"))
    assert any(each.low == pytest.approx(11) for each in slices)
    assert all(each.met in {0.0, each.share} for each in slices)


@pytest.mark.parametrize("target", [">= 8240000000", "< 3", "> -1e12"])
def test_a_target_far_off_a_narrow_spread_leaves_all_of_it_on_one_side(target: str) -> None:
    samples = np.random.default_rng(3).normal(0.05, 1e-9, 1000)
    slices = distribution_of(Forecast(samples, np.sort(samples), "test", 100), parse_target(target))
    assert sum(each.share for each in slices) == pytest.approx(1)
    assert sum(each.met for each in slices) == pytest.approx(float(parse_target(target).is_met(0.05)))
    assert all(each.low < each.high for each in slices)


def test_a_range_is_met_between_its_ends() -> None:
    slices = distribution_of(spread(), parse_target("9..11"))
    assert sum(each.met for each in slices if each.high <= 9) == 0
    assert sum(each.met for each in slices) == pytest.approx(0.38, abs=0.05)


def test_nothing_is_spread_where_nothing_is_open_or_known() -> None:
    settled = np.full(1000, 5.0)
    assert distribution_of(Forecast(settled, settled, "observed", 9, certain=True), parse_target("> 4")) == ()
    assert (
        distribution_of(Forecast(np.empty(0), np.empty(0), "none", 0, reason="no_history"), parse_target("> 4")) == ()
    )
    assert distribution_of(replace(spread(), reason="history_too_short"), parse_target("> 4")) == ()
