"""Derived metrics in the facts: exact per window, bucket and dimension value, whatever their components are made of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from metrics.errors import DefinitionError, NotFoundError
from metrics.model.definition import Metric, Read
from metrics.model.reading import Measure, Reading, SeriesRange, Window
from metrics.progress.freshness import freshness_of
from tests.metrics.sync.rig import NOON, Rig, instant, key_result, metric

MARCH = Window(date(2027, 3, 1), date(2027, 3, 31))
REVENUE = metric("revenue", "sum", value="amount", dimensions=("team", "shop"))
ORDERS = metric("orders", "count", dimensions=("team", "shop"))
WAIT = metric("wait", "median", value="minutes", source="shop.calls", dimensions=("team",))
PER_ORDER = Metric(
    "per_order",
    {},
    "",
    "",
    "derived",
    expression="revenue / orders",
    components=(REVENUE, ORDERS),
    dimensions=("team",),
)
COST_OF_WAIT = Metric(
    "cost_of_wait",
    {},
    "",
    "",
    "derived",
    expression="per_order * coalesce(wait, 0) / 60",
    components=(PER_ORDER, WAIT),
    dimensions=("team",),
)

SALES = [  # day of March, team, shop, amount: the busy day is the cheap one, so a mean of daily ratios would be wrong
    (1, "north", "a", 100.0),
    (8, "north", "a", 10.0),
    (8, "north", "a", 10.0),
    (8, "south", "b", 40.0),
    (9, "south", "b", 20.0),
]
CALLS = [(1, "north", 30.0), (8, "north", 60.0), (8, "south", 90.0), (20, "south", 120.0)]


@pytest.fixture
def filled(rig: Rig) -> Rig:
    rig.define(
        REVENUE,
        ORDERS,
        WAIT,
        PER_ORDER,
        COST_OF_WAIT,
        key_results=[key_result("k", "cost_of_wait", read=Read("trailing", 28), filter_=(("team", ("north",)),))],
    )
    sales = [
        {"id": number, "at": datetime(2027, 3, day, 10, tzinfo=UTC), "team": team, "shop": shop, "amount": amount}
        for number, (day, team, shop, amount) in enumerate(SALES)
    ]
    calls = [
        {"id": number, "at": datetime(2027, 3, day, 10, tzinfo=UTC), "team": team, "minutes": minutes}
        for number, (day, team, minutes) in enumerate(CALLS)
    ]
    rig.put("sales", pa.Table.from_pylist(sales))
    rig.put("calls", pa.Table.from_pylist(calls))
    assert rig.sync().ok
    return rig


def test_a_window_is_computed_from_its_components_not_from_its_days(filled: Rig) -> None:
    """180 over 5 orders is 36; the mean of the daily ratios 100, 20 and 20 would be 46.7."""
    with filled.facts() as facts:
        (answer,) = facts.measure([Measure(PER_ORDER, (), (MARCH,), SeriesRange("day", MARCH))])
    assert answer.readings == (Reading(36.0, 5, 180.0, 5.0),)
    found = {point.day.day: point.value for point in answer.series if point.value is not None}
    assert found == {1: 100.0, 8: 20.0, 9: 20.0}
    assert (answer.series[0].day, answer.series[-1].day) == (MARCH.starts, MARCH.ends)


@pytest.mark.parametrize(("grain", "values"), [("week", [100.0, 20.0]), ("month", [36.0])])
def test_buckets_are_windows_of_their_own(filled: Rig, grain: str, values: list[float]) -> None:
    with filled.facts() as facts:
        asked = SeriesRange(grain, MARCH)  # type: ignore[arg-type]
        (answer,) = facts.measure([Measure(PER_ORDER, series=asked)])
    assert [point.value for point in answer.series if point.value is not None] == values


def test_a_derived_metric_over_another_one_and_a_median_is_exact_under_a_filter(filled: Rig) -> None:
    north, trailing = (("team", ("north",)),), Window(date(2027, 3, 14), date(2027, 4, 10))
    with filled.facts() as facts:
        whole, recent = facts.measure([Measure(COST_OF_WAIT, north, (MARCH, trailing))])[0].readings
        assert whole.value == pytest.approx(40.0 * 45.0 / 60)
        assert whole.rows == 2
        assert recent == Reading(None, 0)
        assert facts.is_kept(COST_OF_WAIT, north)


def test_questions_of_all_sorts_are_answered_in_their_order(filled: Rig) -> None:
    with filled.facts() as facts:
        asked = [Measure(each, (), (MARCH,)) for each in (WAIT, COST_OF_WAIT, REVENUE, PER_ORDER, ORDERS)]
        values = [answer.readings[0].value for answer in facts.measure(asked)]
    assert values == [75.0, pytest.approx(36.0 * 75.0 / 60), 180.0, 36.0, 5.0]


def test_a_breakdown_is_computed_apart_for_each_value(filled: Rig) -> None:
    with filled.facts() as facts:
        parts = {part.value: part.reading for part in facts.breakdown(COST_OF_WAIT, "team", MARCH)}
        assert facts.dimension_values(COST_OF_WAIT, "team") == ("north", "south")
    assert parts["north"].value == pytest.approx(40.0 * 45.0 / 60)
    assert parts["south"].value == pytest.approx(30.0 * 105.0 / 60)


@pytest.mark.parametrize("subject", [PER_ORDER, COST_OF_WAIT], ids=lambda each: each.id)
def test_running_a_lineage_gives_its_reading_and_names_its_components(filled: Rig, subject: Metric) -> None:
    with filled.facts() as facts:
        lineage = facts.lineage(Measure(subject, (("team", ("south",)),), (MARCH,)))
        (reading,) = facts.measure([Measure(subject, (("team", ("south",)),), (MARCH,))])[0].readings
        ((value, rows),) = facts.query(lineage.sql)
    assert (value, rows) == (pytest.approx(reading.value), reading.rows)
    assert [(each.id, found.value) for each, found in lineage.components][:1] in (
        [("revenue", 60.0)],
        [("per_order", 30.0)],
    )
    assert lineage.table == ("shop.sales" if subject is PER_ORDER else "shop.sales, shop.calls")


def test_it_is_as_old_as_its_stalest_component_and_late_when_one_is(filled: Rig) -> None:
    until = instant(date(2027, 3, 21))
    with filled.facts() as facts:
        assert freshness_of(COST_OF_WAIT, until, facts.freshness).last_event_at == instant(date(2027, 3, 9), 10)
        assert not freshness_of(COST_OF_WAIT, until, facts.freshness).stale
        weekly = replace(REVENUE, expected_every=timedelta(days=7))
        late = replace(COST_OF_WAIT, components=(replace(PER_ORDER, components=(weekly, ORDERS)), WAIT))
        assert freshness_of(late, until, facts.freshness).stale
        patient = replace(late, expected_every=timedelta(days=30))
        assert not freshness_of(patient, until, facts.freshness).stale
        assert facts.days(COST_OF_WAIT) == Window(date(2027, 3, 1), date(2027, 3, 9))


def test_a_component_that_cannot_be_computed_says_so(filled: Rig) -> None:
    broken = replace(PER_ORDER, components=(replace(REVENUE, value="amuont"), ORDERS))
    with filled.facts() as facts, pytest.raises(DefinitionError, match=r"metrics.revenue.value.*did you mean 'amount'"):
        facts.measure([Measure(broken, (), (MARCH,))])


def test_before_a_component_was_loaded_nothing_is_known(rig: Rig) -> None:
    rig.define(REVENUE, ORDERS, WAIT)
    rig.put("sales", pa.table({"id": [1], "at": [NOON], "team": ["a"], "shop": ["b"], "amount": [1.0]}))
    rig.sync()
    with rig.facts() as facts:
        assert facts.days(COST_OF_WAIT) is None
        with pytest.raises(NotFoundError, match=r"table 'shop\.calls'"):
            facts.measure([Measure(COST_OF_WAIT, (), (MARCH,))])
