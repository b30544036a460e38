"""Intervals of surveys against published values, and what has none."""

import math
import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import Metric
from metrics.model.reading import Reading
from metrics.progress.interval import interval_of, quantile_of_t, squares_of, student, wilson

SHARE = Metric("share", {}, "survey.answers", "at", "ratio", numerator="s >= 4", denominator="true", sample=True)
SCORE = Metric("score", {}, "survey.answers", "at", "mean", value="s", where="s > 0", sample=True)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe 1998, table I, method 3: score intervals without continuity correction
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0000),
    ],
)
def test_wilson_gives_newcombes_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    found = wilson(successes, n)
    assert found is not None
    assert (round(found.lo, 4), round(found.hi, 4)) == (low, high)
    assert (found.n, found.method) == (n, "wilson")


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062047362),
        (2, 4.30265272975),
        (3, 3.18244630528),
        (10, 2.22813885199),
        (30, 2.0422724563),
        (199, 1.97195654424),
        (200, 1.97189622363),
        (1000, 1.96233908083),
        (10**6, 1.95996635682),
    ],
)
def test_students_quantile_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert quantile_of_t(freedom) == pytest.approx(quantile, abs=1e-9)


def test_students_interval_of_five_answers_by_hand() -> None:
    """Mean 6, squared deviations 10 over 4, standard error 0.7071, t of 4 is 2.7764: 6 +- 1.9633."""
    answers = [4, 5, 6, 7, 8]
    found = student(6.0, 5, float(sum(answer * answer for answer in answers)))
    assert found is not None
    assert (round(found.lo, 4), round(found.hi, 4), found.n, found.method) == (4.0368, 7.9632, 5, "t")


@given(st.lists(st.integers(0, 10), min_size=2, max_size=60))
def test_sums_of_squares_give_what_the_answers_give(answers: list[int]) -> None:
    mean, n = sum(answers) / len(answers), len(answers)
    found = student(mean, n, float(sum(answer * answer for answer in answers)))
    half = quantile_of_t(n - 1) * statistics.stdev(answers) / math.sqrt(n)
    assert found is not None
    assert found.lo == pytest.approx(mean - half, abs=1e-6)
    assert found.hi == pytest.approx(mean + half, abs=1e-6)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_proportions_interval_holds_it_and_stays_within_all(counted: tuple[int, int]) -> None:
    found = wilson(*counted)
    assert found is not None
    assert 0 <= found.lo <= counted[0] / counted[1] <= found.hi <= 1
    assert found.lo < found.hi


@pytest.mark.parametrize(
    ("metric", "reading", "squares"),
    [
        (replace(SHARE, sample=False), Reading(0.8, 10, 8.0, 10.0), None),
        (SHARE, Reading(None, 0), None),
        (SHARE, Reading(1.2, 10, 12.0, 10.0), None),
        (SCORE, Reading(4.0, 10), None),
        (SCORE, Reading(4.0, 1), 16.0),
        (replace(SCORE, aggregate="median"), Reading(4.0, 10), 170.0),
    ],
)
def test_what_is_no_sample_or_too_small_has_no_interval(metric: Metric, reading: Reading, squares: float) -> None:
    assert interval_of(metric, reading, squares) is None


def test_a_metrics_reading_is_enough() -> None:
    assert interval_of(SHARE, Reading(81 / 263, 263, 81.0, 263.0), None) == wilson(81, 263)
    assert interval_of(SCORE, Reading(6.0, 5), 190.0) == student(6.0, 5, 190.0)


def test_only_a_sampled_mean_needs_its_squares() -> None:
    squares = squares_of(SCORE)
    assert squares is not None
    assert (squares.aggregate, squares.value, squares.where) == ("sum", "(s) * (s)", "s > 0")
    assert squares_of(SHARE) is None
    assert squares_of(replace(SCORE, sample=False)) is None
