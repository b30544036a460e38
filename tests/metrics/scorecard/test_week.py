"""How chances moved within a week, and what lost most of it first."""

from dataclasses import replace
from datetime import date

import pytest

from metrics.model.scorecard import ForecastCard, KeyResultCard
from metrics.scorecard.week import Week, by_loss
from tests.pages.factory import card, key_result, objective_card, scorecard


def shown(name: str, chance: float | None) -> KeyResultCard:
    return replace(card(of=key_result(name)), forecast=ForecastCard(p_hit=chance))


FIRST = objective_card(shown("a", 0.5), shown("b", 0.2), name="first")
SECOND = objective_card(shown("c", 0.9), shown("d", None), shown("e", 0.4), name="second")
BOARD = scorecard(FIRST, SECOND)
WEEK = Week(
    date(2026, 11, 16),
    {"2026-Q4/a": 0.4, "2026-Q4/b": 0.3, "2026-Q4/c": 0.9, "2026-Q4/d": 0.5, "2026-Q4/e": 0.8, "2026-Q4/gone": 0.1},
)


def test_only_what_had_a_chance_at_both_ends_has_moved() -> None:
    assert WEEK.moves(BOARD) == pytest.approx(
        {"2026-Q4/a": 0.1, "2026-Q4/b": -0.1, "2026-Q4/c": 0.0, "2026-Q4/e": -0.4}
    )
    assert Week().moves(BOARD) == {}


def test_the_largest_loss_comes_first_and_objectives_stay_whole() -> None:
    ordered = by_loss(BOARD, WEEK.moves(BOARD))
    assert [each.objective.id for each in ordered.objectives] == ["second", "first"]
    assert [each.key_result.id for each in ordered.key_results] == ["e", "c", "d", "b", "a"]
    assert sorted(each.key_result.key for each in ordered.key_results) == sorted(
        each.key_result.key for each in BOARD.key_results
    )
    assert by_loss(BOARD, {}) == BOARD
