"""What people decide, in the scorecard: targets in force, drops, check-ins, and both scores."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest

from metrics.model.decision import CheckIn, CycleChange, Decided, Decision, Drop, Recorded, TargetRevision
from metrics.model.definition import Definitions
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.document import (
    KEY_RESULT_COLUMNS,
    OBJECTIVE_COLUMNS,
    canonical_json,
    key_result_rows,
    objective_rows,
    scorecard_document,
)

from .conftest import ORGANISATION, TableReader

AS_OF = date(2027, 2, 15)
RESPONSE, COMPLAINTS = "2027-Q1/response-time", "2027-Q1/complaints"
FRAME = Frame(ORGANISATION, resolve_cycle("2027-Q1", ORGANISATION), AS_OF, datetime(2027, 2, 15, 9, tzinfo=UTC))
AT = datetime(2027, 6, 1, tzinfo=UTC)
D = TypeVar("D", bound=Decision)


def recorded(*made: D) -> tuple[Recorded[D], ...]:
    return tuple(Recorded(each, n, n, AT, "linh", n) for n, each in enumerate(made, 1))


def to_three_hours(on: date = AS_OF) -> Decided:
    revision = TargetRevision(RESPONSE, parse_target("< 2"), parse_target("< 3"), "thiếu nhân lực", on, "Minh")
    return Decided(revisions={RESPONSE: recorded(revision)})


def response(definitions: Definitions, reader: TableReader, frame: Frame) -> KeyResultCard:
    return build_scorecard(definitions, reader, frame).key_results[0]


def test_the_target_in_force_is_scored_beside_the_first_one(definitions: Definitions, reader: TableReader) -> None:
    """From 3.6 h: 2.71 h meets the revised target of 3 h, and is 56 % of the way to 2 h."""
    card = response(definitions, reader, replace(FRAME, decided=to_three_hours()))
    assert (card.target.text, card.original_target.text, card.met, card.original_met) == ("< 3", "< 2", True, False)
    assert card.progress == 1.0
    assert card.original_progress == pytest.approx(0.55625)
    assert card.key_result.target == card.target
    assert card.key_result.definition == "sha256:abc", "a revision is no changed definition"
    assert card.needed is not None
    assert card.needed.per_week == 0.0


def test_before_its_day_a_revision_is_not_in_force(definitions: Definitions, reader: TableReader) -> None:
    card = response(definitions, reader, replace(FRAME, decided=to_three_hours(date(2027, 2, 16))))
    assert (card.target.text, card.revision, card.progress) == ("< 2", None, card.original_progress)


def test_a_revision_after_the_cycle_does_not_reach_back(definitions: Definitions, reader: TableReader) -> None:
    late = replace(FRAME, as_of=date(2027, 5, 1), decided=to_three_hours(date(2027, 4, 1)))
    assert response(definitions, reader, late).target.text == "< 2"


def test_a_changed_definition_and_a_revision_keep_the_very_first_target(
    definitions: Definitions, reader: TableReader
) -> None:
    frame = replace(FRAME, decided=to_three_hours(), original_targets={RESPONSE: parse_target("< 1")})
    card = response(definitions, reader, frame)
    assert (card.target.text, card.original_target.text) == ("< 3", "< 1")
    assert card.original_progress == pytest.approx(0.89 / 2.6)


def test_what_is_dropped_leaves_the_roll_up_and_is_listed(definitions: Definitions, reader: TableReader) -> None:
    drop = Drop("key_result", COMPLAINTS, "billing is outsourced", date(2027, 2, 1))
    scorecard = build_scorecard(definitions, reader, replace(FRAME, decided=Decided(drops=recorded(drop))))
    (objective,) = scorecard.objectives
    assert [card.key_result.id for card in scorecard.key_results] == ["response-time"]
    assert objective.progress == pytest.approx(0.55625)
    assert [measure.metric.id for measure in reader.asked] == ["first_response"], "nobody asks for it any more"
    document = scorecard_document(scorecard, "vi")
    assert document["dropped"] == [
        {
            "subject": "key_result",
            "id": "complaints",
            "objective": "service-quality",
            "title": "=Khiếu nại dưới 5 %",
            "reason": "billing is outsourced",
            "on": "2027-02-01",
            "by": "linh",
        }
    ]
    assert objective_rows(scorecard)[0][OBJECTIVE_COLUMNS.index("dropped")] == "complaints"
    earlier = replace(FRAME, as_of=date(2027, 1, 31), decided=Decided(drops=recorded(drop)))
    assert len(build_scorecard(definitions, reader, earlier).key_results) == 2


def test_a_dropped_objective_takes_its_key_results_along(definitions: Definitions, reader: TableReader) -> None:
    drop = Drop("objective", "2027-Q1/service-quality", "merged", date(2027, 2, 1))
    scorecard = build_scorecard(definitions, reader, replace(FRAME, decided=Decided(drops=recorded(drop))))
    assert (scorecard.objectives, [each.id for each in scorecard.dropped]) == ((), ["service-quality"])


@pytest.mark.parametrize(
    ("checked_in", "status", "code"),
    [
        (date(2027, 2, 1), "on_track", "ahead_of_pace"),
        (date(2027, 1, 31), "stale", "check_in_overdue"),
    ],
)
def test_an_overdue_check_in_beats_green(
    definitions: Definitions, reader: TableReader, checked_in: date, status: str, code: str
) -> None:
    check_in = CheckIn(RESPONSE, checked_in, 0.6, "hiring")
    card = response(definitions, reader, replace(FRAME, decided=Decided(check_ins={RESPONSE: recorded(check_in)})))
    assert (card.status, card.why.code, card.confidence) == (status, code, 0.6)
    if code == "check_in_overdue":
        assert dict(card.why.values) == {"days": 15.0, "would_be": "on_track"}


def test_an_overdue_check_in_leaves_trouble_as_it_is(definitions: Definitions, reader: TableReader) -> None:
    check_in = CheckIn(COMPLAINTS, date(2027, 1, 2), 0.9, "fine")
    frame = replace(FRAME, decided=Decided(check_ins={COMPLAINTS: recorded(check_in)}))
    card = build_scorecard(definitions, reader, frame).key_results[1]
    assert (card.status, card.why.code) == ("at_risk", "recoverable")


def test_a_closed_cycle_says_so_and_asks_for_no_check_in(definitions: Definitions, reader: TableReader) -> None:
    check_in, closing = CheckIn(RESPONSE, date(2027, 1, 2), 0.6, "x"), CycleChange("2027-Q1", "closed", AS_OF, "x")
    decided = Decided(check_ins={RESPONSE: recorded(check_in)}, cycles=recorded(closing))
    scorecard = build_scorecard(definitions, reader, replace(FRAME, decided=decided))
    assert (scorecard.state, scorecard.key_results[0].status) == ("closed", "on_track")
    assert scorecard_document(scorecard, "en")["cycle_state"] == "closed"


def test_files_carry_what_was_decided(definitions: Definitions, reader: TableReader) -> None:
    check_in = CheckIn(RESPONSE, date(2027, 2, 10), 0.6, "hiring", "few applicants", "agency")
    decided = replace(to_three_hours(), check_ins={RESPONSE: recorded(check_in)})
    scorecard = build_scorecard(definitions, reader, replace(FRAME, decided=decided))
    document = scorecard_document(scorecard, "en")["key_results"][0]
    assert document["revision"] == {
        "old": "< 2",
        "new": "< 3",
        "effective_on": "2027-02-15",
        "reason": "thiếu nhân lực",
        "by": "linh",
        "approver": "Minh",
    }
    assert document["check_in"]["blockers"] == "few applicants"
    row = dict(zip(KEY_RESULT_COLUMNS, key_result_rows(scorecard)[0], strict=True))
    assert (row["revised_on"], row["revision_reason"], row["checked_in_on"]) == (
        AS_OF,
        "thiếu nhân lực",
        date(2027, 2, 10),
    )
    assert (row["original_met"], row["met"], row["confidence"]) == (False, True, 0.6)
    assert canonical_json(scorecard_document(scorecard, "en")).isascii() is False
