"""A sync's memory: little for as long as that is enough, more where a computation needs it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.load import generate
from metrics.facts import memory, open_facts
from metrics.facts.memory import Memory

ROOT = Path(__file__).parents[3]


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Memory]:
    with duckdb.connect(str(tmp_path / "a.duckdb"), config={"temp_directory": str(tmp_path / "spill")}) as connection:
        yield Memory.of(connection)


def limit_of(limited: Memory) -> str:
    ((limit,),) = limited.connection.execute("SELECT current_setting('memory_limit')").fetchall()
    return str(limit)


def test_work_that_needs_more_memory_gets_it_and_gives_it_back(limited: Memory) -> None:
    little, seen = limit_of(limited), []

    def work() -> int:
        seen.append(limit_of(limited))
        ((longest,),) = limited.connection.execute(
            "SELECT length(string_agg(repeat('x', 1000), '')) FROM range(200_000)"
        ).fetchall()
        return int(longest)

    assert limited.growing(work) == 200_000_000
    assert seen[0] == little
    assert len(set(seen)) == len(seen) > 1
    assert limit_of(limited) == little


def test_work_on_much_begins_with_more(limited: Memory) -> None:
    little = limit_of(limited)
    assert limited.growing(lambda: limit_of(limited), about=memory.MUCH_BYTES + 1) != little
    with limited.ample():
        assert limit_of(limited).endswith("GiB")
    assert limit_of(limited) == little


def test_other_errors_are_not_tried_again(limited: Memory) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        limited.connection.execute("SELECT nothing")

    with pytest.raises(duckdb.BinderException):
        limited.growing(work)
    assert tries == [1]


@pytest.mark.slow
def test_five_million_rows_need_less_than_300_mib(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from benchmarks.load import *; "
        "folder = Path(sys.argv[1]); given = Given('parquet', folder); "
        "print(followed(sync, given, folder).growth, followed(sync, given, folder).growth)"
    )
    generate(tmp_path, 5_000_000).rename(tmp_path / "rows-1.parquet")
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    assert all(float(growth) < 300 for growth in ran.stdout.split())
    with open_facts(tmp_path / "workspace" / "var") as facts:
        assert facts.query("SELECT count(*) FROM bench.rows") == [(5_000_000,)]
