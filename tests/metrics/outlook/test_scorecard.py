"""The scorecard over a real store: chances, their statuses, the objective's chance, what was shown."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.facts import Facts
from metrics.model.decision import Decided, Done, Recorded
from metrics.model.definition import ALL_DONE, Definitions, KeyResult, Kind, Objective, Read
from metrics.model.scorecard import Scorecard
from metrics.periods import end_of_day
from metrics.progress.policies import POLICIES
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.document import scorecard_document
from metrics.scorecard.wording import chance_text, explain

from .conftest import METRICS, ORGANISATION, Q4, key_result

DAY = date(2026, 11, 14)
TICKED = KeyResult("launch", "o", "2026-Q4", {"en": "Launch"}, None, ALL_DONE, shape="binary")
FRAME = Frame(ORGANISATION, Q4, DAY, end_of_day(DAY, ORGANISATION))


def scorecard(facts: Facts, *key_results: KeyResult, kind: Kind = "committed", frame: Frame = FRAME) -> Scorecard:
    objective = Objective("o", "2026-Q4", {"en": "o"}, key_results, kind=kind)
    return build_scorecard(Definitions(METRICS, (objective,)), facts, frame)


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [(">= 15000", "on_track", "chance_high"), (">= 60000", "off_track", "chance_low")],
)
def test_a_total_is_coloured_by_its_chance(company: Facts, target: str, status: str, code: str) -> None:
    shown = scorecard(company, key_result("revenue", target, shape="total"))
    (card,) = shown.key_results
    assert (card.status, card.why.code) == (status, code)
    assert dict(card.why.values)["p_hit"] == card.forecast.p_hit
    assert card.needed is not None
    assert card.needed.percentile is not None
    assert shown.objectives[0].p_hit == pytest.approx(card.forecast.p_hit)
    assert shown.objectives[0].status == status


def test_a_limit_is_coloured_by_its_chance_and_a_gone_budget_stays_gone(company: Facts) -> None:
    held, open_, gone = scorecard(
        company,
        key_result("share", ">= 50 %", shape="keep", id="held"),
        key_result("share", ">= 60 %", shape="keep", id="open"),
        key_result("orders", "<= 100", shape="total", id="gone"),
    ).key_results
    assert held.why.code == "chance_high"
    assert open_.why.code.startswith("chance_")
    assert (gone.status, gone.why.code, gone.forecast.p_hit) == ("off_track", "budget_gone", 0.0)


def test_an_aspirational_key_result_goes_by_its_pass_mark(company: Facts) -> None:
    each = key_result("average", "> 60", read=Read("trailing", 28), baseline=45.0)
    (card,) = scorecard(company, each, kind="aspirational").key_results
    assert card.forecast.p_pass is not None
    assert card.forecast.p_hit is not None
    assert card.forecast.p_pass >= card.forecast.p_hit
    assert "70% of the way" in explain(card.why)


def test_without_a_forecast_pace_decides_and_the_reason_says_so(company: Facts) -> None:
    (card,) = scorecard(company, key_result("buyers", "> 1000", shape="total")).key_results
    assert card.forecast.reason == "distinct_over_days"
    assert dict(card.why.values)["policy"] == "pace"
    assert explain(card.why).endswith("no chance, because distinct counts of days do not add up")
    plain = scorecard(
        company, key_result("buyers", "> 1000", shape="total"), frame=replace(FRAME, policy=POLICIES["pace"])
    )
    assert plain.key_results[0].status == card.status
    assert "no chance" not in explain(plain.key_results[0].why)


def test_the_same_card_on_the_same_day_whatever_came_later(company: Facts) -> None:
    late = replace(FRAME, now=datetime(2026, 12, 20, tzinfo=UTC))
    each = key_result("revenue", ">= 19500", shape="total")
    assert (
        scorecard(company, each).key_results[0].forecast == scorecard(company, each, frame=late).key_results[0].forecast
    )


def test_what_is_ticked_off_counts_once_it_is_done(company: Facts) -> None:
    total = key_result("revenue", ">= 19500", shape="total")
    alone = scorecard(company, total).objectives[0].p_hit
    assert scorecard(company, total, TICKED).objectives[0].p_hit is None
    done = Recorded(Done(TICKED.key, None, DAY), 1, 2, FRAME.now, "linh", 1)
    frame = replace(FRAME, decided=Decided(done={TICKED.key: (done,)}))
    assert scorecard(company, total, TICKED, frame=frame).objectives[0].p_hit == pytest.approx(alone)


def test_after_the_close_every_chance_is_the_outcome(company: Facts) -> None:
    q3 = replace(Q4, id="2026-Q4", starts=date(2026, 7, 1), ends=date(2026, 9, 30))
    shown = scorecard(
        company,
        key_result("revenue", ">= 1", shape="total"),
        key_result("share", ">= 99 %", shape="keep"),
        frame=replace(FRAME, cycle=q3),
    )
    assert [card.forecast.p_hit for card in shown.key_results] == [1.0, 0.0]
    assert shown.objectives[0].p_hit == 0.0


def test_the_document_carries_the_forecast(company: Facts) -> None:
    document = scorecard_document(scorecard(company, key_result("revenue", ">= 19500", shape="total")), "en")
    forecast = json.loads(json.dumps(document))["key_results"][0]["forecast"]
    assert forecast["lo95"] <= forecast["lo80"] <= forecast["median"] <= forecast["hi80"] <= forecast["hi95"]
    assert 0 < forecast["p_hit"] < 1
    assert forecast["reason"] is None


@pytest.mark.parametrize(
    ("chance", "text"), [(0.0, "0%"), (0.0005, "<1%"), (0.01, "1%"), (0.5, "50%"), (0.995, ">99%"), (1.0, "100%")]
)
def test_only_what_is_certain_reads_as_certain(chance: float, text: str) -> None:
    assert chance_text(chance) == text
