"""What changed since last week, and what if."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.facts import Facts
from metrics.model.decision import Decided, Recorded, TargetRevision
from metrics.model.definition import Definitions, KeyResult, Objective, Organisation, Read
from metrics.model.target import Target, parse_target
from metrics.outlook import Outlook, explain_chance_change, look_ahead, suppose, what_if
from metrics.outlook.calendar import country_of, public_holidays

from .conftest import LAST, METRICS, ORGANISATION, Q4, at, key_result

NOW, THEN = date(2026, 12, 12), date(2026, 12, 5)
KEY_RESULTS = (
    key_result("revenue", ">= 19500", shape="total"),
    key_result("share", ">= 60 %", read=Read("trailing", 28)),
    key_result("middle", "< 50", read=Read("trailing", 28)),
    key_result("per_day", ">= 250"),
    key_result("orders", "<= 520", shape="total"),
    key_result("buyers"),
)
DEFINED = Definitions(METRICS, (Objective("o", "2026-Q4", {"en": "o"}, KEY_RESULTS),))


def revised(each: KeyResult, target: str, day: date) -> Decided:
    revision = TargetRevision(each.key, each.target, parse_target(target), "too easy", day)
    return Decided(revisions={each.key: (Recorded(revision, 1, 2, datetime(2026, 12, 8, tzinfo=UTC), "linh", 1),)})


def test_the_parts_add_up_exactly_and_are_the_same_every_time(company: Facts) -> None:
    decided = revised(KEY_RESULTS[1], ">= 61 %", date(2026, 12, 8))
    frames = replace(at(NOW), decided=decided), replace(at(THEN), decided=decided)
    changes = explain_chance_change(DEFINED, company, *frames)
    assert [key.partition("/")[2] for key in changes] == ["revenue", "share", "middle", "per_day", "orders"]
    for change in changes.values():
        assert change.then + change.elapsed + change.data + change.target == change.now
    assert explain_chance_change(DEFINED, company, *frames) == changes
    assert {key for key, change in changes.items() if change.target} == {"2026-Q4/share"}
    assert changes["2026-Q4/share"].target < 0


@settings(max_examples=25, deadline=None)
@given(
    then=st.integers(1, 90),
    days=st.integers(0, 40),
    name=st.sampled_from(["revenue", "share", "middle", "per_day", "orders"]),
    target=st.sampled_from([">= 19000", ">= 58 %", "< 45", "45 %..60 %", "<= 600", "> 0"]),
    revised_on=st.integers(-5, 95),
)
def test_the_parts_add_up_exactly_whatever_happens(
    build_company: Callable[[date], Facts], then: int, days: int, name: str, target: str, revised_on: int
) -> None:
    """Over any days of the cycle and past its end, whenever and however the target was revised."""
    (each,) = (one for one in KEY_RESULTS if one.id == name)
    decided = revised(each, target, Q4.starts + timedelta(days=revised_on))
    earlier = Q4.starts + timedelta(days=then - 1)
    now, before = (replace(at(day), decided=decided) for day in (earlier + timedelta(days=days), earlier))
    defined = Definitions(METRICS, (Objective("o", "2026-Q4", {"en": "o"}, (each,)),))
    for change in explain_chance_change(defined, build_company(LAST), now, before).values():
        assert change.then + change.elapsed + change.data + change.target == change.now
        assert 0 <= change.then <= 1
        assert 0 <= change.now <= 1
        if not before.as_of < Q4.starts + timedelta(days=revised_on) <= now.as_of:
            assert change.target == 0
        if not days:
            assert (change.elapsed, change.data) == (0, 0)


def test_both_ends_are_the_chances_of_their_days(company: Facts) -> None:
    changes = explain_chance_change(DEFINED, company, at(NOW), at(THEN))
    for moment, end in ((NOW, "now"), (THEN, "then")):
        outlooks = look_ahead(KEY_RESULTS, METRICS, company, at(moment))
        for key, change in changes.items():
            forecast = outlooks[key].forecast
            assert forecast is not None
            assert getattr(change, end) == pytest.approx(forecast.chance(outlooks[key].key_result.target), abs=1e-11)


def test_a_revision_alone_is_all_of_the_change(company: Facts) -> None:
    each = KEY_RESULTS[0]
    changed = replace(at(NOW), decided=revised(each, ">= 21000", NOW))
    change = explain_chance_change(DEFINED, company, changed, at(NOW))[each.key]
    assert (change.elapsed, change.data) == (0.0, 0.0)
    assert change.target == change.now - change.then
    assert change.target < 0


def test_a_week_as_expected_leaves_little_to_the_data(company: Facts) -> None:
    changes = explain_chance_change(DEFINED, company, at(NOW), at(THEN))
    for change in changes.values():
        assert abs(change.elapsed) < 0.35  # what was expected all along moves the chance but slowly


def test_before_the_cycle_there_was_no_chance_to_compare_with(company: Facts) -> None:
    assert explain_chance_change(DEFINED, company, at(date(2026, 10, 3)), at(date(2026, 9, 26))) == {}


@pytest.fixture(scope="session")
def outlooks(build_company: "object") -> dict[str, Outlook]:
    facts = build_company(date(2026, 12, 20))  # type: ignore[operator]
    return look_ahead(KEY_RESULTS, METRICS, facts, at(NOW))


@pytest.mark.parametrize("name", ["revenue", "share", "middle", "per_day", "orders"])
def test_supposing_nothing_is_the_forecast(outlooks: dict[str, Outlook], name: str) -> None:
    outlook = outlooks[f"2026-Q4/{name}"]
    assert outlook.forecast is not None
    assert what_if(outlook) == outlook.forecast.chance(outlook.key_result.target)
    assert suppose(outlook, ends=Q4.ends) is outlook.forecast


@given(name=st.sampled_from(["revenue", "share", "per_day"]), changes=st.tuples(*[st.floats(-2, 2)] * 2))
def test_a_higher_level_never_makes_a_floor_less_likely(
    outlooks: dict[str, Outlook], name: str, changes: tuple[float, float]
) -> None:
    outlook = outlooks[f"2026-Q4/{name}"]
    low, high = (what_if(outlook, level_change=change) for change in sorted(changes))
    assert low is not None
    assert high is not None
    assert low <= high


def test_another_target_and_another_last_day(outlooks: dict[str, Outlook]) -> None:
    revenue = outlooks["2026-Q4/revenue"]
    usual, harder = what_if(revenue), what_if(revenue, target=Target(">=", 25_000, None, ">= 25000"))
    longer = what_if(revenue, target=Target(">=", 25_000, None, ">= 25000"), ends=date(2027, 2, 28))
    assert usual is not None
    assert harder is not None
    assert longer is not None
    assert harder < usual
    assert harder < longer


def test_a_total_moves_by_the_change_of_every_day_to_come(outlooks: dict[str, Outlook]) -> None:
    revenue = outlooks["2026-Q4/revenue"]
    moved = suppose(revenue, level_change=10.0)
    assert moved is not None
    assert moved.median is not None
    assert revenue.forecast is not None
    days = (Q4.ends - NOW).days
    assert moved.median - (revenue.forecast.median or 0) == pytest.approx(10.0 * days)


@pytest.mark.parametrize(
    ("name", "change"), [("highest", -40.0), ("highest", 40.0), ("lowest", 40.0), ("lowest", -40.0)]
)
def test_another_level_leaves_the_extreme_that_was_seen(company: Facts, name: str, change: float) -> None:
    """What the days until now reached stays reached, whatever the days to come are supposed to do."""
    outlook = look_ahead([key_result(name)], METRICS, company, at(NOW))[f"2026-Q4/{name}"]
    usual, moved = outlook.forecast, suppose(outlook, level_change=change)
    assert usual is not None
    assert moved is not None
    assert usual.median is not None
    assert moved.median is not None
    assert outlook.so_far is not None
    if name == "highest":
        assert moved.ordered[0] >= outlook.so_far
        assert (moved.median > usual.median) == (change > 0)
    else:
        assert moved.ordered[-1] <= outlook.so_far
        assert (moved.median < usual.median) == (change < 0)


def test_a_level_below_nothing_adds_nothing_to_a_total(outlooks: dict[str, Outlook]) -> None:
    revenue = outlooks["2026-Q4/revenue"]
    moved = suppose(revenue, level_change=-1e9)
    assert moved is not None
    assert moved.lo95 == moved.hi95 == pytest.approx(revenue.so_far)


def test_what_another_window_has_reached_is_not_taken_from_this_one(company: Facts) -> None:
    """The last 28 days of a cycle that ends in February hold none of December's orders."""
    outlook = look_ahead([key_result("orders", read=Read("trailing", 28))], METRICS, company, at(NOW))["2026-Q4/orders"]
    assert outlook.forecast is not None
    assert outlook.so_far
    assert outlook.forecast.floor == outlook.so_far
    later = suppose(outlook, ends=date(2027, 2, 28), level_change=-1e6)
    assert later is not None
    assert (later.floor, later.median) == (0.0, 0.0)


def test_a_cycle_cannot_end_in_the_past(outlooks: dict[str, Outlook]) -> None:
    with pytest.raises(ValueError, match="choose a later day"):
        what_if(outlooks["2026-Q4/revenue"], ends=NOW - timedelta(days=1))


def test_what_abstains_has_no_what_if(outlooks: dict[str, Outlook]) -> None:
    assert what_if(outlooks["2026-Q4/buyers"]) is None


def test_holidays_are_those_of_the_zone_s_country() -> None:
    assert country_of("Asia/Ho_Chi_Minh") == "VN"
    vietnam = public_holidays(ORGANISATION, date(2026, 2, 1), date(2027, 2, 1))
    assert vietnam[date(2026, 2, 17)] == vietnam[date(2027, 2, 6)] == "Lunar New Year"
    assert public_holidays(Organisation("x", "UTC"), date(2026, 1, 1), date(2026, 1, 1)) == {}
