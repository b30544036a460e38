"""Progress, expected, needed and budget: the worked examples that others get wrong, and properties."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from metrics.model.definition import KeyResult, Metric, PlanPoint, Read, Shape
from metrics.model.reading import Reading
from metrics.model.scorecard import Cycle
from metrics.model.target import fraction_of, parse_target
from metrics.progress.measure import (
    clip,
    effective_baseline,
    error_budget,
    expected_progress,
    needed_change,
    raw_progress,
)

Q1 = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
FINITE = st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 4))
COMPLAINTS = Metric(
    "complaint_rate",
    {"en": "Complaint rate"},
    "billing.transactions",
    "created_at",
    "ratio",
    numerator="is_complaint",
    denominator="true",
    unit="percent",
    better="lower",
)


def key_result(target: str, *, shape: Shape = "reach", baseline: float | None = None) -> KeyResult:
    return KeyResult(
        "kr", "objective", "2027-Q1", {"en": "KR"}, "metric", parse_target(target), shape=shape, baseline=baseline
    )


@pytest.mark.parametrize(
    ("target", "baseline", "value", "progress", "met"),
    [
        ("< 2", 4, 3, 0.5, False),
        ("< 2", 4, 1.5, 1.25, True),
        ("< 2", 4, 4.5, -0.25, False),
        ("< 2", 4, 2.0, 1.0, False),
        (">= 90 %", 0.75, 0.75, 0.0, False),
        (">= 90 %", 0.75, 0.90, 1.0, True),
        (">= 90 %", 0.75, 0.825, 0.5, False),
        ("< 2", 3.6, 2.71, 0.55625, False),
        ("4..6", 8, 7, 0.5, False),
        ("4..6", 8, 6, 1.0, True),
        ("4..6", 2, 3, 0.5, False),
        ("4..6", 10, 5, 1.0, True),
        ("4..6", 10, 4, 1.0, True),
        ("4..6", 10, 3, 0.75, False),
        ("4..6", 10, 0, 0.0, False),
        ("4..6", 2, 7, 0.5, False),
    ],
)
def test_progress_is_distance_covered_over_distance_asked(
    target: str, baseline: float, value: float, progress: float, met: bool
) -> None:
    subject = key_result(target, baseline=baseline)
    assert raw_progress(subject, value=value, baseline=baseline) == pytest.approx(progress, abs=1e-12)
    assert subject.target.is_met(value) is met


@pytest.mark.parametrize(
    ("target", "shape", "value", "progress"),
    [("< 5 %", "keep", 0.049, 1.0), ("< 5 %", "keep", 0.05, 0.0), ("<= 2000", "total", 1999, 1.0)],
)
def test_a_limit_is_held_or_not(target: str, shape: Shape, value: float, progress: float) -> None:
    assert raw_progress(key_result(target, shape=shape), value=value, baseline=None) == progress


@given(st.integers(0, 100_000), st.integers(0, 3))
def test_a_percentage_is_the_very_number_that_as_many_rows_of_all_come_to(count: int, decimals: int) -> None:
    percent, whole = f"{count / 10**decimals:.{decimals}f}", 100 * 10**decimals
    assert fraction_of(percent) == count / whole
    assert parse_target(f"<= {percent} %").is_met(count / whole)
    assert not parse_target(f"< {percent} %").is_met(count / whole)


def test_no_progress_of_a_falling_key_result_is_no_negative_zero() -> None:
    progress = raw_progress(key_result("< 2"), value=4.0, baseline=4.0)
    assert (str(progress), str(clip(progress or 0.0))) == ("0.0", "0.0")


def test_a_percentage_may_be_written_with_an_exponent() -> None:
    assert (fraction_of("7e-1"), fraction_of("1.5E2"), fraction_of("+.5")) == (0.007, 1.5, 0.005)


def test_a_total_starts_at_zero_unless_told_otherwise() -> None:
    subject = key_result(">= 75000", shape="total")
    assert effective_baseline(subject, 50_000.0) == 0.0
    assert raw_progress(subject, value=53_051, baseline=0.0) == pytest.approx(53_051 / 75_000)


@pytest.mark.parametrize(
    ("target", "baseline", "value", "progress"),
    [
        ("< 2", 1.5, 1.2, 1.0),
        ("< 2", 1.5, 1.8, 1.0),
        ("< 2", 1.5, 2.0, 0.0),
        ("< 2", 1.5, 3.0, 0.0),
        (">= 90 %", 0.95, 0.91, 1.0),
        (">= 90 %", 0.95, 0.80, 0.0),
        (">= 90 %", 0.90, 0.80, 0.0),
        ("4..6", 5, 7, 0.0),
    ],
)
def test_a_target_that_was_met_at_the_start_is_held_or_not(
    target: str, baseline: float, value: float, progress: float
) -> None:
    """What got worse than it was must not run ahead of 100 %."""
    assert raw_progress(key_result(target), value=value, baseline=baseline) == progress


def test_an_automatic_baseline_at_the_target_leaves_no_distance() -> None:
    subject = key_result("< 2")
    assert raw_progress(subject, value=3, baseline=2.0) is None
    assert raw_progress(subject, value=1.9, baseline=2.0) == 1.0
    assert raw_progress(subject, value=1.9, baseline=None) is None
    assert raw_progress(subject, value=None, baseline=4.0) is None


def test_a_plan_of_a_falling_key_result_is_expected_in_its_own_direction() -> None:
    subject = replace(key_result("< 2", baseline=4), plan=(PlanPoint(date(2027, 1, 31), 3.5),))
    assert expected_progress(subject, Q1, date(2027, 1, 31), baseline=4) == pytest.approx(0.25)
    assert expected_progress(subject, Q1, date(2027, 3, 31), baseline=4) == pytest.approx(1.0)
    assert expected_progress(key_result("< 2"), Q1, date(2027, 2, 15), baseline=4) == pytest.approx(46 / 90)


def test_needed_is_the_weekly_change_that_still_meets_the_target() -> None:
    subject, as_of = key_result("< 2", baseline=3.6), date(2027, 2, 15)
    needed = needed_change(subject, Q1, as_of, value=2.71)
    assert needed is not None
    assert needed.per_week == pytest.approx(-0.71 / (44 / 7))
    met = needed_change(subject, Q1, as_of, value=1.5)
    assert met is not None
    assert met.per_week == 0.0
    assert needed_change(subject, Q1, Q1.ends, value=2.71) is None


@pytest.mark.parametrize(("value", "per_week"), [(8, -2.0), (5, 0.0), (3, 1.0)])
def test_what_has_overshot_a_range_needs_to_come_back_to_its_near_end(value: float, per_week: float) -> None:
    needed = needed_change(key_result("4..6"), Q1, date(2027, 3, 24), value=value)
    assert needed is not None
    assert needed.per_week == pytest.approx(per_week)


def test_the_error_budget_of_five_percent_of_1_2_million() -> None:
    cycle, as_of = Cycle("c", date(2027, 1, 1), date(2027, 3, 31)), date(2027, 1, 30)
    budget = error_budget(
        key_result("< 5 %", shape="keep"), COMPLAINTS, cycle, as_of, to_date=Reading(0.06, 400_000, 24_000, 400_000)
    )
    assert budget is not None
    assert budget.allowed == pytest.approx(60_000)
    assert budget.spent == 24_000
    assert budget.burn == pytest.approx(1.2)
    assert budget.rest_rate == pytest.approx(0.045)


def test_staying_above_a_share_spends_what_is_missing() -> None:
    budget = error_budget(
        key_result(">= 90 %", shape="keep"), COMPLAINTS, Q1, date(2027, 2, 14), to_date=Reading(0.88, 100, 88, 100)
    )
    assert budget is not None
    assert budget.allowed == pytest.approx(20)
    assert budget.spent == 12
    assert budget.rest_rate == pytest.approx(0.92)


def test_a_capped_total_spends_its_cap_and_says_the_daily_rest() -> None:
    budget = error_budget(
        key_result("<= 2000", shape="total"), COMPLAINTS, Q1, date(2027, 2, 14), to_date=Reading(1500, 1500)
    )
    assert budget is not None
    assert (budget.allowed, budget.spent) == (2000, 1500)
    assert budget.burn == pytest.approx(1.5)
    assert budget.rest_rate == pytest.approx(500 / 45)


@pytest.mark.parametrize(("read", "given"), [(Read("period"), True), (Read("last month"), False)])
def test_a_budget_is_of_the_days_that_decide(read: Read, *, given: bool) -> None:
    """A bad January does not spend what March is judged by."""
    subject = replace(key_result("< 5 %", shape="keep"), read=read)
    spent = Reading(0.09, 600_000, 54_000, 600_000)
    assert (error_budget(subject, COMPLAINTS, Q1, date(2027, 2, 14), to_date=spent) is not None) is given


def test_there_is_no_budget_where_nothing_can_be_spent() -> None:
    reach, keep = key_result("< 5 %"), key_result("< 5 %", shape="keep")
    assert error_budget(reach, COMPLAINTS, Q1, Q1.ends, to_date=Reading(0.1, 10, 1, 10)) is None
    assert error_budget(keep, COMPLAINTS, Q1, Q1.ends, to_date=Reading(None, 0)) is None
    mean = replace(COMPLAINTS, aggregate="mean", numerator=None, denominator=None, value="x")
    assert error_budget(keep, mean, Q1, Q1.ends, to_date=Reading(0.1, 10)) is None


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.floats(0.01, 0.99), st.integers(0, 88))
def test_burning_above_one_is_the_same_as_not_holding_the_rate(
    volume: int, events: int, limit: float, day: int
) -> None:
    assume(events <= volume)
    subject = key_result(f"<= {limit!r}", shape="keep")
    as_of = date.fromordinal(Q1.starts.toordinal() + day)
    budget = error_budget(
        subject, COMPLAINTS, Q1, as_of, to_date=Reading(events / volume, volume, float(events), float(volume))
    )
    assert budget is not None
    assert budget.burn is not None
    assume(abs(budget.burn - 1) > 1e-9)
    assert (budget.burn > 1) is not subject.target.is_met(events / volume)


@given(FINITE, FINITE, FINITE, FINITE)
def test_progress_is_monotone_in_the_value(baseline: float, target: float, one: float, other: float) -> None:
    assume(abs(baseline - target) > 1e-3)
    subject = key_result(f">= {target!r}" if target > baseline else f"<= {target!r}")
    worse, better = sorted((one, other), reverse=target < baseline)
    low = raw_progress(subject, value=worse, baseline=baseline)
    high = raw_progress(subject, value=better, baseline=baseline)
    assert low is not None
    assert high is not None
    assert low <= high


@given(FINITE, FINITE, FINITE, st.floats(0.01, 100))
def test_progress_is_symmetric_in_direction_and_free_of_units(
    baseline: float, target: float, value: float, factor: float
) -> None:
    assume(abs(baseline - target) > 1e-3)
    there = raw_progress(key_result(f">= {target!r}"), value=value, baseline=baseline)
    mirrored = raw_progress(key_result(f"<= {-target!r}"), value=-value, baseline=-baseline)
    scaled = raw_progress(key_result(f">= {target * factor!r}"), value=value * factor, baseline=baseline * factor)
    assert there == pytest.approx(mirrored, rel=1e-9, abs=1e-9)
    assert there == pytest.approx(scaled, rel=1e-6, abs=1e-6)


@given(st.floats(allow_nan=False))
def test_clipped_progress_lies_within_zero_and_one(progress: float) -> None:
    assert 0 <= clip(progress) <= 1
