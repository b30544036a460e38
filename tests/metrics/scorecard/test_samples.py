"""Surveys and zones on the scorecard: n, interval, when the next measurement is due, and no line in between."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from metrics.compile import check_metric
from metrics.facts import Facts
from metrics.model.definition import Definitions, KeyResult, Metric, Objective, Organisation, Read
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import parse_target
from metrics.periods import end_of_day, resolve_cycle
from metrics.progress.interval import student, wilson
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.document import KEY_RESULT_COLUMNS, key_result_rows, scorecard_document
from tests.metrics.sync.rig import Rig, install_plug_in, metric

ORGANISATION = Organisation("Test", timezone="Asia/Ho_Chi_Minh")
Q1 = resolve_cycle("2027-Q1", ORGANISATION)
QUARTERLY = timedelta(days=90)
SATISFIED = metric(
    "satisfied",
    "ratio",
    numerator="score >= 4",
    denominator="true",
    unit="percent",
    sample=True,
    expected_every=QUARTERLY,
)
SCORE = metric("score", "mean", value="score", where="score > 0", sample=True, expected_every=QUARTERLY)
METRICS = {each.id: each for each in (SATISFIED, SCORE)}
ANSWERS = {date(2026, 10, 20): [5, 4, 2, 3], date(2027, 1, 18): [5, 4, 4, 5, 3, 4, 0, 5]}


def aim(name: str, target: str, **more: object) -> KeyResult:
    return KeyResult(name, "o", "2027-Q1", {"en": name}, name, parse_target(target), read=Read("period"), **more)  # type: ignore[arg-type]


KEY_RESULTS = (
    aim("satisfied", ">= 90 %", baseline=0.5, commit=parse_target(">= 70 %"), stretch=parse_target(">= 95 %")),
    aim("score", ">= 4.5", baseline=3.5),
)
DEFINED = Definitions(METRICS, (Objective("o", "2027-Q1", {"en": "O"}, KEY_RESULTS),))


@pytest.fixture
def surveyed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Facts:
    install_plug_in(monkeypatch, tmp_path_factory.mktemp("site"))
    rig = Rig(tmp_path_factory.mktemp("workspace"), organisation=ORGANISATION)
    rig.define(*METRICS.values())
    rows = [
        {"id": f"{day}-{number}", "at": datetime(day.year, day.month, day.day, 3, tzinfo=UTC), "score": score}
        for day, scores in ANSWERS.items()
        for number, score in enumerate(scores)
    ]
    rig.put("sales", pa.Table.from_pylist(rows))
    assert rig.sync(now=datetime(2027, 3, 1, tzinfo=UTC)).ok
    return rig.facts()


def cards(facts: Facts, day: date) -> tuple[KeyResultCard, ...]:
    frame = Frame(ORGANISATION, Q1, day, end_of_day(day, ORGANISATION))
    return build_scorecard(DEFINED, facts, frame).key_results


def test_a_survey_carries_its_interval_and_its_next_day(surveyed: Facts) -> None:
    """Six of eight answers are 4 or 5; zeros are no score, so seven scores have a mean of 30/7."""
    satisfied, score = cards(surveyed, date(2027, 2, 20))
    assert (satisfied.value, satisfied.rows) == (0.75, 8)
    assert satisfied.interval == wilson(6, 8)
    assert score.interval == student(30 / 7, 7, float(25 + 16 + 16 + 25 + 9 + 16 + 25))
    assert satisfied.due == score.due == date(2027, 4, 18)


def test_nothing_is_expected_between_two_measurements(surveyed: Facts) -> None:
    """What was expected stays what it was on the day of the survey, and no change per week is asked for."""
    on_the_day, later = cards(surveyed, date(2027, 1, 18))[0], cards(surveyed, date(2027, 3, 10))[0]
    assert on_the_day.expected == later.expected == pytest.approx(18 / 90)
    assert later.needed is None
    assert (on_the_day.status, on_the_day.why) == (later.status, later.why)


def test_before_the_quarters_survey_its_day_is_named(surveyed: Facts) -> None:
    card = cards(surveyed, date(2027, 1, 10))[0]
    assert (card.value, card.interval, card.status) == (None, None, "no_data")
    assert (card.why.code, dict(card.why.values)) == ("not_due", {"due": "2027-01-18"})


def test_an_overdue_survey_is_missing(surveyed: Facts) -> None:
    late = replace(SATISFIED, expected_every=timedelta(days=60))
    defined = replace(DEFINED, metrics=METRICS | {"satisfied": late})
    day = date(2027, 1, 10)
    card = build_scorecard(defined, surveyed, Frame(ORGANISATION, Q1, day, end_of_day(day, ORGANISATION))).key_results[
        0
    ]
    assert card.why.code == "no_rows"


def test_the_zone_is_on_the_card_and_all_of_it_in_json_and_csv(surveyed: Facts) -> None:
    day = date(2027, 2, 20)
    scorecard = build_scorecard(DEFINED, surveyed, Frame(ORGANISATION, Q1, day, end_of_day(day, ORGANISATION)))
    found = scorecard_document(scorecard, "en")["key_results"][0]
    row = dict(zip(KEY_RESULT_COLUMNS, key_result_rows(scorecard)[0], strict=True))
    interval = wilson(6, 8)
    assert interval is not None
    assert (found["zone"], found["commit"], found["stretch"]) == ("commit", ">= 70 %", ">= 95 %")
    assert found["interval"] == {"lo": interval.lo, "hi": interval.hi, "n": 8, "method": "wilson"}
    assert found["due"] == "2027-04-18"
    assert (row["zone"], row["interval_n"], row["interval_lo95"], row["due"]) == (
        "commit",
        8,
        interval.lo,
        date(2027, 4, 18),
    )


def test_a_mean_and_its_squares_are_kept_by_the_sync(surveyed: Facts) -> None:
    squares = replace(SCORE, aggregate="sum", value="(score) * (score)")
    assert surveyed.is_kept(SCORE)
    assert surveyed.is_kept(squares)


def test_a_sample_of_fractions_is_refused_because_it_has_no_such_interval(surveyed: Facts) -> None:
    wrong: Metric = replace(SATISFIED, numerator="score / 5.0")
    (problem,) = check_metric(wrong, surveyed.columns("shop.sales"))
    assert problem.key == "metrics.satisfied.numerator"
    assert "write a condition such as score >= 4" in problem.message
