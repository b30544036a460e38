"""When the forecast withholds a range or a chance, and what it says about it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from metrics.forecast import answer, forecast_card
from metrics.model.reading import Window
from metrics.model.target import parse_target
from tests.metrics.forecast.conftest import Ask

TARGET = parse_target(">= 50")


@pytest.mark.parametrize(
    ("points", "step", "reason", "has_range", "low_confidence"),
    [
        (0, 1, "no_history", False, False),
        (1, 1, "history_too_short", False, False),
        (2, 1, "history_too_short", False, False),
        (3, 1, "chance_needs_history", True, True),
        (7, 1, "chance_needs_history", True, True),
        (8, 1, None, True, True),
        (13, 1, None, True, True),
        (14, 1, None, True, False),
        (8, 7, None, True, True),
        (16, 7, None, True, True),
        (17, 7, None, True, False),
    ],
)
def test_history_decides_what_is_said(
    ask: Ask, points: int, step: int, reason: str | None, has_range: bool, low_confidence: bool
) -> None:
    values = list(50 + np.sin(np.arange(points)))
    forecast = answer(ask(values, "last", step=step))
    assert (forecast.reason, forecast.history) == (reason, points)
    assert (forecast.median is not None) == has_range
    assert (forecast.lo80 is not None, forecast.hi95 is not None) == (has_range, has_range)
    assert (forecast.chance(TARGET) is not None) == (reason is None)
    assert not has_range or forecast.low_confidence == low_confidence


def test_points_count_from_the_last_level_shift(ask: Ask) -> None:
    values = [20.0] * 60 + list(50 + np.sin(np.arange(10)))
    shifted = answer(ask(values, "last", level_shifts=(date(2026, 11, 6),)))
    assert (shifted.history, shifted.low_confidence) == (10, True)
    assert answer(ask(values, "last")).history == 70


def test_a_level_shift_to_come_changes_nothing(ask: Ask, rng: np.random.Generator) -> None:
    values = rng.normal(50, 3, 60)
    later = answer(ask(values, level_shifts=(date(2026, 12, 1),)))
    np.testing.assert_array_equal(later.samples, answer(ask(values)).samples)


def test_a_shifted_level_is_believed_at_once(ask: Ask, rng: np.random.Generator) -> None:
    values = np.concatenate([rng.normal(50, 3, 110), rng.normal(80, 3, 10)])
    told = answer(ask(values, "last", level_shifts=(date(2026, 11, 6),)))
    untold = answer(ask(values, "last"))
    assert told.median is not None
    assert untold.median is not None
    assert abs(told.median - 80) < abs(untold.median - 80)
    assert 74 < told.median < 86


def test_a_cycle_that_is_over_is_certain(ask: Ask) -> None:
    forecast = answer(ask([10.0] * 5 + [20.0] * 5, "mean", window=Window(date(2026, 11, 6), date(2026, 11, 15))))
    assert forecast.certain
    assert (forecast.median, forecast.lo95, forecast.hi95) == (15.0, 15.0, 15.0)
    assert forecast.chance(parse_target(">= 15")) == 1.0
    assert forecast.chance(parse_target("> 15")) == 0.0


def test_values_after_as_of_are_not_known(ask: Ask) -> None:
    question = ask([10.0] * 30, "last")
    leaked = np.append(question.values, [1000.0])
    days = np.append(question.days, [question.days[-1] + 1])

    forecast = answer(replace(question, days=days, values=leaked))
    np.testing.assert_array_equal(forecast.samples, answer(question).samples)


def test_without_any_value_there_is_nothing_to_sample(ask: Ask) -> None:
    forecast = answer(ask([float("nan")] * 5))
    assert len(forecast.samples) == 0
    assert forecast.p_hit(1.0, "increase") == 0.5
    with pytest.raises(ValueError, match="no value"):
        forecast.quantile(0.5)


def test_a_card_carries_what_the_rules_allow(ask: Ask, rng: np.random.Generator) -> None:
    full = forecast_card(answer(ask(rng.normal(50, 5, 60))), TARGET)
    assert None not in (full.median, full.lo80, full.hi80, full.lo95, full.hi95, full.p_hit, full.method)
    assert (full.reason, full.history, full.low_confidence) == (None, 60, False)
    short = forecast_card(answer(ask([50.0, 51.0, 52.0, 50.0])), TARGET)
    assert short.median is not None
    assert (short.p_hit, short.reason) == (None, "chance_needs_history")
    empty = forecast_card(answer(ask([50.0])), TARGET)
    assert (empty.median, empty.p_hit, empty.method, empty.reason) == (None, None, None, "history_too_short")
