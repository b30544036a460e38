"""The chance in words: first-class in the headline, and its week split into whole points that add up."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.forecast import Slice
from metrics.model.scorecard import ForecastCard
from metrics.model.target import parse_target
from metrics.outlook import ChanceChange, Supposed
from pages.ui.chances import change_block, distribution_image, headline_chance, moved, points, whole_mark
from pages.ui.formats import format_chance
from pages.ui.i18n import words_in
from tests.pages.factory import AS_OF, CYCLE, card
from tests.pages.test_markup import Seen

EN, VI = words_in("en"), words_in("vi")
TOLD = ForecastCard(median=2.5, lo80=2.2, hi80=3.0, lo95=1.8, hi95=3.4, p_hit=0.31, method="m", history=90)


def said(html: str) -> str:
    return Seen(html).text.replace("\u00a0", " ")


def test_the_chance_is_a_number_of_its_own() -> None:
    text = said(headline_chance(card(forecast=TOLD), CYCLE.ends, EN))
    assert text.startswith("31 %")
    assert "chance to be there on 31 Dec" in text
    assert "heading for 2.5 h, likely 2.2 h to 3 h" in text
    assert "khả năng đạt vào 31/12" in said(headline_chance(card(forecast=TOLD), CYCLE.ends, VI))


def test_where_a_part_of_the_way_passes_each_chance_says_which_it_is() -> None:
    """An aspirational key result: the number is that of the whole target, the status goes by the pass mark."""
    both = card(forecast=replace(TOLD, p_hit=0.04, p_pass=0.9995))
    english = said(headline_chance(both, CYCLE.ends, EN))
    assert english.startswith("4 %chance of the whole target on 31 Dec> 99 % to pass, at 70 % of the way")
    vietnamese = said(headline_chance(both, CYCLE.ends, VI))
    assert vietnamese.startswith("4 %khả năng đạt trọn chỉ tiêu vào 31/12qua mức đạt (70 % chặng đường): > 99 %")
    assert said(whole_mark(both, EN)) == " whole target"
    change = ChanceChange(0.1, -0.04, -0.02, 0.0, 0.04)
    assert said(change_block(change, AS_OF, EN, of_whole=True)).startswith("Chance of the whole target since 23 Nov")
    assert said(change_block(change, AS_OF, VI, of_whole=True)).startswith("Khả năng đạt trọn chỉ tiêu từ 23/11")
    for one in (card(forecast=replace(TOLD, p_pass=TOLD.p_hit)), card(forecast=TOLD)):
        assert "chance to be there" in said(headline_chance(one, CYCLE.ends, EN))
        assert "whole" not in said(headline_chance(one, CYCLE.ends, EN))
        assert whole_mark(one, EN) == ""


def test_a_range_without_width_is_not_told_as_one() -> None:
    constant = replace(TOLD, median=2.5, lo80=2.5, hi80=2.5)
    assert said(headline_chance(card(forecast=constant), CYCLE.ends, EN)).endswith("heading for 2.5 h")
    assert said(headline_chance(card(forecast=constant), CYCLE.ends, VI)).endswith("dự báo 2,5 giờ")


@pytest.mark.parametrize(("then", "now"), [(0.0095, 0.0005), (0.992, 0.999), (0.0, 0.0), (1.0, 1.0)])
def test_what_reads_alike_at_both_ends_has_not_moved(then: float, now: float) -> None:
    assert "unchanged" in said(change_block(ChanceChange(then, now - then, 0.0, 0.0, now), AS_OF, EN))
    crossed = said(change_block(ChanceChange(then, -0.06, now - then + 0.06, 0.0, now), AS_OF, EN))
    away, back = re.findall(r"[+\u2212]\d+", crossed)
    assert away == back.replace("+", "\u2212"), "what the parts add up to is what is seen of both ends"


def test_a_short_history_says_so_and_an_abstention_says_why() -> None:
    short = replace(TOLD, low_confidence=True)
    assert "low confidence" in said(headline_chance(card(forecast=short), CYCLE.ends, EN))
    silent = ForecastCard(reason="history_too_short")
    assert said(headline_chance(card(forecast=silent), CYCLE.ends, EN)) == "No chance yet: too little history"
    assert headline_chance(card(forecast=ForecastCard(reason="shape_without_forecast")), CYCLE.ends, EN) == ""


def as_shown(chance: float) -> int:
    """The whole points that a reader sees, `< 1 %` being next to none and `> 99 %` next to all."""
    shown = format_chance(chance, EN).replace("\u00a0", "")
    return {"<1%": 0, ">99%": 100}.get(shown, round(100 * chance))


@given(st.tuples(*[st.floats(-0.5, 0.5)] * 3), st.floats(0, 1))
def test_the_points_that_are_shown_add_up(parts: tuple[float, float, float], then: float) -> None:
    change = ChanceChange(then, *parts, now=then + sum(parts))
    text = said(change_block(change, AS_OF, EN))
    shown = re.findall(r"([+\u2212]?)(\d+) (?=time|new|revised)", text)
    total = sum(int(digits) * (-1 if sign == "\u2212" else 1) for sign, digits in shown)
    if shown:
        assert total == as_shown(change.now) - as_shown(change.then)
    else:
        assert "unchanged" in text


def test_a_week_in_words() -> None:
    text = said(change_block(ChanceChange(0.43, -0.03, -0.09, 0.0, 0.31), AS_OF, EN))
    assert text.startswith("Chance since 23 Nov: 43 % → 31 %")
    assert "\u22123 time passing as expected" in text
    assert "\u22129 new data" in text
    assert "revised" not in text
    assert "chỉ tiêu được điều chỉnh" in said(change_block(ChanceChange(0.4, 0, 0, 0.2, 0.6), AS_OF, VI))


@pytest.mark.parametrize(("change", "shown"), [(-0.12, "\u221212"), (0.052, "+5"), (0.0, "0"), (-0.004, "0")])
def test_a_difference_in_whole_points(change: float, shown: str) -> None:
    assert points(change, EN) == shown
    assert moved(change) is (shown != "0")


def test_the_spread_says_in_words_what_it_shows() -> None:
    slices = (Slice(1.0, 2.0, 0.3, 0.3), Slice(2.0, 3.0, 0.7, 0.0))
    supposed = Supposed(parse_target("< 2"), CYCLE.ends, 0.0, 0.3, 2.4, 1.5, 2.9, slices, None)
    html = distribution_image(supposed, "hours", EN)
    assert "30\u00a0% of the futures meet the target" in html
    assert "in colour: target met" in html
    assert Seen(html).text.count("< 2\u00a0h") == 1, "the line says what it is"
    assert html.count("class='in'") + html.count("class=&#x27;in&#x27;") == 1
