"""Derived metrics as values: which formulas are totals, which are ratios of totals, how many rows stand behind them."""

import pytest

from metrics.formula import adds_up, combine_parts, combine_readings, totals_of
from metrics.model.definition import Metric
from metrics.model.reading import Part, Reading


def over_rows(name: str, aggregate: str = "sum") -> Metric:
    return Metric(name, {"en": name}, "shop.sales", "at", aggregate, value="n")  # type: ignore[arg-type]


def derived(expression: str, *components: Metric) -> Metric:
    return Metric("d", {"en": "d"}, "", "", "derived", expression=expression, components=components)


REVENUE, COST, ORDERS = over_rows("revenue"), over_rows("cost"), over_rows("orders", "count")
WAIT = over_rows("wait", "median")


@pytest.mark.parametrize(
    ("expression", "is_total", "is_ratio"),
    [
        ("revenue - cost", True, False),
        ("revenue - 0.3 * cost - orders / 2", True, False),
        ("-(revenue - cost)", True, False),
        ("coalesce(revenue, 0) - cost", True, False),
        ("revenue / orders", False, True),
        ("(revenue - cost) / nullif(orders, 0)", False, True),
        ("revenue / nullif(orders, 1)", False, False),
        ("revenue - 1", False, False),
        ("abs(revenue - cost)", False, False),
        ("wait * orders", False, False),
        ("wait / orders", False, False),
        ("100 * revenue / orders", False, True),
    ],
)
def test_totals_and_ratios_of_totals_are_told_from_the_rest(expression: str, is_total: bool, is_ratio: bool) -> None:
    subject = derived(expression, REVENUE, COST, ORDERS, WAIT)
    assert adds_up(subject) is is_total
    assert (totals_of(subject).ratio is not None) is is_ratio


def test_a_derived_total_may_be_a_component_of_a_ratio() -> None:
    profit = derived("revenue - cost", REVENUE, COST)
    margin = Metric("m", {}, "", "", "derived", expression="d / revenue", components=(profit, REVENUE))
    ratio = totals_of(margin).ratio
    assert ratio is not None
    assert [each.id for each in margin.measured] == ["revenue", "cost"]


def test_a_rollup_of_days_is_no_total() -> None:
    peak = Metric("peak", {}, "shop.sales", "at", "sum", value="n", rollup="max")
    assert not adds_up(derived("peak - revenue", peak, REVENUE))


def test_rows_are_those_of_the_thinnest_component_that_has_any() -> None:
    subject = derived("coalesce(revenue, 0) - cost", REVENUE, COST)
    both = {"revenue": Reading(9.0, 30), "cost": Reading(4.0, 7)}
    assert combine_readings(subject, both) == Reading(5.0, 7)
    assert combine_readings(subject, both | {"revenue": Reading(None, 0)}) == Reading(-4.0, 7)


def test_a_ratio_of_totals_carries_what_was_divided() -> None:
    subject = derived("revenue / nullif(orders, 0)", REVENUE, ORDERS)
    found = combine_readings(subject, {"revenue": Reading(90.0, 30), "orders": Reading(30.0, 30)})
    assert found == Reading(3.0, 30, 90.0, 30.0)
    assert combine_readings(subject, {"revenue": Reading(90.0, 3), "orders": Reading(0.0, 0)}).value is None


def test_parts_are_joined_by_value_and_one_without_a_component_is_missing() -> None:
    subject = derived("revenue / orders", REVENUE, ORDERS)
    parts = {
        "revenue": [Part("north", Reading(10.0, 2)), Part(None, Reading(4.0, 1))],
        "orders": [Part("north", Reading(5.0, 5)), Part("south", Reading(9.0, 9))],
    }
    found = {part.value: (part.reading.value, part.reading.rows) for part in combine_parts(subject, parts)}
    assert found == {"north": (2.0, 2), "south": (None, 9), None: (None, 1)}
