"""Key results that people tick off: what their files may say, and that nothing is lost on the way to YAML and back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metrics.definitions import (
    Workspace,
    dump_definitions,
    json_schema,
    load_definitions,
    restore_definitions,
    stored_documents,
)
from metrics.model.definition import ALL_DONE, Definitions, KeyResult, Milestone
from tests.metrics.definitions.samples import METRICS

OKRS = """\
cycle: 2027-Q1
objectives:
  - id: move
    title: Move to the new warehouse
    key_results:
      - id: rollout
        title: New warehouse runs
        shape: milestone
        milestones:
          - {id: pilot, title: {en: Pilot runs, vi: Chạy thử}}
          - {id: launch, title: All orders, weight: 2}
        plan: [{by: 2027-01-31, value: 50 %}]
      - {id: signed, title: Lease is signed, shape: binary, owner: minh}
"""


def changed(definitions: Definitions, **changes: Any) -> KeyResult:
    return replace(next(definitions.key_results()), **changes)


def test_what_is_ticked_off_needs_neither_metric_nor_target(read: Callable[..., Definitions]) -> None:
    rollout, signed = read(METRICS, q1=OKRS).key_results()
    assert (rollout.metric, rollout.target, rollout.shape) == (None, ALL_DONE, "milestone")
    assert rollout.milestones == (
        Milestone("pilot", {"en": "Pilot runs", "vi": "Chạy thử"}),
        Milestone("launch", {"en": "All orders"}, 2.0),
    )
    assert (signed.metric, signed.target, signed.shape, signed.milestones) == (None, ALL_DONE, "binary", ())
    assert rollout.is_checklist
    assert rollout.measured_by({}) is None


def test_exported_and_stored_it_is_the_same(
    read: Callable[..., Definitions], workspace: Workspace, tmp_path: Path
) -> None:
    definitions = read(METRICS, q1=OKRS)
    assert restore_definitions(stored_documents(definitions)) == definitions
    dump_definitions(definitions, tmp_path / "out")
    text = (tmp_path / "out/okrs/2027-Q1.yaml").read_text("utf-8")
    assert "target" not in text
    assert "metric:" not in text
    assert load_definitions(replace(workspace, root=tmp_path / "out")) == definitions


def test_its_meaning_has_a_hash_of_its_own(read: Callable[..., Definitions]) -> None:
    base = next(read(METRICS, q1=OKRS).key_results()).definition
    spelt = next(read(METRICS, q1=OKRS.replace("weight: 2}", "weight: 2.0}")).key_results()).definition
    heavier = next(read(METRICS, q1=OKRS.replace("weight: 2}", "weight: 3}")).key_results()).definition
    assert base == spelt
    assert base != heavier


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("shape: binary", "shape: binary, metric: orders", "[1].metric: has no meaning for shape binary, which people"),
        ("shape: binary", "shape: binary, target: '> 1'", "key_results[1].target: has no meaning for shape binary"),
        ("shape: binary", "shape: binary, stretch: '> 1'", "key_results[1].stretch: has no meaning"),
        ("shape: binary", "shape: binary, baseline: 1", "key_results[1].baseline: has no meaning"),
        ("shape: binary", "shape: binary, filter: {team: x}", "key_results[1].filter: has no meaning"),
        ("shape: binary", "shape: binary, read: last week", "key_results[1].read: has no meaning"),
        ("shape: binary", "shape: binary, plan: [{by: 2027-01-31, value: 1}]", "[1].plan: what is done or not has no"),
        (
            "shape: binary",
            "shape: binary, milestones: [{id: a, title: A}]",
            "milestones: has no meaning for shape binary; use shape milestone",
        ),
        (
            "shape: binary",
            "metric: orders, target: '> 1', milestones: [{id: a, title: A}]",
            "milestones: has no meaning for shape reach; use shape milestone",
        ),
        ("shape: binary", "shape: milestone", "[1].milestones: is missing; list what is to be done"),
        ("shape: binary", "owner: x", "duplicate key"),
        ("shape: binary, ", "", "key_results[1].metric: is missing"),
        ("shape: binary, ", "", "key_results[1].target: is missing"),
        ("shape: binary", "shape: binry", "'binry' is no known choice; did you mean 'binary'?"),
        ("id: launch", "id: pilot", "milestones[1].id: duplicate id 'pilot'; give each milestone its own"),
        ("id: launch", "id: Launch", "milestones[1].id: 'Launch' is no id"),
        ("weight: 2", "weight: 0", "milestones[1].weight: 0 is not above zero"),
        ("weight: 2", "weigth: 2", "milestones[1].weigth: unknown key; did you mean 'weight'?"),
        ("title: All orders, ", "", "milestones[1].title: is missing"),
        ("value: 50 %", "value: 150 %", "plan[0].value: 1.5 is more than all of it"),
        ("value: 50 %", "value: -1", "plan[0].value: -1 goes against the direction"),
        ("2027-01-31", "2027-04-01", "plan[0].by: 2027-04-01 is outside cycle 2027-Q1"),
    ],
)
def test_what_may_not_be_said_of_it(refusals: Callable[..., list[str]], old: str, new: str, expected: str) -> None:
    assert old in OKRS
    lines = refusals(METRICS, q1=OKRS.replace(old, new, 1))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("okrs/q1.yaml:") for line in lines)


def test_a_misspelt_shape_is_one_problem(refusals: Callable[..., list[str]]) -> None:
    assert len(refusals(METRICS, q1=OKRS.replace("shape: binary", "shape: binry"))) == 1


def test_the_schema_lets_editors_complain_alike() -> None:
    objective = json_schema("okrs")["properties"]["objectives"]["anyOf"][0]["items"]
    key_result = objective["properties"]["key_results"]["items"]
    assert key_result["required"] == ["id", "title"]
    assert key_result["if"]["properties"]["shape"]["enum"] == ["binary", "milestone"]
    assert key_result["then"]["properties"] == {"metric": False, "target": False}
    assert key_result["else"]["required"] == ["metric", "target"]
    assert key_result["properties"]["milestones"]["items"]["required"] == ["id", "title"]
