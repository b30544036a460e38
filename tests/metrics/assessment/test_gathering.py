"""Evidence gathered from real facts: the worked example of the method, judged before and after its first sync."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics.assessment import Moment, assess, chances_of, gather_evidence
from metrics.facts import Facts
from metrics.model.definition import Definitions, Metric, PlanPoint, Read
from metrics.model.reading import Measure, Measured, Window
from metrics.model.scorecard import Cycle
from metrics.model.target import parse_target
from metrics.scorecard.build import Frame, build_scorecard
from metrics.smart import CycleFindings, Finding
from tests.metrics.smart.company import TODAY

NOW = datetime(2027, 1, 15, 5, tzinfo=UTC)
QUARTER = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
KEYS = ("2027-Q1/response-time", "2027-Q1/satisfaction", "2027-Q1/complaints")


@dataclass
class Counting:
    """The real store, counting its questions."""

    facts: Facts
    asked: int = 0

    @property
    def generation(self) -> str:
        return self.facts.generation

    @property
    def today(self) -> date:
        return self.facts.today

    def measure(self, measures: Sequence[Measure]) -> list[Measured]:
        self.asked += 1
        return self.facts.measure(measures)

    def freshness(self, metric: Metric, until: datetime) -> tuple[datetime | None, int]:
        return self.facts.freshness(metric, until)

    def days(self, metric: Metric) -> Window | None:
        return self.facts.days(metric)


def changed(definitions: Definitions, **changes: Any) -> Definitions:
    """The worked example with the response time's key result changed."""
    (objective,) = definitions.objectives
    first, *others = objective.key_results
    return replace(definitions, objectives=(replace(objective, key_results=(replace(first, **changes), *others)),))


def of(judged: CycleFindings, key: str, code: str) -> Finding:
    (finding,) = [found for about, found in judged.all_findings() if about == key and found.code == code]
    return finding


def codes(judged: CycleFindings, *severities: str) -> list[tuple[str, str]]:
    return [(about, found.code) for about, found in judged.all_findings() if found.severity in severities]


def test_the_worked_example_is_judged_by_its_own_history(
    definitions: Definitions, facts: Facts, moment: Moment
) -> None:
    judged = assess(definitions, facts, moment, QUARTER)
    assert judged.generation == facts.generation
    response, satisfaction, complaints = KEYS
    drop = dict(of(judged, response, "rarely_done").values)
    assert (drop["from"], drop["change"], drop["hits"], drop["stretches"]) == (4.0, 2.0, 1.0, 9.0)
    assert drop["past"] == "past_quarter"
    rise = dict(of(judged, satisfaction, "rarely_done").values)
    assert rise["change"] == pytest.approx(0.15)
    assert (rise["hits"], rise["stretches"]) == (0.0, 8.0)  # of the first quarter, not every day is known
    held = dict(of(judged, complaints, "line_held").values)
    assert (held["hits"], held["stretches"]) == (7.0, 9.0)
    assert judged.count("error") == 0


def test_a_quarterly_survey_is_not_yet_due(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    judged = assess(definitions, facts, moment, QUARTER)
    assert dict(of(judged, KEYS[1], "rows_not_due").values)["ends"] == "2027-01-15"
    assert of(judged, KEYS[1], "on_schedule").severity == "ok"
    assert [code for about, code in codes(judged, "warning") if about == KEYS[1]] == ["rarely_done"]


def test_everything_is_asked_in_one_question(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    counting = Counting(facts)
    assert tuple(gather_evidence(definitions, counting, moment, QUARTER)) == KEYS
    assert counting.asked == 1


def test_before_the_first_sync_what_needs_data_is_unknown(definitions: Definitions, moment: Moment) -> None:
    judged = assess(definitions, None, moment, QUARTER)
    assert judged.generation is None
    assert judged.count("error") == 0
    assert [code for _, code in codes(judged, "unknown")] == ["not_synced", "history_unknown"] * 3
    (objective,) = judged.objectives
    for one in objective.key_results:
        assert [verdict.outcome for verdict in one.verdicts] == ["pass", "unknown", "unknown", "pass", "pass"]


def test_a_stream_that_was_never_loaded_is_unknown_too(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    metrics = dict(definitions.metrics)
    metrics["first_response"] = replace(metrics["first_response"], source="desk.calls")
    judged = assess(replace(definitions, metrics=metrics), facts, moment, QUARTER)
    assert [code for about, code in codes(judged, "unknown") if about == KEYS[0]] == ["not_synced", "history_unknown"]


def test_rows_that_never_counted_are_an_error(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    nowhere = changed(definitions, filter=(("team", ("nowhere",)),))
    counting = Counting(facts)
    judged = assess(nowhere, counting, moment, QUARTER)
    assert codes(judged, "error") == [(KEYS[0], "never_rows")]
    assert counting.asked == 2  # only then is the whole stream looked at
    north = changed(definitions, filter=(("team", ("north",)),))
    assert codes(assess(north, facts, moment, QUARTER), "error") == []


def test_a_metric_that_cannot_be_computed_spoils_only_its_own_key_results(
    definitions: Definitions, facts: Facts, moment: Moment
) -> None:
    metrics = dict(definitions.metrics)
    metrics["first_response"] = replace(metrics["first_response"], value="minutes / 60")
    judged = assess(replace(definitions, metrics=metrics), facts, moment, QUARTER)
    assert codes(judged, "error") == [(KEYS[0], "metric_unreadable")]
    assert "minutes" in str(dict(of(judged, KEYS[0], "metric_unreadable").values)["message"])
    assert dict(of(judged, KEYS[2], "line_held").values)["hits"] == 7.0


def test_an_unknown_metric_and_a_plan_outside_the_cycle_are_errors(
    definitions: Definitions, facts: Facts, moment: Moment
) -> None:
    judged = assess(changed(definitions, metric="gone"), facts, moment, QUARTER)
    assert codes(judged, "error") == [(KEYS[0], "metric_unknown")]
    late = changed(definitions, plan=(PlanPoint(date(2027, 4, 30), 3.0),))
    assert codes(assess(late, facts, moment, QUARTER), "error") == [(KEYS[0], "plan_outside_cycle")]


def test_a_stream_that_fell_silent_is_stale_and_not_watched(
    definitions: Definitions, facts: Facts, moment: Moment
) -> None:
    later = replace(moment, as_of=date(2027, 2, 20), now=datetime(2027, 2, 20, 5, tzinfo=UTC))
    found = [code for about, code in codes(assess(definitions, facts, later, QUARTER), "warning") if about == KEYS[0]]
    assert found[:3] == ["no_rows_in_window", "stale", "committed_not_live"]


def test_a_chance_decides_where_there_is_one(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    judged = assess(definitions, facts, moment, QUARTER, chances={KEYS[0]: 0.8, "2027-Q1/other": 0.1})
    assert of(judged, KEYS[0], "chance_fair").severity == "ok"
    assert of(judged, KEYS[0], "done_before").severity == "ok"
    assert of(judged, KEYS[1], "rarely_done").severity == "warning"


def test_chances_come_from_a_scorecards_forecasts(definitions: Definitions, facts: Facts, moment: Moment) -> None:
    scorecard = build_scorecard(definitions, facts, Frame(moment.organisation, QUARTER, TODAY, NOW))
    given = {
        card.key_result.key: card.forecast.p_hit for card in scorecard.key_results if card.forecast.p_hit is not None
    }
    assert chances_of(scorecard) == given
    first, *others = scorecard.objectives[0].key_results
    sure = replace(first, forecast=replace(first.forecast, p_hit=0.4))
    objective = replace(scorecard.objectives[0], key_results=(sure, *others))
    assert chances_of(replace(scorecard, objectives=(objective,)))[KEYS[0]] == 0.4


@pytest.mark.parametrize("read", [Read("period"), Read("trailing", 28), Read("last week"), Read("last month")])
def test_a_cycle_ahead_starts_from_what_is_read_today(
    definitions: Definitions, facts: Facts, moment: Moment, read: Read
) -> None:
    (objective,) = changed(definitions, read=read, target=parse_target("< 3.5")).objectives
    ahead = replace(
        objective,
        cycle="2027-Q2",
        key_results=tuple(replace(one, cycle="2027-Q2") for one in objective.key_results),
    )
    cycle = Cycle("2027-Q2", date(2027, 4, 1), date(2027, 6, 30))
    seen = gather_evidence(replace(definitions, objectives=(ahead,)), facts, moment, cycle)["2027-Q2/response-time"]
    assert seen.window is not None
    assert seen.window.ends <= TODAY
    assert seen.rows > 0
    assert seen.measured_baseline == seen.value
    assert 3.8 <= (seen.value or 0) <= 4.0
    assert len(seen.past) >= 8


def test_a_filter_whose_rows_begin_late_has_less_history(
    definitions: Definitions, facts: Facts, moment: Moment
) -> None:
    """Before its first row a segment has no past: an empty quarter is not a quarter of zero."""
    metrics = dict(definitions.metrics)
    metrics["first_response"] = replace(
        metrics["first_response"], aggregate="count", value=None, where="opened_on >= DATE '2026-01-01'", unit="tickets"
    )
    counted = changed(definitions, read=Read("period"), target=parse_target("< 20"))
    seen = gather_evidence(replace(counted, metrics=metrics), facts, moment, QUARTER)[KEYS[0]]
    assert [(each.before, each.after) for each in seen.past] == [(92.0, 92.0), (91.0, 92.0), (90.0, 91.0)]
