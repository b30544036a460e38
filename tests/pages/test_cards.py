"""The Overview's blocks say what the scorecard says, in markup that a screen reader follows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from metrics.model.scorecard import ForecastCard
from metrics.model.target import parse_target
from pages.ui.cards import attention_block, objective_block, summary_block
from pages.ui.chances import Moves
from pages.ui.frame import cycle_name, header_block
from pages.ui.i18n import words_in
from pages.ui.markup import Html
from pages.ui.parts import progress_cell, status_badge, trend_image, trend_points
from pages.ui.reader import Reader
from tests.pages.factory import AS_OF, CYCLE, NOW, card, key_result, objective_card, sample_cards, scorecard
from tests.pages.test_markup import Seen, payloads

EN = Reader(words_in("en"), NOW, "Asia/Ho_Chi_Minh", {"lang": "en"})
VI = Reader(words_in("vi"), NOW, "Asia/Ho_Chi_Minh")


def table(reader: Reader = EN, **changes: object) -> Html:
    shown = replace(scorecard(), **changes)  # type: ignore[arg-type]
    return objective_block(shown.objectives[0], shown, reader, as_cards=False)


def plain(markup: str) -> str:
    return Seen(markup).text.replace("\u00a0", " ")


def test_the_table_has_a_scope_for_every_header_and_a_row_per_key_result() -> None:
    seen = Seen(table())
    headers = [attributes["scope"] for tag, attributes in seen.tags if tag == "th"]
    assert headers == ["col"] * 6 + ["row"] * 4
    assert [tag for tag, _ in seen.tags].count("img") == 3  # the fourth has no trend, and says so
    assert "No trend yet" in seen.text


def test_every_picture_and_bar_says_the_same_in_words() -> None:
    seen = Seen(table())
    assert all(attributes.get("alt") for tag, attributes in seen.tags if tag == "img")
    bars = [attributes for _, attributes in seen.tags if str(attributes.get("class", "")).startswith("ql-bar")]
    assert bars
    assert all(each["role"] == "img" and each["aria-label"] for each in bars)


def test_numbers_units_and_words_follow_the_language() -> None:
    english, vietnamese = plain(table(EN)), plain(table(VI))
    assert "2.71 h" in english
    assert "at risk" in english
    assert "2,71 giờ" in vietnamese
    assert "có rủi ro" in vietnamese
    assert "84,1 %" in vietnamese
    assert "Thời gian phản hồi" in vietnamese


def test_the_mix_of_objectives_stands_below_the_summary() -> None:
    """R17: a cycle needs commitments and aspirations."""
    both = scorecard(objective_card(card()), objective_card(card(), name="grow", kind="aspirational"))
    assert "1 committed objective · 1 aspirational objective" in plain(summary_block(both, EN))
    assert "1 mục tiêu cam kết · 1 mục tiêu khát vọng" in plain(summary_block(both, VI))


def test_the_worst_of_an_objectives_key_results_stands_beside_its_own_status() -> None:
    """A green objective hides neither what is missed nor what nobody measured."""
    hiding = objective_card(card("on_track", progress=0.9), card("stale", progress=0.9))
    assert hiding.status == "on_track"
    block = objective_block(hiding, scorecard(hiding), EN, as_cards=False)
    assert "worst of them: ◔ late data" in plain(block)
    assert "kém nhất trong đó: ◔" in plain(objective_block(hiding, scorecard(hiding), VI, as_cards=False))
    open_ = objective_card(card("on_track", progress=0.9))
    assert "worst of them" not in plain(objective_block(open_, scorecard(open_), EN, as_cards=False))


def test_what_nothing_moves_says_so_where_attention_is_asked_for() -> None:
    """R33: a quarter of the cycle gone and hardly any of the way."""
    stuck = scorecard(objective_card(card(progress=0.01)))
    assert "Nothing moves it" in plain(attention_block(stuck, EN))
    assert "Chưa nhúc nhích" in plain(attention_block(stuck, VI))
    assert "Nothing moves it" not in plain(attention_block(scorecard(), EN))


def test_the_chance_column_is_absent_until_something_forecasts() -> None:
    assert "Chance" not in table()
    forecast = card(forecast=ForecastCard(p_hit=0.31))
    shown = scorecard(objective_card(forecast, card("on_track")))
    drawn = plain(objective_block(shown.objectives[0], shown, EN, as_cards=False))
    assert "Chance" in drawn
    assert "31 %" in drawn


def test_each_key_result_links_to_its_page_and_keeps_the_language() -> None:
    links = [attributes["href"] for tag, attributes in Seen(table()).tags if tag == "a"]
    assert links[0] == "key-result?kr=2026-Q4/response-time&lang=en"
    assert len(set(links)) == 4


def test_cards_show_the_same_key_results_as_a_list() -> None:
    shown = scorecard()
    drawn = objective_block(shown.objectives[0], shown, EN, as_cards=True)
    assert [tag for tag, _ in Seen(drawn).tags].count("li") == 4
    assert "<table" not in drawn


def test_what_needs_attention_comes_worst_first() -> None:
    text = plain(attention_block(scorecard(), EN))
    assert text.index("Onboarding") < text.index("Response time") < text.index("Complaint rate")
    assert "Satisfaction" not in text


@pytest.mark.parametrize(("count", "seen", "folded"), [(5, 5, 0), (6, 6, 0), (7, 5, 2), (12, 5, 7)])
def test_what_is_less_pressing_is_folded(count: int, seen: int, folded: int) -> None:
    cards = [card("off_track", of=key_result(f"kr-{number}")) for number in range(count)]
    drawn = attention_block(scorecard(objective_card(*cards)), EN)
    before, _, after = drawn.partition("<details")
    assert (before.count("<tr"), after.count("<tr")) == (seen, folded)
    assert (f"{folded} more need attention" in plain(drawn)) == (folded > 0)


def test_nothing_is_drawn_where_nothing_needs_attention() -> None:
    assert attention_block(scorecard(objective_card(card("on_track"))), EN) == ""


@pytest.mark.parametrize("payload", payloads())
@pytest.mark.parametrize("as_cards", [True, False])
def test_a_title_owner_or_team_that_is_a_payload_is_only_text(payload: str, *, as_cards: bool) -> None:
    hostile = card(of=key_result(title={"en": payload}, owner=payload), unit=payload)
    shown = scorecard(objective_card(hostile, title={"en": payload}, team=payload, owner=payload))
    drawn = summary_block(shown, EN) + attention_block(shown, EN)
    drawn += objective_block(shown.objectives[0], shown, EN, as_cards=as_cards)
    seen = Seen(drawn)
    assert payload in seen.text
    assert {tag for tag, _ in seen.tags}.isdisjoint({"script", "svg", "iframe", "b", "link"})
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)
    sources = [str(attributes.get("src")) for tag, attributes in seen.tags if tag == "img"]
    assert all(source.startswith("data:image/svg+xml,") for source in sources)


def test_a_bar_is_cut_at_its_ends_but_the_number_is_not() -> None:
    drawn = progress_cell(card(progress=1.4), 0.6, words_in("en"))
    assert "width:100.0%" in drawn
    assert "140" in drawn
    behind = progress_cell(card(progress=-0.2), 0.6, words_in("en"))
    assert "width:0.0%" in behind
    assert "-20" in plain(behind)


def test_a_limit_shows_its_budget_and_not_a_distance() -> None:
    limit = sample_cards()[2]
    assert "70 % of budget used" in plain(progress_cell(limit, 0.587, words_in("en")))
    without_budget = replace(limit, budget=None)
    assert plain(progress_cell(without_budget, 0.587, words_in("en"))) == "outside the limit"


def test_a_status_never_rests_on_colour_alone() -> None:
    assert plain(status_badge("off_track", words_in("en"))) == "▼ off track"


def test_a_trend_in_words() -> None:
    alt = dict(Seen(trend_image(card(), AS_OF, words_in("en"))).tags[0][1])["alt"]
    assert alt is not None
    assert alt.replace("\u00a0", " ") == "Trend over 13 weeks: from 3.6 h to 2.9 h, lowest 2.9 h, highest 3.6 h"


def test_a_week_that_has_hardly_begun_is_left_out() -> None:
    total = card(of=key_result(shape="total", target=">= 100"))
    thursday, sunday = AS_OF + timedelta(days=3), AS_OF + timedelta(days=6)
    assert trend_points(total, thursday) == total.trend[:-1]
    assert trend_points(total, sunday) == total.trend
    assert trend_points(card(), AS_OF) == card().trend[:-1]
    assert trend_points(card(), thursday) == card().trend
    assert trend_points(card(trend=()), AS_OF) == ()


def test_the_header_says_whose_quarter_how_far_and_how_fresh() -> None:
    english = plain(header_block("Sao Mai Retail", scorecard(), NOW, EN, {"view": "cards"}))
    assert "Q4 2026 · day 54 of 92 · 38 days left" in english
    assert "as of 23 Nov 14:05, data fresh" in english
    vietnamese = plain(header_block("Sao Mai Retail", scorecard(), NOW, VI, {}))
    assert "Q4 2026 · ngày 54/92 · còn 38 ngày" in vietnamese


def test_the_header_counts_what_is_late_and_says_what_is_not_today() -> None:
    late = card("stale", freshness=replace(card().freshness, stale=True))
    assert "1 key result on late data" in header_block("X", scorecard(objective_card(late)), NOW, EN, {})
    past = replace(scorecard(), as_of=AS_OF.replace(day=1))
    assert "as of 1 Nov 2026" in header_block("X", past, NOW, EN, {})
    assert "no data yet" in header_block("X", None, None, EN, {})


def test_the_header_before_and_after_the_cycle() -> None:
    assert "begins 1 Oct" in header_block("X", replace(scorecard(), as_of=AS_OF.replace(month=9)), NOW, EN, {})
    after = replace(scorecard(), as_of=AS_OF.replace(year=2027, month=1))
    assert "ended 31 Dec" in header_block("X", after, NOW, EN, {})


def test_another_language_keeps_every_other_choice() -> None:
    links = [
        attributes["href"]
        for tag, attributes in Seen(header_block("X", None, None, EN, {"kr": "2026-Q4/a", "lang": "en"})).tags
        if tag == "a"
    ]
    assert links == ["?kr=2026-Q4/a&lang=vi", "?kr=2026-Q4/a&lang=en"]


def test_a_cycle_of_ones_own_keeps_its_name() -> None:
    assert cycle_name(CYCLE) == "Q4 2026"
    assert cycle_name(replace(CYCLE, id="spring-push")) == "spring-push"
    assert cycle_name(replace(CYCLE, id="2026-11")) == "2026-11"


def test_a_revised_target_is_compared_as_it_stands_now() -> None:
    revised = card(of=key_result(target="< 3"), original_target=parse_target("< 2"))
    shown = scorecard(objective_card(revised))
    assert "< 3 h" in plain(objective_block(shown.objectives[0], shown, EN, as_cards=False))


WEEK = Moves(date(2026, 11, 16), {"2026-Q4/response-time": -0.124, "2026-Q4/satisfaction": 0.03})


def test_the_chance_shows_what_it_lost_within_a_week_and_attention_says_since_when() -> None:
    told = ForecastCard(p_hit=0.31)
    better = replace(sample_cards()[1], forecast=ForecastCard(p_hit=0.8))
    shown = scorecard(objective_card(card(forecast=told), better))
    drawn = objective_block(shown.objectives[0], shown, EN, WEEK, as_cards=False)
    assert 'title="\u221212 since 16 Nov"' in drawn
    assert 'title="+3 since 16 Nov"' in drawn
    assert "(\u221212 since 16 Nov)" in plain(attention_block(shown, EN, WEEK))
    assert "(\u221212 điểm từ 16/11)" in plain(attention_block(shown, VI, WEEK))
    assert "since" not in plain(attention_block(shown, EN))
    cards = plain(objective_block(shown.objectives[0], shown, EN, WEEK, as_cards=True))
    assert "31 %" in cards
    assert "\u221212" in cards


def test_a_chance_to_pass_is_not_taken_for_that_of_the_whole_target() -> None:
    both = card(forecast=ForecastCard(p_hit=0.04, p_pass=0.9995))
    aspiring = replace(objective_card(both, kind="aspirational"), p_hit=0.94)
    for reader, of_objective, of_key_result, on_card in (
        (EN, "Chance to pass 94 %", "4 % whole target", "Chance of the whole target 4 %"),
        (VI, "Khả năng qua mức đạt 94 %", "4 % trọn chỉ tiêu", "Khả năng đạt trọn chỉ tiêu 4 %"),
    ):
        shown = scorecard(aspiring)
        table = plain(objective_block(shown.objectives[0], shown, reader, as_cards=False))
        assert of_objective in table
        assert of_key_result in table
        assert on_card in plain(objective_block(shown.objectives[0], shown, reader, as_cards=True))


def test_a_change_below_half_a_point_is_none() -> None:
    shown = scorecard(objective_card(card(forecast=ForecastCard(p_hit=0.31))))
    hardly = Moves(date(2026, 11, 16), {"2026-Q4/response-time": -0.004})
    assert "since" not in objective_block(shown.objectives[0], shown, EN, hardly, as_cards=False)
