"""What loads note is said in both languages: real syncs note what is usual, and each is recognised."""

import pytest

from metrics.definitions import load_workspace
from metrics.ledger import open_ledger
from pages.ui.i18n import words_in
from pages.ui.load_notes import _PATTERNS, note_in_words
from tests.pages.sample import quarterline

EN, VI = words_in("en"), words_in("vi")
CONFIGURATION = """
organisation: {name: X, timezone: Asia/Ho_Chi_Minh, language: vi}
sources:
  shop: {type: files, streams: {orders: {path: data/orders.csv, primary_key: id}, days: {path: "data/day-*.csv"}}}
"""


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The notes of two syncs, between which rows, columns and files came and went."""
    folder = tmp_path_factory.mktemp("notes")
    data = folder / "data"
    data.mkdir()
    (folder / "quarterline.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (data / "orders.csv").write_text("id,amount\n1,5\n2,6\n2,7\n3,8\n", encoding="utf-8")
    for day in ("day-1", "day-2"):
        (data / f"{day}.csv").write_text("id,amount\n1,5\n", encoding="utf-8")
    assert quarterline(folder, "sync").returncode == 0
    (data / "orders.csv").write_text("id,amount,store\n1,5,north\n2,6,south\n", encoding="utf-8")
    (data / "day-1.csv").unlink()
    assert quarterline(folder, "sync").returncode == 0
    opened = load_workspace(folder)
    with open_ledger(opened.ledger_url, opened.root) as ledger:
        return [note for load in reversed(ledger.loads()) for note in load.notes]


def test_what_is_usual_is_said_in_both_languages_with_its_values(noted: list[str]) -> None:
    assert noted
    said = {note: (note_in_words(note, EN), note_in_words(note, VI)) for note in noted}
    assert [note for note, (english, vietnamese) in said.items() if english == vietnamese] == []
    vietnamese = [each for _, each in said.values()]
    for expected in (
        "Số dòng trùng khoá với dòng khác: 1; dòng sau cùng được giữ.",
        "Các trường cách nhau bằng dấu phẩy.",
        "Cột store là cột mới; các dòng đã tải trước không có giá trị ở cột này.",
        "Số dòng không còn ở nguồn và đã được xoá: 1.",
    ):
        assert expected in vietnamese, vietnamese


def test_a_note_that_nobody_foresaw_is_given_as_it_is() -> None:
    assert note_in_words("paginator detected: offset", VI) == "paginator detected: offset"
    assert note_in_words("12,345 rows are gone from the source and were removed", VI).endswith(": 12.345.")


def test_every_note_is_worded() -> None:
    assert {f"load_note.{code}" for code in _PATTERNS} <= set(EN.texts) & set(VI.texts)
