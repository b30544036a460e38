"""What is being done about a key result: initiatives with what they taught, and who waits for whom."""

import pytest

from metrics.model.definition import Definitions, Initiative, Objective
from pages.ui.doing import doing_block
from pages.ui.i18n import words_in
from pages.ui.reader import Reader
from tests.pages.factory import CYCLE, NOW, key_result
from tests.pages.test_markup import Seen, payloads

EN = Reader(words_in("en"), NOW, "Asia/Ho_Chi_Minh", {"lang": "en"})
VI = Reader(words_in("vi"), NOW, "Asia/Ho_Chi_Minh")

TRIED = (
    Initiative(
        {"en": "Templates", "vi": "Mẫu trả lời"}, "lan", "done", {"en": "Ten are half", "vi": "Mười là một nửa"}
    ),
    Initiative({"en": "Night shift", "vi": "Ca đêm"}),
)
SHARE = key_result(
    "online-share", title={"en": "Online share", "vi": "Tỷ trọng trực tuyến"}, owner="hoa", objective="growth"
)
ONE = key_result(initiatives=TRIED, depends_on=("2026-Q4/online-share", "2026-Q4/gone"))
SERVICE = Objective("service", CYCLE.id, {"en": "Service", "vi": "Dịch vụ"}, (ONE,))
OTHER = Objective(
    "growth", CYCLE.id, {"en": "Growth", "vi": "Tăng trưởng"}, (SHARE,), depends_on=("2026-Q4/service",), owner="quang"
)
ALL = Definitions({}, (SERVICE, OTHER))


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (EN, ("What is being done", "Templates", "done · lan", "Learned:", "Ten are half", "Night shift", "planned")),
        (VI, ("Việc đang làm", "Mẫu trả lời", "đã làm · lan", "Rút ra:", "Mười là một nửa", "Ca đêm", "dự định")),
    ],
)
def test_initiatives_tell_what_they_taught(reader: Reader, expected: tuple[str, ...]) -> None:
    text = Seen(doing_block(ONE, ALL, reader)).text
    assert all(each in text for each in expected), text


def test_waiting_is_shown_from_both_sides() -> None:
    """R20, R59: what it waits for leads there; an objective that waits for the whole objective is named too."""
    seen = Seen(doing_block(ONE, ALL, EN))
    assert "Waits for" in seen.text
    assert [attributes["href"] for tag, attributes in seen.tags if tag == "a"] == [
        "key-result?kr=2026-Q4/online-share&lang=en"
    ]
    assert "Others wait for it" in seen.text
    assert "Growth" in seen.text
    assert "gone" not in seen.text


def test_nothing_is_drawn_where_nothing_is_done() -> None:
    assert doing_block(SHARE, Definitions({}, (OTHER,)), EN) == ""


@pytest.mark.parametrize("payload", payloads())
def test_what_people_write_never_becomes_markup(payload: str) -> None:
    hostile = key_result(initiatives=(Initiative({"en": payload}, payload, "done", {"en": payload}),))
    tags = {tag for tag, _ in Seen(doing_block(hostile, Definitions({}, ()), EN)).tags}
    assert tags == {"section", "h2", "ul", "li", "span", "p", "em"}
