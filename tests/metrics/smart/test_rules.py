"""The five verdicts: each rule as a table of what it says and what it lets pass."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import Kind, PlanPoint, Read
from metrics.model.reading import Window
from metrics.model.scorecard import Cycle
from metrics.smart import NOT_SYNCED, Evidence
from metrics.smart.achievable import key_result_achievable
from metrics.smart.judge import judge_key_result
from metrics.smart.measurable import key_result_measurable
from metrics.smart.relevant import key_result_relevant
from metrics.smart.specific import key_result_specific, objective_specific
from metrics.smart.time_bound import key_result_time_bound

from .build import (
    QUARTER,
    RESPONSE,
    TODAY,
    codes,
    doubts,
    drops,
    evidence,
    key_result,
    metric,
    objective,
    values_of,
)

LONG = "Khách hàng được phản hồi trong 2 giờ " * 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"owner": None}, []),
        ({"title": {"vi": "Phản hồi đầu tiên dưới 2 giờ"}}, []),
        ({"title": {}}, ["title_missing"]),
        ({"title": {"en": "  "}}, ["title_missing"]),
        ({"title": {"en": "Response"}}, ["title_short"]),
        ({"title": {"vi": LONG}}, ["title_long"]),
        ({"title": {"en": "Improve first response", "vi": "Cải thiện phản hồi"}}, ["vague_words", "vague_words"]),
        ({"title": {"en": "First response in under 2 hours", "vi": "Cải thiện phản hồi"}}, ["vague_words"]),
        ({"title": {"vi": "Cải thiện phản hồi xuống dưới 2 giờ"}}, []),
    ],
)
def test_a_key_result_is_specific(changes: dict[str, Any], expected: list[str]) -> None:
    one = key_result(**changes)
    assert doubts(key_result_specific(one, objective(one))) == expected


def test_a_key_result_without_an_owner_has_its_objectives() -> None:
    nobody = key_result(owner=None)
    assert "owner_missing" in codes(key_result_specific(nobody, objective(nobody, owner=None)))
    scope = values_of(key_result_specific(nobody, objective(nobody)), "scope")
    assert scope == {"owner": "linh", "contributors": 0.0, "segment": ""}


def test_the_segment_and_the_contributors_are_shown() -> None:
    one = key_result(filter=(("team", ("north", "south")),), contributors=("khoa", "trang"))
    scope = values_of(key_result_specific(one, objective(one)), "scope")
    assert scope == {"owner": "minh", "contributors": 2.0, "segment": "team=north|south"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"owner": None}, ["owner_missing"]),
        ({"title": {"vi": "Nâng cao chất lượng dịch vụ khách hàng"}}, []),
        ({"title": {"en": "Answer customers in 2 hours"}}, ["number_in_objective"]),
        ({"title": {"en": "Become the retailer of 2027"}}, []),
        ({"title": {"vi": "Dịch vụ đẳng cấp thế giới"}}, ["vague_words"]),
        ({"title": {"vi": "Tăng trưởng"}}, []),
        ({"title": {"en": "Growth"}}, ["title_short"]),
        ({"title": {"en": "Serve customers " * 8}}, ["title_long"]),
        ({"title": {}}, ["title_missing"]),
    ],
)
def test_an_objective_is_clear(changes: dict[str, Any], expected: list[str]) -> None:
    assert doubts(objective_specific(objective(key_result(), **changes))) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (evidence(), []),
        (NOT_SYNCED, ["not_synced"]),
        (evidence(error="column 'x' does not exist"), ["metric_unreadable", "committed_not_live"]),
        (evidence(ever=False, rows=0, value=None), ["never_rows", "committed_not_live"]),
        (evidence(rows=0, value=None), ["no_rows_in_window", "committed_not_live"]),
        (evidence(rows=0, value=0.0), []),
        (evidence(rows=0, value=None, window=Window(TODAY, TODAY)), ["rows_not_due"]),
        (evidence(stale=True), ["stale", "committed_not_live"]),
        (evidence(stale=True, last_event_at=None), ["stale", "committed_not_live"]),
    ],
)
def test_a_commitment_is_measurable(seen: Evidence, expected: list[str]) -> None:
    assert doubts(key_result_measurable(key_result(), "committed", RESPONSE, seen)) == expected
    aspirational = [code for code in expected if code != "committed_not_live"]
    assert doubts(key_result_measurable(key_result(), "aspirational", RESPONSE, seen)) == aspirational


def test_what_can_never_be_measured_is_an_error() -> None:
    one = key_result()
    for found, code in [
        (key_result_measurable(one, "committed", None, evidence()), "metric_unknown"),
        (key_result_measurable(one, "committed", RESPONSE, evidence(error="no")), "metric_unreadable"),
        (key_result_measurable(one, "committed", RESPONSE, evidence(ever=False)), "never_rows"),
    ]:
        assert codes(found, "error") == [code]


def test_a_unit_is_missed_and_a_schedule_is_not_required() -> None:
    bare = metric(unit=" ", expected_every=None)
    found = key_result_measurable(key_result(), "committed", bare, evidence())
    assert codes(found) == ["measured_by", "unit_missing", "rows_in_window"]


ONE_IN_NINE = drops(*[0.1] * 8, 2.5)
ALWAYS = drops(*[2.5] * 9)


@pytest.mark.parametrize(
    ("kind", "moves", "expected"),
    [
        ("committed", ONE_IN_NINE, ["rarely_done"]),
        ("committed", drops(*[0.1] * 9), ["rarely_done"]),
        ("committed", drops(*[0.1] * 6, *[2.5] * 3), []),
        ("committed", ALWAYS, []),
        ("aspirational", ONE_IN_NINE, []),
        ("aspirational", drops(*[0.1] * 8, 1.6), []),  # 70 % of the way was done once
        ("aspirational", drops(*[0.1] * 9), ["pass_mark_unseen"]),
        ("aspirational", ALWAYS, ["too_easy"]),
        ("committed", drops(2.5, 2.5), ["history_short"]),
        ("committed", [], ["history_short"]),
        ("committed", [*drops(2.5, 2.5), (None, 2.0), (2.0, None)], ["history_short"]),
    ],
)
def test_history_judges_by_kind(kind: Kind, moves: list[tuple[float, float]], expected: list[str]) -> None:
    one = key_result("< 2", baseline=4.0)
    found = key_result_achievable(one, kind, "hours", evidence(*moves, value=None), QUARTER, TODAY)
    assert doubts(found) == expected


def test_an_aspiration_that_once_came_as_far_as_its_pass_mark_says_so() -> None:
    seen = evidence(*drops(*[0.1] * 8, 1.6))
    found = key_result_achievable(key_result("< 2"), "aspirational", "hours", seen, QUARTER, TODAY)
    values = values_of(found, "pass_mark_done")
    assert (values["hits"], values["passes"], values["pass_mark"]) == (0, 1, 0.7)


def test_the_evidence_counts_what_happened() -> None:
    found = key_result_achievable(key_result("< 2"), "committed", "hours", evidence(*ONE_IN_NINE), QUARTER, TODAY)
    assert values_of(found, "rarely_done") == {
        "direction": "lower",
        "change": 2.0,
        "from": 4.0,
        "target": "< 2",
        "unit": "hours",
        "hits": 1.0,
        "stretches": 9.0,
        "percentile": pytest.approx(8 / 9),
        "span": "quarter",
        "past": "past_quarter",
    }


@pytest.mark.parametrize(
    ("kind", "chance", "expected"),
    [
        ("committed", 0.69, ["chance_low"]),
        ("committed", 0.7, []),
        ("committed", 0.99, []),
        ("aspirational", 0.04, ["chance_remote"]),
        ("aspirational", 0.3, []),
        ("aspirational", 0.9, []),
        ("aspirational", 0.95, ["chance_near_certain"]),
    ],
)
def test_a_forecast_decides_over_history(kind: Kind, chance: float, expected: list[str]) -> None:
    """It knows where the key result stands; what happened before stays as evidence."""
    for moves in (ONE_IN_NINE, ALWAYS, []):
        seen = evidence(*moves, chance=chance)
        found = key_result_achievable(key_result("< 2"), kind, "hours", seen, QUARTER, TODAY)
        assert doubts(found) == expected
        assert set(codes(found, "ok")) <= {"done_before", "chance_fair"}
        assert len(codes(found)) == (2 if moves else 1)


@pytest.mark.parametrize(
    ("target", "changes", "expected"),
    [
        ("< 2", {}, []),
        ("< 4.5", {}, ["met_at_baseline"]),
        ("< 4", {}, []),
        ("<= 4", {}, ["met_at_baseline"]),
        ("3..5", {}, ["met_at_baseline"]),
        ("< 2", {"baseline": 4.4}, []),
        ("< 2", {"baseline": 6.0}, ["baseline_off"]),
        ("< 4.5", {"shape": "keep"}, []),
    ],
)
def test_the_start_is_compared_with_the_target_and_with_the_data(
    target: str, changes: dict[str, Any], expected: list[str]
) -> None:
    seen = evidence(*[(9.0, 1.0)] * 9, value=None)
    one = key_result(target, **changes)
    assert doubts(key_result_achievable(one, "committed", "hours", seen, QUARTER, TODAY)) == expected


def test_without_a_baseline_the_distance_is_unknown() -> None:
    seen = evidence(*ONE_IN_NINE, measured_baseline=None)
    assert doubts(key_result_achievable(key_result(), "committed", "hours", seen, QUARTER, TODAY)) == [
        "baseline_unknown"
    ]


@pytest.mark.parametrize(
    ("kind", "held", "expected"),
    [
        ("committed", 9, []),
        ("committed", 3, []),
        ("committed", 2, ["line_rarely_held"]),
        ("aspirational", 9, []),
        ("aspirational", 1, []),
        ("aspirational", 0, ["line_rarely_held"]),
    ],
)
@pytest.mark.parametrize("shape", ["keep", "total"])
def test_a_line_is_judged_by_how_often_it_was_held(kind: Kind, held: int, expected: list[str], shape: Any) -> None:
    seen = evidence(*[(None, 0.04)] * held, *[(None, 0.06)] * (9 - held))
    one = key_result("< 5 %", shape=shape, read=Read("period"))
    assert doubts(key_result_achievable(one, kind, "percent", seen, QUARTER, TODAY)) == expected


def test_a_total_grows_from_what_the_cycle_before_brought() -> None:
    """From 100 last quarter to 110: growth of 10, although the total starts from 0."""
    seen = evidence(*[(80.0, 95.0)] * 9, measured_baseline=100.0, value=20.0)
    one = key_result(">= 110", shape="total", read=Read("period"))
    found = key_result_achievable(one, "committed", "orders", seen, QUARTER, TODAY)
    assert values_of(found, "done_before")["change"] == 10.0
    assert values_of(found, "done_before")["hits"] == 9.0


@pytest.mark.parametrize(
    ("today", "value", "expected"),
    [
        (date(2027, 3, 20), 5.5, ["rest_unseen"]),
        (date(2027, 3, 20), 4.0, []),
        (date(2027, 3, 20), 1.5, []),
        (date(2026, 12, 1), 5.5, []),
        (date(2027, 4, 2), 5.5, []),
    ],
)
def test_what_is_left_is_compared_with_whole_cycles(today: date, value: float, expected: list[str]) -> None:
    """From 4 to 2 has precedent; having slid to 5.5 with eleven days left has none."""
    seen = evidence(*drops(*[2.5] * 9), value=value)
    found = key_result_achievable(key_result("< 2"), "committed", "hours", seen, QUARTER, today)
    assert doubts(found) == expected
    if expected:
        assert values_of(found, "rest_unseen")["days_left"] == 11.0


@pytest.mark.parametrize("seen", [NOT_SYNCED, evidence(ever=False), evidence(error="no")])
def test_without_data_achievable_is_unknown(seen: Evidence) -> None:
    found = key_result_achievable(key_result(), "committed", "hours", seen, QUARTER, TODAY)
    assert codes(found) == ["history_unknown"]


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=3, max_size=12),
    st.integers(0, 99),
    st.integers(0, 99),
)
def test_a_commitment_never_looks_better_for_asking_more(
    moves: list[tuple[int, int]], easy: int, harder_by: int
) -> None:
    seen = evidence(*moves, value=None, measured_baseline=-1.0)
    graver = {"done_before": 0, "rarely_done": 1}

    def judged(target: int) -> int:
        found = key_result_achievable(key_result(f"> {target}"), "committed", "points", seen, QUARTER, TODAY)
        (code,) = codes(found)
        return graver[code]

    assert judged(easy) <= judged(easy + harder_by)


KNOWN = frozenset({"2027/customer-trust", "2027-Q1/service-quality"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"parent": "2027/customer-trust"}, "serves"),
        ({"parent": "2027/customer-trust", "level": "team"}, "serves"),
        ({"parent": "2027/gone"}, "parent_unknown"),
        ({}, "contribution_stated"),
        ({"why": {}}, "contribution_missing"),
        ({"why": {"vi": " "}}, "contribution_missing"),
        ({"level": "team"}, "parent_missing"),
        ({"level": "individual", "why": {}}, "parent_missing"),
    ],
)
def test_relevance_is_a_parent_or_at_company_level_a_reason(changes: dict[str, Any], expected: str) -> None:
    found = key_result_relevant(objective(key_result(), **changes), KNOWN)
    assert codes(found) == [expected]
    assert (found[0].severity == "ok") == (expected in {"serves", "contribution_stated"})


@pytest.mark.parametrize(
    ("today", "changes", "expected"),
    [
        (TODAY, {}, ["days_left"]),
        (date(2026, 11, 23), {}, ["cycle_ahead"]),
        (date(2027, 4, 1), {}, ["cycle_over"]),
        (TODAY, {"plan": (PlanPoint(date(2027, 1, 31), 3.0),)}, ["days_left"]),
        (TODAY, {"plan": (PlanPoint(date(2027, 4, 1), 3.0),)}, ["plan_outside_cycle", "days_left"]),
        (TODAY, {"plan": (PlanPoint(date(2026, 12, 31), 3.0),)}, ["plan_outside_cycle", "days_left"]),
        (TODAY, {"read": Read("trailing", 90)}, ["days_left"]),
        (TODAY, {"read": Read("trailing", 91)}, ["read_exceeds_cycle", "days_left"]),
    ],
)
def test_dates_lie_inside_the_cycle(today: date, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(key_result_time_bound(key_result(**changes), QUARTER, today)) == expected


def test_days_left_are_counted() -> None:
    assert values_of(key_result_time_bound(key_result(), QUARTER, TODAY), "days_left")["days_left"] == 75.0
    ahead = key_result_time_bound(key_result(), QUARTER, QUARTER.starts - timedelta(days=10))
    assert values_of(ahead, "cycle_ahead")["days_until"] == 10.0


def outcomes(one: Any, seen: Evidence, today: date = TODAY, cycle: Cycle = QUARTER) -> dict[str, str]:
    judged = judge_key_result(one, objective(one), RESPONSE, cycle, today, evidence=seen, known=KNOWN)
    return {verdict.letter: verdict.outcome for verdict in judged.verdicts}


def test_a_key_result_gets_five_verdicts() -> None:
    good = evidence(*drops(*[2.5] * 9))
    assert outcomes(key_result(), good) == dict.fromkeys(
        ["specific", "measurable", "achievable", "relevant", "time_bound"], "pass"
    )
    assert outcomes(key_result(), NOT_SYNCED) == {
        "specific": "pass",
        "measurable": "unknown",
        "achievable": "unknown",
        "relevant": "pass",
        "time_bound": "pass",
    }
    assert outcomes(key_result(), replace(good, ever=False))["measurable"] == "fail"
    assert outcomes(key_result(), replace(good, stale=True))["measurable"] == "warn"
