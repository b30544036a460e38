"""The Key result page's blocks say where a number stands and where it comes from."""

from datetime import UTC, date, datetime
from typing import Any

from metrics.ledger import Version
from metrics.model.definition import Metric, Read
from metrics.model.reading import Lineage, Part, Reading, Window
from metrics.model.scorecard import KeyResultCard, Needed
from metrics.model.target import parse_target
from pages.ui.detail import (
    breakdown_table,
    changes_of,
    definition_list,
    headline_block,
    history_table,
    points_table,
)
from pages.ui.i18n import words_in
from pages.ui.markup import EMPTY
from pages.ui.reader import Reader
from tests.pages.factory import NOW, card, key_result, objective_card, scorecard, trend
from tests.pages.test_markup import Seen

EN = Reader(words_in("en"), NOW, "Asia/Ho_Chi_Minh")
METRIC = Metric(
    "first_response",
    {"en": "First response time"},
    "helpdesk.tickets",
    "opened_at",
    "median",
    value="first_response_s / 3600.0",
    where="channel <> 'spam'",
)


def plain(markup: str) -> str:
    return Seen(markup).text.replace("\u00a0", " ")


def headline(shown: KeyResultCard) -> str:
    objective = objective_card(shown)
    return plain(headline_block(shown, objective, scorecard(objective), EN, EMPTY))


def version(number: int, kind: str = "key_result", **body: Any) -> Version:
    key = "2026-Q4/response-time" if kind == "key_result" else "first_response"
    at = datetime(2026, 11, number, tzinfo=UTC)
    return Version(kind, key, number, body, "", False, number, at, "linh")  # type: ignore[arg-type]


def test_the_headline_answers_in_one_sentence() -> None:
    text = headline(card(needed=Needed(-0.14)))
    assert "2.71 h" in text
    assert "Target < 2 hfrom 3.6 h" in text
    assert "At risk: 19 points behind pace. Needs −0.14 h a week to meet the target." in text  # noqa: RUF001


def test_a_percentage_needs_points() -> None:
    """1.3 % more of 80 % would be 81 %, and that is not what is meant."""
    share = card(needed=Needed(0.013), unit="percent", of=key_result(target=">= 90 %"))
    assert "Needs +1.3 pp a week" in headline(share)


def test_a_total_needs_an_amount_and_not_a_change() -> None:
    total = card(of=key_result(shape="total", target=">= 100", read=Read("period")), needed=Needed(12.0), unit="orders")
    assert "Needs 12 orders a week" in headline(total)


def test_a_met_target_needs_nothing_and_a_revised_one_says_what_it_was() -> None:
    assert "The target is met today." in headline(card(needed=Needed(0.0)))
    assert "was < 2 h" in headline(card(of=key_result(target="< 3"), original_target=parse_target("< 2")))


def test_the_numbers_behind_a_chart_begin_with_the_newest() -> None:
    seen = Seen(points_table(trend((3.6, None, 2.7)), "hours", "week", EN.words))
    assert [tag for tag, _ in seen.tags].count("tr") == 4
    text = seen.text.replace("\u00a0", " ")
    assert text.index("23 Nov 2026") < text.index("9 Nov 2026")
    assert "–" in text  # noqa: RUF001 - a gap stays a gap


def test_parts_have_bars_for_their_share_of_the_rows() -> None:
    parts = (Part("south", Reading(3.0, 75)), Part(None, Reading(None, 25)))
    drawn = breakdown_table(parts, card(), "team", EN.words)
    assert "width:75.0%" in drawn
    assert "width:25.0%" in drawn
    assert "(empty)" in drawn
    assert breakdown_table((), card(), "team", EN.words)


def test_behind_the_number_stand_its_definition_days_rows_and_generation() -> None:
    lineage = Lineage("select 1", 4120, "helpdesk.tickets", 40286, "facts-12", NOW)
    window = Window(date(2026, 10, 27), date(2026, 11, 23))
    text = plain(definition_list(card(), METRIC, lineage, window, (("team", ("north", "south")),), EN))
    for said in (
        "First response time (first_response)",
        "median: first_response_s / 3600.0 where channel <> 'spam'",
        "over the last 28 days",
        "team=north|south",
        "4,120",
        "40,286",
        "facts-12",
        "23 Nov 14:05",
    ):
        assert said in text


def test_each_version_says_what_it_changed_and_a_metric_is_named() -> None:
    versions = [
        version(1, "metric", value="a"),
        version(2, target="< 2", owner="linh"),
        version(3, target="< 3", owner="linh", contributors=["minh"]),
        version(4, "metric", value="b"),
    ]
    assert changes_of(versions, EN.words) == [
        "first_response: defined",
        "defined",
        'target: < 2 → < 3; contributors: – → ["minh"]',  # noqa: RUF001
        "first_response: value of a row: a → b",
    ]
    assert changes_of(versions, words_in("vi"))[2:] == [
        'chỉ tiêu: < 2 → < 3; người phối hợp: – → ["minh"]',  # noqa: RUF001
        "first_response: giá trị của một dòng: a → b",
    ]


def test_the_history_begins_with_the_newest() -> None:
    text = plain(history_table([version(1, target="< 2"), version(2, target="< 3")], EN))
    assert text.index("target: < 2 → < 3") < text.index("defined")
    assert "2 Nov 07:00" in text
