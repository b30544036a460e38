"""What people tick off, judged: a warning that nothing measures it, and nothing to compare it with."""

import pytest

from metrics.model.definition import ALL_DONE, KeyResult, Milestone, Shape
from metrics.smart import NOT_SYNCED
from metrics.smart.judge import judge_key_result
from metrics.smart.structure import objective_structure

from .build import QUARTER, RESPONSE, TODAY, codes, doubts, key_result, objective


def ticked(shape: Shape) -> KeyResult:
    milestones = (Milestone("pilot", {"en": "Pilot"}),) if shape == "milestone" else ()
    return key_result(id=shape, shape=shape, metric=None, milestones=milestones)


@pytest.mark.parametrize("shape", ["milestone", "binary"])
def test_a_warning_says_that_nothing_measures_it(shape: Shape) -> None:
    one = ticked(shape)
    judged = judge_key_result(one, objective(one), None, QUARTER, TODAY, evidence=NOT_SYNCED, known=())
    assert doubts(judged.verdicts[1].findings) == ["ticked_off"], "and not that its metric is unknown"
    assert [verdict.outcome for verdict in judged.verdicts[1:3]] == ["warn", "unknown"]
    assert codes(judged.verdicts[2].findings) == ["nothing_to_compare"]


def test_two_of_them_do_not_measure_the_same() -> None:
    assert codes(objective_structure(objective(ticked("milestone"), ticked("binary")), {}, [])) == []


def test_ticks_do_not_guard_speed_against_bad_quality() -> None:
    pushed = objective(key_result(), ticked("binary"))
    assert "no_guardrail" in codes(objective_structure(pushed, {RESPONSE.id: RESPONSE}, []))


def test_its_target_is_everything() -> None:
    assert ALL_DONE.is_met(1.0)
    assert str(ALL_DONE) == ">= 100 %"
