"""What was shown beside what is known now: every difference has a cause."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.decision import CheckIn, Decided, Drop, Recorded, TargetRevision
from metrics.model.definition import Definitions
from metrics.model.reading import Reading, Window
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.progress.policies import POLICIES
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.difference import (
    FIGURES,
    SENTENCES,
    Cause,
    Difference,
    Figure,
    difference_document,
    explain_difference,
    word_cause,
)
from metrics.scorecard.document import canonical_json, scorecard_document

from .conftest import ORGANISATION, TableReader, metric

AS_OF = date(2027, 2, 15)
RESPONSE = "2027-Q1/response-time"
VALUE, BASELINE = Window(date(2027, 1, 19), AS_OF), Window(date(2026, 12, 4), date(2026, 12, 31))
FRAME = Frame(ORGANISATION, resolve_cycle("2027-Q1", ORGANISATION), AS_OF, datetime(2027, 2, 15, 9, tzinfo=UTC))
AT = datetime(2027, 6, 1, tzinfo=UTC)
Document = dict[str, Any]
Show = Callable[..., Document]


@pytest.fixture
def show(definitions: Definitions, reader: TableReader) -> Show:
    """Give the document of a scorecard, as it is recorded and read back."""

    def shown(frame: Frame = FRAME, *, rows: dict[Window, Reading] | None = None, **changes: Any) -> Document:
        table = {**reader.table, **{("first_response", window): reading for window, reading in (rows or {}).items()}}
        asked = replace(reader, table=table, last_event_at=changes.pop("last_event_at", reader.last_event_at))
        scorecard = build_scorecard(changes.pop("definitions", definitions), asked, frame)
        return dict(json.loads(canonical_json(scorecard_document(scorecard, "en"))))

    return shown


def only(differences: tuple[Difference, ...]) -> Difference:
    (difference,) = differences
    return difference


def revised(target: str = "< 3") -> Decided:
    made = TargetRevision(RESPONSE, parse_target("< 2"), parse_target(target), "two left", AS_OF)
    return Decided(revisions={RESPONSE: (Recorded(made, 1, 9, AT, "linh", 1),)})


def test_the_same_differs_in_nothing(show: Show) -> None:
    assert explain_difference(show(), show()) == ()


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (Reading(2.5, 4200), "late_rows"),
        (Reading(2.71, 4121), "late_rows"),
        (Reading(2.9, 4000), "withdrawn_rows"),
        (Reading(2.5, 4120), "corrected_rows"),
    ],
)
def test_rows_that_came_later_are_counted(show: Show, reading: Reading, code: str) -> None:
    difference = only(explain_difference(show(), show(rows={VALUE: reading})))
    (cause,) = difference.causes
    assert (difference.key_result, cause.code) == ("response-time", code)
    assert dict(cause.values) == {
        "rows_then": 4120,
        "rows_now": reading.rows,
        "value_then": 2.71,
        "value_now": reading.value,
    }


def test_a_baseline_that_moved_is_told_apart_from_the_value(show: Show) -> None:
    difference = only(explain_difference(show(), show(rows={BASELINE: Reading(3.8, 4100)})))
    assert difference.causes == (Cause("moved_baseline", (("then", 3.6), ("now", 3.8))),)
    assert "baseline" in {figure.name for figure in difference.figures}
    assert "value" not in {figure.name for figure in difference.figures}


def test_a_revised_target_names_who_and_why(show: Show) -> None:
    difference = only(explain_difference(show(), show(replace(FRAME, decided=revised()))))
    assert [cause.code for cause in difference.causes] == ["revised_target"]
    assert Figure("target", "< 2", "< 3") in difference.figures
    assert word_cause(difference.causes[0]) == "target revised from < 2 to < 3 as of 2027-02-15 by linh: two left"


def test_a_changed_definition_is_not_taken_for_a_revision(show: Show, definitions: Definitions) -> None:
    first, second = definitions.objectives[0].key_results
    other = replace(first, target=parse_target("< 2.5"), definition="sha256:def")
    changed = replace(definitions, objectives=(replace(definitions.objectives[0], key_results=(other, second)),))
    now = show(definitions=changed)
    assert [cause.code for cause in only(explain_difference(show(), now)).causes] == ["changed_definition"]
    set_aside = only(explain_difference(show(replace(FRAME, decided=revised())), now))
    assert [cause.code for cause in set_aside.causes] == ["changed_definition"]
    both = show(replace(FRAME, decided=revised("< 4")), definitions=changed)
    assert [cause.code for cause in only(explain_difference(show(), both)).causes] == [
        "changed_definition",
        "revised_target",
    ]


def test_what_came_and_went_is_told(show: Show, definitions: Definitions) -> None:
    drop = Recorded(Drop("key_result", RESPONSE, "moved", AS_OF), 1, 9, AT, "minh", 1)
    dropped = show(replace(FRAME, decided=Decided(drops=(drop,))))
    alone = replace(definitions.objectives[0], key_results=definitions.objectives[0].key_results[1:])
    retired = show(definitions=replace(definitions, objectives=(alone,)))
    for then, now, code in (
        (show(), dropped, "dropped"),
        (dropped, show(), "taken_up_again"),
        (show(), retired, "retired"),
        (retired, show(), "added"),
    ):
        causes = {each.key_result: each.causes[0].code for each in explain_difference(then, now)}
        assert causes == {"response-time": code}
    assert word_cause(only(explain_difference(show(), dropped)).causes[0]) == "dropped as of 2027-02-15 by minh: moved"


def test_a_check_in_a_policy_and_lateness_are_causes_too(show: Show, definitions: Definitions) -> None:
    check_in = Recorded(CheckIn(RESPONSE, AS_OF, 0.4, "hard"), 1, 9, AT, "linh", 1)
    checked = show(replace(FRAME, decided=Decided(check_ins={RESPONSE: (check_in,)})))
    assert only(explain_difference(show(), checked)).causes == (Cause("checked_in", (("then", None), ("now", 0.4))),)
    google = show(replace(FRAME, policy=POLICIES["google"]))
    assert [cause.code for cause in only(explain_difference(show(), google)).causes] == ["changed_policy"]
    daily = {**definitions.metrics, "first_response": metric("first_response", expected_every=timedelta(days=1))}
    punctual = replace(definitions, metrics=daily)
    late = show(definitions=punctual, last_event_at=datetime(2027, 2, 10, tzinfo=UTC))
    causes = only(explain_difference(show(definitions=punctual), late)).causes
    assert [cause.code for cause in causes] == ["freshness"]


def test_a_document_of_an_earlier_version_can_be_compared(show: Show) -> None:
    old = show()
    for key_result in old["key_results"]:
        for name in ("original_progress", "original_met", "revision", "check_in"):
            del key_result[name]
    del old["dropped"], old["cycle_state"]
    assert explain_difference(old, show()) == ()
    codes = [
        cause.code for each in explain_difference(old, show(replace(FRAME, decided=revised()))) for cause in each.causes
    ]
    assert codes == ["revised_target"]


def test_every_cause_has_a_sentence_and_can_be_written_as_json(show: Show) -> None:
    now = show(replace(FRAME, decided=revised()), rows={VALUE: Reading(2.5, 4200), BASELINE: Reading(None, 0)})
    written = difference_document(only(explain_difference(show(), now)))
    assert json.loads(json.dumps(written)) == written
    assert {cause["code"] for cause in written["causes"]} == {"late_rows", "moved_baseline", "revised_target"}
    assert all(cause["text"] and "{" not in cause["text"] for cause in written["causes"])
    assert all(sentence[0].islower() for sentence in SENTENCES.values())


def test_what_the_last_day_waited_for_is_told_as_such(show: Show) -> None:
    last = Frame(ORGANISATION, FRAME.cycle, FRAME.cycle.ends, datetime(2027, 3, 31, 3, tzinfo=UTC), POLICIES["pace"])
    rows = {Window(date(2027, 3, 4), FRAME.cycle.ends): Reading(2.5, 100)}
    noon, after = show(last, rows=rows), show(replace(last, now=AT), rows=rows)
    assert [each["key_results"][0]["status"] for each in (noon, after)] == ["off_track", "missed"]
    assert [cause.code for cause in only(explain_difference(noon, after)).causes] == ["ended"]


@pytest.mark.parametrize("listed", ["key_results", "goals"])
def test_a_goal_and_a_key_result_of_one_name_are_told_apart(show: Show, listed: str) -> None:
    then = show()
    then["goals"] = [{**then["key_results"][0], "starts": "2027-02-01", "ends": "2027-03-14"}]
    now = copy.deepcopy(then)
    now[listed][0]["value"] = 9.9
    found = only(explain_difference(then, now))
    assert (found.key_result, found.starts) == ("response-time", None if listed == "key_results" else "2027-02-01")
    assert [figure.now for figure in found.figures] == [9.9]
    dropped = {**now, "goals": [], "dropped": [{"subject": "goal", "id": "response-time", **DROPPED}]}
    assert {cause.code for each in explain_difference(then, dropped) if each.starts for cause in each.causes} == {
        "dropped"
    }


DROPPED = {"on": "2027-02-10", "reason": "done", "by": "linh"}
NUMBERS = st.none() | st.floats(0, 10)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "value": NUMBERS,
        "rows": st.integers(0, 9000),
        "baseline": NUMBERS,
        "target": st.sampled_from(["< 2", "< 3"]),
        "met": st.booleans(),
        "progress_raw": NUMBERS,
        "expected": st.floats(0, 1),
        "confidence": NUMBERS,
        "status": st.sampled_from(["on_track", "stale", "off_track"]),
        "definition": st.sampled_from(["sha256:abc", "sha256:def"]),
        "title": st.text(max_size=3),
    },
)


@given(changes=CHANGES, policy=st.sampled_from(["pace/1", "google/1"]))
def test_whatever_figure_differs_has_a_cause_and_what_is_the_same_has_none(
    changes: dict[str, Any], policy: str
) -> None:
    entry = {
        **dict.fromkeys(FIGURES),
        "id": "k",
        "definition": "sha256:abc",
        "target": "< 2",
        "rows": 7,
        "status": "on_track",
        "freshness": {"stale": False, "last_event_at": None},
    }
    then = {"policy": "pace/1", "key_results": [entry]}
    days = {"as_of": "2027-02-15", "cycle": {"ends": "2027-03-31"}}
    now = {"policy": policy, "key_results": [{**entry, **changes}], "dropped": [], **days}
    found = explain_difference(then, now)
    differs = {name for name in FIGURES if entry[name] != {**entry, **changes}[name]}
    assert {figure.name for each in found for figure in each.figures} == differs
    if differs or "sha256:def" in changes.values():
        assert only(found).causes
    else:
        assert found == ()
