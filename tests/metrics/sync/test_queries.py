"""Metrics by their own query: run by the sync, read over any window, and the same where nothing was kept."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from metrics.errors import DefinitionError
from metrics.model.definition import Metric
from metrics.model.reading import Measure, Reading, SeriesRange, Window
from tests.metrics.sync.rig import NOON, Rig, metric

MARCH = Window(date(2027, 3, 1), date(2027, 3, 31))
QUERY = (
    'SELECT CAST("at" AS DATE) AS day, 100.0 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) AS value, '
    "count(*) AS n FROM sales WHERE score IS NOT NULL GROUP BY 1"
)
SCORES = {1: [9, 10, 3, 8], 2: [6], 9: [9, 9]}


def nps(rollup: str = "pooled", query: str = QUERY) -> Metric:
    return metric(f"nps_{rollup}", "sql", query=query, rollup=rollup)


def put(rig: Rig, scores: dict[int, list[int]]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": day * 100 + number, "at": datetime(2027, 3, day, 10, tzinfo=UTC), "score": score}
        for day, listed in scores.items()
        for number, score in enumerate(listed)
    ]
    rig.put("sales", pa.Table.from_pylist(rows))


@pytest.fixture
def filled(rig: Rig) -> Rig:
    rig.define(*(nps(rollup) for rollup in ("pooled", "mean", "max", "min", "last")))
    put(rig, SCORES)
    assert rig.sync().ok
    return rig


@pytest.mark.parametrize(
    ("rollup", "value"),
    [("pooled", (25 * 4 - 100 * 1 + 100 * 2) / 7), ("mean", 25 / 3), ("max", 100.0), ("min", -100.0), ("last", 100.0)],
)
def test_a_window_is_the_mean_weighted_by_n_or_as_the_rollup_says(filled: Rig, rollup: str, value: float) -> None:
    with filled.facts() as facts:
        subject = nps(rollup)
        (found,) = facts.measure([Measure(subject, (), (MARCH,))])[0].readings
        assert found.value == pytest.approx(value)
        assert found.rows == 7
        assert facts.is_kept(subject)
        lineage = facts.lineage(Measure(subject, (), (MARCH,)))
        assert facts.query(lineage.sql) == [(pytest.approx(value), 7)]
        assert (lineage.rows, lineage.table) == (7, "shop.sales")


def test_its_series_is_what_the_query_gives_by_day_and_pooled_by_week(filled: Rig) -> None:
    with filled.facts() as facts:
        days = facts.measure([Measure(nps(), series=SeriesRange("day", MARCH))])[0].series
        weeks = facts.measure([Measure(nps(), series=SeriesRange("week", MARCH))])[0].series
    assert {point.day.day: point.value for point in days if point.value is not None} == {1: 25.0, 2: -100.0, 9: 100.0}
    assert [point.value for point in weeks if point.value is not None] == [0.0, 100.0]
    assert days[2].value is None


def test_a_query_that_was_never_synced_gives_the_same(filled: Rig) -> None:
    other = nps(query=QUERY.replace("score IS NOT NULL", "score IS NOT NULL AND true"))
    with filled.facts() as facts:
        assert not facts.is_kept(other)
        kept, fresh = facts.measure([Measure(nps(), (), (MARCH,)), Measure(other, (), (MARCH,))])
        assert kept.readings == fresh.readings
        wrong = nps(query="SELECT 1 AS x FROM sales")
        with pytest.raises(DefinitionError, match=r"metrics\.nps_pooled\.query: .* gives a column 'x'"):
            facts.measure([Measure(wrong, (), (MARCH,))])


def test_changed_rows_are_read_again_and_unchanged_ones_publish_nothing(filled: Rig) -> None:
    assert filled.sync().generation is None
    put(filled, SCORES | {2: [10]})
    assert filled.sync().generation == "facts-2"
    with filled.facts() as facts:
        assert facts.measure([Measure(nps(), (), (Window(date(2027, 3, 2), date(2027, 3, 2)),))])[0].readings == (
            Reading(100.0, 1),
        )


def test_a_changed_query_replaces_what_was_kept_and_a_dropped_one_goes(filled: Rig) -> None:
    count = QUERY.replace("100.0 * (count_if(score >= 9) - count_if(score <= 6)) / count(*)", "count(*)")
    filled.define(nps(query=count))
    assert filled.sync().generation == "facts-2"
    with filled.facts() as facts:
        assert facts.query("SELECT count(DISTINCT series), sum(value) FROM quarterline.query_days") == [(1, 7.0)]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (
            'SELECT CAST("at" AS DATE) AS day, score AS value FROM sales',
            "its query gives 2027-03-01 more than once; group by day",
        ),
        ('SELECT CAST("at" AS DATE) AS day, 1 AS value FROM bought', "its query reads 'bought', which is no stream"),
    ],
)
def test_a_query_that_fails_is_reported_on_its_metric_alone(rig: Rig, query: str, reason: str) -> None:
    rig.define(nps(query=query), metric("n", "count"))
    put(rig, SCORES)
    result = rig.sync()
    assert reason in result.metric_errors["nps_pooled"]
    with rig.facts() as facts:
        assert facts.measure([Measure(metric("n", "count"), (), (MARCH,))])[0].readings[0].value == 7.0
        assert facts.freshness(nps(), NOON)[0] == datetime(2027, 3, 9, 10, tzinfo=UTC)
