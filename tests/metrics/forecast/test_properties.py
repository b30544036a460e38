"""What holds for every series and every question, whatever they contain."""

from datetime import date, timedelta
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.forecast import Forecast, Question, answer
from metrics.forecast.question import Bounds, Kind, day_number
from metrics.model.reading import Window
from metrics.model.target import Target

AS_OF = date(2026, 11, 15)
ENDS = date(2026, 12, 31)
BOUNDS: tuple[Bounds, ...] = ((None, None), (0.0, None), (None, 100.0), (0.0, 100.0))
numbers = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 50.0, 100.0, float("nan"), float("inf"), -float("inf")])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    values = np.array(draw(st.lists(numbers, max_size=60)), np.float64)
    step = draw(st.sampled_from([1, 1, 2, 4, 7, 31]))
    offsets = draw(st.lists(st.integers(-20, 90), min_size=len(values), max_size=len(values)))
    days = day_number(AS_OF) - step * np.array(offsets, np.int64)
    starts = draw(st.sampled_from([date(2026, 10, 1), date(2026, 11, 16), ENDS - timedelta(days=27)]))
    weights = np.array(draw(st.lists(st.floats(0, 1e4), min_size=len(values), max_size=len(values))), np.float64)
    return Question(
        days,
        values,
        Window(starts, ENDS),
        AS_OF,
        draw(st.sampled_from(get_args(Kind))),
        draw(st.sampled_from(BOUNDS)),
        weights=weights,
        level_shifts=draw(st.sampled_from([(), (date(2026, 11, 1),)])),
    )


@settings(max_examples=150, deadline=None)
@given(questions())
def test_values_are_finite_ordered_and_inside_the_bounds(question: Question) -> None:
    forecast = answer(question)
    assert np.isfinite(forecast.samples).all()
    assert (np.diff(forecast.ordered) >= 0).all()
    if len(forecast.samples) and question.kind != "sum" and not forecast.certain:
        low, high = question.bounds
        assert low is None or forecast.ordered[0] >= low
        assert high is None or forecast.ordered[-1] <= high


@settings(max_examples=100, deadline=None)
@given(questions(), st.lists(st.floats(-2e6, 2e6), min_size=2, max_size=8))
def test_the_chance_never_rises_with_a_harder_target(question: Question, targets: list[float]) -> None:
    forecast = answer(question)
    up = [forecast.p_hit(target, "increase") for target in sorted(targets)]
    down = [forecast.p_hit(target, "decrease") for target in sorted(targets)]
    assert up == sorted(up, reverse=True)
    assert down == sorted(down)
    assert all(0.0 <= chance <= 1.0 for chance in up + down)


@settings(max_examples=100, deadline=None)
@given(questions(), st.floats(-1e6, 1e6))
def test_a_chance_of_0_or_1_is_left_to_arithmetic(question: Question, target: float) -> None:
    forecast = answer(question)
    chance = forecast.p_hit(target, "increase")
    if chance in {0.0, 1.0}:
        assert forecast.certain or (forecast.floor is not None and forecast.floor >= target)


@settings(max_examples=100, deadline=None)
@given(questions())
def test_quantiles_never_cross(question: Question) -> None:
    forecast = answer(question)
    if len(forecast.samples):
        bands = [forecast.quantile(share) for share in (0.0, 0.025, 0.1, 0.5, 0.9, 0.975, 1.0)]
        assert bands == sorted(bands)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.5, 100.0), min_size=14, max_size=80),
    st.sampled_from([1e-30, 0.25, 1024.0, 1e30]),
    st.sampled_from(["last", "mean", "sum"]),
)
def test_another_unit_gives_the_same_forecast_in_that_unit(values: list[float], factor: float, kind: Kind) -> None:
    plain, scaled = (_daily(np.array(values) * unit, kind) for unit in (1.0, factor))
    np.testing.assert_allclose(scaled.samples, plain.samples * factor, rtol=1e-4, atol=0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=14, max_size=80), st.sampled_from(["last", "mean"]))
def test_turning_an_unbounded_series_upside_down_turns_its_median(values: list[float], kind: Kind) -> None:
    plain, turned = (_daily(np.array(values) * sign, kind, (None, None)) for sign in (1.0, -1.0))
    np.testing.assert_allclose(turned.samples, -plain.samples, rtol=1e-6, atol=1e-6)


def _daily(values: np.ndarray[tuple[int], np.dtype[np.float64]], kind: Kind, bounds: Bounds = (0.0, None)) -> Forecast:
    days = day_number(AS_OF) - np.arange(len(values))[::-1]
    return answer(Question(days, values, Window(date(2026, 10, 1), ENDS), AS_OF, kind, bounds))


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">=", "within"])
def test_chances_are_deterministic(comparator: str) -> None:
    values = np.random.default_rng(5).normal(50, 5, 90)
    target = Target(comparator, 49.0, 52.0 if comparator == "within" else None, "")  # type: ignore[arg-type]
    assert _daily(values, "mean").chance(target) == _daily(values, "mean").chance(target)
