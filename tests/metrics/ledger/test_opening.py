"""Opening a ledger: created, migrated, quick; or one line that says why not and what to do."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from metrics.errors import LedgerError
from metrics.ledger import Ledger, open_ledger, opening
from metrics.ledger.tables import HEAD, VERSION_TABLE, metadata
from metrics.model.definition import Definitions
from tests.metrics.ledger.samples import Q1

ROOT = Path(__file__).parents[3]
URL = "sqlite:///var/ledger.db"
AT = datetime(2027, 1, 4, tzinfo=UTC)
Define = Callable[..., Definitions]


def ledger_with(tmp_path: Path, definitions: Definitions) -> Path:
    """Make a ledger with definitions in it and give its file, with nothing left in the write-ahead log."""
    with open_ledger(URL, tmp_path) as ledger:
        ledger.apply(definitions, actor="linh", at=AT)
    path = tmp_path / "var" / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def open_and_read(url: str, root: Path) -> Definitions:
    with open_ledger(url, root) as ledger:
        return ledger.definitions()


def refusal(url: str, root: Path) -> str:
    """Give the one line that says why a ledger cannot be opened and read."""
    with pytest.raises(LedgerError) as refused:
        open_and_read(url, root)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(opening._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrations_make_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    with ledger._reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_relative_path_starts_at_the_workspace(tmp_path: Path) -> None:
    open_ledger(URL, tmp_path).close()
    assert (tmp_path / "var" / "ledger.db").exists()
    open_ledger(f"sqlite:///{tmp_path}/elsewhere/own.db", tmp_path / "other").close()
    assert (tmp_path / "elsewhere" / "own.db").exists()


def test_sqlite_is_durable_and_lets_readers_pass(tmp_path: Path) -> None:
    with open_ledger(URL, tmp_path) as ledger, ledger._reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_opening_again_imports_no_migrations_and_is_quick(tmp_path: Path) -> None:
    """Every command and page read opens the ledger, so the usual case costs a query, not a second."""
    open_ledger(URL, tmp_path).close()
    program = (
        "import sys, time, pathlib; from metrics.ledger import open_ledger; began = time.perf_counter();"
        f"open_ledger({URL!r}, pathlib.Path({str(tmp_path)!r})).revision();"
        "assert 'alembic' not in sys.modules; print(time.perf_counter() - began)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 0.2


def test_many_may_open_a_new_ledger_at_once(url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_ledger(url, tmp_path), range(8)))
    assert [ledger.revision() for ledger in opened] == [0] * 8
    for ledger in opened:
        ledger.close()


def test_many_processes_may_open_a_new_ledger_at_once(tmp_path: Path) -> None:
    program = (
        "import pathlib; from metrics.ledger import open_ledger;"
        f"print(open_ledger({URL!r}, pathlib.Path({str(tmp_path)!r})).revision())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60) for process in started] == [(b"0\n", b"")] * 3


def test_a_ledger_of_a_newer_version_is_left_alone(ledger: Ledger, url: str, tmp_path: Path) -> None:
    with ledger._writing() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    message = refusal(url, tmp_path)
    assert f"a newer version of Quarterline wrote it (schema 9999, this version knows {HEAD}); upgrade" in message


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var" / "ledger.db") as connection:
        connection.execute("CREATE TABLE bookmarks (id)")
    connection.close()
    assert "holds another program's tables; name another file" in refusal(URL, tmp_path)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as the header of one" * 20, b"\x00" * 4096]
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "ledger.db").write_bytes(content)
    assert "the file is damaged; restore it from a backup" in refusal(URL, tmp_path)


def test_a_ledger_damaged_anywhere_is_refused_or_right(tmp_path: Path, define: Define) -> None:
    """Damage to what is read is a LedgerError, damage elsewhere leaves the true definitions; never a wrong one."""
    wanted = define()
    path = ledger_with(tmp_path, wanted)
    sound = path.read_bytes()
    chance = random.Random(20270104)
    refused = []
    for _ in range(150):
        broken = bytearray(sound)
        begin, length = chance.randrange(len(broken)), chance.choice([1, 16, 512, 4096])
        broken[begin : begin + length] = chance.randbytes(len(broken[begin : begin + length]))
        path.write_bytes(broken)
        try:
            assert open_and_read(URL, tmp_path) == wanted
        except LedgerError as error:
            refused.append(str(error))
        for leftover in path.parent.glob("ledger.db-*"):
            leftover.unlink()
    assert len(refused) > 20
    assert not [message for message in refused if "\n" in message]


def test_a_retirement_that_nobody_decided_is_noticed(tmp_path: Path, define: Define) -> None:
    path = ledger_with(tmp_path, define())
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER ledger_definition_no_update")
        connection.execute("UPDATE ledger_definition SET retired = 1 WHERE kind = 'cycle'")
    connection.close()
    assert "cycle '2027-Q1' is not what was applied" in refusal(URL, tmp_path)


def test_a_truncated_ledger_is_refused(tmp_path: Path, define: Define) -> None:
    path = ledger_with(tmp_path, define())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged" in refusal(URL, tmp_path)


def test_a_changed_body_is_noticed(tmp_path: Path, define: Define) -> None:
    path = ledger_with(tmp_path, define())
    content = path.read_bytes()
    assert content.count(b"< 5 %") >= 2
    path.write_bytes(content.replace(b"< 5 %", b"< 9 %"))
    assert "key_result '2027-Q1/late-orders' is not what was applied" in refusal(URL, tmp_path)


def test_a_locked_ledger_says_so_after_a_while(tmp_path: Path, define: Define, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.2)
    path = ledger_with(tmp_path, define())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_ledger(URL, tmp_path) as ledger:
        assert ledger.definitions() == define(), "readers pass a writer"
        with pytest.raises(LedgerError, match="somebody else is writing to it; try again in a moment"):
            ledger.apply(define(Q1.replace("Grow", "Shrink")), actor="linh", at=AT)
    other.close()


@pytest.mark.parametrize("blocker", ["var", "var/ledger.db"])
def test_a_place_that_cannot_hold_a_ledger_is_named(tmp_path: Path, blocker: str) -> None:
    if blocker == "var":
        (tmp_path / "var").write_text("")
    else:
        (tmp_path / "var" / "ledger.db").mkdir(parents=True)
    message = refusal(URL, tmp_path)
    assert str(tmp_path / "var" / "ledger.db") in message
    assert "check" in message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://root@localhost/x", "names neither SQLite nor PostgreSQL"),
        ("ledger.db", "names neither SQLite nor PostgreSQL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("${QL_NO_SUCH_VARIABLE}", "QL_NO_SUCH_VARIABLE is not set"),
        ("postgresql://linh@127.0.0.1:1/ledger", "the database says: connection failed"),
        ("postgresql+psycopg://linh:${QL_PASSWORD}@127.0.0.1:1/ledger", "linh:***@127.0.0.1:1/ledger, because"),
    ],
)
def test_an_address_that_does_not_work_is_one_line_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, expected: str
) -> None:
    monkeypatch.setenv("QL_PASSWORD", "canary-7431")
    message = refusal(url, tmp_path)
    assert expected in message
    assert "canary" not in message


def test_a_failed_write_leaves_nothing_behind(ledger: Ledger, define: Define) -> None:
    ledger.apply(define(), actor="linh", at=AT)
    naive = datetime(2027, 1, 5)  # noqa: DTZ001 - what makes the write fail half-way
    with pytest.raises(ValueError, match="has no zone"):
        ledger.apply(define(Q1.replace("Grow", "Shrink")), actor="linh", at=naive)
    assert (ledger.revision(), len(ledger.audit())) == (1, 8)
    assert ledger.definitions() == define()


WRITER = """
import sys, pathlib
from datetime import UTC, datetime
from metrics.ledger import open_ledger
from tests.metrics.ledger.samples import METRICS, Q1
from tests.metrics.ledger.writing import definitions_of
ledger = open_ledger(sys.argv[1], pathlib.Path(sys.argv[2]))
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    okrs = Q1.replace('"< 5 %"', f'"< 5 %", weight: {turn}').replace('"< 8 %"', f'"< 8 %", weight: {turn}')
    wanted = definitions_of(METRICS, okrs)
    ledger.apply(wanted, actor="writer", at=datetime.now(UTC))
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_whole_changes(url: str, tmp_path: Path) -> None:
    """Two key results change together: after each kill both carry the same weight, and the audit agrees."""
    chance = random.Random(7)
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        with open_ledger(url, tmp_path) as ledger:
            weights = {one.id: one.weight for one in ledger.definitions().key_results()}
            assert weights.get("late-orders") == weights.get("on-time")
            assert len({entry.revision for entry in ledger.audit(limit=100_000)}) == ledger.revision()


def test_a_copied_ledger_is_the_same_ledger(tmp_path: Path, define: Define) -> None:
    path = ledger_with(tmp_path, define())
    (tmp_path / "copy" / "var").mkdir(parents=True)
    shutil.copy(path, tmp_path / "copy" / "var" / "ledger.db")
    with open_ledger(URL, tmp_path / "copy") as ledger:
        assert ledger.definitions() == define()
