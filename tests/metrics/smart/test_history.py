"""Past stretches: which days are read, and how often the past did what is asked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import Read, ReadKind
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from metrics.smart import Stretch
from metrics.smart.history import ENOUGH_APART, LEAST_APART, MOST, past_stretches, precedent, span_of

from .build import ORGANISATION, QUARTER, TODAY, key_result

MOVES = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=1, max_size=20)
WHOLE = st.integers(-1000, 1000)


def stretches(moves: list[tuple[int, int]], scale: float = 1.0) -> list[Stretch]:
    return [Stretch(scale * before, scale * after) for before, after in moves]


def test_quarters_are_read_back_to_the_first_day_that_is_known() -> None:
    known = Window(date(2024, 7, 1), TODAY)
    planned = past_stretches(Read("trailing", 28), QUARTER, ORGANISATION, as_of=TODAY, known=known)
    assert not planned.overlapping
    assert len(planned.windows) == 9  # the first of ten quarters has nothing before it to start from
    assert planned.windows[0] == (
        Window(date(2026, 9, 3), date(2026, 9, 30)),
        Window(date(2026, 12, 4), date(2026, 12, 31)),
    )
    assert planned.windows[-1][0] == Window(date(2024, 9, 3), date(2024, 9, 30))


def test_a_period_is_compared_with_the_cycle_before() -> None:
    known = Window(date(2024, 1, 1), TODAY)
    planned = past_stretches(Read("period"), QUARTER, ORGANISATION, as_of=TODAY, known=known)
    assert planned.windows[0] == (
        Window(date(2026, 7, 1), date(2026, 9, 30)),
        Window(date(2026, 10, 1), date(2026, 12, 31)),
    )


def test_short_history_overlaps_and_very_short_history_does_not() -> None:
    year = Window(date(2025, 10, 1), TODAY)
    overlapping = past_stretches(Read("trailing", 28), QUARTER, ORGANISATION, as_of=TODAY, known=year)
    assert overlapping.overlapping
    assert LEAST_APART <= len(overlapping.windows) < MOST
    assert len(set(overlapping.windows)) == len(overlapping.windows)
    half = Window(date(2026, 6, 1), TODAY)
    apart = past_stretches(Read("trailing", 28), QUARTER, ORGANISATION, as_of=TODAY, known=half)
    assert not apart.overlapping
    assert len(apart.windows) < LEAST_APART


def test_a_cycle_ahead_leaves_out_what_is_not_over() -> None:
    known = Window(date(2024, 1, 1), date(2026, 11, 23))
    planned = past_stretches(Read("period"), QUARTER, ORGANISATION, as_of=date(2026, 11, 23), known=known)
    assert planned.windows[0][1] == Window(date(2026, 7, 1), date(2026, 9, 30))


@given(
    st.sampled_from(["period", "trailing", "last week", "last month"]),
    st.integers(0, 3000),
    st.integers(1, 400),
    st.integers(-200, 500),
)
def test_every_day_read_is_known_and_over(kind: ReadKind, history: int, length: int, ahead: int) -> None:
    cycle = Cycle("own", date(2027, 1, 4), date(2027, 1, 4) + timedelta(days=length - 1))
    as_of = cycle.starts - timedelta(days=ahead)
    known = Window(as_of - timedelta(days=history), as_of)
    read = Read(kind, 28 if kind == "trailing" else None)
    planned = past_stretches(read, cycle, ORGANISATION, as_of=as_of, known=known)
    assert len(planned.windows) <= MOST
    assert len(set(planned.windows)) == len(planned.windows)
    if planned.overlapping:
        assert len(planned.windows) < ENOUGH_APART * 3
    for before, after in planned.windows:
        assert known.starts <= before.starts
        assert before.ends < after.ends < min(as_of, cycle.starts)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (date(2027, 1, 1), date(2027, 3, 31), "quarter"),
        (date(2027, 2, 1), date(2027, 2, 28), "month"),
        (date(2026, 4, 1), date(2027, 3, 31), "year"),
        (date(2027, 1, 4), date(2027, 3, 28), "stretch"),
        (date(2027, 1, 1), date(2027, 6, 30), "stretch"),
    ],
)
def test_a_cycle_is_named_by_its_whole_months(starts: date, ends: date, expected: str) -> None:
    assert span_of(Cycle("", starts, ends)) == expected


def test_one_of_nine_quarters_made_such_a_drop() -> None:
    past = [Stretch(5.0, 4.9)] * 8 + [Stretch(5.0, 2.5)]
    found = precedent(key_result("< 2"), past, origin=4.0)
    assert found is not None
    assert (found.hits, found.stretches) == (1, 9)
    assert found.percentile == pytest.approx(8 / 9)


def test_the_comparator_decides_at_the_very_edge() -> None:
    past = [Stretch(5.0, 3.0)]
    assert precedent(key_result("< 2"), past, origin=4.0).hits == 0  # type: ignore[union-attr]
    assert precedent(key_result("<= 2"), past, origin=4.0).hits == 1  # type: ignore[union-attr]


def test_a_range_can_be_overshot() -> None:
    past = [Stretch(10, 8.5), Stretch(10, 5), Stretch(10, 1)]
    found = precedent(key_result("4..6"), past, origin=10.0)
    assert found is not None
    assert found.hits == 1


def test_a_line_is_compared_with_the_values_themselves() -> None:
    past = [Stretch(None, 0.04), Stretch(0.9, 0.06), Stretch(0.1, None)]
    found = precedent(key_result("< 5 %", shape="keep"), past, origin=None)
    assert found is not None
    assert (found.hits, found.stretches) == (1, 2)


def test_gaps_count_neither_way() -> None:
    assert precedent(key_result(), [Stretch(None, 1.0), Stretch(1.0, None)], origin=4.0) is None
    assert precedent(key_result(), [Stretch(2.0, 1.0)], origin=None) is None


@given(MOVES, WHOLE, WHOLE, WHOLE)
def test_asking_for_more_never_has_more_precedent(
    moves: list[tuple[int, int]], origin: int, one: int, other: int
) -> None:
    easy, hard = sorted((one, other))
    past = stretches(moves)
    asked = precedent(key_result(f">= {hard}"), past, origin=origin)
    eased = precedent(key_result(f">= {easy}"), past, origin=origin)
    assert asked is not None
    assert eased is not None
    assert asked.percentile >= eased.percentile
    assert asked.hits <= asked.passes


@given(MOVES, WHOLE, WHOLE, st.sampled_from([1.0, 0.7]))
def test_falling_is_judged_as_rising(moves: list[tuple[int, int]], origin: int, target: int, pass_mark: float) -> None:
    mirrored = [(-before, -after) for before, after in moves]
    rising = precedent(key_result(f"> {target}"), stretches(moves), origin=origin, pass_mark=pass_mark)
    falling = precedent(key_result(f"< {-target}"), stretches(mirrored), origin=-origin, pass_mark=pass_mark)
    assert rising == falling


@given(MOVES, WHOLE, WHOLE, st.sampled_from([60, 1000, 3600, 86400]))
def test_the_unit_does_not_matter(moves: list[tuple[int, int]], origin: int, target: int, scale: int) -> None:
    plain = precedent(key_result(f">= {target}"), stretches(moves), origin=origin, pass_mark=0.5)
    scaled = precedent(
        key_result(f">= {target * scale}"), stretches(moves, scale), origin=origin * scale, pass_mark=0.5
    )
    assert plain == scaled
