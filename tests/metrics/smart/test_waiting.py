"""Waiting: circles of objectives that wait for each other, and dependencies on what nobody pursues."""

import pytest

from metrics.model.definition import Definitions, Objective
from metrics.smart import judge_cycle
from metrics.smart.waiting import gone_dependencies, waiting_circles
from tests.metrics.smart.build import QUARTER, RESPONSE, TODAY, codes, key_result, objective, values_of


def waiting(name: str, *others: str, by_key_result: bool = False) -> Objective:
    """An objective that waits for others, itself or by its key result."""
    keys = tuple(f"2027-Q1/{other}" for other in others)
    one = key_result(id=f"{name}-kr", objective=name, depends_on=keys if by_key_result else ())
    return objective(one, id=name, depends_on=() if by_key_result else keys)


@pytest.mark.parametrize(
    ("objectives", "circles"),
    [
        ([waiting("a", "b"), waiting("b")], []),
        ([waiting("a", "b"), waiting("b", "a")], ["a > b > a"]),
        ([waiting("a", "b-kr"), waiting("b", "a-kr", by_key_result=True)], ["a > b > a"]),
        ([waiting("a", "b"), waiting("b", "c"), waiting("c", "b")], ["b > c > b"]),
        ([waiting("a", "b"), waiting("b", "c"), waiting("c", "a")], ["a > b > c > a"]),
        ([waiting("a", "b"), waiting("b", "a"), waiting("c", "d"), waiting("d", "c")], ["a > b > a", "c > d > c"]),
        ([waiting("a", "elsewhere")], []),
    ],
)
def test_each_circle_is_found_once(objectives: list[Objective], circles: list[str]) -> None:
    found = list(waiting_circles(objectives))
    assert [dict(each.values)["circle"] for each in found] == circles
    assert codes(found, "warning") == ["waits_in_circle"] * len(circles)


def test_what_nobody_pursues_any_more_is_waited_for_in_vain() -> None:
    one = waiting("a", "b", "gone")
    found = list(gone_dependencies(one, {"2027-Q1/b", one.key}))
    assert values_of(found, "dependency_gone") == {"waits": "a", "other": "2027-Q1/gone"}
    assert codes(found, "warning") == ["dependency_gone"]


def test_both_are_among_a_cycles_findings() -> None:
    objectives = (waiting("a", "b"), waiting("b", "a", "gone"))
    judged = judge_cycle(Definitions({RESPONSE.id: RESPONSE}, objectives), QUARTER, TODAY, evidence={})
    found = {finding.code for _, finding in judged.all_findings()}
    assert {"waits_in_circle", "dependency_gone"} <= found
