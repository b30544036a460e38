"""Refusals are said in the reader's language: every code in both, with its values."""

import tomllib
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from metrics.errors import LedgerError, NotFoundError, RefusalCode, RefusedError
from metrics.ledger import open_ledger
from metrics.model.decision import Decision
from pages.ui import i18n
from pages.ui.i18n import words_in
from pages.ui.refusals import error_in_words
from tests.metrics.ledger.samples import METRICS, OWN, Q1, TO_DO
from tests.metrics.ledger.test_decisions import AT, REFUSED, decide
from tests.metrics.ledger.writing import definitions_of

VI = words_in("vi")


def catalogue(language: str) -> dict[str, str]:
    text = (Path(i18n.__file__).parent / f"{language}.toml").read_text(encoding="utf-8")
    worded: dict[str, str] = tomllib.loads(text)["refused"]
    return worded


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", get_args(RefusalCode))
def test_every_refusal_is_worded_in_both_languages_with_the_same_values(code: str) -> None:
    english, vietnamese = catalogue("en")[code], catalogue("vi")[code]
    assert english != vietnamese
    assert slots(english) == slots(vietnamese)


@pytest.mark.parametrize(("before", "made", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_whatever_the_ledger_refuses_is_worded(
    tmp_path: Path, before: list[Decision], made: Decision, message: str
) -> None:
    with open_ledger("sqlite:///l.db", tmp_path) as ledger:
        ledger.apply(definitions_of(METRICS, Q1, TO_DO, OWN), actor="linh", at=AT)
        for each in before:
            decide(ledger, each)
        with pytest.raises(LedgerError) as refused:
            decide(ledger, made)
    for language in ("en", "vi"):
        said = error_in_words(refused.value, words_in(language))
        assert said != str(refused.value), f"{message} is said as the command line says it"
        assert "{" not in said


def test_days_targets_and_names_are_written_as_the_reader_writes_them() -> None:
    error = RefusedError("...", "closed", actor="linh", cycle="2026-Q4", day=date(2027, 1, 4))
    assert (
        error_in_words(error, words_in("vi")) == "linh đã đóng chu kỳ 2026-Q4 ngày 4/1/2027. Hãy mở lại chu kỳ trước."
    )
    assert error_in_words(error, words_in("en")) == "linh closed cycle 2026-Q4 on 4 Jan 2027. Reopen it first."


def test_what_makes_another_target_unfit_is_said_as_at_its_field() -> None:
    why = "'> 6 %' contradicts metric 'late', where better is lower; turn the comparator to <, or set better: higher"
    said = error_in_words(RefusedError("...", "another_target", target="> 6 %", why=why), words_in("vi"))
    assert "where better is lower" not in said
    assert said.startswith("Với chỉ tiêu > 6 %")


def test_a_name_that_is_gone_is_said_with_the_nearest() -> None:
    said = error_in_words(NotFoundError("metric", "late_order", ["late_orders", "revenue"]), words_in("vi"))
    assert said.startswith("Không tìm thấy late_order")
    assert "late_orders?" in said


def test_what_the_machine_says_stays_with_its_meaning_before_it() -> None:
    """A database that is full says so itself; in Vietnamese as in English, what it means and what to do comes first."""
    said = error_in_words(LedgerError("could not write the ledger l.db, because the disk is full; make room"), VI)
    assert said.startswith("Ổ đĩa đã đầy. Hãy dọn chỗ rồi thử lại.")
    assert said.endswith("could not write the ledger l.db, because the disk is full; make room")
    odd = "something that nobody foresaw"
    assert error_in_words(LedgerError(odd), words_in("en")) == odd
    assert error_in_words(LedgerError(odd), VI).startswith("Có việc không thực hiện được.")
    assert error_in_words(LedgerError(odd), VI).endswith(odd)
