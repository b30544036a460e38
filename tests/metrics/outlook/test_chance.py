"""From outlooks to a scorecard's numbers: the pass mark, the card, the objective's chance, the percentile."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from metrics.facts import Facts
from metrics.forecast import Forecast
from metrics.forecast.settings import PATHS
from metrics.model.definition import Kind
from metrics.model.scorecard import Needed
from metrics.outlook import Outlook, card_of, look_ahead, objective_chance, passing_target, with_percentile
from metrics.outlook.precedent import past_moves

from .conftest import METRICS, ORGANISATION, Q4, at, key_result

NOVEMBER = date(2026, 11, 14)
DRAWS = np.random.default_rng(3).normal(100, 10, PATHS)


def outlook(target: str, samples: "np.ndarray[tuple[int], np.dtype[np.float64]]", **more: object) -> Outlook:
    """A key result whose forecast is known."""
    certain = bool(np.ptp(samples) == 0)
    forecast = Forecast(samples, np.sort(samples), "given", 90, certain=certain)
    return Outlook(key_result("average", target, **more), METRICS["average"], ORGANISATION, Q4, forecast)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "kind", "baseline", "shape", "passing"),
    [
        ("< 2", "committed", 4.0, "reach", "< 2"),
        ("< 2", "aspirational", 4.0, "reach", "<= 2.6"),
        (">= 90 %", "aspirational", 0.75, "reach", ">= 0.855"),
        ("< 5 %", "aspirational", 0.06, "keep", "< 5 %"),
        ("<= 470", "aspirational", 0.0, "total", "<= 470"),
        (">= 100", "aspirational", 0.0, "total", ">= 70"),
        ("< 2", "aspirational", None, "reach", "< 2"),
        ("< 2", "aspirational", 1.0, "reach", "< 2"),
        ("4..6", "aspirational", 16.0, "reach", "1..9"),
    ],
)
def test_what_passes(target: str, kind: Kind, baseline: float | None, shape: str, passing: str) -> None:
    found = passing_target(key_result("average", target, shape=shape), kind, baseline)
    assert found.text == passing


@pytest.mark.parametrize(
    ("baseline", "target", "value"),
    [(0.6, ">= 4.9", 3.61), (0.09, "<= 0", 0.027), (0.9, ">= 2.1", 1.74), (0.75, ">= 90 %", 0.855), (4.0, "< 2", 2.6)],
)
def test_what_stands_exactly_at_the_pass_mark_passes(baseline: float, target: str, value: float) -> None:
    """In binary 0.6 + 0.7 x 4.3 is a hair above 3.61, which the closing score lets pass; so must the chance."""
    settled = card_of(outlook(target, np.full(PATHS, value)), "aspirational", baseline=baseline)
    assert settled.p_pass == 1.0


def test_a_card_gives_both_chances_and_the_aspirational_one_is_easier() -> None:
    card = card_of(outlook(">= 105", DRAWS), "aspirational", baseline=90.0)
    assert card.p_hit == pytest.approx(np.mean(DRAWS >= 105), abs=1e-3)
    assert card.p_pass == pytest.approx(np.mean(DRAWS >= 100.5), abs=1e-3)
    committed = card_of(outlook(">= 105", DRAWS), "committed", baseline=90.0)
    assert committed.p_pass == committed.p_hit


def test_an_abstaining_card_has_a_reason_and_no_number() -> None:
    card = card_of(Outlook(key_result("buyers"), None, ORGANISATION, Q4, reason="error"), "committed", baseline=1.0)
    assert card.reason == "error"
    assert {card.median, card.lo80, card.hi95, card.p_hit, card.p_pass, card.method} == {None}


def test_a_committed_objective_needs_all_of_them_on_the_same_path() -> None:
    twins = [outlook(">= 105", DRAWS, id="a"), outlook(">= 105", DRAWS, id="b")]
    strangers = [twins[0], outlook(">= 105", DRAWS[::-1].copy(), id="b")]
    alone = twins[0].forecast.chance(twins[0].key_result.target)  # type: ignore[union-attr]
    baselines = {"2026-Q4/a": 90.0, "2026-Q4/b": 90.0}
    assert objective_chance(twins, "committed", baselines) == alone
    both = objective_chance(strangers, "committed", baselines)
    expected = np.mean((DRAWS >= 105) & (DRAWS[::-1] >= 105))
    assert both == pytest.approx(expected, abs=1e-3)


def test_weights_and_the_pass_mark_decide_an_aspirational_objective() -> None:
    heavy, light = outlook(">= 105", DRAWS, id="a", weight=9.0), outlook(">= 500", DRAWS, id="b", weight=1.0)
    found = objective_chance([heavy, light], "aspirational", {"2026-Q4/a": 90.0, "2026-Q4/b": 90.0})
    scores = (9 * np.clip((DRAWS - 90) / 15, 0, 1) + np.clip((DRAWS - 90) / 410, 0, 1)) / 10
    assert found == pytest.approx(np.mean(scores >= 0.7), abs=2e-3)


def test_a_limit_scores_whole_or_not_at_all() -> None:
    held = outlook("<= 105", DRAWS, id="a", shape="keep")
    found = objective_chance([held], "aspirational", {"2026-Q4/a": 200.0})
    assert found == pytest.approx(np.mean(DRAWS <= 105), abs=1e-3)


def test_an_open_objective_is_never_certain_unless_arithmetic_says_so() -> None:
    sure, gone = outlook(">= 1", DRAWS, id="a"), outlook(">= 500", np.full(PATHS, 3.0), id="b")
    done = outlook(">= 2", np.full(PATHS, 3.0), id="c")
    baselines = dict.fromkeys(("2026-Q4/a", "2026-Q4/b", "2026-Q4/c"), 0.0)
    open_chance = objective_chance([sure], "committed", baselines)
    assert open_chance is not None
    assert 0.99 < open_chance < 1
    assert objective_chance([sure, gone], "committed", baselines) == 0.0
    assert objective_chance([done], "committed", baselines) == 1.0


def test_a_key_result_without_a_chance_leaves_the_objective_without_one() -> None:
    abstaining = Outlook(key_result("buyers"), None, ORGANISATION, Q4, reason="error")
    assert objective_chance([outlook(">= 1", DRAWS), abstaining], "committed", {}) is None
    assert objective_chance([], "committed", {}) is None


def test_past_changes_are_those_of_the_read_itself(company: Facts) -> None:
    each = key_result("revenue", "> 1", shape="total")
    found = look_ahead([each], METRICS, company, at(NOVEMBER))[each.key]
    assert found.history is not None
    moves = past_moves(found.history, "sum", each, elapsed=45, horizon=47)
    first, values = (
        int(found.history.days[0]),
        dict(zip(found.history.days.tolist(), found.history.values, strict=True)),
    )
    by_hand = sum(values.get(day, 0.0) for day in range(first + 45, first + 92)) / (47 / 7)
    assert moves[0] == pytest.approx(by_hand)
    assert len(moves) == found.history.days[-1] - first + 1 - 45 - 47 + 1


@pytest.mark.parametrize(("target", "per_week", "percentile"), [("> 99", 1000.0, 1.0), ("< 1", -1000.0, 1.0)])
def test_what_never_happened_stands_above_all_of_history(
    company: Facts, target: str, per_week: float, percentile: float
) -> None:
    each = key_result("average", target)
    found = look_ahead([each], METRICS, company, at(NOVEMBER))[each.key]
    assert with_percentile(Needed(per_week), found, NOVEMBER) == Needed(per_week, percentile)
    small = with_percentile(Needed(per_week / 1e6), found, NOVEMBER)
    assert small is not None
    assert small.percentile == pytest.approx(0.5, abs=0.35)


def test_no_percentile_from_less_than_three_stretches_or_where_nothing_is_needed(company: Facts) -> None:
    each = key_result("average")
    found = look_ahead([each], METRICS, company, at(NOVEMBER))[each.key]
    assert found.history is not None
    short = replace(found, history=found.history.until(date(2025, 8, 1)))
    assert with_percentile(Needed(1.0), short, NOVEMBER) == Needed(1.0)
    assert with_percentile(Needed(0.0), found, NOVEMBER) == Needed(0.0)
    assert with_percentile(None, found, NOVEMBER) is None
