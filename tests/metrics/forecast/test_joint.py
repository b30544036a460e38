"""Objectives: paths scored together, with the dependence that is stated."""

import numpy as np
import pytest

from metrics.forecast import Forecast, answer, chance_of_objective, met_paths, score_paths
from metrics.forecast.question import Floats
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
