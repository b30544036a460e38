"""Figures by hand, and the record as a file."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.backtest import CheckInRecord, Record, SubjectRecord, load_record, save_record
from metrics.backtest.record import FILE, Bin
from metrics.backtest.score import Replayed, Scored, brier, calibration, figures_of
from metrics.errors import QuarterlineError

ONE = Replayed("2027-Q1/a", "2026-Q4", 0.5, True, True, 2.0, 4.0, 1.0, (Scored(0.8, 1.0, 0.0, 1.0),))
TWO = Replayed("2027-Q1/a", "2026-Q4", 0.7, False, True, 4.0, 8.0, 5.0, (Scored(0.3, 1.0, 0.0, 0.0),))
OTHER = replace(ONE, subject="2027-Q1/b", error=1.0, pace=4.0, last=4.0, targets=())


def test_the_figures_of_one_metric_by_hand() -> None:
    found = figures_of([ONE, TWO])
    assert (found.n, found.cov80, found.cov95, found.chances) == (2, 0.5, 1.0, 2)
    assert found.brier == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert (found.brier_pace, found.brier_last) == (0.5, 0.5)
    assert found.ece == pytest.approx((0.2 + 0.3) / 2)
    assert found.mae == 3.0
    assert found.mae_to_pace == pytest.approx(6 / 12)
    assert found.mae_to_last == pytest.approx(6 / 6)


def test_several_metrics_share_no_unit() -> None:
    found = figures_of([ONE, TWO, OTHER])
    assert found.mae is None
    assert found.mae_to_pace == pytest.approx((0.5 * 0.25) ** 0.5)


def test_nothing_scored_is_no_number() -> None:
    found = figures_of([])
    assert found.n == found.chances == 0
    assert {found.cov80, found.brier, found.ece, found.mae, found.mae_to_last} == {None}


def test_bins_hold_every_chance_once() -> None:
    chances, hits = [0.0, 0.05, 0.1, 0.95, 1.0], [0.0, 1.0, 0.0, 1.0, 1.0]
    bins = calibration(chances, hits)
    assert [(each.low, each.n) for each in bins] == [(0.0, 2), (0.1, 1), (0.9, 2)]
    assert bins[0].hits == 0.5
    assert bins[2].mean == pytest.approx(0.975)


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=1))
def test_bins_lose_nothing(scored: list[tuple[float, float]]) -> None:
    chances, hits = [chance for chance, _ in scored], [hit for _, hit in scored]
    bins = calibration(chances, hits)
    assert sum(each.n for each in bins) == len(scored)
    assert sum(each.n * each.hits for each in bins) == pytest.approx(sum(hits))
    score = brier(chances, hits)
    assert score is not None
    assert 0 <= score <= 1


def record() -> Record:
    figures = figures_of([ONE, TWO])
    subject = SubjectRecord(
        "2027-Q1/a", "share", "team=north", "period", "keep", "percent", ("2026-Q4",), figures, {"no_rows": 1}
    )
    people = CheckInRecord(1, 0.09, 0.04, (Bin(0.7, 1, 0.7, 1.0),))
    return Record(
        datetime(2027, 1, 2, tzinfo=UTC), "facts-3", figures, ((0.5, figures),), people.calibration, (subject,), people
    )


def test_a_saved_record_is_read_as_it_was(tmp_path: Path) -> None:
    assert load_record(tmp_path / "var") is None
    path = save_record(tmp_path / "var", record())
    assert load_record(tmp_path / "var") == record()
    assert [each.name for each in path.parent.iterdir()] == [FILE]


def test_a_record_of_another_version_is_none_and_a_damaged_one_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"schema": 99}')
    assert load_record(tmp_path) is None
    (tmp_path / FILE).write_text("{")
    with pytest.raises(QuarterlineError, match="run `quarterline backtest` again"):
        load_record(tmp_path)
