"""Objectives: paths scored together, with the dependence that is stated."""

from datetime import date

import numpy as np
import pytest

from metrics.forecast import Forecast, Question, answer, chance_of_objective, met_paths, score_paths
from metrics.forecast.question import Floats, day_number
from metrics.model.reading import Window
from metrics.model.target import parse_target
from tests.metrics.forecast.conftest import Ask


def test_key_results_with_shared_shocks_succeed_together(ask: Ask, rng: np.random.Generator) -> None:
    shared = rng.normal(50, 5, 120)
    first, twin = answer(ask(shared)), answer(ask(2 * shared + rng.normal(0, 0.1, 120)))
    stranger = answer(ask(rng.normal(50, 5, 120)))
    assert np.corrcoef(first.samples, twin.samples)[0, 1] > 0.9
    assert abs(np.corrcoef(first.samples, stranger.samples)[0, 1]) < 0.35


def test_opposite_shocks_stay_opposite(ask: Ask, rng: np.random.Generator) -> None:
    shocks = rng.normal(0, 5, 120)
    up, down = answer(ask(50 + shocks)), answer(ask(50 - shocks))
    assert np.corrcoef(up.samples, down.samples)[0, 1] < -0.7


def test_shocks_that_a_day_and_a_week_share_are_met_as_if_they_were_strangers(rng: np.random.Generator) -> None:
    """The assumption as it is stated: between grains the draws meet different periods."""
    shared = rng.normal(50, 5, 7 * 80)
    weeks = shared.reshape(-1, 7).mean(axis=1)
    ends = day_number(date(2026, 11, 15))
    window, as_of = Window(date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 15)
    daily = answer(Question(ends - np.arange(len(shared))[::-1], shared, window, as_of, "mean"))
    weekly = answer(Question(ends - 7 * np.arange(len(weeks))[::-1], weeks, window, as_of, "mean"))
    assert abs(np.corrcoef(daily.samples, weekly.samples)[0, 1]) < 0.2


def test_no_weight_lets_a_committed_objective_pass_with_a_miss() -> None:
    """Exactly 2.0 is no `< 2`, however little the key result weighs."""
    met = np.ones(1000)
    missed = Forecast(np.full(1000, 2.0), np.full(1000, 2.0), "observed", 90, certain=True)
    score = score_paths(missed, parse_target("< 2"), baseline=4.0)
    for weight in (1.0, 1e-2, 1e-4):
        assert chance_of_objective([met, score], [1.0, weight], pass_mark=1.0) == 0.0


def test_all_must_be_met_for_a_committed_objective(ask: Ask, rng: np.random.Generator) -> None:
    values = [rng.normal(50, 5, 120) for _ in range(2)]
    forecasts = [answer(ask(series)) for series in values]
    targets = [parse_target(f">= {forecast.median}") for forecast in forecasts]
    scores = [score_paths(f, t, baseline=40.0) for f, t in zip(forecasts, targets, strict=True)]
    chance = chance_of_objective(scores, [1.0, 1.0], pass_mark=1.0)
    both = np.mean(
        [
            a * b
            for a, b in zip(*(met_paths(f.samples, t) for f, t in zip(forecasts, targets, strict=True)), strict=True)
        ]
    )
    assert chance == pytest.approx(both, abs=2e-3)
    assert chance < 0.45


def test_an_aspirational_objective_passes_on_partial_progress(ask: Ask, rng: np.random.Generator) -> None:
    forecast = answer(ask(rng.normal(50, 5, 120)))
    scores = [score_paths(forecast, parse_target(">= 55"), baseline=45.0)]
    assert chance_of_objective(scores, [1.0], pass_mark=1.0) < 0.05
    assert chance_of_objective(scores, [1.0], pass_mark=0.3) > 0.9


def test_weights_decide_which_key_result_carries(ask: Ask) -> None:
    won, lost = np.ones(1000), np.zeros(1000)
    assert chance_of_objective([won, lost], [3.0, 1.0], pass_mark=0.7) == 1.0
    assert chance_of_objective([won, lost], [1.0, 3.0], pass_mark=0.7) == 0.0


def test_progress_that_rounds_to_the_target_without_meeting_it_is_not_1(ask: Ask) -> None:
    forecast = answer(ask([2.0] * 40, "last"))
    assert score_paths(forecast, parse_target("< 2"), baseline=4.0).max() < 1.0
    assert score_paths(forecast, parse_target("<= 2"), baseline=4.0).min() == 1.0


@pytest.mark.parametrize(("scores", "weights"), [([], []), ([np.ones(3)], [])])
def test_nothing_to_join_is_refused(scores: list[Floats], weights: list[float]) -> None:
    with pytest.raises(ValueError, match="one weight per score"):
        chance_of_objective(scores, weights, pass_mark=1.0)


def test_a_range_scores_its_paths_by_how_far_they_are_off_it() -> None:
    samples = np.array([10.0, 8.0, 6.0, 5.0, 4.0, 3.0, 0.0])
    forecast = Forecast(samples, np.sort(samples), "given", 90)
    assert score_paths(forecast, parse_target("4..6"), baseline=10.0) == pytest.approx([0, 0.5, 1, 1, 1, 0.75, 0])
    assert score_paths(forecast, parse_target("4..6"), baseline=5.0).tolist() == [0, 0, 1, 1, 1, 0, 0]
    assert score_paths(forecast, parse_target("4..6"), baseline=None).tolist() == [0, 0, 1, 1, 1, 0, 0]


def test_paths_from_a_baseline_that_meets_the_target_score_whether_it_is_held() -> None:
    samples = np.array([1.2, 1.8, 2.0, 3.0])
    forecast = Forecast(samples, np.sort(samples), "given", 90)
    assert score_paths(forecast, parse_target("< 2"), baseline=1.5).tolist() == [1, 1, 0, 0]
