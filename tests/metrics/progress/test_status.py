"""Every policy's thresholds, and the order in which a verdict is reached."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.model.definition import KeyResult, Kind, Objective
from metrics.model.scorecard import Budget, Cycle, ForecastCard, Freshness, KeyResultCard, Reason, Status
from metrics.model.target import parse_target
from metrics.progress.measure import clip
from metrics.progress.policies import POLICIES, judge_pace
from metrics.progress.rollup import WORST_FIRST, roll_up, worst_of
from metrics.progress.status import Evidence, judge

Q1 = Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31))
MIDDLE = date(2027, 2, 14)
FRESH = Freshness(datetime(2027, 2, 14, 10, tzinfo=UTC), stale=False)
REACH = KeyResult("kr", "o", "2027-Q1", {"en": "KR"}, "metric", parse_target("< 2"), baseline=4)
KEEP = replace(REACH, shape="keep", target=parse_target("< 5 %"), baseline=None)
TOTAL = replace(REACH, shape="total", target=parse_target(">= 100"), baseline=None)


def evidence(value: float | None = 3.0, progress: float | None = 0.5, budget: Budget | None = None) -> Evidence:
    return Evidence(value=value, progress_raw=progress, expected=0.5, budget=budget, freshness=FRESH)


def verdict(
    key_result: KeyResult, given_evidence: Evidence, *, as_of: date = MIDDLE, kind: Kind = "committed"
) -> tuple[Status, str]:
    status, reason = judge(key_result, kind, Q1, as_of, evidence=given_evidence, policy=POLICIES["viva"])
    return status, reason.code


@pytest.mark.parametrize(
    ("policy", "progress", "expected", "status"),
    [
        ("burning", 0.4, 0.6, "on_track"),
        ("burning", 0.39, 0.6, "at_risk"),
        ("burning", 0.2, 0.6, "at_risk"),
        ("burning", 0.19, 0.6, "off_track"),
        ("upraise", 0.57, 0.6, "on_track"),
        ("upraise", 0.45, 0.6, "at_risk"),
        ("upraise", 0.44, 0.6, "off_track"),
        ("engagedly", 0.435, 0.6, "on_track"),
        ("engagedly", 0.27, 0.6, "at_risk"),
        ("engagedly", 0.26, 0.6, "off_track"),
        ("shamanr", 0.5, 0.6, "on_track"),
        ("shamanr", 0.35, 0.6, "at_risk"),
        ("shamanr", 0.34, 0.6, "off_track"),
        ("servicenow", 0.9, 0.1, "on_track"),
        ("servicenow", 0.75, 0.1, "at_risk"),
        ("servicenow", 0.74, 0.1, "off_track"),
        ("openokr", 0.75, 0.1, "on_track"),
        ("openokr", 0.5, 0.1, "at_risk"),
        ("openokr", 0.49, 0.1, "off_track"),
        ("viva", 0.6, 0.6, "on_track"),
        ("viva", -3.0, 0.6, "at_risk"),
        ("google", 0.7, 0.1, "on_track"),
        ("google", 0.4, 0.1, "at_risk"),
        ("google", 0.39, 0.1, "off_track"),
        ("pace", 0.54, 0.6, "on_track"),
        ("pace", 0.42, 0.6, "at_risk"),
        ("pace", 0.41, 0.6, "off_track"),
    ],
)
def test_each_policy_colours_at_its_documented_thresholds(
    policy: str, progress: float, expected: float, status: Status
) -> None:
    found, reason = judge_pace(POLICIES[policy], progress=progress, expected=expected)
    assert found == status
    assert dict(reason.values)["policy"] == policy


@given(st.sampled_from(sorted(POLICIES)), st.floats(-2, 3), st.floats(-2, 3), st.floats(0, 1))
def test_more_progress_never_looks_worse(policy: str, one: float, other: float, expected: float) -> None:
    order = ["off_track", "at_risk", "on_track"]
    low, high = sorted((one, other))
    before = judge_pace(POLICIES[policy], progress=low, expected=expected)[0]
    after = judge_pace(POLICIES[policy], progress=high, expected=expected)[0]
    assert order.index(before) <= order.index(after)


def test_what_comes_first_decides() -> None:
    assert verdict(REACH, evidence(), as_of=date(2026, 12, 1)) == ("not_started", "not_started")
    assert verdict(REACH, replace(evidence(), error="column gone")) == ("no_data", "error")
    assert verdict(REACH, evidence(value=None, progress=None)) == ("no_data", "no_rows")
    assert verdict(REACH, evidence(progress=None)) == ("no_data", "no_baseline")
    assert verdict(REACH, evidence()) == ("on_track", "ahead_of_pace")


def test_a_capped_total_that_stands_at_what_it_must_stay_below_has_nothing_left() -> None:
    capped = replace(TOTAL, target=parse_target("< 510"))
    assert verdict(capped, evidence(510.0, 0.0, Budget(510, 510, 1.2, 0.0))) == ("off_track", "budget_gone")
    allowed = replace(TOTAL, target=parse_target("<= 510"))
    assert verdict(allowed, evidence(510.0, 1.0, Budget(510, 510, 1.2, 0.0))) == ("at_risk", "burning_too_fast")


def test_a_total_within_a_range_is_not_reached_before_the_last_day() -> None:
    """It goes on growing, past the range's end."""
    ranged = replace(TOTAL, target=parse_target("90..110"))
    assert verdict(TOTAL, evidence(value=100.0, progress=1.0)) == ("achieved", "total_reached")
    assert verdict(ranged, evidence(value=95.0, progress=1.0)) == ("on_track", "ahead_of_pace")
    assert verdict(ranged, evidence(value=95.0, progress=1.0), as_of=Q1.ends) == ("achieved", "met_at_close")


@pytest.mark.parametrize("kind", ["committed", "aspirational"])
def test_a_miss_without_a_distance_makes_no_progress_up(kind: Kind) -> None:
    status, reason = judge(
        REACH, kind, Q1, Q1.ends, evidence=evidence(value=2.0, progress=None), policy=POLICIES["viva"]
    )
    assert (status, reason) == ("missed", Reason("unmet_at_close", (("value", 2.0), ("target", "< 2"))))


def test_stale_beats_green_and_only_green() -> None:
    stale = replace(FRESH, stale=True)
    assert verdict(REACH, replace(evidence(), freshness=stale)) == ("stale", "stale")
    assert verdict(REACH, replace(evidence(progress=0.1), freshness=stale)) == ("at_risk", "behind_pace")
    assert verdict(REACH, replace(evidence(value=1.9), freshness=stale), as_of=Q1.ends) == ("stale", "stale")


@pytest.mark.parametrize(
    ("kind", "value", "progress", "status"),
    [
        ("committed", 1.99, 1.005, "achieved"),
        ("committed", 2.0, 1.0, "missed"),
        ("committed", 2.6, 0.7, "missed"),
        ("aspirational", 2.6, 0.7, "achieved"),
        ("aspirational", 2.7, 0.65, "missed"),
    ],
)
def test_the_same_score_is_a_miss_or_a_success_by_kind(
    kind: Kind, value: float, progress: float, status: Status
) -> None:
    assert verdict(REACH, evidence(value, progress), as_of=Q1.ends, kind=kind)[0] == status


@pytest.mark.parametrize(
    ("value", "budget", "expected"),
    [
        (0.04, Budget(100, 40, 0.8, 0.06), ("on_track", "within_budget")),
        (0.06, Budget(100, 60, 1.2, 0.045), ("at_risk", "recoverable")),
        (0.06, Budget(100, 101, 2.0, -0.1), ("off_track", "budget_gone")),
        (0.04, None, ("on_track", "within_limit")),
        (0.05, None, ("off_track", "outside_limit")),
    ],
)
def test_a_limit_is_judged_by_its_budget(value: float, budget: Budget | None, expected: tuple[str, str]) -> None:
    assert verdict(KEEP, evidence(value, 1.0 if value < 0.05 else 0.0, budget)) == expected


def test_a_capped_total_warns_before_it_breaks() -> None:
    cap = replace(TOTAL, target=parse_target("<= 100"))
    assert verdict(cap, evidence(75, 1.0, Budget(100, 75, 1.5, 0.5))) == ("at_risk", "burning_too_fast")


def test_a_total_that_is_reached_stays_reached() -> None:
    assert verdict(TOTAL, evidence(100, 1.0)) == ("achieved", "total_reached")


def card(name: str, progress: float | None, *, weight: float = 1.0, status: Status = "on_track") -> KeyResultCard:
    raw = progress
    return KeyResultCard(
        key_result=replace(REACH, id=name, weight=weight),
        unit="hours",
        value=None if raw is None else 3.0,
        rows=1,
        baseline=4.0,
        target=REACH.target,
        original_target=REACH.target,
        met=None,
        progress_raw=raw,
        progress=None if raw is None else clip(raw),
        expected=0.5,
        forecast=ForecastCard(),
        needed=None,
        budget=None,
        status=status,
        why=Reason("on_pace"),
        freshness=FRESH,
    )


OBJECTIVE = Objective("o", "2027-Q1", {"en": "Objective"}, (REACH,))


def test_a_roll_up_weighs_clipped_progress_and_names_what_it_left_out() -> None:
    cards = [card("a", 1.5, weight=3), card("b", -1.0), card("c", None, status="no_data")]
    rolled = roll_up(OBJECTIVE, cards, Q1, MIDDLE, policy=POLICIES["viva"])
    assert rolled.progress == pytest.approx(0.75)
    assert rolled.expected == pytest.approx(0.5)
    assert rolled.without_data == ("c",)
    assert rolled.status == "on_track"
    assert rolled.worst == "no_data"


def test_an_objective_without_any_data_says_so() -> None:
    rolled = roll_up(OBJECTIVE, [card("a", None)], Q1, MIDDLE, policy=POLICIES["viva"])
    assert (rolled.progress, rolled.expected, rolled.status) == (None, None, "no_data")


@pytest.mark.parametrize(("kind", "status"), [("committed", "missed"), ("aspirational", "achieved")])
def test_an_objective_closes_by_its_kind(kind: Kind, status: Status) -> None:
    rolled = roll_up(replace(OBJECTIVE, kind=kind), [card("a", 0.7)], Q1, Q1.ends, policy=POLICIES["viva"])
    assert rolled.status == status


@pytest.mark.parametrize(("kind", "status"), [("committed", "missed"), ("aspirational", "achieved")])
def test_a_promise_is_not_kept_where_its_own_key_result_is_missed(kind: Kind, status: Status) -> None:
    at_two = replace(card("a", 1.0), value=2.0, met=False, status="missed")
    rolled = roll_up(replace(OBJECTIVE, kind=kind), [at_two], Q1, Q1.ends, policy=POLICIES["viva"])
    assert (rolled.progress, rolled.status) == (1.0, status)
    kept = replace(at_two, value=1.9, met=True, status="achieved")
    assert roll_up(OBJECTIVE, [kept], Q1, Q1.ends, policy=POLICIES["viva"]).status == "achieved"
    unmeasured = replace(card("b", None), value=2.0, met=False, status="missed")
    assert roll_up(OBJECTIVE, [kept, unmeasured], Q1, Q1.ends, policy=POLICIES["viva"]).status == "missed"


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 10)), min_size=1, max_size=8))
def test_a_roll_up_stays_between_its_parts(parts: list[tuple[float, float]]) -> None:
    cards = [card(str(number), progress, weight=weight) for number, (progress, weight) in enumerate(parts)]
    rolled = roll_up(OBJECTIVE, cards, Q1, MIDDLE, policy=POLICIES["viva"]).progress
    clipped = [clip(progress) for progress, _ in parts]
    assert rolled is not None
    assert min(clipped) - 1e-9 <= rolled <= max(clipped) + 1e-9


def test_the_worst_status_is_the_one_that_most_needs_attention() -> None:
    assert worst_of(["on_track", "at_risk", "stale"]) == "stale"
    assert worst_of([]) == "no_data"
    assert len(set(WORST_FIRST)) == 8
