"""What bad input gets as a reader sees it: rows in a store, the scorecard over them, the words of both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from metrics.facts import Facts
from metrics.model.definition import Definitions, Objective, Organisation, Read
from metrics.model.scorecard import KeyResultCard
from metrics.periods import end_of_day
from metrics.scorecard.build import Frame, build_scorecard
from pages.ui.chances import headline_chance
from pages.ui.i18n import words_in
from tests.metrics.outlook.conftest import Q4, key_result
from tests.metrics.sync.rig import Rig, install_plug_in, metric
from tests.pages.test_markup import Seen

ORGANISATION = Organisation("Test", timezone="Asia/Ho_Chi_Minh")
DAY, SYNCED = date(2026, 11, 15), datetime(2026, 11, 16, 10, tzinfo=UTC)
FRAME = Frame(ORGANISATION, Q4, DAY, end_of_day(DAY, ORGANISATION) + timedelta(hours=2))
CALM = np.random.default_rng(5).normal(50, 5, 150)
EN, VI = words_in("en"), words_in("vi")
SCHEMA = pa.schema([("id", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("n", pa.float64())])


def table(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", *, shuffled: bool = False, late: int = 0) -> pa.Table:
    """One row a day at noon, the newest on the scorecard's day or so many days before it; NaN is a day without any."""
    first = DAY - timedelta(days=len(values) - 1 + late)
    rows = [
        {"id": at, "at": datetime(first.year, first.month, first.day, 5, tzinfo=UTC) + timedelta(days=at), "n": value}
        for at, value in enumerate(values.tolist())
    ]
    order = np.random.default_rng(1).permutation(len(rows)) if shuffled else np.arange(len(rows))
    return pa.Table.from_pylist([rows[at] for at in order], SCHEMA)


def without(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", first: int, last: int) -> pa.Table:
    whole = table(values)
    return pa.concat_tables([whole.slice(0, first), whole.slice(last)])


STREAMS = {
    "empty": table(CALM[:0]),
    "one_point": table(CALM[:1]),
    "two_points": table(CALM[:2]),
    "five_points": table(CALM[:5]),
    "ten_points": table(CALM[:10]),
    "constant": table(np.full(90, 7.0)),
    "all_zeros": table(np.zeros(90)),
    "gaps": without(CALM, 60, 110),
    "repeated": pa.concat_tables([table(CALM), table(CALM[:20])]),
    "unsorted": table(CALM, shuffled=True),
    "not_numbers": table(np.where(np.arange(150) % 7 == 3, np.nan, np.where(CALM > 58, np.inf, CALM))),
    "outside": table(CALM + 80),
    "spiked": table(np.where(np.arange(150) == 120, 1e7, CALM)),
    "stopped": table(CALM, late=30),
    "calm": table(CALM),
}
METRICS = {
    name: metric(name, "mean", value="n", source=f"shop.{name}", bounds=(0.0, 100.0), expected_every=timedelta(days=1))
    for name in STREAMS
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    with pytest.MonkeyPatch.context() as patch:
        install_plug_in(patch, tmp_path_factory.mktemp("site"))
        rig = Rig(tmp_path_factory.mktemp("bad"), organisation=ORGANISATION)
        rig.define(*METRICS.values())
        for name, rows in STREAMS.items():
            rig.put(name, rows)
        assert rig.sync(now=SYNCED).ok
        found = rig.facts()
        yield found
        found.close()


def card_of(facts: Facts, name: str, frame: Frame = FRAME, target: str = ">= 50") -> KeyResultCard:
    each = key_result(name, target, Read("trailing", 28))
    definitions = Definitions(METRICS, (Objective("o", "2026-Q4", {"en": "o"}, (each,)),))
    (card,) = build_scorecard(definitions, facts, frame).key_results
    return card


def told(card: KeyResultCard) -> tuple[str, str]:
    """What the key result's page says of its chance, in both languages."""
    return tuple(Seen(headline_chance(card, Q4.ends, words)).text.replace("\u00a0", " ") for words in (EN, VI))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "reason", "english", "vietnamese"),
    [
        ("empty", "no_rows", "no rows to go by", "không có dòng dữ liệu nào"),
        ("one_point", "history_too_short", "too little history", "lịch sử quá ngắn"),
        ("two_points", "history_too_short", "too little history", "lịch sử quá ngắn"),
        ("five_points", "chance_needs_history", "too little history for a chance", "lịch sử quá ngắn để tính khả năng"),
        ("stopped", "stale_source", "the newest rows are too old", "dữ liệu mới nhất đã quá cũ"),
    ],
)
def test_what_cannot_be_told_says_why(facts: Facts, name: str, reason: str, english: str, vietnamese: str) -> None:
    card = card_of(facts, name)
    assert card.forecast.reason == reason
    assert card.forecast.p_hit is None
    assert (card.forecast.median is not None) == (reason == "chance_needs_history")
    assert told(card) == (f"No chance yet: {english}", f"Chưa có khả năng đạt: {vietnamese}")


@pytest.mark.parametrize(
    ("name", "chance", "low", "high"),
    [
        ("ten_points", None, 30, 90),
        ("constant", "< 1 %", 7, 7),
        ("all_zeros", "< 1 %", 0, 0),
        ("gaps", None, 40, 65),
        ("repeated", None, 40, 65),
        ("unsorted", None, 40, 65),
        ("not_numbers", None, 40, 65),
        ("outside", "> 99 %", 100, 100),
        ("spiked", None, 40, 65),
    ],
)
def test_what_can_be_told_lies_inside_the_bounds(
    facts: Facts, name: str, chance: str | None, low: float, high: float
) -> None:
    card = card_of(facts, name)
    seen = card.forecast
    assert seen.reason is None
    assert seen.lo95 is not None
    assert seen.hi95 is not None
    assert seen.p_hit is not None
    assert low <= seen.lo95 <= seen.hi95 <= high
    assert 0 < seen.p_hit < 1, "nothing is settled before the cycle is over"
    english, vietnamese = told(card)
    for said in (english, vietnamese):
        assert said.startswith(chance or f"{seen.p_hit:.0%}".replace("%", " %"))
    assert ("low confidence" in english, "độ tin cậy thấp" in vietnamese) == (name == "ten_points",) * 2


def test_the_same_rows_in_another_order_give_the_same_forecast(facts: Facts) -> None:
    assert card_of(facts, "unsorted").forecast == card_of(facts, "calm").forecast


@pytest.mark.parametrize("percent", [40, 50, 60])
def test_a_cycle_that_is_over_is_settled_and_one_to_come_is_not_told(facts: Facts, percent: int) -> None:
    over = replace(Q4, ends=date(2026, 10, 31))
    card = card_of(facts, "calm", replace(FRAME, cycle=over), f">= {percent}")
    assert card.value is not None
    assert card.forecast.median == card.forecast.lo95 == card.forecast.hi95 == card.value
    assert card.forecast.p_hit == float(card.value >= percent)
    assert told(card)[0].startswith("100 %" if card.value >= percent else "0 %")
    coming = replace(Q4, starts=date(2026, 11, 20))
    later = card_of(facts, "calm", replace(FRAME, cycle=coming), f">= {percent}")
    assert later.forecast.reason == "not_begun"
    assert told(later) == ("No chance yet: the cycle has not begun", "Chưa có khả năng đạt: chu kỳ chưa bắt đầu")
