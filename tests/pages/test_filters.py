"""Filters narrow what is listed and change no number."""

from pages.ui.filters import Filters
from tests.pages.factory import card, key_result, objective_card, scorecard

SERVICE = objective_card(
    card("at_risk", of=key_result("a", owner="linh")), card("on_track", of=key_result("b", owner="minh")), owner="hoa"
)
REVENUE = objective_card(card("on_track", of=key_result("c", owner="linh")), name="revenue", team="sales", owner=None)
WHOLE = scorecard(SERVICE, REVENUE)


def ids(filters: Filters) -> list[str]:
    return [each.key_result.id for each in filters.narrow(WHOLE).key_results]


def test_no_filter_keeps_everything() -> None:
    assert ids(Filters()) == ["a", "b", "c"]
    assert Filters().count == 0


def test_each_filter_narrows_and_they_combine() -> None:
    assert ids(Filters(team="sales")) == ["c"]
    assert ids(Filters(owner="linh")) == ["a", "c"]
    assert ids(Filters(status="on_track")) == ["b", "c"]
    assert ids(Filters(owner="linh", status="on_track")) == ["c"]
    assert Filters(owner="linh", status="on_track").count == 2


def test_an_objectives_owner_finds_all_of_its_key_results() -> None:
    assert ids(Filters(owner="hoa")) == ["a", "b"]


def test_an_objective_without_a_match_goes_and_the_others_keep_their_own_progress() -> None:
    narrowed = Filters(status="at_risk").narrow(WHOLE)
    assert [each.objective.id for each in narrowed.objectives] == ["service"]
    assert narrowed.objectives[0].progress == SERVICE.progress


def test_an_unknown_name_leaves_nothing() -> None:
    assert ids(Filters(team="no-such-team")) == []
