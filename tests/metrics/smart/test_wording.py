"""The wording tables: the same codes, the same values, in both languages and in the documentation."""

import re
import string
from pathlib import Path

import pytest

from metrics.model.definition import Language
from metrics.smart import Finding
from metrics.smart.wording import explain, wording_table

ROOT = Path(__file__).parents[3]
EN, VI = wording_table("en"), wording_table("vi")
CODES = sorted(EN["finding"])


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_word_the_same_codes_with_the_same_values() -> None:
    assert sorted(VI["finding"]) == CODES
    for code in CODES:
        assert fields(EN["finding"][code]) == fields(VI["finding"][code]), code
        assert EN["finding"][code] != VI["finding"][code]


def test_both_languages_know_the_same_terms() -> None:
    assert {name: sorted(terms) for name, terms in EN["terms"].items()} == {
        name: sorted(terms) for name, terms in VI["terms"].items()
    }


def test_every_code_is_raised_by_a_rule_and_documented() -> None:
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "metrics/smart").glob("*.py"))
    documented = (ROOT / "docs/smart.md").read_text("utf-8")
    raised = set(re.findall(r'(?:Finding|_finding)\(\s*"(\w+)"', rules))
    assert raised <= set(CODES)
    assert [code for code in CODES if f'"{code}"' not in rules] == []
    assert [code for code in CODES if f"`{code}`" not in documented] == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "a drop of 1.6 hours within a quarter happened in 1 of 9 past quarters; a commitment should be likely"),
        (
            "vi",
            "giảm 1.6 hours trong một quý xảy ra 1/9 lần ở các quý đã qua; đã cam kết thì phải có khả năng đạt cao",
        ),
    ],
)
def test_a_sentence_reads_naturally(language: Language, expected: str) -> None:
    values = (
        ("direction", "lower"),
        ("change", 1.6),
        ("unit", "hours"),
        ("hits", 1.0),
        ("stretches", 9.0),
        ("span", "quarter"),
        ("past", "past_quarter"),
    )
    assert explain(Finding("rarely_done", "achievable", "warning", values), language) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((("declared", 0.75), ("measured", 0.8125), ("unit", "percent")), "75 %, but the data say 81.25 %"),
        (
            (("declared", 510000.0), ("measured", 534999.6), ("unit", "vnd")),
            "510,000 vnd, but the data say 535,000 vnd",
        ),
        ((("declared", 0.0), ("measured", -2.0), ("unit", "")), "0, but the data say -2"),
    ],
)
def test_quantities_carry_their_unit(values: tuple[tuple[str, float | str], ...], expected: str) -> None:
    assert explain(Finding("baseline_off", "achievable", "warning", values)).endswith(expected)


def test_a_change_of_a_percentage_is_in_points() -> None:
    values = (
        ("direction", "higher"),
        ("change", 0.15),
        ("unit", "percent"),
        ("hits", 0.0),
        ("stretches", 9.0),
        ("span", "quarter"),
        ("past", "overlapping_quarter"),
    )
    assert explain(Finding("done_before", "achievable", "ok", values)) == (
        "a rise of 15 percentage points within a quarter happened in 0 of 9 overlapping past quarters"
    )


def test_braces_in_a_title_stay_as_they_are() -> None:
    values = (("language", "en"), ("title", "{unit}"))
    assert "'{unit}'" in explain(Finding("title_short", "specific", "warning", values))


@pytest.mark.parametrize(
    ("chance", "written"), [(0.0, "0 %"), (0.004, "< 1 %"), (0.25, "25 %"), (0.996, "> 99 %"), (1.0, "100 %")]
)
def test_only_what_is_certain_is_written_as_a_certain_chance(chance: float, written: str) -> None:
    finding = Finding("chance_low", "achievable", "warning", (("chance", chance), ("kind", "committed")))
    assert f"only {written};" in explain(finding)
