"""A survey's interval, its next measurement and the zones of a target, drawn in both languages."""

from datetime import date

import pytest

from metrics.model.scorecard import Interval, KeyResultCard
from metrics.model.target import parse_target
from pages.ui.cards import objective_block
from pages.ui.detail import headline_block
from pages.ui.i18n import words_in
from pages.ui.markup import EMPTY
from pages.ui.reader import Reader
from pages.ui.samples import sample_note, sample_sentences, zones_line
from tests.pages.factory import NOW, card, key_result, objective_card, scorecard
from tests.pages.test_markup import Seen

EN, VI = words_in("en"), words_in("vi")
SURVEY = card(
    unit="percent",
    value=0.8412,
    of=key_result(target=">= 90 %", commit=parse_target(">= 80 %"), stretch=parse_target(">= 95 %")),
    interval=Interval(0.821, 0.8593, 1240, "wilson"),
    due=date(2027, 1, 15),
    zone="commit",
)


def plain(markup: str) -> str:
    return Seen(markup).text.replace("\u00a0", " ")


def test_an_interval_and_the_next_measurement_stand_under_the_value() -> None:
    assert plain(sample_note(SURVEY, EN)) == "82.1–85.9 %, n = 1,240next due 15 Jan"  # noqa: RUF001
    assert plain(sample_note(SURVEY, VI)) == "82,1–85,9 %, n = 1.240đo tiếp 15/1"  # noqa: RUF001


def test_the_key_result_page_says_it_in_sentences() -> None:
    english, due = (text.replace("\u00a0", " ") for text in sample_sentences(SURVEY, EN))
    assert english.startswith("With 95 % confidence the true number lies within 82.1–85.9 %: 1,240 answers, Wilson's")  # noqa: RUF001
    assert due.startswith("The next measurement is due on 15 Jan 2027")
    assert "khoảng Wilson của tỷ lệ" in sample_sentences(SURVEY, VI)[0]


def test_an_approximate_value_says_so_under_it_and_in_a_sentence() -> None:
    nearly = card(approximate=True)
    assert plain(sample_note(nearly, EN)) == "≈ approximate"
    assert plain(sample_note(nearly, VI)) == "≈ gần đúng"
    assert sample_sentences(nearly, EN)[0].startswith("The engine where the rows are gives an approximate value")
    assert "approx" not in plain(sample_note(card(), EN))


@pytest.mark.parametrize(
    ("zone", "reached", "label"),
    [
        ("below", 0, "Zones: short of the commit"),
        ("commit", 1, "Zones: commit reached"),
        ("target", 2, "Zones: target reached"),
        ("stretch", 3, "Zones: stretch reached"),
    ],
)
def test_zones_stand_from_the_easiest_to_the_hardest_with_those_reached_marked(
    zone: str, reached: int, label: str
) -> None:
    drawn = zones_line(card(of=SURVEY.key_result, unit="percent", zone=zone), EN)
    assert plain(drawn) == "Commit≥ 80 %Target≥ 90 %Stretch≥ 95 %"
    assert drawn.count("ql-reached") == reached
    assert drawn.count("aria-current") == (1 if reached else 0)
    assert label in drawn


def test_without_any_of_it_nothing_is_drawn() -> None:
    plain_card: KeyResultCard = card()
    assert sample_note(plain_card, EN) == EMPTY
    assert sample_sentences(plain_card, EN) == []
    assert zones_line(plain_card, EN) == EMPTY


@pytest.mark.parametrize("words", [EN, VI], ids=["en", "vi"])
@pytest.mark.parametrize("as_cards", [False, True], ids=["table", "cards"])
def test_overview_and_key_result_show_it(words: object, as_cards: bool) -> None:
    reader = Reader(words, NOW, "Asia/Ho_Chi_Minh")  # type: ignore[arg-type]
    objective = objective_card(SURVEY)
    shown = scorecard(objective)
    overview = plain(objective_block(objective, shown, reader, as_cards=as_cards))
    assert plain(sample_note(SURVEY, reader.words)) in overview
    headline = plain(headline_block(SURVEY, objective, shown, reader, EMPTY))
    assert plain(zones_line(SURVEY, reader.words)) in headline
    assert plain(" ".join(sample_sentences(SURVEY, reader.words))) in headline
