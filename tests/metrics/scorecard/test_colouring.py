"""Every policy judges the same evidence, and the one in force says what the scorecard says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.model.decision import CheckIn, CycleChange, Decided, Recorded
from metrics.model.definition import Definitions
from metrics.model.reading import Reading, Window
from metrics.periods import resolve_cycle
from metrics.progress.policies import POLICIES
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.colouring import colour_all

from .conftest import ORGANISATION, TableReader

DAY = date(2027, 2, 15)
RESPONSE = "2027-Q1/response-time"
AT = datetime(2027, 1, 4, tzinfo=UTC)


def frame(policy: str, decided: Decided | None = None) -> Frame:
    cycle, now = resolve_cycle("2027-Q1", ORGANISATION), datetime(2027, 2, 15, 9, tzinfo=UTC)
    return Frame(ORGANISATION, cycle, DAY, now, policy=POLICIES[policy], decided=decided or Decided())


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_in_force_says_what_the_scorecard_says(
    definitions: Definitions, reader: TableReader, policy: str
) -> None:
    scorecard = build_scorecard(definitions, reader, frame(policy))
    for row in colour_all(scorecard, Decided()):
        verdict = row.under(policy)
        assert (verdict.status, verdict.why) == (row.card.status, row.card.why)
        assert [each.policy.name for each in row.verdicts] == list(POLICIES)


def test_the_documented_conventions_disagree_about_the_example_of_the_contract(
    definitions: Definitions, reader: TableReader
) -> None:
    """Progress 0.55625 where 0.511 was expected."""
    (response, _) = colour_all(build_scorecard(definitions, reader, frame("pace")), Decided())
    assert {each.policy.name: each.status for each in response.verdicts} == {
        "burning": "on_track",
        "upraise": "on_track",
        "engagedly": "on_track",
        "shamanr": "on_track",
        "servicenow": "off_track",
        "openokr": "at_risk",
        "viva": "on_track",
        "google": "at_risk",
        "pace": "on_track",
        "probability": "on_track",
    }


def test_a_silent_owner_turns_every_green_stale(definitions: Definitions, reader: TableReader) -> None:
    check_in = Recorded(CheckIn(RESPONSE, date(2027, 1, 5), 0.8, "well"), 1, 1, AT, "linh", 1)
    active = Recorded(CycleChange("2027-Q1", "active", date(2027, 1, 1)), 1, 2, AT, "linh", 2)
    decided = Decided(check_ins={RESPONSE: (check_in,)}, cycles=(active,))
    scorecard = build_scorecard(definitions, reader, frame("pace", decided))
    row = colour_all(scorecard, decided)[0]
    assert {each.status for each in row.verdicts} == {"stale", "off_track", "at_risk"}
    patient = colour_all(scorecard, decided, check_in_every=timedelta(weeks=10))[0]
    assert "stale" not in {each.status for each in patient.verdicts}


def test_a_survey_that_is_not_due_is_told_so_under_every_policy(definitions: Definitions, reader: TableReader) -> None:
    survey = replace(definitions.metrics["first_response"], expected_every=timedelta(days=92))
    asked = replace(reader, table={("x", Window(DAY, DAY)): Reading(None, 0)}, last_event_at=AT)
    scorecard = build_scorecard(
        replace(definitions, metrics={**definitions.metrics, "first_response": survey}), asked, frame("pace")
    )
    row = colour_all(scorecard, Decided())[0]
    assert row.card.why.code == "not_due"
    assert {each.why for each in row.verdicts} == {row.card.why}


def test_a_value_that_does_not_exist_is_no_data_under_every_policy(
    definitions: Definitions, reader: TableReader
) -> None:
    empty = replace(reader, table={("x", Window(DAY, DAY)): Reading(None, 0)})
    for row in colour_all(build_scorecard(definitions, empty, frame("pace")), Decided()):
        assert {each.status for each in row.verdicts} == {"no_data"}
