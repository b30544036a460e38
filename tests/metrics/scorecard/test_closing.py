"""Which cycle follows, and what a key result takes along into it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.definitions.documents import stored_documents
from metrics.definitions.restore import restore_definitions
from metrics.errors import NotFoundError, QuarterlineError
from metrics.model.decision import Decided, Recorded, TargetRevision
from metrics.model.definition import CycleDefinition, Definitions, Initiative, Organisation, PlanPoint
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.scorecard.closing import carry_forward, following_cycle
from metrics.scorecard.proposal import find_key_result, propose_revision, standing_target

from .conftest import ORGANISATION

APRIL = replace(ORGANISATION, fiscal_year_start=4)
RESPONSE = "2027-Q1/response-time"
DAY = date(2027, 3, 31)
SPRINTS = (
    CycleDefinition("sprint-1", date(2027, 1, 4), date(2027, 1, 17)),
    CycleDefinition("sprint-2", date(2027, 1, 18), date(2027, 1, 31)),
    CycleDefinition("half", date(2027, 4, 1), date(2027, 9, 30)),
)


@pytest.mark.parametrize(
    ("cycle", "organisation", "following"),
    [
        ("2027-Q1", ORGANISATION, "2027-Q2"),
        ("2026-Q4", ORGANISATION, "2027-Q1"),
        ("2027-12", ORGANISATION, "2028-01"),
        ("2027-02", ORGANISATION, "2027-03"),
        ("2027", ORGANISATION, "2028"),
        ("2027-Q4", APRIL, "2028-Q1"),
        ("2027-Q3", APRIL, "2027-Q4"),
        ("2027", APRIL, "2028"),
    ],
)
def test_the_next_cycle_is_of_the_same_length_and_begins_the_day_after(
    cycle: str, organisation: Organisation, following: str
) -> None:
    closed = resolve_cycle(cycle, organisation)
    assert following_cycle(closed, organisation, ()) == following
    assert (resolve_cycle(following, organisation).starts - closed.ends).days == 1


def test_a_declared_cycle_is_followed_by_a_declared_one() -> None:
    first, second = (resolve_cycle(name, ORGANISATION, SPRINTS) for name in ("sprint-1", "sprint-2"))
    assert following_cycle(first, ORGANISATION, SPRINTS) == "sprint-2"
    assert following_cycle(second, ORGANISATION, SPRINTS) == "2027-02"
    assert following_cycle(resolve_cycle("2027-Q1", ORGANISATION), ORGANISATION, SPRINTS) == "2027-Q2"
    with pytest.raises(QuarterlineError, match="because none begins on 2027-01-18; name it with --into"):
        following_cycle(first, ORGANISATION, SPRINTS[:1])


@pytest.fixture
def planned(definitions: Definitions) -> Definitions:
    """The quarter of the contract, its first key result with a declared baseline and a plan."""
    (objective,) = definitions.objectives
    first, second = objective.key_results
    curved = replace(first, baseline=4.0, plan=(PlanPoint(date(2027, 2, 1), 3.0),), target=parse_target("< 2"))
    return replace(definitions, objectives=(replace(objective, key_results=(curved, second)),), cycles=("2027-Q1",))


def to_three() -> Decided:
    revision = TargetRevision(RESPONSE, parse_target("< 2"), parse_target("< 3"), "two left", date(2027, 2, 1))
    return Decided(revisions={RESPONSE: (Recorded(revision, 1, 2, datetime(2027, 2, 1, tzinfo=UTC), "linh", 1),)})


def carried(definitions: Definitions, *keys: str, decided: Decided | None = None) -> Definitions:
    pursued = [each.key for each in definitions.key_results("2027-Q1")]
    return carry_forward(definitions, decided or Decided(), keys, pursued, into="2027-Q2", day=DAY)


def test_a_key_result_goes_on_with_its_target_in_force_from_where_it_stands(planned: Definitions) -> None:
    found = carried(planned, RESPONSE, decided=to_three())
    (moved,) = found.key_results("2027-Q2")
    assert (moved.key, moved.target.text, moved.baseline, moved.plan) == ("2027-Q2/response-time", "< 3", None, ())
    assert moved.filter == next(planned.key_results()).filter
    assert found.cycles == ("2027-Q1", "2027-Q2")
    assert list(found.key_results("2027-Q1")) == list(planned.key_results()), "the closed cycle stays as it was"


def test_what_is_carried_can_be_stored_and_read_back(planned: Definitions) -> None:
    """Carrying goes the way of every definition, so the ledger restores what it was given."""
    metrics = {**planned.metrics, "first_response": replace(planned.metrics["first_response"], dimensions=("team",))}
    found = carried(replace(planned, metrics=metrics), RESPONSE, "2027-Q1/complaints")
    restored = restore_definitions(stored_documents(found))
    assert [each.key for each in restored.key_results("2027-Q2")] == ["2027-Q2/response-time", "2027-Q2/complaints"]


def test_a_parent_that_is_carried_too_is_the_one_in_the_next_cycle(planned: Definitions) -> None:
    (objective,) = planned.objectives
    below = replace(
        objective,
        id="below",
        parent=objective.key,
        key_results=(replace(objective.key_results[1], id="fewer", objective="below"),),
    )
    both = replace(planned, objectives=(objective, below))
    parents = {each.key: each.parent for each in carried(both, RESPONSE, "2027-Q1/fewer").objectives}
    assert parents["2027-Q2/below"] == "2027-Q2/service-quality"
    assert {each.key: each.parent for each in carried(both, "2027-Q1/fewer").objectives}[
        "2027-Q2/below"
    ] == objective.key


def test_what_is_carried_waits_only_for_what_goes_on(planned: Definitions) -> None:
    """Initiatives that are over stay behind with what they taught; so does what nobody carries forward."""
    (objective,) = planned.objectives
    first, second = objective.key_results
    tried = tuple(Initiative({"en": state}, state=state) for state in ("done", "doing", "stopped", "planned"))
    waiting = replace(
        second,
        id="fewer",
        objective="below",
        depends_on=(first.key, "2027-Q1/complaints", "2026/growth"),
        initiatives=tried,
    )
    below = replace(objective, id="below", key_results=(waiting,), depends_on=(objective.key,))
    both = replace(planned, objectives=(objective, below))
    found = {each.key: each for each in carried(both, RESPONSE, "2027-Q1/fewer").objectives}["2027-Q2/below"]
    assert found.depends_on == ("2027-Q2/service-quality",)
    assert found.key_results[0].depends_on == ("2027-Q2/response-time", "2026/growth")
    assert [one.state for one in found.key_results[0].initiatives] == ["doing", "planned"]


def test_what_joins_an_objective_of_the_next_cycle_leaves_what_is_there(planned: Definitions) -> None:
    once = carried(planned, RESPONSE)
    twice = carry_forward(once, Decided(), ["2027-Q1/complaints"], ["2027-Q1/complaints"], into="2027-Q2", day=DAY)
    assert [each.id for each in twice.key_results("2027-Q2")] == ["response-time", "complaints"]
    with pytest.raises(QuarterlineError, match="that cycle has a key result of this name; leave it out"):
        carried(once, RESPONSE)


def test_what_is_not_pursued_cannot_be_carried(planned: Definitions) -> None:
    with pytest.raises(NotFoundError, match="could not find key result to carry forward '2027-Q1/respnse-time'; did"):
        carried(planned, "2027-Q1/respnse-time")


def test_a_revision_is_proposed_over_the_newest_one_also_where_that_counts_only_later(planned: Definitions) -> None:
    key_result = find_key_result(planned, "response-time", "2027-Q1")
    assert standing_target(key_result, to_three()).text == "< 3"
    proposed = propose_revision(
        key_result,
        to_three(),
        resolve_cycle("2027-Q1", ORGANISATION),
        target="< 2.5",
        reason="hired",
        effective_on=date(2027, 3, 1),
    )
    assert (proposed.old.text, proposed.new.text) == ("< 3", "< 2.5")
