"""Which month a meeting looks at, what waits for a decision, and what became of earlier ones."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar

import pytest

from metrics.errors import QuarterlineError
from metrics.model.decision import Decided, Decision, Recorded, Review, ReviewDecision, Settlement, TargetRevision
from metrics.model.definition import ALL_DONE, Definitions, KeyResult, Milestone
from metrics.model.reading import Reading, Window
from metrics.model.scorecard import MilestoneCard
from metrics.model.target import parse_target
from metrics.periods import month_before, month_window, months_of, resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.minutes import minutes_markdown, minutes_rows
from metrics.scorecard.minutes_words import UNITS, WORDS
from metrics.scorecard.reviewing import (
    Minutes,
    MonthReview,
    _ticked,
    decision_log,
    meeting_day,
    month_to_review,
    review_calendar,
    review_month,
)

from .conftest import ORGANISATION, TableReader

Q1 = resolve_cycle("2027-Q1", ORGANISATION)
RESPONSE, COMPLAINTS = "2027-Q1/response-time", "2027-Q1/complaints"
AT = datetime(2027, 2, 4, 2, tzinfo=UTC)
DAY = date(2027, 2, 15)
JANUARY, DECEMBER = month_window("2027-01"), month_window("2026-12")
_numbers = count(1)
D = TypeVar("D", bound=Decision)


def recorded(made: D, version: int = 1) -> Recorded[D]:
    return Recorded(made, version, 1, AT, "linh", next(_numbers))


HELD = recorded(Review("2027-Q1", "2027-01", date(2027, 2, 4), ("Linh",), "long | short"))
HIRE = recorded(ReviewDecision(RESPONSE, "2027-01", "hire two", "Minh", date(2027, 2, 10)))


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2027, 1, 1), "2026-12"),
        (date(2027, 2, 1), "2027-01"),
        (date(2027, 4, 1), "2027-03"),
        (date(2027, 7, 9), "2027-03"),
    ],
)
def test_a_meeting_looks_at_the_month_that_is_over_and_at_none_after_the_cycle(day: date, month: str) -> None:
    assert month_to_review(Q1, day) == month


def test_months_are_calendar_months_whatever_the_cycle() -> None:
    assert months_of(Q1) == ("2027-01", "2027-02", "2027-03")
    assert months_of(replace(Q1, starts=date(2027, 1, 4), ends=date(2027, 2, 28))) == ("2027-01", "2027-02")
    assert month_window("2028-02") == Window(date(2028, 2, 1), date(2028, 2, 29))
    assert month_before(date(2027, 1, 31)) == "2026-12"
    with pytest.raises(ValueError, match="'2027-13' is no month; write it as 2027-01"):
        month_window("2027-13")


def test_a_review_is_due_from_the_day_after_its_month() -> None:
    calendar = review_calendar(Q1, Minutes([HELD]), date(2027, 3, 31))
    assert [(each.month, each.state) for each in calendar] == [
        ("2027-01", "held"),
        ("2027-02", "due"),
        ("2027-03", "ahead"),
    ]
    assert review_calendar(Q1, Minutes(), date(2027, 4, 1))[-1].state == "due"


def test_a_review_of_a_month_before_the_cycle_is_listed_with_its_months() -> None:
    early = recorded(Review("2027-Q1", "2026-12", date(2027, 1, 5)))
    assert review_calendar(Q1, Minutes([early]), DAY)[0].month == "2026-12"


def test_a_month_is_looked_at_from_the_day_it_was_reviewed() -> None:
    assert meeting_day(Minutes(), "2027-01", DAY) == DAY
    again = recorded(replace(HELD.decision, held_on=date(2027, 2, 5)), 2)
    assert meeting_day(Minutes([HELD, again]), "2027-01", DAY) == date(2027, 2, 5)


def look(definitions: Definitions, reader: TableReader, minutes: Minutes, *, month: str = "2027-01") -> MonthReview:
    decided = Decided(
        revisions={
            RESPONSE: (
                recorded(
                    TargetRevision(
                        RESPONSE, parse_target("< 2"), parse_target("< 3"), "two left", DAY, "Minh", "2027-01"
                    )
                ),
            )
        }
    )
    frame = Frame(ORGANISATION, Q1, DAY, datetime(2027, 2, 15, 9, tzinfo=UTC), decided=decided)
    scorecard = build_scorecard(definitions, reader, frame)
    return review_month(scorecard, definitions.metrics, reader, month=month, minutes=minutes, decided=decided)


@pytest.fixture
def monthly(reader: TableReader) -> TableReader:
    table = {
        ("first_response", JANUARY): Reading(2.9, 2800),
        ("first_response", DECEMBER): Reading(3.5, 2700),
        ("complaint_rate", JANUARY): Reading(0.062, 260_000, 16_120, 260_000),
    }
    return replace(reader, table={**reader.table, **table})


def test_a_row_has_the_month_and_its_change_under_the_key_results_own_filter(
    definitions: Definitions, monthly: TableReader
) -> None:
    review = look(definitions, monthly, Minutes([HELD], [HIRE]))
    rows = {row.card.key_result.key: row for row in review.agenda}
    assert rows[RESPONSE].month == Reading(2.9, 2800)
    assert rows[RESPONSE].change == pytest.approx(-0.6)
    assert rows[COMPLAINTS].change is None, "no December to compare with"
    asked = [each for each in monthly.asked if each.windows == (JANUARY, DECEMBER)]
    assert [each.filter for each in asked] == [(("team", ("north", "south")),), ()]


def test_what_waits_for_a_decision_comes_first(definitions: Definitions, monthly: TableReader) -> None:
    review = look(definitions, monthly, Minutes([HELD]))
    assert [row.card.key_result.key for row in review.agenda] == [COMPLAINTS, RESPONSE]
    assert [row.needs_decision for row in review.agenda] == [True, False]


def test_a_promise_that_was_not_kept_puts_a_good_key_result_on_the_agenda(
    definitions: Definitions, monthly: TableReader
) -> None:
    december = recorded(replace(HIRE.decision, month="2026-12"))
    row = look(definitions, monthly, Minutes([HELD], [december])).agenda[-1]
    assert row.card.key_result.key == RESPONSE
    assert [each.state for each in row.still_open] == ["overdue"]
    assert row.needs_decision


def test_a_review_keeps_its_own_decisions_and_revisions_apart_from_earlier_ones(
    definitions: Definitions, monthly: TableReader
) -> None:
    row = look(definitions, monthly, Minutes([HELD], [HIRE])).agenda[-1]
    assert [each.made.decision.text for each in row.decisions] == ["hire two"]
    assert row.still_open == ()
    assert [each.decision.new.text for each in row.revisions] == ["< 3"]


def test_a_month_is_cut_at_the_day_of_the_meeting_and_one_ahead_is_refused(
    definitions: Definitions, monthly: TableReader
) -> None:
    assert look(definitions, monthly, Minutes(), month="2027-02").days == Window(date(2027, 2, 1), DAY)
    with pytest.raises(QuarterlineError, match="could not review 2027-03 as of 2027-02-15, because it has not begun"):
        look(definitions, monthly, Minutes(), month="2027-03")


def test_a_metric_that_cannot_be_read_spoils_only_its_own_row(definitions: Definitions, monthly: TableReader) -> None:
    metrics = {**definitions.metrics, "broken": replace(definitions.metrics["first_response"], id="broken")}
    (objective,) = definitions.objectives
    spoilt = replace(objective.key_results[0], metric="broken")
    changed = replace(
        definitions, metrics=metrics, objectives=(replace(objective, key_results=(spoilt, objective.key_results[1])),)
    )
    rows = {row.card.key_result.key: row for row in look(changed, monthly, Minutes()).agenda}
    assert "did you mean 'amount'" in (rows[RESPONSE].error or "")
    assert rows[RESPONSE].month.value is None
    assert rows[COMPLAINTS].month.value == 0.062


def test_of_what_people_tick_off_a_month_has_the_share_at_its_end() -> None:
    cards = (MilestoneCard("pilot", {}, 1.0, date(2027, 1, 20)), MilestoneCard("launch", {}, 3.0, date(2027, 2, 3)))
    assert _ticked(cards, date(2027, 1, 31)) == Reading(0.25, 1)
    assert _ticked(cards, date(2026, 12, 31)) == Reading(0.0, 0)
    assert _ticked(cards, date(2027, 2, 28)) == Reading(1.0, 2)


def test_milestones_are_reviewed_without_a_metric(definitions: Definitions, monthly: TableReader) -> None:
    (objective,) = definitions.objectives
    rollout = KeyResult(
        "rollout", "service-quality", "2027-Q1", {"en": "Roll out"}, None, ALL_DONE, shape="milestone",
        milestones=(Milestone("pilot", {"en": "Pilot"}),),
    )  # fmt: skip
    changed = replace(definitions, objectives=(replace(objective, key_results=(rollout,)),))
    (row,) = look(changed, monthly, Minutes()).agenda
    assert (row.month.value, row.change, row.card.unit) == (0.0, 0.0, "percent")


def test_the_last_settlement_of_a_decision_counts_and_only_from_its_day() -> None:
    done = recorded(Settlement(RESPONSE, 1, date(2027, 2, 12), "both are here"))
    back = recorded(Settlement(RESPONSE, 1, date(2027, 2, 20), "one left", settled=False))
    other = recorded(Settlement(RESPONSE, 2, date(2027, 2, 12)))

    def state(day: date, *settlements: Recorded[Settlement]) -> str:
        return decision_log(Minutes([HELD], [HIRE], settlements), day)[0].state

    assert state(date(2027, 2, 10)) == "open"
    assert state(date(2027, 2, 11)) == "overdue"
    assert state(date(2027, 2, 11), done) == "overdue"
    assert state(date(2027, 2, 12), done, back) == "settled"
    assert state(date(2027, 2, 20), done, back) == "overdue"
    assert state(date(2027, 2, 12), other) == "overdue"


def test_the_minutes_set_what_people_typed_as_plain_text(definitions: Definitions, monthly: TableReader) -> None:
    hostile = recorded(replace(HIRE.decision, text="[click](http://x) <b>\n# two | columns"))
    review = look(definitions, monthly, Minutes([HELD], [hostile]))
    written = minutes_markdown(review, "Sao *Mai*", "en")
    assert "\\[click\\](http://x) \\<b\\> \\# two \\| columns" in written
    assert "Sao \\*Mai\\*" in written
    assert "long \\| short" in written
    (row,) = (each for each in minutes_rows(review) if "decision" in each)
    assert hostile.decision.text in row


def test_the_minutes_round_nothing_into_what_it_is_not(definitions: Definitions, monthly: TableReader) -> None:
    review = look(definitions, monthly, Minutes([HELD], []))
    (row,) = (each for each in review.agenda if each.card.key_result.key == RESPONSE)
    card = replace(
        row.card,
        unit="percent",
        target=parse_target(">= 99.95 %"),
        original_target=parse_target(">= 99.95 %"),
        forecast=replace(row.card.forecast, p_hit=0.0002),
    )
    almost = replace(review, agenda=(replace(row, card=card, month=Reading(0.99949, 1)),))
    written = minutes_markdown(almost, "Sao Mai", "en").replace("\u00a0", " ")
    assert "| 99.9 % |" in written
    assert "≥ 99.95 %" in written
    assert "\\<0.1 %" in written
    (closer,) = (replace(each, month=Reading(0.99954, 1)) for each in almost.agenda)
    assert "| 99,954 % |" in minutes_markdown(replace(almost, agenda=(closer,)), "S", "vi").replace("\u00a0", " ")


def test_minutes_are_worded_alike_in_both_languages() -> None:
    assert WORDS["en"].keys() == WORDS["vi"].keys()
    assert {key for key in UNITS["en"] if key not in UNITS["vi"]} == set()
