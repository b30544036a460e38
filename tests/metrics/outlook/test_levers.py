"""What may be tried in a what-if: round, ascending, inside the bounds, with what is in force among it."""

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.facts import Facts
from metrics.model.definition import Read
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target, parse_target
from metrics.outlook import Outlook, levers_of, look_ahead, retarget, suppose_all
from metrics.outlook.levers import round_step
from metrics.scorecard.build import Frame, build_scorecard

from .conftest import METRICS, ORGANISATION, Q4, at, key_result
from .test_changes import DEFINED, KEY_RESULTS, NOW

FRAME = Frame(ORGANISATION, Q4, NOW, at(NOW).now)


def looked_at(company: Facts) -> list[tuple[Outlook, KeyResultCard]]:
    outlooks = look_ahead(KEY_RESULTS, METRICS, company, FRAME)
    cards = build_scorecard(DEFINED, company, FRAME).key_results
    return [(outlooks[card.key_result.key], card) for card in cards]


def test_levers_are_ascending_and_hold_what_is_in_force(company: Facts) -> None:
    seen = 0
    for outlook, card in looked_at(company):
        levers = levers_of(outlook, card)
        if levers is None:
            assert outlook.key_result.id == "buyers"
            continue
        seen += 1
        assert outlook.metric is not None
        low, high = outlook.metric.bounds
        for ascending in (pairwise(levers.targets), pairwise(levers.ends), pairwise(levers.changes)):
            assert all(before < after for before, after in ascending)  # type: ignore[operator]
        assert card.target.value in levers.targets
        assert 20 < len(levers.targets) < 200
        assert low is None or levers.targets[0] >= low
        assert high is None or levers.targets[-1] <= high
        assert levers.ends[0] == NOW + timedelta(days=1)
        assert Q4.ends in levers.ends
        assert levers.changes[len(levers.changes) // 2] == 0
    assert seen == 5


def test_every_lever_gives_a_chance_and_harder_targets_never_a_better_one(company: Facts) -> None:
    for outlook, card in looked_at(company):
        levers = levers_of(outlook, card)
        if levers is None:
            continue
        targets = [retarget(card.target, value) for value in levers.targets]
        chances = [suppose_all(outlook, card, NOW, target=target).chance or 0 for target in targets]
        assert chances == sorted(chances, reverse=card.target.direction == "higher")
        assert all(suppose_all(outlook, card, NOW, ends=day).chance is not None for day in levers.ends[::30])


def test_supposing_nothing_says_what_the_scorecard_says(company: Facts) -> None:
    for outlook, card in looked_at(company):
        supposed = suppose_all(outlook, card, NOW)
        assert supposed.chance == card.forecast.p_hit
        assert supposed.median == card.forecast.median
        assert supposed.needed == card.needed


def test_a_later_last_day_needs_less_a_week(company: Facts) -> None:
    (outlook, card), *_ = looked_at(company)
    harder = retarget(card.target, 40_000)
    usual = suppose_all(outlook, card, NOW, target=harder)
    later = suppose_all(outlook, card, NOW, target=harder, ends=date(2027, 1, 31))
    assert usual.needed is not None
    assert later.needed is not None
    assert 0 < later.needed.per_week < usual.needed.per_week  # type: ignore[operator]


def test_nothing_can_be_tried_once_the_cycle_is_over(company: Facts) -> None:
    over = Frame(ORGANISATION, Q4, date(2027, 1, 5), at(date(2027, 1, 5)).now)
    each = key_result("share", ">= 60 %", read=Read("trailing", 28))
    outlook = look_ahead([each], METRICS, company, over)[each.key]
    card = build_scorecard(DEFINED, company, over).key_results[1]
    assert levers_of(outlook, card) is None


@pytest.mark.parametrize(
    ("target", "value", "high", "text"),
    [
        ("< 2", 3, None, "< 3"),
        (">= 90 %", 0.925, None, ">= 92.5 %"),
        ("4..6", 5, 7, "5..7"),
        ("40 %..60 %", 0.45, 0.6, "45 %..60 %"),
        (">= 8240000000", 8_250_000_000, None, ">= 8250000000"),
    ],
)
def test_another_target_is_written_the_same_way(target: str, value: float, high: float | None, text: str) -> None:
    moved = retarget(parse_target(target), value, high)
    assert moved.text == text
    assert (moved.value, moved.high) == (value, high)


@given(st.floats(1e-9, 1e12))
def test_a_step_is_round_and_not_much_larger_than_asked(rough: float) -> None:
    step = round_step(rough)
    assert rough * (1 - 1e-6) <= step <= 2.6 * rough
    assert round(step / 10.0 ** math.floor(math.log10(step) + 1e-9), 6) in {1, 2, 5, 10}


def test_a_range_has_both_of_its_ends_on_offer(company: Facts) -> None:
    (_, card), *_ = looked_at(company)
    each = key_result("share", "55 %..65 %", read=Read("trailing", 28))
    outlook = look_ahead([each], METRICS, company, FRAME)[each.key]
    levers = levers_of(outlook, card)
    assert levers is not None
    assert {0.55, 0.65} <= set(levers.targets)
    assert isinstance(each.target, Target)
