"""SMART goals on a scorecard: the same engine as key results, over days of their own, in no roll-up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.model.decision import Decided, Drop, GoalLock, Recorded
from metrics.model.definition import Definitions, Goal, Read
from metrics.model.reading import Reading, Window
from metrics.model.scorecard import Scorecard
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.difference import explain_difference
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_rows, scorecard_document
from metrics.scorecard.goals import GOAL_COLUMNS, goal_rows
from metrics.snapshot import take_snapshot

from .conftest import ORGANISATION, TableReader

AS_OF = date(2027, 2, 15)
FRAME = Frame(
    organisation=ORGANISATION,
    cycle=resolve_cycle("2027-Q1", ORGANISATION),
    as_of=AS_OF,
    now=datetime(2027, 2, 15, 9, tzinfo=UTC),
    ledger_revision=7,
)
OWN_VALUE = Window(date(2027, 2, 1), AS_OF)
OWN_BASELINE = Window(date(2026, 12, 21), date(2027, 1, 31))


def goal(definitions: Definitions, **changes: Any) -> Goal:
    """Six weeks of its own, from 1 February on: first responses in under 3 hours."""
    measured = replace(
        next(definitions.key_results()),
        id="calm",
        objective="",
        cycle="2027",
        filter=(),
        read=Read("period"),
        target=parse_target("< 3"),
    )
    given: dict[str, Any] = {"measured": measured, "starts": date(2027, 2, 1), "ends": date(2027, 3, 14)}
    return Goal(**(given | changes))


def scored(definitions: Definitions, reader: TableReader, *goals: Goal, **changes: Any) -> Scorecard:
    reader.table = {
        **reader.table,
        ("first_response", OWN_VALUE): Reading(3.1, 900),
        ("first_response", OWN_BASELINE): Reading(4.0, 5000),
    }
    return build_scorecard(replace(definitions, goals=goals), reader, replace(FRAME, **changes))


def test_a_goal_is_measured_over_its_own_days(definitions: Definitions, reader: TableReader) -> None:
    (found,) = scored(definitions, reader, goal(definitions)).goals
    assert (found.card.value, found.card.rows, found.card.baseline) == (3.1, 900, 4.0)
    assert found.card.progress_raw == pytest.approx(0.9)
    assert found.elapsed == found.card.expected == pytest.approx(15 / 42)
    assert found.card.needed is not None
    assert found.card.needed.per_week == pytest.approx(-0.1 / (27 / 7))
    assert (found.card.met, found.locked) == (False, True)


def test_a_goal_is_in_no_roll_up(definitions: Definitions, reader: TableReader) -> None:
    without = scored(definitions, reader)
    beside = scored(definitions, reader, goal(definitions))
    assert beside.objectives == without.objectives
    assert beside.key_results == without.key_results
    assert key_result_rows(beside) == key_result_rows(without)


@pytest.mark.parametrize(
    ("starts", "ends", "written_in", "shown"),
    [
        (date(2026, 11, 1), date(2026, 12, 31), "2026", False),
        (date(2026, 11, 1), date(2027, 1, 1), "2026", True),
        (date(2027, 3, 31), date(2027, 6, 1), "2027", True),
        (date(2027, 4, 1), date(2027, 6, 1), "2027", False),
        (date(2027, 4, 1), date(2027, 6, 1), "2027-Q1", True),
    ],
)
def test_a_cycle_shows_the_goals_whose_days_touch_it(
    definitions: Definitions, reader: TableReader, starts: date, ends: date, written_in: str, *, shown: bool
) -> None:
    own = goal(definitions, starts=starts, ends=ends)
    own = replace(own, measured=replace(own.measured, cycle=written_in))
    assert bool(scored(definitions, reader, own).goals) is shown


def test_a_goal_ahead_has_not_started_and_one_that_is_over_is_met_or_missed(
    definitions: Definitions, reader: TableReader
) -> None:
    ahead = goal(definitions, starts=date(2027, 3, 1))
    over = goal(definitions, starts=date(2027, 1, 4), ends=date(2027, 1, 31))
    table = {("first_response", Window(date(2027, 1, 4), date(2027, 1, 31))): Reading(2.9, 800)}
    reader.table = {**reader.table, **table}
    scorecard = build_scorecard(replace(definitions, goals=(ahead, over)), reader, FRAME)
    assert [each.card.status for each in scorecard.goals] == ["not_started", "achieved"]
    assert [each.locked for each in scorecard.goals] == [False, True]
    missed = replace(over, measured=replace(over.measured, target=parse_target("< 2.9")))
    (found,) = build_scorecard(replace(definitions, goals=(missed,)), reader, FRAME).goals
    assert (found.card.status, found.card.met) == ("missed", False), "a goal passes when it is met, as a commitment"


def test_a_draft_is_for_its_owner_only(definitions: Definitions, reader: TableReader, tmp_path: Path) -> None:
    scorecard = scored(definitions, reader, goal(definitions, draft=True))
    assert (scorecard.goals, [each.goal.id for each in scorecard.drafts]) == ((), ["calm"])
    assert scorecard_document(scorecard, "en")["goals"] == []
    assert goal_rows(scorecard) == []
    taken = take_snapshot(scorecard, {}, tmp_path, taken_at=FRAME.now, actor="linh", language="en", version="1")
    assert b"calm" not in b"".join(taken.content(file) for file in taken.manifest["files"])


def test_a_dropped_goal_is_listed_with_its_reason(definitions: Definitions, reader: TableReader) -> None:
    dropped = Recorded(Drop("goal", "2027/calm", "team dissolved", date(2027, 2, 10)), 1, 8, FRAME.now, "linh", 1)
    scorecard = scored(definitions, reader, goal(definitions), decided=Decided(drops=(dropped,)))
    assert scorecard.goals == ()
    (told,) = scorecard_document(scorecard, "en")["dropped"]
    assert (told["subject"], told["id"], told["objective"], told["reason"]) == ("goal", "calm", None, "team dissolved")


def test_an_unlocked_goal_says_so(definitions: Definitions, reader: TableReader) -> None:
    lock = Recorded(GoalLock("2027/calm", False, date(2027, 2, 10), "why"), 1, 8, FRAME.now, "linh", 1)
    decided = Decided(goal_locks={"2027/calm": (lock,)})
    assert [each.locked for each in scored(definitions, reader, goal(definitions), decided=decided).goals] == [False]


def test_goals_are_told_to_programs_and_written_as_csv(
    definitions: Definitions, reader: TableReader, tmp_path: Path
) -> None:
    scorecard = scored(definitions, reader, goal(definitions, why={"en": "They wait"}))
    (told,) = scorecard_document(scorecard, "en")["goals"]
    assert (told["id"], told["starts"], told["ends"], told["value"]) == ("calm", "2027-02-01", "2027-03-14", 3.1)
    assert (told["why_it_matters"], told["locked"], told["level"]) == ("They wait", True, "individual")
    assert not {"objective", "weight", "milestones"} & told.keys()
    (row,) = goal_rows(scorecard)
    cells = dict(zip(GOAL_COLUMNS, row, strict=True))
    assert (cells["goal"], cells["starts"], cells["value"], cells["target"]) == ("calm", date(2027, 2, 1), 3.1, "< 3")
    assert set(GOAL_COLUMNS) - set(KEY_RESULT_COLUMNS) == {"goal", "starts", "ends", "level", "team", "locked"}
    taken = take_snapshot(scorecard, {}, tmp_path, taken_at=FRAME.now, actor="linh", language="en", version="1")
    assert taken.content("goals.csv").startswith(
        b"\xef\xbb\xbf" if taken.content().startswith(b"\xef") else b"as_of,goal"
    )


def test_what_was_shown_of_a_goal_is_compared_too(definitions: Definitions, reader: TableReader) -> None:
    shown = scorecard_document(scored(definitions, reader, goal(definitions)), "en")
    late = {("first_response", OWN_VALUE): Reading(3.0, 910), ("first_response", OWN_BASELINE): Reading(4.0, 5000)}
    reader.table = {**reader.table, **late}
    now = scorecard_document(build_scorecard(replace(definitions, goals=(goal(definitions),)), reader, FRAME), "en")
    (difference,) = explain_difference(shown, now)
    assert (difference.key_result, [cause.code for cause in difference.causes]) == ("calm", ["late_rows"])
    before_goals = {key: value for key, value in shown.items() if key != "goals"}
    assert [cause.code for each in explain_difference(before_goals, now) for cause in each.causes] == ["added"]
