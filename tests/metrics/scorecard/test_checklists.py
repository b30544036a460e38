"""Key results that people tick off, on the scorecard: as of a day, in every file, and beside measured ones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.model.decision import Decided, Done, Recorded
from metrics.model.definition import ALL_DONE, Definitions, KeyResult, Kind, Milestone
from metrics.model.scorecard import KeyResultCard, Scorecard
from metrics.periods import resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.closing import carry_forward
from metrics.scorecard.difference import explain_difference, word_cause
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_rows, scorecard_document
from metrics.scorecard.wording import explain

from .conftest import ORGANISATION, TableReader

AS_OF = date(2027, 2, 14)
AT = datetime(2027, 2, 1, 3, tzinfo=UTC)
ROLLOUT = KeyResult(
    "rollout",
    "service-quality",
    "2027-Q1",
    {"en": "New warehouse runs"},
    None,
    ALL_DONE,
    shape="milestone",
    milestones=(Milestone("pilot", {"en": "Pilot"}), Milestone("launch", {"en": "Launch", "vi": "Mở"}, 2.0)),
)
SIGNED = KeyResult("signed", "service-quality", "2027-Q1", {"en": "Signed"}, None, ALL_DONE, shape="binary")

Build = Callable[..., Scorecard]


def ticked(*ticks: tuple[KeyResult, str | None, date | None]) -> Decided:
    rows: dict[str, tuple[Recorded[Done], ...]] = {}
    for number, (of, milestone, day) in enumerate(ticks, start=1):
        made = Recorded(Done(of.key, milestone, day), number, number, AT, "linh", number)
        rows[of.key] = (*rows.get(of.key, ()), made)
    return Decided(done=rows)


@pytest.fixture
def build(definitions: Definitions, reader: TableReader) -> Build:
    """Give a scorecard of the two ticked-off key results beside a measured one."""

    def scorecard(decided: Decided, *, as_of: date = AS_OF, kind: Kind = "committed") -> Scorecard:
        first = definitions.objectives[0]
        objective = replace(first, kind=kind, key_results=(first.key_results[0], ROLLOUT, SIGNED))
        frame = Frame(
            organisation=ORGANISATION,
            cycle=resolve_cycle("2027-Q1", ORGANISATION),
            as_of=as_of,
            now=datetime(2027, 4, 20, 9, tzinfo=UTC),
            decided=decided,
        )
        return build_scorecard(replace(definitions, objectives=(objective,)), reader, frame)

    return scorecard


def cards_of(scorecard: Scorecard) -> tuple[KeyResultCard, KeyResultCard]:
    return scorecard.key_results[1], scorecard.key_results[2]


def test_half_done_with_half_of_the_time_gone_is_on_track(build: Build) -> None:
    rollout, signed = cards_of(build(ticked((ROLLOUT, "launch", date(2027, 1, 20)))))
    assert rollout.value == rollout.progress == pytest.approx(2 / 3)
    assert (rollout.rows, rollout.unit, rollout.baseline, rollout.met) == (1, "percent", 0.0, False)
    assert (rollout.expected, rollout.status, rollout.error) == (0.5, "on_track", None)
    assert rollout.forecast.reason == "shape_without_forecast"
    assert rollout.forecast.p_hit is None
    assert not rollout.freshness.stale
    assert (signed.value, signed.progress, signed.expected, signed.status) == (0.0, 0.0, 0.0, "on_track")


def test_nothing_done_is_a_number_and_not_missing_data(build: Build) -> None:
    scorecard = build(Decided())
    rollout, _ = cards_of(scorecard)
    assert (rollout.value, rollout.status, rollout.met) == (0.0, "off_track", False)
    assert scorecard.objectives[0].without_data == ("response-time",), "no rows on that day"


def test_all_done_is_achieved_before_the_end_and_takes_part_in_the_roll_up(build: Build) -> None:
    scorecard = build(
        ticked((ROLLOUT, "pilot", date(2027, 1, 9)), (ROLLOUT, "launch", AS_OF), (SIGNED, None, date(2027, 1, 5)))
    )
    rollout, signed = cards_of(scorecard)
    assert {rollout.status, signed.status} == {"achieved"}
    assert (explain(rollout.why), rollout.met, rollout.done_on) == ("everything is done", True, AS_OF)
    assert scorecard.objectives[0].progress == 1.0


def test_a_day_in_the_past_knows_only_what_was_done_by_then(build: Build) -> None:
    decided = ticked((ROLLOUT, "pilot", date(2027, 1, 9)), (ROLLOUT, "launch", date(2027, 3, 2)))
    shares = [cards_of(build(decided, as_of=day))[0].value for day in (date(2027, 1, 8), AS_OF, date(2027, 3, 2))]
    assert shares == [0.0, pytest.approx(1 / 3), 1.0]
    before, _ = cards_of(build(decided, as_of=date(2026, 12, 31)))
    assert (before.value, before.status) == (None, "not_started")


@pytest.mark.parametrize(
    ("kind", "status", "why"),
    [
        ("committed", "missed", "67% of it was done at the close"),
        ("aspirational", "missed", "67% of it was done at the close"),
    ],
)
def test_what_is_done_after_the_cycle_does_not_count_for_it(build: Build, kind: Kind, status: str, why: str) -> None:
    late = ticked((ROLLOUT, "launch", date(2027, 3, 31)), (ROLLOUT, "pilot", date(2027, 4, 1)))
    rollout, signed = cards_of(build(late, as_of=date(2027, 4, 10), kind=kind))
    assert (rollout.status, explain(rollout.why)) == (status, why)
    assert (signed.status, signed.expected) == ("missed", 1.0)


def test_json_and_csv_name_what_is_done_and_by_whom(build: Build) -> None:
    scorecard = build(ticked((ROLLOUT, "launch", date(2027, 1, 20)), (SIGNED, None, AS_OF)))
    document = scorecard_document(scorecard, "vi")["key_results"]
    assert document[1]["metric"] is None
    assert document[1]["target"] == ">= 100 %"
    assert document[1]["milestones"] == [
        {"id": "pilot", "title": "Pilot", "weight": 1.0, "done_on": None, "by": None},
        {"id": "launch", "title": "Mở", "weight": 2.0, "done_on": "2027-01-20", "by": "linh"},
    ]
    assert (document[0]["milestones"], document[0]["done_on"], document[2]["done_on"]) == ([], None, "2027-02-14")
    rows = [dict(zip(KEY_RESULT_COLUMNS, row, strict=True)) for row in key_result_rows(scorecard)]
    told = [(row["milestones_done"], row["milestones_left"], row["done_on"]) for row in rows]
    assert told == [(None, None, None), ("launch", "pilot", None), ("signed", None, AS_OF)]


def test_a_tick_that_was_made_later_is_told_as_such(build: Build) -> None:
    shown = scorecard_document(build(Decided()), "en")
    known = scorecard_document(build(ticked((ROLLOUT, "pilot", date(2027, 1, 9)))), "en")
    (difference,) = explain_difference(shown, known)
    assert difference.key_result == "rollout"
    assert [word_cause(cause) for cause in difference.causes] == ["milestones done: 0 then, 1 now"]


@pytest.mark.parametrize(
    ("done", "carried"),
    [((), ["pilot", "launch"]), (("pilot",), ["launch"]), (("pilot", "launch"), ["pilot", "launch"])],
)
def test_only_what_is_left_goes_on_into_the_next_cycle(
    definitions: Definitions, done: tuple[str, ...], carried: list[str]
) -> None:
    planned = replace(definitions, objectives=(replace(definitions.objectives[0], key_results=(ROLLOUT,)),))
    decided = ticked(*((ROLLOUT, milestone, AS_OF) for milestone in done))
    found = carry_forward(planned, decided, [ROLLOUT.key], [ROLLOUT.key], into="2027-Q2", day=date(2027, 3, 31))
    (moved,) = found.key_results("2027-Q2")
    assert [milestone.id for milestone in moved.milestones] == carried
    assert moved.is_checklist
