"""Vague words in Vietnamese and English titles, and what counts as a number."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.smart.vague import has_number, vague_words


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("en", "Improve response time", ["improve"]),
        ("en", "IMPROVED satisfaction, better service", ["improved", "better"]),
        ("en", "A world-class help desk", ["world class"]),
        ("en", "A world class help desk", ["world class"]),
        ("en", "Reply ASAP, as soon as possible", ["asap", "as soon as possible"]),
        ("en", "Optimise and optimize the funnel", ["optimise", "optimize"]),
        ("en", "Improvisation classes for agents", []),
        ("en", "Soonest reply", []),
        ("en", "First response time", []),
        ("vi", "Cải thiện thời gian phản hồi", ["cải thiện"]),
        ("vi", "CẢI THIỆN dịch vụ để khách hàng hài lòng TỐT HƠN", ["cải thiện", "tốt hơn"]),
        ("vi", "Tối ưu hóa quy trình", ["tối ưu hóa"]),
        ("vi", "Tối ưu hoá quy trình", ["tối ưu hoá"]),
        ("vi", "Tối ưu chi phí", ["tối ưu"]),
        ("vi", "Đẩy mạnh bán hàng và nâng cao doanh thu", ["đẩy mạnh", "nâng cao"]),
        ("vi", "Phản hồi càng sớm càng tốt", ["càng sớm càng tốt"]),
        ("vi", "Toi uu chi phi", []),
        ("vi", "Nang cao doanh thu", []),
        ("vi", "Thời gian phản hồi đầu tiên", []),
        ("vi", "Tốt nghiệp khóa đào tạo", []),
        ("fr", "Improve", []),
    ],
)
def test_vague_words_are_found_whole_and_in_any_case(language: str, title: str, expected: list[str]) -> None:
    assert list(vague_words(title, language, has_number=False)) == expected


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("en", "Improve satisfaction to 90 %", []),
        ("vi", "Nâng cao mức hài lòng lên 90 %", []),
        ("vi", "Cải thiện thời gian phản hồi xuống dưới 2 giờ", []),
        ("en", "A world-class score of 60", ["world class"]),
        ("vi", "Trả lời 90 % yêu cầu càng sớm càng tốt", ["càng sớm càng tốt"]),
    ],
)
def test_a_number_gives_a_direction_its_meaning_but_not_an_empty_word(
    language: str, title: str, expected: list[str]
) -> None:
    assert list(vague_words(title, language, has_number=has_number(title))) == expected


@given(st.sampled_from(["Cải thiện dịch vụ", "Đẩy mạnh bán hàng", "Tối ưu chi phí"]), st.sampled_from(["NFC", "NFD"]))
def test_decomposed_letters_are_the_same_letters(title: str, form: str) -> None:
    written = unicodedata.normalize(form, title)  # type: ignore[arg-type]
    assert len(vague_words(written, "vi", has_number=False)) == 1


@given(st.text(max_size=60), st.sampled_from(["en", "vi"]), st.booleans())
def test_a_number_never_makes_a_title_vaguer(title: str, language: str, upper: bool) -> None:
    text = title.upper() if upper else title
    beside = set(vague_words(text, language, has_number=True))
    assert beside <= set(vague_words(text, language, has_number=False))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Answer within 2 hours", True),
        ("90% of customers", True),
        ("1.500.000 đồng", True),
        ("Phản hồi trong 24h", True),
        ("Reach 42 % in 2027", True),
        ("Sell to B2B customers", False),
        ("Become the retailer of 2027", False),
        ("Kế hoạch quý 1", False),
        ("Mở rộng trong năm 2027", False),
        ("A 24/7 help desk", False),
        ("Plan for quarter 3", False),
        ("No number at all", False),
    ],
)
def test_years_and_names_are_no_numbers(title: str, expected: bool) -> None:
    assert has_number(title) is expected
