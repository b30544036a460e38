"""What a reader answers besides readings: breakdown, lineage, freshness, columns."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from metrics.errors import DefinitionError, FactsError, NotFoundError
from metrics.model.definition import Metric
from metrics.model.reading import Measure, SeriesRange, Window
from tests.metrics.sync.rig import NOON, Rig, instant, metric

TEAMS = ("north", "south", None)
MARCH = Window(date(2027, 3, 1), date(2027, 3, 31))
METRICS = [
    metric(f"{aggregate}_{rollup}", aggregate, rollup=rollup, dimensions=("team",), **more)
    for rollup in ("pooled", "mean", "last")
    for aggregate, more in (
        ("mean", {"value": "n"}),
        ("count", {"where": "n > 3", "expected_every": timedelta(days=1)}),
        ("sum", {"value": "n", "expected_every": timedelta(days=1)}),
        ("ratio", {"numerator": "n > 3", "denominator": "true"}),
        ("median", {"value": "n"}),
        ("count_distinct", {"value": "n"}),
        ("last", {"value": "n"}),
    )
]


def rows() -> list[dict[str, Any]]:
    """Eleven days with rows out of March, none at its end; three rows in the future."""
    past = [
        {
            "id": key,
            "at": datetime(2027, 3, 2 + key * 2 % 21, key % 24, tzinfo=UTC),
            "team": TEAMS[key % 3],
            "n": key % 8,
        }
        for key in range(60)
    ]
    return past + [
        {"id": 100 + key, "at": datetime(2027, 5, 1, tzinfo=UTC), "team": "north", "n": 1} for key in range(3)
    ]


@pytest.fixture
def filled(rig: Rig) -> Rig:
    rig.define(*METRICS)
    schema = pa.schema({"id": pa.int64(), "at": pa.timestamp("us", tz="UTC"), "team": pa.string(), "n": pa.int32()})
    rig.put("sales", pa.Table.from_pylist(rows(), schema=schema))
    rig.sync()
    return rig


@pytest.mark.parametrize("subject", METRICS, ids=lambda each: each.id)
@pytest.mark.parametrize("filter_", [(), (("team", ("north",)),)], ids=["all", "north"])
def test_running_a_lineage_gives_its_reading(filled: Rig, subject: Metric, filter_: Any) -> None:
    with filled.facts() as facts:
        question = Measure(subject, filter_, (MARCH,))
        (reading,) = facts.measure([question])[0].readings
        lineage = facts.lineage(question)
        ((value, counted),) = facts.query(lineage.sql)
        assert value == pytest.approx(reading.value, rel=1e-12)
        assert counted == reading.rows == lineage.rows
        assert (lineage.table, lineage.table_rows, lineage.generation) == ("shop.sales", 63, "facts-1")
        assert lineage.last_event_at == max(row["at"] for row in rows()[:60])


@pytest.mark.parametrize("subject", METRICS, ids=lambda each: each.id)
def test_a_breakdown_equals_the_reading_of_each_value(filled: Rig, subject: Metric) -> None:
    with filled.facts() as facts:
        parts = facts.breakdown(subject, "team", MARCH)
        assert {part.value for part in parts} == {"north", "south", None}
        assert [part.reading.rows for part in parts] == sorted((part.reading.rows for part in parts), reverse=True)
        for part in parts:
            if part.value is not None:
                ((reading,),) = (
                    each.readings for each in facts.measure([Measure(subject, (("team", (part.value,)),), (MARCH,))])
                )
                assert part.reading.value == pytest.approx(reading.value, rel=1e-12)
                assert part.reading.rows == reading.rows
        north = facts.breakdown(subject, "team", MARCH, (("team", ("north",)),))
        assert [part.value for part in north] == ["north"]
        assert facts.dimension_values(subject, "team") == ("north", "south")
        with pytest.raises(NotFoundError, match="did you mean 'team'"):
            facts.breakdown(subject, "taem", MARCH)


def test_freshness_counts_what_lies_after_an_instant(filled: Rig) -> None:
    times = sorted(row["at"] for row in rows())
    with filled.facts() as facts:
        assert facts.freshness(METRICS[0], NOON) == (times[59], 3)
        for until in (times[30], times[30] - timedelta(microseconds=1), times[0] - timedelta(days=1)):
            last = max((at for at in times if at <= until), default=None)
            assert facts.freshness(METRICS[0], until) == (last, sum(at > until for at in times))


def test_freshness_of_dates_is_that_of_their_day(rig: Rig) -> None:
    by_date = metric("by_date", "count")
    rig.define(by_date)
    days = [date(2027, 4, 8), date(2027, 4, 10), date(2027, 4, 12)]
    rig.put("sales", pa.table({"id": [1, 2, 3], "at": pa.array(days, pa.date32())}))
    rig.sync()
    with rig.facts() as facts:
        assert facts.freshness(by_date, NOON) == (NOON, 1)
        assert facts.freshness(by_date, instant(date(2027, 4, 9))) == (datetime(2027, 4, 8, 22, tzinfo=UTC), 2)
        assert facts.freshness(by_date, instant(date(2027, 4, 1))) == (None, 3)
        assert facts.days(by_date) == Window(date(2027, 4, 8), date(2027, 4, 10))
        window = Window(date(2027, 4, 10), date(2027, 4, 12))
        assert facts.measure([Measure(by_date, (), (window,))])[0].readings[0].value == 2


def test_silence_is_a_zero_only_where_the_stream_is_known_to_be_silent(filled: Rig) -> None:
    counted = next(each for each in METRICS if each.id == "sum_pooled")
    with filled.facts() as facts:
        series = SeriesRange("day", Window(date(2027, 2, 25), date(2027, 3, 31)))
        points = facts.measure([Measure(counted, (("team", ("north",)),), (), series)])[0].series
        assert points[0].day == date(2027, 3, 2)
        by_day = {point.day: point.value for point in points}
        assert by_day[date(2027, 3, 23)] is None
        assert all(by_day[date(2027, 3, day)] is not None for day in range(2, 23))
        gaps = replace(counted, expected_every=None)
        points = facts.measure([Measure(gaps, (("team", ("north",)),), (), series)])[0].series
        assert any(point.value is None for point in points if point.day < date(2027, 3, 22))


def test_rows_with_a_time_beyond_all_calendars_are_shown(rig: Rig) -> None:
    """What is not over is often said to end with the year 9999, which is over earlier in the east."""
    count = metric("count", "count")
    rig.define(count)
    rig.declare("sales")
    told = pa.array([instant(date(2027, 3, 1)), instant(date(2027, 3, 2))], pa.timestamp("us", tz="UTC"))
    ends = pa.array([253_402_300_799, 1_800_000_000], pa.timestamp("s", tz="UTC")).cast(told.type)
    rig.put("sales", pa.table({"id": [1, 2], "at": told, "ends": ends}))
    assert rig.sync().ok
    with rig.facts() as facts:
        newest, oldest = facts.raw_rows(Measure(count, (), (MARCH,)))
    assert (newest[0], oldest[0]) == (2, 1)
    assert str(oldest[2]).startswith("10000-01-01 00:59:59")


def test_weeks_begin_on_the_organisation_s_day(rig: Rig) -> None:
    rig.organisation = replace(rig.organisation, week_start="sunday")
    median, total = metric("median", "median", value="n"), metric("total", "sum", value="n")
    rig.define(median, total)
    at = [instant(date(2027, 4, day)) for day in (3, 4, 10)]
    rig.put("sales", pa.table({"id": [1, 2, 3], "at": pa.array(at, pa.timestamp("us", tz="UTC")), "n": [1, 2, 4]}))
    rig.sync()
    with rig.facts() as facts:
        weeks = SeriesRange("week", Window(date(2027, 3, 28), date(2027, 4, 10)))
        answers = facts.measure([Measure(median, (), (), weeks), Measure(total, (), (), weeks)])
        assert [[(p.day, p.value) for p in each.series] for each in answers] == [
            [(date(2027, 3, 28), 1), (date(2027, 4, 4), 3)],
            [(date(2027, 3, 28), 1), (date(2027, 4, 4), 6)],
        ]


def test_tables_and_columns_are_known(filled: Rig) -> None:
    with filled.facts() as facts:
        assert facts.tables() == ("shop.sales",)
        assert facts.columns("shop.sales") == {
            "id": "BIGINT",
            "at": "TIMESTAMP WITH TIME ZONE",
            "team": "VARCHAR",
            "n": "INTEGER",
        }
        assert facts.row_counts() == {"shop.sales": 63}
        with pytest.raises(NotFoundError, match="did you mean 'shop"):
            facts.columns("shop.sale")


def test_a_metric_that_does_not_fit_is_a_definition_error(filled: Rig) -> None:
    with filled.facts() as facts:
        with pytest.raises(DefinitionError, match="unknown column 'nn'; did you mean 'n'"):
            facts.measure([Measure(metric("m", "mean", value="nn"), (), (MARCH,))])
        with pytest.raises(FactsError, match="its days are those of Europe/Paris"):
            facts.measure([], timezone="UTC")


def test_no_question_has_no_answer_and_no_window_no_reading(filled: Rig) -> None:
    with filled.facts() as facts:
        assert facts.measure([]) == []
        assert facts.measure([Measure(METRICS[0])])[0].readings == ()


def test_threads_share_one_reader(filled: Rig) -> None:
    wrong: list[object] = []
    with filled.facts() as facts:
        questions = [Measure(each, (), (MARCH,), SeriesRange("day", MARCH)) for each in METRICS]
        expected = facts.measure(questions)

        def ask() -> None:
            answers = [facts.measure(questions) for _ in range(5)]
            wrong.extend(found for found in answers if found != expected)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_row_expressions_see_the_organisation_s_zone_in_every_thread(filled: Rig) -> None:
    by_hour = metric("hour", "max", value='extract(hour from "at")')
    zones: set[tuple[Any, ...]] = set()
    with filled.facts() as facts:
        assert facts.measure([Measure(by_hour, (), (MARCH,))])[0].readings[0].value == 23
        assert facts.query("SELECT extract(hour FROM TIMESTAMPTZ '2027-07-01 00:00:00+00')") == [(2,)]
        threads = [threading.Thread(target=lambda: zones.add(facts.query("SELECT current_setting('TimeZone')")[0]))]
        for thread in threads:
            thread.start()
            thread.join()
    assert zones == {("Europe/Paris",)}
