"""Drafts: five verdicts for what nobody has saved, the data asked once however often the target moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from metrics.assessment import (
    Moment,
    assess,
    assess_draft,
    assess_draft_objective,
    background_key,
    background_of,
    chances_of,
)
from metrics.facts import Facts
from metrics.model.definition import Definitions, KeyResult, Metric, Objective, Read
from metrics.model.reading import Measure, Measured
from metrics.model.scorecard import Cycle
from metrics.model.target import parse_target
from metrics.scorecard.build import Frame, build_scorecard
from metrics.smart import KeyResultFindings
from metrics.smart.wording import explain
from tests.metrics.assessment.conftest import NOW
from tests.metrics.smart.company import TODAY

QUARTER = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
AHEAD = Cycle("2027-Q2", date(2027, 4, 1), date(2027, 6, 30))


@pytest.fixture
def objective(definitions: Definitions) -> Objective:
    (only,) = definitions.objectives
    return only


@pytest.fixture
def draft(objective: Objective) -> KeyResult:
    """A key result that is not in the ledger or in any file."""
    return replace(objective.key_results[0], id="faster", definition="", target=parse_target("< 3"))


def outcomes(found: KeyResultFindings) -> list[str]:
    return [verdict.outcome for verdict in found.verdicts]


def codes(found: KeyResultFindings) -> list[str]:
    for finding in found.findings:
        assert "{" not in explain(finding, "en") + explain(finding, "vi")
    return [finding.code for finding in found.findings]


def test_a_saved_key_result_gets_as_a_draft_what_check_says(
    definitions: Definitions, facts: Facts, moment: Moment, objective: Objective
) -> None:
    """One engine: the verdicts while typing are those of `check` after saving, chance included."""
    scorecard = build_scorecard(definitions, facts, Frame(moment.organisation, QUARTER, TODAY, NOW))
    judged = assess(definitions, facts, moment, QUARTER, chances=chances_of(scorecard))
    backgrounds = {one.key: background_of(definitions, one, facts, moment, QUARTER) for one in objective.key_results}
    assert chances_of(scorecard)
    assert (
        assess_draft_objective(definitions, objective, moment, QUARTER, backgrounds=backgrounds)
        == (judged.objectives[0])
    )


def test_the_verdict_follows_the_target_without_asking_again(
    definitions: Definitions, facts: Facts, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    background = background_of(definitions, draft, facts, moment, QUARTER)
    assert background.outlook is not None
    chances = []
    for target in ("< 3.9", "< 3", "< 0.5"):
        typed = replace(draft, target=parse_target(target))
        assert background_key(definitions, typed, moment, QUARTER) == background_key(
            definitions, draft, moment, QUARTER
        )
        found = assess_draft(definitions, objective, typed, moment, QUARTER, background=background)
        (chance,) = [float(dict(each.values)["chance"]) for each in found.findings if each.code.startswith("chance_")]
        chances.append(chance)
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.5 > chances[-1]


@pytest.mark.parametrize(
    "changes",
    [{"filter": (("team", ("north",)),)}, {"read": Read("period")}, {"metric": "complaint_rate"}, {"shape": "keep"}],
)
def test_another_question_has_another_key(
    definitions: Definitions, moment: Moment, draft: KeyResult, changes: dict[str, Any]
) -> None:
    asked = replace(draft, **changes)
    assert background_key(definitions, asked, moment, QUARTER) != background_key(definitions, draft, moment, QUARTER)


def test_a_metric_that_is_being_built_is_measured_as_well(
    definitions: Definitions, facts: Facts, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    built = Metric("slowest", {"en": "Slowest"}, "desk.tickets", "opened_on", "p90", value="hours", better="lower")
    both = replace(definitions, metrics={**definitions.metrics, "slowest": built})
    typed = replace(draft, metric="slowest")
    background = background_of(both, typed, facts, moment, QUARTER)
    found = assess_draft(both, objective, typed, moment, QUARTER, background=background)
    assert "rows_in_window" in codes(found)
    assert "unit_missing" in codes(found)
    broken = replace(both, metrics={**both.metrics, "slowest": replace(built, value="minutes / 60")})
    unreadable = background_of(broken, typed, facts, moment, QUARTER)
    judged = assess_draft(broken, objective, typed, moment, QUARTER, background=unreadable)
    assert outcomes(judged)[1] == "fail"


def test_a_draft_of_the_next_quarter_is_judged_by_history_alone(
    definitions: Definitions, facts: Facts, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    typed = replace(draft, cycle="2027-Q2", target=parse_target("< 2"))
    background = background_of(definitions, typed, facts, moment, AHEAD)
    assert background.outlook is None
    found = assess_draft(definitions, replace(objective, cycle="2027-Q2"), typed, moment, AHEAD, background=background)
    assert {"rarely_done", "cycle_ahead"} <= set(codes(found))


def test_before_the_first_sync_a_draft_is_judged_by_its_words(
    definitions: Definitions, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    typed = replace(draft, title={"vi": "Càng sớm càng tốt"}, owner=None)
    bare = replace(objective, owner=None, why={}, level="team", parent=None)
    found = assess_draft(definitions, bare, typed, moment, QUARTER)
    assert outcomes(found) == ["warn", "unknown", "unknown", "warn", "pass"]
    assert {"vague_words", "owner_missing", "parent_missing"} <= set(codes(found))


def test_a_draft_objective_is_judged_beside_what_is_saved(
    definitions: Definitions, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    new = replace(objective, id="speed", key_results=(replace(draft, objective="speed"),))
    found = [one.code for one in assess_draft_objective(definitions, new, moment, QUARTER).findings]
    assert {"few_key_results", "double_count"} <= set(found)
    empty = assess_draft_objective(definitions, replace(new, key_results=()), moment, QUARTER)
    assert [one.severity for one in empty.findings if one.code == "no_key_results"] == ["error"]
    again = assess_draft_objective(definitions, objective, moment, QUARTER)
    assert "double_count" not in [one.code for one in again.findings]


def test_judging_reads_nothing(
    definitions: Definitions, facts: Facts, moment: Moment, objective: Objective, draft: KeyResult
) -> None:
    """A keystroke costs no query: the background holds all that was read."""

    class Counting:
        asked = 0
        generation = facts.generation
        today = facts.today

        def measure(self, measures: Sequence[Measure]) -> list[Measured]:
            self.asked += 1
            return facts.measure(measures)

        def freshness(self, metric: Metric, until: datetime) -> tuple[datetime | None, int]:
            return facts.freshness(metric, until)

        def days(self, metric: Metric) -> Any:
            return facts.days(metric)

    counting = Counting()
    background = background_of(definitions, draft, counting, moment, QUARTER)
    asked = counting.asked
    for target in range(1, 50):
        typed = replace(draft, target=parse_target(f"< {target / 10}"))
        assess_draft(definitions, objective, typed, moment, QUARTER, background=background)
    assert counting.asked == asked == 2
