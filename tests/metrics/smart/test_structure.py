"""Objectives and cycles: how many, how heavy, counted once, guarded."""

from typing import Any

import pytest

from metrics.model.definition import Metric, Objective, Read
from metrics.smart.structure import cycle_structure, family_of, objective_structure

from .build import RESPONSE, codes, key_result, metric, objective, values_of

SATISFACTION = metric(id="satisfaction", unit="percent", better="higher", aggregate="ratio")
COMPLAINTS = metric(id="complaints", unit="percent", better="lower", aggregate="ratio")
REVENUE = metric(id="revenue", unit="vnd", better="higher", aggregate="sum")
ORDERS = metric(id="orders", unit="orders", better="higher", aggregate="count")
SPEND = metric(id="spend", unit="VND", better="lower", aggregate="sum")
METRICS = {each.id: each for each in (RESPONSE, SATISFACTION, COMPLAINTS, REVENUE, ORDERS, SPEND)}

FAST = key_result(id="fast")
HAPPY = key_result(">= 90 %", id="happy", metric="satisfaction")
FEW = key_result("< 5 %", id="few", metric="complaints", shape="keep")


def found(one: Objective, *mates: Objective) -> list[str]:
    return codes(objective_structure(one, METRICS, [*mates, one]))


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, ["no_key_results"]), (1, ["few_key_results"]), (2, []), (5, []), (6, ["many_key_results"])],
)
def test_an_objective_has_two_to_five_key_results(count: int, expected: list[str]) -> None:
    reads = [
        key_result(id=f"kr-{days}", metric="satisfaction", read=Read("trailing", days + 1)) for days in range(count)
    ]
    assert found(objective(*reads)) == expected
    assert codes(objective_structure(objective(), METRICS, []), "error") == ["no_key_results"]


@pytest.mark.parametrize(("weight", "expected"), [(1.0, []), (5.0, []), (5.5, ["weights_far_apart"])])
def test_weights_lie_within_a_factor_of_five(weight: float, expected: list[str]) -> None:
    heavy = key_result(">= 90 %", id="heavy", metric="satisfaction", weight=weight)
    assert found(objective(heavy, FEW)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["double_count"]),
        ({"filter": (("team", ("north",)),)}, []),
        ({"read": Read("period")}, []),
        ({"metric": "first_response", "read": Read("period")}, []),
    ],
)
def test_the_same_number_counts_once_in_a_cycle(changes: dict[str, Any], expected: list[str]) -> None:
    fields: dict[str, Any] = {"id": "again", "metric": "satisfaction"} | changes
    twin = key_result(">= 80 %", **fields)
    assert found(objective(HAPPY, twin)) == expected
    other = objective(FEW, twin, id="other")
    assert found(other, objective(HAPPY, FAST)) == expected
    assert found(objective(HAPPY, FAST), other) == expected


def test_a_double_count_is_reported_once() -> None:
    one, other = objective(HAPPY, FAST), objective(FEW, HAPPY, id="other")
    mates = [one, other]
    assert codes(objective_structure(one, METRICS, mates)) == []
    values = values_of(objective_structure(other, METRICS, mates), "double_count")
    assert values == {"key_result": "happy", "other": "happy", "metric": "satisfaction"}


@pytest.mark.parametrize("parent", ["2027-Q1/service-quality", "2027-Q1/happy"])
def test_a_child_that_measures_what_its_parent_measures_counts_twice(parent: str) -> None:
    child = objective(
        key_result(">= 80 %", id="child", metric="satisfaction", read=Read("period")), FEW, id="child", parent=parent
    )
    assert found(child, objective(HAPPY, FAST)) == ["parent_double"]
    assert found(objective(HAPPY, FAST), child) == []
    segment = key_result(">= 80 %", id="c", metric="satisfaction", read=Read("period"), filter=(("team", ("north",)),))
    assert found(objective(segment, FEW, id="child", parent=parent), objective(HAPPY, FAST)) == []


@pytest.mark.parametrize(
    ("each", "family"),
    [
        (RESPONSE, "speed"),
        (metric(unit="Phút"), "speed"),
        (metric(unit="days", better="higher"), "quality"),
        (SATISFACTION, "quality"),
        (COMPLAINTS, "quality"),
        (REVENUE, "volume"),
        (ORDERS, "volume"),
        (metric(unit="usd", aggregate="mean", better="higher"), "volume"),
        (SPEND, "cost"),
        (metric(unit="defects", aggregate="count", better="lower"), "quality"),
    ],
)
def test_a_metric_belongs_to_the_family_that_it_pushes(each: Metric, family: str) -> None:
    assert family_of(each) == family


REVENUE_UP = key_result(">= 100", id="revenue", metric="revenue", shape="total", read=Read("period"))
ORDERS_UP = key_result(">= 100", id="orders", metric="orders", shape="total", read=Read("period"))
SPEND_DOWN = key_result("<= 100", id="spend", metric="spend")
SPEND_CAP = key_result("<= 100", id="spend", metric="spend", shape="total", read=Read("period"))


@pytest.mark.parametrize(
    ("key_results", "families"),
    [
        ((FAST, key_result("< 24", id="slow", read=Read("period"))), "speed"),
        ((REVENUE_UP, ORDERS_UP), "volume"),
        ((FAST, REVENUE_UP), "speed_volume"),
        ((SPEND_DOWN, FAST), "cost_speed"),
        ((SPEND_DOWN, FAST, ORDERS_UP), "cost_speed_volume"),
        ((FAST, FEW), None),
        ((FAST, HAPPY), None),
        ((REVENUE_UP, SPEND_CAP), None),
        ((FAST, key_result(id="unknown", metric="gone")), None),
    ],
)
def test_speed_volume_and_cost_need_a_guardrail(key_results: tuple[Any, ...], families: str | None) -> None:
    findings = objective_structure(objective(*key_results), METRICS, [])
    assert codes(findings) == ([] if families is None else ["no_guardrail"])
    if families:
        assert values_of(findings, "no_guardrail")["families"] == families


def many(count: int, **changes: Any) -> list[Objective]:
    return [
        objective(id=f"o{number}", kind="aspirational" if number else "committed", **changes) for number in range(count)
    ]


def test_five_objectives_are_the_most_for_whoever_answers() -> None:
    assert codes(cycle_structure(many(5))) == []
    assert codes(cycle_structure(many(6))) == ["many_objectives"]
    both = [*many(5), *many(5, level="team", team="sales"), *many(5, level="team", team="care")]
    assert codes(cycle_structure(both)) == []
    people = [*many(4, level="individual", owner="linh"), *many(4, level="individual", owner="minh")]
    assert codes(cycle_structure(people)) == []
    values = values_of(cycle_structure([*both, *many(1, level="team", team="care")]), "many_objectives")
    assert values == {"level": "team", "whose": "care", "count": 6.0, "most": 5.0}


def test_a_cycle_has_both_kinds() -> None:
    assert codes(cycle_structure(many(2))) == []
    assert codes(cycle_structure([objective(), objective(id="o")])) == ["one_kind"]
    assert codes(cycle_structure([objective()])) == []
    assert codes(cycle_structure([])) == []
