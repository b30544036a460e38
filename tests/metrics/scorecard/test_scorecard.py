"""The scorecard joins readings, targets and rules, and every file starts from it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from metrics.errors import NotFoundError
from metrics.model.definition import CycleDefinition, Definitions, Objective
from metrics.model.reading import Reading, Window
from metrics.model.scorecard import Scorecard
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.progress.policies import POLICIES
from metrics.scorecard.build import Frame, build_scorecard, choose_cycle
from metrics.scorecard.colouring import colour_all
from metrics.scorecard.document import (
    KEY_RESULT_COLUMNS,
    OBJECTIVE_COLUMNS,
    canonical_json,
    key_result_rows,
    objective_rows,
    scorecard_document,
)
from metrics.scorecard.mix import mix_of
from metrics.scorecard.wording import SENTENCES
from metrics.tabular import read_csv, write_csv

from .conftest import ORGANISATION, TableReader, metric

AS_OF = date(2027, 2, 15)
FRAME = Frame(
    organisation=ORGANISATION,
    cycle=resolve_cycle("2027-Q1", ORGANISATION),
    as_of=AS_OF,
    now=datetime(2027, 2, 15, 9, tzinfo=UTC),
    ledger_revision=7,
)
GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def scorecard(definitions: Definitions, reader: TableReader) -> Scorecard:
    return build_scorecard(definitions, reader, FRAME)


def test_the_example_of_the_contract(scorecard: Scorecard) -> None:
    response = scorecard.key_results[0]
    assert (response.value, response.rows, response.baseline, response.met) == (2.71, 4120, 3.6, False)
    assert response.progress_raw == pytest.approx(0.55625)
    assert response.expected == pytest.approx(46 / 90)
    assert response.needed is not None
    assert response.needed.per_week == pytest.approx(-0.113, abs=1e-3)
    assert response.status == "on_track"
    assert scorecard.elapsed == pytest.approx(0.511, abs=1e-3)


def test_a_budget_is_read_over_the_cycle(scorecard: Scorecard) -> None:
    complaints = scorecard.key_results[1]
    assert complaints.budget is not None
    assert complaints.budget.burn == pytest.approx(1.2)
    assert complaints.status == "at_risk"
    assert complaints.baseline is None


def test_objectives_roll_their_key_results_up(scorecard: Scorecard) -> None:
    objective = scorecard.objectives[0]
    assert objective.progress == pytest.approx((0.55625 + 2 * 0.0) / 3)
    assert objective.worst == "at_risk"


def test_what_matters_most_comes_first(definitions: Definitions, reader: TableReader) -> None:
    """R7, R18: priority 1 before 2, those without one as they are written, after them."""
    (one,) = definitions.objectives
    named = [
        replace(one, id=name, key_results=(), priority=at) for name, at in [("d", 0), ("b", 2), ("e", 0), ("a", 1)]
    ]
    scorecard = build_scorecard(replace(definitions, objectives=tuple(named)), reader, FRAME)
    assert [card.objective.id for card in scorecard.objectives] == ["a", "b", "d", "e"]


def test_the_mix_of_kinds_is_counted(definitions: Definitions, reader: TableReader) -> None:
    (one,) = definitions.objectives
    both = replace(definitions, objectives=(one, replace(one, id="grow", key_results=(), kind="aspirational")))
    assert mix_of(build_scorecard(both, reader, FRAME)) == {"committed": 1, "aspirational": 1}
    assert mix_of(build_scorecard(definitions, reader, FRAME)) == {"committed": 1, "aspirational": 0}


def test_one_question_per_key_result_in_one_batch(definitions: Definitions, reader: TableReader) -> None:
    build_scorecard(definitions, reader, FRAME)
    assert [measure.metric.id for measure in reader.asked] == ["first_response", "complaint_rate"]
    assert reader.asked[0].filter == (("team", ("north", "south")),)


def test_a_broken_metric_is_an_error_on_its_own_key_result_only(definitions: Definitions, reader: TableReader) -> None:
    first, second = definitions.objectives[0].key_results
    spoilt = replace(definitions.objectives[0], key_results=(replace(first, metric="broken"), second))
    metrics = {**definitions.metrics, "broken": metric("broken")}
    scorecard = build_scorecard(Definitions(metrics, (spoilt,)), reader, FRAME)
    assert scorecard.key_results[0].status == "no_data"
    assert "did you mean 'amount'" in str(scorecard.key_results[0].error)
    assert scorecard.key_results[1].value == 0.06
    assert scorecard.objectives[0].without_data == ("response-time",)


def test_a_metric_that_is_gone_is_named(definitions: Definitions, reader: TableReader) -> None:
    without = Definitions({"complaint_rate": definitions.metrics["complaint_rate"]}, definitions.objectives)
    card = build_scorecard(without, reader, FRAME).key_results[0]
    assert card.error == "could not compute 'response-time', because its metric 'first_response' is not defined"


def test_before_the_cycle_nothing_is_asked(definitions: Definitions, reader: TableReader) -> None:
    scorecard = build_scorecard(definitions, reader, replace(FRAME, as_of=date(2026, 12, 31)))
    assert {card.status for card in scorecard.key_results} == {"not_started"}
    assert reader.asked == []


def test_after_the_cycle_everything_is_as_of_its_last_day(definitions: Definitions, reader: TableReader) -> None:
    build_scorecard(definitions, reader, replace(FRAME, as_of=date(2027, 9, 1)))
    assert reader.asked[0].windows[0].ends == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("now", "objective", "statuses"),
    [
        (datetime(2027, 3, 31, 9, tzinfo=UTC), "at_risk", ("at_risk", "off_track")),
        (datetime(2027, 3, 31, 18, tzinfo=UTC), "missed", ("missed", "missed")),
    ],
)
def test_nothing_is_met_or_missed_at_the_close_while_the_last_day_runs(
    definitions: Definitions, reader: TableReader, now: datetime, objective: str, statuses: tuple[str, ...]
) -> None:
    """18:00 UTC is one o'clock in the night after it in the organisation's zone."""
    last = FRAME.cycle.ends
    days = (Window(date(2027, 3, 4), last), Window(FRAME.cycle.starts, last))
    table = {("first_response", days[0]): Reading(2.5, 100), ("complaint_rate", days[1]): Reading(0.06, 100, 6, 100)}
    subject = replace(FRAME, as_of=last, now=now, policy=POLICIES["viva"])
    scorecard = build_scorecard(definitions, replace(reader, table={**reader.table, **table}), subject)
    assert tuple(card.status for card in scorecard.key_results) == statuses
    assert scorecard.objectives[0].status == objective
    rows = colour_all(scorecard, subject.decided, judged_on=subject.judged_on)
    assert tuple(row.under("viva").status for row in rows) == statuses


@pytest.mark.parametrize(("hours", "stale"), [(23, False), (25, True)])
def test_data_older_than_declared_are_stale_and_beat_green(
    definitions: Definitions, reader: TableReader, *, hours: int, stale: bool
) -> None:
    metrics = {**definitions.metrics, "first_response": metric("first_response", expected_every=timedelta(days=1))}
    reader.last_event_at = FRAME.now - timedelta(hours=hours)
    card = build_scorecard(Definitions(metrics, definitions.objectives), reader, FRAME).key_results[0]
    assert card.freshness.stale is stale
    assert card.status == ("stale" if stale else "on_track")


def test_a_past_day_is_judged_by_the_clock_of_that_day(definitions: Definitions, reader: TableReader) -> None:
    metrics = {**definitions.metrics, "first_response": metric("first_response", expected_every=timedelta(days=1))}
    frame = replace(FRAME, as_of=date(2027, 2, 10), now=datetime(2027, 6, 1, tzinfo=UTC))
    card = build_scorecard(Definitions(metrics, definitions.objectives), reader, frame).key_results[0]
    assert card.freshness.stale is False


def test_a_revised_target_keeps_its_original_beside_it(definitions: Definitions, reader: TableReader) -> None:
    frame = replace(FRAME, original_targets={"2027-Q1/response-time": parse_target("< 1.5")})
    card = build_scorecard(definitions, reader, frame).key_results[0]
    assert (card.target.text, card.original_target.text) == ("< 2", "< 1.5")


def objective(cycle: str) -> Objective:
    return Objective("o", cycle, {"en": "o"}, ())


@pytest.mark.parametrize(
    ("defined", "as_of", "cycle"),
    [
        (["2027", "2027-Q1"], AS_OF, "2027-Q1"),
        (["2027", "2026-Q4"], AS_OF, "2027"),
        (["2026-Q4", "2026-Q3"], AS_OF, "2026-Q4"),
        ([], AS_OF, "2027-Q1"),
        (["2028-Q1"], AS_OF, "2027-Q1"),
    ],
)
def test_the_cycle_shown_is_the_one_people_are_in(defined: list[str], as_of: date, cycle: str) -> None:
    definitions = Definitions({}, tuple(objective(name) for name in defined))
    assert choose_cycle(definitions, ORGANISATION, (), as_of=as_of).id == cycle


def test_an_unknown_cycle_names_the_nearest(definitions: Definitions) -> None:
    with pytest.raises(NotFoundError, match="did you mean '2027-Q1'"):
        choose_cycle(definitions, ORGANISATION, (), as_of=AS_OF, cycle_id="2027-Q7")
    declared = [CycleDefinition("sprint", date(2027, 2, 1), date(2027, 2, 14))]
    assert choose_cycle(definitions, ORGANISATION, declared, as_of=AS_OF, cycle_id="sprint").days == 14


def test_the_json_document_is_the_contract_byte_for_byte(scorecard: Scorecard) -> None:
    text = canonical_json(scorecard_document(scorecard, "vi"))
    assert text == (GOLDEN / "scorecard.json").read_text(encoding="utf-8")
    assert json.loads(text)["key_results"][0]["why"].startswith("progress 56%, expected 51%")


def test_the_csv_is_byte_for_byte_what_it_was(scorecard: Scorecard) -> None:
    content = write_csv(KEY_RESULT_COLUMNS, key_result_rows(scorecard))
    assert content == (GOLDEN / "key_results.csv").read_bytes()
    columns, rows = read_csv(content)
    assert rows[1][columns.index("title_vi")] == "=Khiếu nại dưới 5 %"
    assert float(rows[0][columns.index("progress_raw")]) == scorecard.key_results[0].progress_raw


def test_every_table_has_as_many_cells_as_headers(scorecard: Scorecard) -> None:
    assert {len(row) for row in key_result_rows(scorecard)} == {len(KEY_RESULT_COLUMNS)}
    assert {len(row) for row in objective_rows(scorecard)} == {len(OBJECTIVE_COLUMNS)}


def test_every_reason_that_the_rules_give_has_a_sentence() -> None:
    rules = Path(__file__).parents[3] / "metrics" / "progress"
    source = (rules / "status.py").read_text() + (rules / "policies.py").read_text()
    codes = {part.split('"')[1] for part in source.split("Reason(")[1:] if part.startswith('"')}
    assert codes <= set(SENTENCES)
    assert len(codes) > 12
