"""Derived metrics in metrics.yaml: what they are given, what is refused, and where the refusal points."""

from collections.abc import Callable

import pytest

from metrics.definitions import definition_documents, restore_definitions, stored_documents
from metrics.definitions.dump import definition_texts
from metrics.model.definition import Definitions
from tests.metrics.definitions.samples import METRICS, OKRS

Reader = Callable[..., Definitions]
Refusals = Callable[..., list[str]]

DERIVED = f"""{METRICS.replace("aggregate: count,", "aggregate: count, dimensions: [team, shop],")}\
  revenue:
    {{source: billing.transactions, time: created_at, aggregate: sum, value: amount, dimensions: [shop, team, store]}}
  cost: {{source: billing.transactions, time: created_at, aggregate: sum, value: cost, dimensions: [shop]}}
  revenue_per_order: {{aggregate: derived, expression: "revenue / nullif(orders, 0)", unit: vnd}}
  profit: {{aggregate: derived, expression: revenue - cost, unit: vnd}}
  margin: {{aggregate: derived, expression: profit / revenue, unit: percent}}
"""
FIRST = DERIVED.count("\n") + 1


def test_a_derived_metric_has_its_components_and_the_dimensions_they_share(read: Reader) -> None:
    metrics = read(DERIVED).metrics
    per_order, margin = metrics["revenue_per_order"], metrics["margin"]
    assert [each.id for each in per_order.components] == ["revenue", "orders"]
    assert per_order.dimensions == ("shop", "team")
    assert [each.id for each in margin.components] == ["profit", "revenue"]
    assert [each.id for each in margin.measured] == ["revenue", "cost"]
    assert margin.dimensions == ("shop",)


def test_its_hash_follows_what_it_is_computed_from(read: Reader) -> None:
    before = read(DERIVED).metrics
    after = read(DERIVED.replace("value: cost", "value: cost + fee")).metrics
    changed = {name for name in before if before[name].definition != after[name].definition}
    assert changed == {"cost", "profit", "margin"}


def test_it_goes_into_the_ledger_and_yaml_and_back_without_loss(read: Reader) -> None:
    definitions = read(DERIVED)
    assert restore_definitions(stored_documents(definitions)) == definitions
    assert read(definition_texts(definitions)["metrics.yaml"]) == definitions
    assert definition_documents(definitions)["metrics"]["profit"]["expression"] == "revenue - cost"


def test_a_filter_is_refused_unless_every_component_can_be_filtered_by_it(read: Reader, refusals: Refusals) -> None:
    okrs = OKRS.replace("metric: orders,", "metric: revenue_per_order, filter: {team: [north]},").replace(
        "total", "reach"
    )
    assert read(DERIVED, q1=okrs)
    (problem,) = refusals(DERIVED, q1=okrs.replace("{team: [north]}", "{store: [north]}"))
    assert problem == (
        "okrs/q1.yaml:30: objectives[1].key_results[0].filter.store: 'store' is no dimension of metric "
        "'revenue_per_order'; known: shop, team"
    )


def test_a_total_may_be_derived_when_it_adds_up(read: Reader, refusals: Refusals) -> None:
    assert read(DERIVED, q1=OKRS.replace("metric: orders,", "metric: profit,"))
    (problem,) = refusals(DERIVED, q1=OKRS.replace("metric: orders,", "metric: margin,"))
    assert "key_results[0].shape: total needs something that adds up, but metric 'margin' is a derived" in problem


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "x: {aggregate: derived, expression: revenu / orders}",
            "'revenu / orders' uses unknown metric 'revenu'; did you mean 'revenue'?",
        ),
        (
            "x: {aggregate: derived, expression: x + 1}",
            "runs in a circle (x > x); a derived metric cannot be computed from itself",
        ),
        ("x: {aggregate: derived, expression: 1 / 2}", "'1 / 2' names no metric; write one, such as revenue / orders"),
        ("x: {aggregate: derived, expression: revenue ^ 2}", "'revenue ^ 2' cannot be read from '^ 2' on"),
        (
            "x: {aggregate: derived, expression: sum(revenue)}",
            "uses sum(), which a formula cannot; did you mean 'nullif'",
        ),
        ("x: {aggregate: derived}", "is missing; aggregate derived needs it"),
    ],
)
def test_a_wrong_expression_is_refused_at_its_key(refusals: Refusals, line: str, expected: str) -> None:
    (problem,) = refusals(f"{DERIVED}  {line}\n")
    assert problem.startswith(f"metrics.yaml:{FIRST}: metrics.x.expression: ")
    assert expected.partition("; did you")[0] in problem


def test_a_circle_is_refused_once_and_shows_its_way(refusals: Refusals) -> None:
    circle = "  a: {aggregate: derived, expression: b + 1}\n  b: {aggregate: derived, expression: a - revenue}\n"
    (problem,) = refusals(f"{DERIVED}{circle}  c: {{aggregate: derived, expression: a * 2}}\n")
    assert problem.startswith(f"metrics.yaml:{FIRST}: metrics.a.expression: runs in a circle (a > b > a); ")


@pytest.mark.parametrize(
    "key",
    [
        "source: billing.transactions",
        "time: t",
        "value: x",
        "numerator: x",
        "where: x",
        "dimensions: [x]",
        "rollup: mean",
    ],
)
def test_what_speaks_of_rows_has_no_meaning_for_it(refusals: Refusals, key: str) -> None:
    (problem,) = refusals(f"{DERIVED}  x: {{aggregate: derived, expression: revenue / 2, {key}}}\n")
    assert f"metrics.x.{key.partition(':')[0]}: has no meaning for aggregate derived" in problem


def test_a_faulty_component_is_reported_once(refusals: Refusals) -> None:
    (problem,) = refusals(DERIVED.replace("value: cost", "numerator: cost, value: cost"))
    assert "metrics.cost.numerator: has no meaning for aggregate sum" in problem


@pytest.mark.parametrize("key", ["source", "time"])
def test_a_metric_over_rows_still_needs_its_source_and_time(refusals: Refusals, key: str) -> None:
    line = next(line for line in METRICS.splitlines() if line.strip().startswith(f"{key}:"))
    assert refusals(METRICS.replace(f"{line}\n", "", 1)) == [
        f"metrics.yaml:2: metrics.first_response.{key}: is missing"
    ]


def test_an_expression_has_no_meaning_for_a_metric_over_rows(refusals: Refusals) -> None:
    (problem,) = refusals(METRICS.replace("aggregate: count,", "aggregate: count, expression: first_response / 2,"))
    assert "metrics.orders.expression: has no meaning for aggregate count" in problem
