"""Reasons and the summary, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from metrics.model.definition import Read
from metrics.model.scorecard import Reason, Status
from metrics.scorecard.wording import NO_FORECAST, SENTENCES
from metrics.smart import Finding
from pages.ui.i18n import Words, words_in
from pages.ui.reader import Reader
from pages.ui.smart_wording import finding_in_words
from pages.ui.wording import SHAPES, attention_of, explain, read_in_words, summarise
from tests.pages.factory import NOW, PACE, card, objective_card, sample_cards, scorecard

EN, VI = words_in("en"), words_in("vi")
BURN = (("burn", 1.23), ("rest_rate", 0.045))
CHANCE = (("p_hit", 0.995), ("median", 0.0412), ("pass_mark", 1.0), ("target", "< 5 %"), ("policy", "probability"))
EXAMPLES: dict[str, tuple[tuple[str, float | str], ...]] = {
    "not_started": (("days", 3.0),),
    "error": (("message", "no such column"),),
    "no_rows": (),
    "not_due": (("due", "2027-01-15"),),
    "no_baseline": (),
    "stale": (("last_event_at", (NOW - timedelta(days=2)).isoformat()), ("would_be", "on_track")),
    "check_in_overdue": (("days", 17.0), ("would_be", "on_track")),
    "all_done": (("milestones", 4.0),),
    "undone_at_close": (("progress", 0.5),),
    "unmet_at_close": (("value", 2.0), ("target", "< 2")),
    "met_at_close": (("value", 1.9), ("target", "< 2")),
    "pass_mark_at_close": (("progress", 0.75), ("pass_mark", 0.7)),
    "missed_at_close": (("value", 2.2), ("target", "< 2"), ("progress", 0.8)),
    "total_reached": (("value", 90.0), ("target", ">= 80")),
    "within_limit": (("value", 0.04), ("target", "< 5 %")),
    "outside_limit": (("value", 0.06), ("target", "< 5 %")),
    "within_budget": BURN,
    "burning_too_fast": BURN,
    "recoverable": BURN,
    "budget_gone": (("spent", 61234.0), ("allowed", 60000.0)),
    "ahead_of_pace": PACE,
    "on_pace": PACE,
    "behind_pace": PACE,
    "far_behind_pace": PACE,
    "chance_high": CHANCE,
    "chance_even": (("p_hit", 0.55), *CHANCE[1:]),
    "chance_low": (("p_hit", 0.004), ("median", 0.06), ("pass_mark", 0.7), ("target", "< 5 %")),
}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_there_is_an_example_of_every_reason() -> None:
    assert EXAMPLES.keys() >= SENTENCES.keys()


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_reason_is_worded_in_both_languages_without_holes(code: str) -> None:
    shown = card(unit="percent", why=Reason(code, EXAMPLES[code]))
    english, vietnamese = explain(shown, EN, NOW), explain(shown, VI, NOW)
    assert english != vietnamese
    for text in (english, vietnamese):
        assert text
        assert "{" not in text
        assert code not in text


@pytest.mark.parametrize(
    ("code", "english", "vietnamese"),
    [
        ("behind_pace", "19 points behind pace", "chậm 19 điểm so với nhịp độ"),
        ("burning_too_fast", "budget used 1.2\u00d7 too fast", "dùng hạn mức nhanh gấp 1,2 lần"),
        (
            "recoverable",
            "over the limit; the rest must run at 4.5 %",
            "vượt giới hạn; phần còn lại phải giữ ở mức 4,5 %",
        ),
        ("budget_gone", "budget used up, 1,234 over", "đã hết hạn mức, vượt 1.234"),
        ("stale", "last row 2 d ago; would be on track", "dòng mới nhất cách đây 2 ngày; nếu đủ dữ liệu: đúng tiến độ"),
        ("not_started", "begins in 3 days", "còn 3 ngày nữa mới bắt đầu"),
        ("chance_high", "> 99 % chance, heading for 4.1 %", "khả năng đạt > 99 %, dự báo 4,1 %"),
        ("chance_low", "< 1 % chance to pass, at 70 % of the way", "khả năng qua mức đạt (70 % chặng đường): < 1 %"),
        (
            "check_in_overdue",
            "no check-in for 17 days; would be on track",
            "17 ngày chưa cập nhật; nếu có cập nhật: đúng tiến độ",
        ),
        ("pass_mark_at_close", "closed at 75 %, 70 % is a pass", "kết thúc ở 75 %, từ 70 % là đạt"),
    ],
)
def test_reasons_carry_their_numbers(code: str, english: str, vietnamese: str) -> None:
    shown = card(unit="percent", why=Reason(code, EXAMPLES[code]))
    assert plain(explain(shown, EN, NOW)) == english
    assert plain(explain(shown, VI, NOW)) == vietnamese


@pytest.mark.parametrize(("progress", "said"), [(0.696, "69.6 %"), (0.7, "70 %"), (0.996, "99.6 %"), (1.0, "100 %")])
def test_what_closed_short_of_a_mark_does_not_seem_to_have_reached_it(progress: float, said: str) -> None:
    missed = Reason("missed_at_close", (("value", 2.0), ("target", "< 2"), ("progress", progress)))
    assert plain(explain(card(why=missed), EN, NOW)) == f"closed at {said} of the way"


def test_a_budget_that_is_only_just_overspent_says_by_how_much() -> None:
    gone = Reason("budget_gone", (("spent", 10.9), ("allowed", 10.5)))
    assert plain(explain(card(why=gone), EN, NOW)) == "budget used up, 0.4 over"
    fast = Reason("burning_too_fast", (("burn", 1.004), ("rest_rate", 0.04)))
    assert plain(explain(card(why=fast), EN, NOW)) == "budget used 1.004\u00d7 too fast"


def test_what_a_key_result_heads_for_does_not_seem_to_stand_at_its_target() -> None:
    numbers = (("p_hit", 0.4), ("median", 2.004), ("pass_mark", 1.0), ("target", "< 2"), ("policy", "probability"))
    shown = card(unit="hours", why=Reason("chance_even", numbers))
    assert plain(explain(shown, EN, NOW)) == "40 % chance, heading for 2.004 h"


def test_a_reason_that_a_page_does_not_know_shows_its_code() -> None:
    assert explain(card(why=Reason("invented_tomorrow")), EN, NOW) == "invented_tomorrow"


def test_a_stream_without_any_row_is_late_since_ever() -> None:
    never = Reason("stale", (("last_event_at", ""), ("would_be", "achieved")))
    assert explain(card(why=never), EN, NOW) == "no rows ever; would be achieved"


def test_the_worst_comes_first_and_what_is_well_stays_out() -> None:
    cards = [
        card(status) for status in ("at_risk", "on_track", "missed", "stale", "achieved", "off_track", "not_started")
    ]
    shown = attention_of(scorecard(objective_card(*cards)))
    assert [each.status for each in shown] == ["missed", "off_track", "stale", "at_risk"]


@pytest.mark.parametrize(
    ("statuses", "english"),
    [
        (("on_track", "achieved"), "2 of 2 key results are on track. Nothing needs a decision."),
        (("on_track",), "1 of 1 key result is on track. Nothing needs a decision."),
        (
            ("on_track", "at_risk"),
            "1 of 2 key results are on track. One needs a decision: Response time (19 points behind pace).",
        ),
    ],
)
def test_the_summary_counts_and_names(statuses: tuple[Status, ...], english: str) -> None:
    shown = scorecard(objective_card(*(card(status) for status in statuses)))
    assert summarise(shown, EN, NOW) == english


def test_the_summary_names_two_and_counts_the_rest() -> None:
    shown = scorecard(objective_card(*(card("at_risk") for _ in range(12))))
    assert summarise(shown, EN, NOW).endswith("and 10 more.")
    assert "12 need a decision" in summarise(shown, EN, NOW)


def test_the_summary_in_vietnamese() -> None:
    shown = plain(summarise(scorecard(objective_card(*sample_cards())), VI, NOW))
    assert shown.startswith("1/4 kết quả then chốt đang đúng tiến độ. Ba mục cần quyết định: Đào tạo nhân viên mới")


def test_every_status_has_a_shape_of_its_own() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == 8


@pytest.mark.parametrize(
    ("read", "english"),
    [
        (Read("period"), "over the cycle so far"),
        (Read("trailing", 28), "over the last 28 days"),
        (Read("last week"), "over the last full week"),
        (Read("last month"), "over the last full month"),
    ],
)
def test_what_the_value_is_can_be_read(read: Read, english: str) -> None:
    assert read_in_words(read, EN) == english


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (EN, "Measured by nps (75th percentile, over the last 28 days) against ≥ 92.5 %."),
        (VI, "Đo bằng nps (phân vị 75, trong 28 ngày gần nhất), so với ≥ 92,5 %."),
    ],
    ids=["en", "vi"],
)
def test_a_smart_finding_has_no_bare_codes(words: Words, said: str) -> None:
    values = (("metric", "nps"), ("aggregate", "p75"), ("read", "trailing 28d"), ("target", ">= 92.5 %"))
    finding = Finding("measured_by", "measurable", "ok", values)
    assert plain(finding_in_words(finding, Reader(words, NOW, "Asia/Ho_Chi_Minh"))) == said


def test_a_large_target_is_grouped_in_a_finding() -> None:
    finding = Finding(
        "line_held",
        "achievable",
        "ok",
        (("target", ">= 8240000000"), ("hits", 3.0), ("stretches", 4.0), ("past", "past_quarter")),
    )
    said = [plain(finding_in_words(finding, Reader(words, NOW, "Asia/Ho_Chi_Minh"))) for words in (EN, VI)]
    assert said[0].startswith("≥ 8,240,000,000 was held in 3 of 4")
    assert "≥ 8.240.000.000" in said[1]


def test_ages_count_from_the_present() -> None:
    late = Reason(
        "stale", (("last_event_at", datetime(2026, 11, 23, 4, 5, tzinfo=UTC).isoformat()), ("would_be", "on_track"))
    )
    assert plain(explain(card(why=late), EN, NOW)) == "last row 3 h ago; would be on track"


def test_a_status_without_a_forecast_says_why_there_is_none() -> None:
    shown = card(why=Reason("on_pace", (*PACE, ("no_forecast", "history_too_short"))))
    assert explain(shown, EN, NOW) == "close to pace; no forecast: too little history"
    assert explain(shown, VI, NOW) == "sát nhịp độ; chưa dự báo được: lịch sử quá ngắn"


@pytest.mark.parametrize("why", NO_FORECAST)
def test_every_reason_without_a_forecast_is_worded(why: str) -> None:
    assert EN(f"no_forecast.{why}")
    assert VI(f"no_forecast.{why}")
