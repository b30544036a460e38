from datetime import date, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sample_data.draws import draw, lookup, pick
from sample_data.fiscal import choose_quarter
from sample_data.timeline import Timeline, timeline

FLAT = (1.0,) * 24


def _line(until: datetime | None = None) -> Timeline:
    return timeline(choose_quarter(date(2026, 11, 23)), date(2026, 11, 1), date(2026, 11, 10), until=until)


def test_rows_are_numbered_in_order_of_time() -> None:
    draws = draw(_line(), table=9, rates=np.full(10, 50.0), hours=FLAT, columns=2)
    assert (np.diff(draws.moment.astype(np.int64)) >= 0).all()
    for day in range(10):
        assert draws.number[draws.day == day].tolist() == list(range(1, int((draws.day == day).sum()) + 1))


def test_an_earlier_end_leaves_rows_out_and_changes_none() -> None:
    rates = np.full(10, 50.0)
    whole = draw(_line(), table=9, rates=rates, hours=FLAT, columns=2)
    morning = draw(_line(datetime(2026, 11, 10, 9, 30)), table=9, rates=rates, hours=FLAT, columns=2)  # noqa: DTZ001
    assert 9 * 40 < len(morning) < len(whole)
    assert morning.moment.max() < np.datetime64("2026-11-10T09:30")
    np.testing.assert_array_equal(morning.uniform, whole.uniform[:, : len(morning)])


def test_tables_are_drawn_apart() -> None:
    rates = np.full(10, 50.0)
    one, other = (draw(_line(), table=table, rates=rates, hours=FLAT, columns=1) for table in (8, 9))
    assert one.uniform[0, 0] != other.uniform[0, 0]


def test_a_day_without_a_rate_has_no_rows() -> None:
    rates = np.full(10, 50.0)
    rates[4] = 0
    assert 4 not in draw(_line(), table=9, rates=rates, hours=FLAT, columns=1).day


def test_hours_without_weight_stay_empty() -> None:
    hours = (0.0,) * 8 + (1.0,) * 10 + (0.0,) * 6
    draws = draw(_line(), table=9, rates=np.full(10, 50.0), hours=hours, columns=1)
    hour = (draws.moment - draws.moment.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    assert (hour.min(), hour.max()) == (8, 17)


def test_normal_numbers_are_standard_normal() -> None:
    draws = draw(_line(), table=9, rates=np.full(10, 4000.0), hours=FLAT, columns=2)
    normal = draws.normal(0, 1)
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.02
    assert abs(np.quantile(normal, 0.9) - 1.2816) < 0.03


@given(
    weights=st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.floats(0.1, 9), min_size=1, max_size=6),
    uniform=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30),
)
def test_picked_words_are_among_the_words_and_have_their_numbers(
    weights: dict[str, float], uniform: list[float]
) -> None:
    words = pick(np.array(uniform), weights)
    np.testing.assert_array_equal(lookup(words, weights), [weights[str(word)] for word in words])


def test_words_are_picked_by_their_weight() -> None:
    words = pick((np.arange(1000) + 0.5) / 1000, {"often": 3, "seldom": 1})
    assert (words == "often").sum() == 750
