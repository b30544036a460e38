"""Objectives beneath what they serve, orphans, and what waits for another department."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.model.definition import CycleDefinition, Definitions, Objective
from metrics.periods import resolve_cycle
from metrics.scorecard.alignment import Alignment, align, cycles_around
from metrics.scorecard.build import Frame, build_scorecard

from .conftest import ORGANISATION, TableReader

DAY = date(2027, 2, 15)
NOW = datetime(2027, 2, 15, 9, tzinfo=UTC)


@pytest.fixture
def company(definitions: Definitions) -> Definitions:
    """A year, its quarter, a team that serves a key result, one that serves nothing, and one that serves the past."""
    (quarter,) = definitions.objectives
    first, second = quarter.key_results
    year = Objective("trust", "2027", {"en": "Be trusted"}, (replace(second, id="year-complaints", cycle="2027"),))
    served = replace(quarter, parent="2027/trust", team=None)
    team = Objective(
        "answer-fast",
        "2027-Q1",
        {"en": "Answer fast"},
        (replace(first, id="fast", objective="answer-fast", depends_on=("2027-Q1/hire",)),),
        level="team",
        team="service",
        parent="2027-Q1/response-time",
        depends_on=("2027-Q1/answer-slow", "2026-Q4/gone"),
    )
    orphan = Objective(
        "hire", "2027-Q1", {"en": "Hire"}, (), level="team", team="people", depends_on=("2027-Q1/answer-fast",)
    )
    late = Objective("answer-slow", "2027-Q1", {"en": "Slow"}, (), level="team", team="service", parent="2026-Q4/gone")
    return replace(definitions, objectives=(year, served, team, orphan, late), cycles=("2027", "2027-Q1"))


def aligned(company: Definitions, reader: TableReader) -> Alignment:
    cycles = cycles_around(company, ORGANISATION, (), resolve_cycle("2027-Q1", ORGANISATION))
    return align([build_scorecard(company, reader, Frame(ORGANISATION, cycle, DAY, NOW)) for cycle in cycles])


def test_a_quarter_stands_beneath_its_year_and_a_team_beneath_the_key_result_it_serves(
    company: Definitions, reader: TableReader
) -> None:
    tree = aligned(company, reader)
    assert [each.card.objective.id for each in tree.roots] == ["trust", "hire", "answer-slow"]
    (quarter,) = tree.roots[0].children
    assert (quarter.cycle.id, quarter.card.objective.id) == ("2027-Q1", "service-quality")
    assert [one.card.key_result.id for one in quarter.key_results] == ["response-time", "complaints"]
    assert [each.card.objective.id for each in quarter.key_results[0].children] == ["answer-fast"]
    assert [round(one.share, 3) for one in quarter.key_results] == [0.333, 0.667]
    assert [each.card.objective.id for each in tree.branches] == [
        "trust", "service-quality", "answer-fast", "hire", "answer-slow",
    ]  # fmt: skip


def test_only_what_is_below_company_level_and_serves_nothing_is_an_orphan(
    company: Definitions, reader: TableReader
) -> None:
    tree = aligned(company, reader)
    assert [each.card.objective.id for each in tree.orphans] == ["hire"]
    assert {each.card.objective.id: each.elsewhere for each in tree.roots} == {
        "trust": None,
        "hire": None,
        "answer-slow": "2026-Q4/gone",
    }


def test_what_waits_for_another_department_comes_first(company: Definitions, reader: TableReader) -> None:
    told = [(each.waits.key, each.waits_for.key, each.across) for each in aligned(company, reader).dependencies]
    assert told == [
        ("2027-Q1/fast", "2027-Q1/hire", True),
        ("2027-Q1/hire", "2027-Q1/answer-fast", True),
        ("2027-Q1/answer-fast", "2027-Q1/answer-slow", False),
    ]


def test_a_team_is_shown_with_the_way_up_to_what_it_serves(company: Definitions, reader: TableReader) -> None:
    tree = aligned(company, reader)
    assert tree.teams == ("people", "service")
    people = tree.of_team("people")
    assert [each.card.objective.id for each in people.branches] == ["hire"]
    assert [each.waits.key for each in people.dependencies] == ["2027-Q1/fast", "2027-Q1/hire"]
    service = tree.of_team("service")
    assert [each.card.objective.id for each in service.branches] == [
        "trust", "service-quality", "answer-fast", "answer-slow",
    ]  # fmt: skip
    assert tree.of_team(None) is tree


def test_the_cycles_around_one_are_those_that_share_its_days_the_longest_first(company: Definitions) -> None:
    month = replace(company.objectives[1], cycle="2027-02")
    other = replace(company.objectives[1], cycle="2027-Q2")
    sprint = replace(company.objectives[1], cycle="sprint")
    more = replace(company, objectives=(*company.objectives, month, other, sprint))
    declared = (CycleDefinition("sprint", date(2027, 3, 30), date(2027, 4, 10)),)
    around = cycles_around(more, ORGANISATION, declared, resolve_cycle("2027-Q1", ORGANISATION))
    assert [each.id for each in around] == ["2027", "2027-Q1", "2027-02", "sprint"]
