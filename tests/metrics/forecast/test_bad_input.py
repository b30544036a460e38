"""What bad input gets: a forecast inside the bounds, or an abstention with its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from metrics.forecast import Forecast, Question, answer, forecast, forecast_card
from metrics.forecast.question import Bounds, Floats, Kind, day_number, day_of
from metrics.model.reading import Window
from metrics.model.target import parse_target

QUARTER, AS_OF = Window(date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 15)
START, END, NOW = pd.Timestamp(QUARTER.starts), pd.Timestamp(QUARTER.ends), pd.Timestamp(AS_OF)
RNG = np.random.default_rng(11)
CALM = 50 + 5 * RNG.standard_normal(120)


def days(count: int) -> pd.DatetimeIndex:
    return pd.date_range(end=NOW, periods=count)


def series(values: Floats | list[float]) -> "pd.Series[float]":
    return pd.Series(np.asarray(values, np.float64), days(len(values)))


def spiked(values: Floats) -> Floats:
    return np.where(np.arange(len(values)) == 80, 1000 * values, values)


SHAPES: dict[str, tuple[Any, str | None]] = {
    "empty": (series([]), "no_history"),
    "one point": (series([50.0]), "history_too_short"),
    "constant": (series(np.full(90, 7.0)), None),
    "all zeros": (series(np.zeros(90)), None),
    "all at the upper bound": (series(np.full(90, 100.0)), None),
    "gaps": (series(CALM).drop(days(120)[60:100]), None),
    "every third day": (series(CALM).drop(days(120)[RNG.random(120) < 0.66]), None),
    "duplicates": (pd.concat([series(CALM), series(CALM[-9:] + 1)]), None),
    "unsorted": (series(CALM).sample(frac=1, random_state=1), None),
    "tz-aware": (series(CALM).tz_localize("Asia/Ho_Chi_Minh"), None),
    "nan and inf": (series(np.where(np.arange(120) % 7 == 3, np.nan, np.where(CALM > 57, np.inf, CALM))), None),
    "nothing but nan": (series(np.full(40, np.nan)), "no_history"),
    "days that are none": (pd.Series(CALM[:60], days(60).where(np.arange(60) % 9 > 0)), None),
    "numbers too large to add": (series(np.where(CALM > 55, 1e307, CALM)), None),
    "above the bounds": (series(CALM + 80), None),
    "below the bounds": (series(-CALM), None),
    "spikes": (series(spiked(CALM)), None),
    "rare events": (series(np.where(RNG.random(120) < 0.95, 0.0, 40.0)), None),
    "stale": (series(CALM).iloc[:60], None),
    "ends before the cycle": (series(CALM).shift(-60, freq="D"), None),
    "text": (pd.Series(["a", "b"] * 30, days(60), dtype=object), "no_history"),
}
BOUNDS: tuple[Bounds, ...] = ((0.0, 100.0), (0.0, None), (None, None))


def low_and_high(bounds: Bounds, kind: Kind) -> tuple[float, float]:
    low, high = (-np.inf if bounds[0] is None else bounds[0]), (np.inf if bounds[1] is None else bounds[1])
    return (low * 92, high * 92) if kind == "sum" else (low, high)


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
@pytest.mark.parametrize("kind", ["last", "mean", "sum", "min", "max"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.filterwarnings("error")
def test_bad_input_gets_a_forecast_inside_the_bounds_or_a_reason(shape: str, kind: Kind, bounds: Bounds) -> None:
    history, reason = SHAPES[shape]
    found = forecast(history, START, END, NOW, kind, bounds)
    assert found.reason == reason
    assert not found.certain
    card = forecast_card(found, parse_target(">= 50"))
    shown = (card.lo95, card.lo80, card.median, card.hi80, card.hi95)
    if reason is not None:
        assert {*shown, card.p_hit} == {None}
        return
    low, high = low_and_high(bounds, kind)
    assert np.isfinite(found.samples).all()
    assert low <= found.ordered[0] <= found.ordered[-1] <= high
    assert list(shown) == sorted(shown)  # type: ignore[type-var]
    targets = np.linspace(found.ordered[0] - 1, found.ordered[-1] + 1, 25)
    up, down = ([found.p_hit(each, way) for each in targets] for way in ("increase", "decrease"))
    assert up == sorted(up, reverse=True)
    assert down == sorted(down)
    assert all(0 < chance < 1 or found.floor is not None for chance in up + down)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_before_its_window_begins_all_of_it_is_forecast(kind: Kind) -> None:
    found = ask(CALM, kind, window=Window(date(2027, 1, 1), date(2027, 3, 31)))
    assert (found.reason, found.certain, found.floor) == (None, False, 0.0 if kind == "sum" else None)
    assert found.lo95 is not None
    assert found.hi95 is not None
    assert found.lo95 < found.hi95


@pytest.mark.parametrize("kind", get_args(Kind))
def test_once_its_window_is_over_it_is_what_it_is(kind: Kind) -> None:
    whole = Window(date(2026, 10, 1), date(2026, 10, 31))
    inside = CALM[-46:-15]
    expected = {"sum": inside.sum(), "last": inside[-1], "min": inside.min(), "max": inside.max()}
    found = ask(CALM, kind, window=whole)
    assert found.certain
    assert found.lo95 == found.hi95 == pytest.approx(expected.get(kind, inside.mean()))


def ask(values: Floats, kind: Kind, **more: object) -> Forecast:
    stamps = day_number(AS_OF) - np.arange(len(values))[::-1]
    question = Question(stamps, values, QUARTER, AS_OF, kind, (0.0, None), weights=np.ones(len(values)))
    return answer(replace(question, **more))  # type: ignore[arg-type]


def test_of_several_values_for_one_day_the_last_counts() -> None:
    twice = pd.concat([series(CALM + 30), series(CALM)])
    plain, again = (forecast(each, START, END, NOW, "mean", (0.0, None)) for each in (series(CALM), twice))
    np.testing.assert_array_equal(again.samples, plain.samples)


def test_order_and_time_zone_make_no_difference() -> None:
    plain = forecast(series(CALM), START, END, NOW, "sum", (0.0, None))
    for name in ("unsorted", "tz-aware"):
        np.testing.assert_array_equal(
            forecast(SHAPES[name][0], START, END, NOW, "sum", (0.0, None)).samples, plain.samples
        )


@pytest.mark.parametrize("number", [int, np.int64, np.float32, Decimal], ids=lambda kind: kind.__name__)
def test_numbers_of_every_sort_are_numbers(number: Callable[[int], object]) -> None:
    whole = np.rint(CALM)
    mixed = pd.Series([number(int(each)) for each in whole], days(120), dtype=object)
    plain = forecast(series(whole), START, END, NOW, "sum", (0.0, None))
    np.testing.assert_array_equal(forecast(mixed, START, END, NOW, "sum", (0.0, None)).samples, plain.samples)


def irregular(seed: int, share: float = 0.4) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Values on some days, and those of them that lie in the quarter."""
    rng = np.random.default_rng(seed)
    kept = series(rng.gamma(3.0, 10.0, 200))[rng.random(200) < share]
    return kept, kept.loc[START:]


@pytest.mark.parametrize("seed", range(5))
def test_no_value_is_lost_where_they_come_irregularly(seed: int) -> None:
    """The grid's step is the usual gap, so that two neighbouring days may fall into one of its periods."""
    history, inside = irregular(seed)
    total = forecast(history, START, END, NOW, "sum", (0.0, None))
    assert total.floor == pytest.approx(inside.sum())
    newest = history.index[-1]
    over = {
        kind: forecast(history, START, newest, NOW, kind, (0.0, None)).median
        for kind in ("sum", "mean", "max", "min", "last")
    }
    assert over == pytest.approx(
        {
            "sum": inside.sum(),
            "mean": inside.mean(),
            "max": inside.max(),
            "min": inside.min(),
            "last": inside.iloc[-1],
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_no_row_of_a_pooled_rate_is_lost_where_days_come_irregularly(seed: int) -> None:
    history, inside = irregular(seed)
    rows = pd.Series(np.random.default_rng(seed).integers(1, 40, len(history)).astype(np.float64), history.index)
    stamps = history.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    window = Window(QUARTER.starts, history.index[-1].date())
    question = Question(stamps, history.to_numpy(), window, AS_OF, "pooled", (0.0, None), weights=rows.to_numpy())
    assert answer(question).median == pytest.approx(np.average(inside, weights=rows[inside.index]))


@pytest.mark.filterwarnings("error")
def test_rows_that_weigh_next_to_nothing_are_survived() -> None:
    stamps = day_number(AS_OF) - np.array([60, 18, 11, 4, 0])
    weights = np.array([1.0, 1.0, 1.0, 14.0, 1e-308])
    question = Question(stamps, np.array([0.0, 0, 0, 0, 1]), QUARTER, AS_OF, "last", weights=weights)
    for kind in get_args(Kind):
        assert np.isfinite(answer(replace(question, kind=kind)).samples).all()


def test_a_correction_beside_a_weekly_value_adds_to_it() -> None:
    weekly = pd.Series(100 + RNG.normal(0, 3, 60), pd.date_range(end="2026-11-09", periods=60, freq="7D"))
    corrections = pd.Series(1.0, weekly.index[-31::6]).shift(1, freq="D")
    both = pd.concat([weekly, corrections]).sort_index()
    plain, corrected = (forecast(each, START, END, NOW, "sum", (0.0, None)) for each in (weekly, both))
    assert corrected.floor == pytest.approx(both.loc[START:].sum())
    assert corrected.median == pytest.approx(plain.median, rel=0.02)


def test_the_bound_of_a_value_is_none_of_a_period_that_holds_several() -> None:
    """Each value is at most 100, and some weeks hold two of them."""
    weekly = pd.Series(np.full(60, 90.0), pd.date_range(end="2026-11-09", periods=60, freq="7D"))
    second = pd.Series(90.0, weekly.index[::2]).shift(1, freq="D")
    both = pd.concat([weekly, second]).sort_index()
    bounded, free = (forecast(both, START, END, NOW, "sum", bounds) for bounds in ((0.0, 100.0), (0.0, None)))
    assert free.median is not None
    assert free.median > 1.2 * 90 * 13
    assert bounded.median == pytest.approx(free.median, rel=0.05)
    assert bounded.ordered[-1] <= 100 * 92


def test_a_total_that_went_below_its_bound_proves_nothing() -> None:
    refunded = CALM.copy()
    refunded[-10] = -400.0
    found = ask(refunded, "sum")
    total = float(refunded[-46:].sum())
    assert found.floor is None
    for target in (f">= {total}", f"< {total}"):
        chance = found.chance(parse_target(target))
        assert chance is not None
        assert 0 < chance < 1


@pytest.mark.parametrize(("points", "step"), [(10, 1), (90, 1), (500, 1), (12, 7), (160, 7), (40, 31)])
@pytest.mark.parametrize("bounds", [*BOUNDS, (None, 100.0), (0.0, 1.0)], ids=str)
@pytest.mark.parametrize("value", [0.0, 0.05, 0.855, 1.0, 7.0, 99.9, 100.0, 8.24e9])
def test_what_stays_at_its_target_meets_it_by_the_exact_comparator(
    value: float, bounds: Bounds, points: int, step: int
) -> None:
    """Through scales, rhythm and season a constant would come out a hair beside itself, on either side."""
    if bounds[1] is not None and value > bounds[1]:
        bounds = (bounds[0], None)
    stamps = day_number(AS_OF) - step * np.arange(points)[::-1]
    for kind in get_args(Kind):
        found = answer(Question(stamps, np.full(points, value), QUARTER, AS_OF, kind, bounds, weights=np.ones(points)))
        assert found.median is not None
        periods = round(found.median / value) if kind == "sum" and value else 1
        chances = [
            found.chance(parse_target(f"{comparator} {periods * value:.12g}")) for comparator in (">=", "<=", ">", "<")
        ]
        assert [chance is not None and chance > 0.5 for chance in chances] == [True, True, False, False], kind


@pytest.mark.parametrize("kind", ["last", "mean", "max", "min", "pooled"])
@pytest.mark.parametrize("share", [0.1, 0.35, 0.5])
def test_rows_that_keep_no_schedule_settle_nothing_before_the_last_day(kind: Kind, share: float) -> None:
    """The usual gap reaches beyond the end, and yet a row may come tomorrow."""
    rng = np.random.default_rng(17)
    back = np.append([0], 1 + np.flatnonzero(rng.random(300) < share))  # the newest row is today's
    stamps = day_number(AS_OF) - back[::-1]
    asked = Question(stamps, rng.gamma(3.0, 10.0, len(stamps)), QUARTER, AS_OF, kind, weights=np.ones(len(stamps)))
    tomorrow = replace(asked, window=Window(QUARTER.starts, date(2026, 11, 16)))
    assert not answer(tomorrow).certain
    assert answer(replace(asked, window=Window(QUARTER.starts, day_of(int(stamps[-1]))))).certain


@pytest.mark.parametrize("step", [3, 4, 7, 14])
def test_rows_that_keep_a_schedule_settle_a_window_that_has_no_more_of_them(step: int) -> None:
    stamps = day_number(AS_OF) - step * np.arange(60)[::-1]
    kept = np.random.default_rng(3).random(60) > 0.3  # some are missing
    kept[-1] = True
    asked = Question(
        stamps[kept], np.full(int(kept.sum()), 5.0), Window(QUARTER.starts, date(2026, 11, 17)), AS_OF, "sum"
    )
    assert answer(asked).certain
