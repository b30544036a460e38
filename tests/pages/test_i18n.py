"""The two catalogues say the same things."""

import re
from pathlib import Path
from string import Formatter

import pytest

from metrics.model.scorecard import Status
from metrics.scorecard.minutes_words import UNITS, WORDS
from metrics.scorecard.wording import SENTENCES
from pages.ui.i18n import Words, words_in

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "pages").rglob("*.py"))
EN, VI = words_in("en"), words_in("vi")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert EN.texts.keys() == VI.texts.keys()


def test_both_languages_fill_in_the_same_values() -> None:
    # A text for one may leave its number out, hence the optional count.
    different = {
        key for key in EN.texts if placeholders(EN.texts[key]) - {"count"} != placeholders(VI.texts[key]) - {"count"}
    }
    assert different == set()


def test_no_text_is_left_untranslated() -> None:
    words = {key: re.sub(r"\{\w+\}", "", text) for key, text in EN.texts.items()}
    assert {key for key in words if EN.texts[key] == VI.texts[key] and re.search("[A-Za-z]{4}", words[key])} == set()


def test_every_key_that_a_page_names_exists() -> None:
    named = {
        found
        for path in SOURCES
        for found in re.findall(r"""words\(\s*"([a-z_]+(?:\.[a-z_]+)+)\"""", path.read_text(encoding="utf-8"))
    }
    counted = {
        f"{found}.{form}"
        for path in SOURCES
        for found in re.findall(r"""counted\(\s*"([a-z_.]+)\"""", path.read_text(encoding="utf-8"))
        for form in ("one", "many")
    }
    assert len(named) > 40
    assert (named | counted) - EN.texts.keys() == set()


def test_every_key_is_used_by_a_page() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES).replace("'", '"')
    prefixes = set(re.findall(r'f"([a-z_]+)\.\{', code))
    unused = {
        key
        for key in EN.texts
        if f'"{key}"' not in code
        and f'"{key.rpartition(".")[0]}"' not in code
        and key.partition(".")[0] not in prefixes
    }
    assert unused == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_every_reason_of_the_rules_is_worded(code: str) -> None:
    known = {key.split(".")[1] for key in EN.texts if key.startswith("reason.")}
    assert code in known


@pytest.mark.parametrize("status", Status.__args__)  # type: ignore[attr-defined]
def test_every_status_has_a_word(status: str) -> None:
    assert EN(f"status.{status}")
    assert VI(f"status.{status}")


def test_a_title_falls_back_to_the_language_it_was_written_in() -> None:
    assert VI.title({"en": "Response time"}, "response-time") == "Response time"
    assert VI.title({}, "response-time") == "response-time"
    assert EN.title({"en": "Response time", "vi": "Thời gian phản hồi"}) == "Response time"


def test_a_missing_key_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        EN("page.no_such_thing")


@pytest.mark.parametrize("words", [EN, VI], ids=["en", "vi"])
def test_the_minutes_name_statuses_and_units_as_the_pages_do(words: Words) -> None:
    said = WORDS[words.language]
    assert {status: said[status] for status in Status.__args__} == {  # type: ignore[attr-defined]
        status: words(f"status.{status}")
        for status in Status.__args__  # type: ignore[attr-defined]
    }
    units = UNITS[words.language]
    assert units == {unit: words(f"unit.{unit}") for unit in units}
