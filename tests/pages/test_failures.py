"""What sources could not do is said in both languages: real syncs fail in every usual way, and each is recognised."""

import sqlite3
from pathlib import Path

import openpyxl
import pytest

from metrics.definitions import load_workspace
from metrics.facts.lock import sync_lock
from metrics.ledger import open_ledger
from pages.ui.failures import _PATTERNS, failure_in_words, failure_line
from pages.ui.i18n import words_in
from tests.connectors.rest_server import Answer, RestServer, Route
from tests.pages.conftest import Run
from tests.pages.factory import NOW
from tests.pages.sample import quarterline
from tests.pages.test_app import healthy, text

EN, VI = words_in("en"), words_in("vi")
SOURCES = """
organisation: {{name: X, timezone: Asia/Ho_Chi_Minh, language: vi}}
sources:
  unreachable: {{type: sql, url: "postgresql://nobody@127.0.0.1:9/none", streams: {{rows: {{table: rows}}}}}}
  unanswered: {{type: prometheus, url: "http://127.0.0.1:9", allow_hosts: ["127.0.0.1"],
               streams: {{rows: {{query: up, step: 1d, start: 2d}}}}}}
  secret_missing: {{type: sql, url: "${{NOT_SET_ANYWHERE}}", streams: {{rows: {{table: rows}}}}}}
  guarded: {{type: rest, base_url: "http://10.0.0.7/", streams: {{rows: {{path: rows}}}}}}
  login_refused: {{type: rest, base_url: "{web}", allow_hosts: ["127.0.0.1"], streams: {{rows: {{path: denied}}}}}}
  address_gone: {{type: rest, base_url: "{web}", allow_hosts: ["127.0.0.1"], streams: {{rows: {{path: nowhere}}}}}}
  overloaded: {{type: rest, base_url: "{web}", allow_hosts: ["127.0.0.1"], streams: {{rows: {{path: later}}}}}}
  file_missing: {{type: files, streams: {{rows: {{path: data/none-*.csv}}}}}}
  no_database: {{type: sql, url: "sqlite:///data/none.db", streams: {{rows: {{table: rows}}}}}}
  table_missing: {{type: sql, url: "sqlite:///data/shop.db", streams: {{rows: {{table: orderz}}}}}}
  query_refused: {{type: sql, url: "sqlite:///data/shop.db", streams: {{rows: {{query: "select amuont from orders"}}}}}}
  column_missing: {{type: sql, url: "sqlite:///data/shop.db",
                   streams: {{rows: {{table: orders, primary_key: id, cursor: updated}}}}}}
  column_gone: {{type: files, streams: {{rows: {{path: data/drift.csv}}}}}}
  type_changed: {{type: files, streams: {{rows: {{path: data/typed.csv}}}}}}
  file_damaged: {{type: files, streams: {{rows: {{path: data/damaged.xlsx}}}}}}
  sheet_missing: {{type: files, streams: {{rows: {{path: data/book.xlsx, sheet: March}}}}}}
  value_unfit: {{type: files, streams: {{rows: {{path: data/ragged.csv}}}}}}
  declared_wrong: {{type: files, streams: {{rows: {{path: data/ragged.csv, encoding: klingon}}}}}}
"""
MEANT = {"unanswered": "unreachable", "no_database": "file_missing"}
"""Of sources that are not called by what they fail with."""


def answering(status: int) -> Route:
    return lambda _: Answer(status, b"{}")


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace all of whose sources have failed, two of them only after a first good load."""
    folder = tmp_path_factory.mktemp("failures")
    data = folder / "data"
    data.mkdir()
    with sqlite3.connect(data / "shop.db") as shop:
        shop.execute("create table orders (id integer primary key, amount real)")
    (data / "drift.csv").write_text("id,amount\n1,5\n2,6\n", encoding="utf-8")
    (data / "typed.csv").write_text("id,amount\n1,5\n2,6\n", encoding="utf-8")
    (data / "ragged.csv").write_text("id,amount\n1,5\n2,6,7\n", encoding="utf-8")
    (data / "damaged.xlsx").write_bytes(b"PK\x03\x04 nothing more")
    openpyxl.Workbook().save(data / "book.xlsx")
    with RestServer([]) as server:
        for path, status in (("/denied", 401), ("/nowhere", 404), ("/later", 503)):
            server.routes[path] = answering(status)
        (folder / "quarterline.yaml").write_text(SOURCES.format(web=f"{server.url}/"), encoding="utf-8")
        quarterline(folder, "sync", "column_gone", "type_changed")
        (data / "drift.csv").write_text("id\n3\n", encoding="utf-8")
        (data / "typed.csv").write_text("id,amount\n1,five\n", encoding="utf-8")
        assert quarterline(folder, "sync").returncode == 1
    return folder


def errors(workspace: Path) -> dict[str, str]:
    """The newest load's error by source."""
    opened = load_workspace(workspace)
    with open_ledger(opened.ledger_url, opened.root) as ledger:
        return {load.source: load.error or "" for load in reversed(ledger.loads())}


def test_every_source_failed_as_it_was_meant_to_and_is_recognised(failed: Path) -> None:
    found = {source: (failure_in_words(error, VI).code, error) for source, error in errors(failed).items()}
    assert len(found) == SOURCES.count("type: ")
    assert {source: told for source, told in found.items() if told[0] != MEANT.get(source, source)} == {}


def test_what_is_said_names_the_thing_and_keeps_the_line_itself(failed: Path) -> None:
    for source, error in errors(failed).items():
        english, vietnamese = (failure_in_words(error, words) for words in (EN, VI))
        assert english.detail == vietnamese.detail == error, source
        assert english.what != vietnamese.what
        assert english.cure != vietnamese.cure
        assert "{" not in english.what + english.cure + vietnamese.what + vietnamese.cure, source
    assert "NOT_SET_ANYWHERE" in failure_in_words(errors(failed)["secret_missing"], VI).what
    assert failure_in_words(errors(failed)["column_gone"], VI).what.startswith("Cột amount, vốn có")
    assert failure_in_words(errors(failed)["table_missing"], EN).what == "The database has no table orderz."
    assert "data/ragged.csv, line 3" in failure_line(errors(failed)["value_unfit"], VI)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("The source cannot be reached.", "What to do: Check that it runs", "Details: ")),
        ("vi", ("Không kết nối được tới nguồn.", "Cách khắc phục: Hãy kiểm tra nguồn", "Chi tiết kỹ thuật")),
    ],
)
def test_the_sources_page_says_what_happened_and_what_to_do_before_the_line(
    run_app: Run, failed: Path, language: str, said: tuple[str, ...]
) -> None:
    shown = text(healthy(run_app(failed, "sources", lang=language)))
    for each in (*said, "127.0.0.1:9"):
        assert each in shown


def test_a_second_sync_is_told_to_wait(failed: Path) -> None:
    with sync_lock(failed / "var/facts/sync.lock", since=NOW):
        told = quarterline(failed, "sync").stderr
    assert failure_in_words(told, VI).what == "Một lần đồng bộ khác đang chạy."


def test_a_line_that_nobody_foresaw_is_given_as_it_is_in_english_and_with_a_sentence_before_it_in_vietnamese() -> None:
    assert failure_line("it broke; mend it", EN) == "it broke; mend it"
    assert failure_line("it broke", VI).startswith("Có việc không thực hiện được.")
    assert failure_line("it broke", VI).endswith("it broke")


def test_every_failure_is_worded_with_its_cure() -> None:
    for words in (EN, VI):
        assert {f"failure.{code}" for code in _PATTERNS} | {f"failure_cure.{code}" for code in _PATTERNS} <= set(
            words.texts
        )
