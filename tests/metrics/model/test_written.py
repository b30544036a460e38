"""Rounding for people: a number never seems to stand at another one, and a chance is never certain by rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.written import bounded_chance, first_apart

DECIMALS = range(7)


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_what_differs_by_more_than_the_last_way_can_tell_reads_differently(value: float, other: float) -> None:
    decimals = first_apart(DECIMALS, round, value, other)
    if abs(value - other) > 2e-6:
        assert round(value, decimals) != round(other, decimals)
    assert all(round(value, fewer) == round(other, fewer) for fewer in range(decimals)), "no more than it takes"


@pytest.mark.parametrize(
    ("value", "mark", "decimals"),
    [(0.6999, 0.7, 4), (0.1 + 0.2, 0.3, 0), (0.7, 0.7, 0), (0.35, 0.7, 0), (0.7 - 1e-9, 0.7, 6)],
)
def test_as_many_decimals_as_it_takes_and_no_more(value: float, mark: float, decimals: int) -> None:
    assert first_apart(DECIMALS, round, value, mark) == decimals


@given(st.floats(0, 1))
def test_only_what_is_certain_is_written_as_certain(chance: float) -> None:
    sign, shown = bounded_chance(chance)
    assert (round(100 * shown) in {0, 100}) == (chance in {0, 1})
    assert {"<": chance < shown, ">": chance > shown, "": chance == shown}[sign]
