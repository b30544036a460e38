"""Syncs that are killed, and readers that never notice: every kind of source, real processes, SIGKILL."""

import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.errors import FactsError
from metrics.facts import Facts, current_generation, open_facts, seal
from metrics.model.definition import Definitions, Objective, Organisation, Read
from metrics.model.reading import Measure, Window
from metrics.sync import run_sync
from tests.connectors.rest_server import RestServer
from tests.metrics.sync.rig import NOON, MemoryLog, instant, key_result, metric

ROWS = 1_000
YEAR = Window(date(2027, 1, 1), date(2027, 12, 31))
SUM = metric("sum", "sum", value="amount", dimensions=("side",))
COUNT = metric("count", "count", dimensions=("side",))
LEAST, MOST = metric("least", "min", value="version"), metric("most", "max", value="version")
MIDDLE = metric("middle", "median", value="version")
METRICS = (SUM, COUNT, LEAST, MOST, MIDDLE)
KILLS = int(os.environ.get("QUARTERLINE_KILLS", "12"))
"""Kills of each kind of source; `.ci/run` asks for more."""

FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(
    ["pandas", "connectors.files", "connectors.sql", "connectors.rest", "metrics.sync", "metrics.facts", __name__]
)


class Shop(Protocol):
    """A source that tests change."""

    def workspace(self) -> Workspace: ...

    def change(self, version: int) -> None:
        """Give every row a new version, and move, add and remove some pairs."""


def rows_of(version: int) -> Mapping[str, list[Any]]:
    """Pairs that cancel out, all of one version; the number of pairs depends on the version."""
    chance = random.Random(version)
    pairs = ROWS // 2 + version % 7
    amounts = [chance.randrange(1, 1_000_000) for _ in range(pairs)]
    starts = date(2027, 3, 1)
    return {
        "id": list(range(pairs * 2)),
        "at": [instant(starts + timedelta(days=(index * 7 + version) % 40)) for index in range(pairs) for _ in "lr"],
        "side": ["l", "r"] * pairs,
        "amount": [sign * amount for amount in amounts for sign in (1, -1)],
        "version": [version] * (pairs * 2),
    }


@dataclass(frozen=True)
class FileShop:
    """A file without a key: every pull is the whole stream."""

    root: Path

    def workspace(self) -> Workspace:
        stream = Stream("shop", "sales", {"path": "sales.parquet"})
        return _workspace(self.root, Source("shop", "files", {}, "pull", {"sales": stream}))

    def change(self, version: int) -> None:
        unfinished = self.root / "sales.tmp"
        schema = pa.schema([("id", pa.int64()), ("at", pa.timestamp("us", tz="UTC")), ("side", pa.string())])
        schema = schema.append(pa.field("amount", pa.int64())).append(pa.field("version", pa.int64()))
        pq.write_table(pa.table(rows_of(version), schema=schema), unfinished)
        unfinished.replace(self.root / "sales.parquet")


@dataclass(frozen=True)
class DatabaseShop:
    """A table with a key and no cursor: every pull is the whole stream, merged by key."""

    root: Path
    url: str

    def workspace(self) -> Workspace:
        stream = Stream("shop", "sales", {"table": "sales"}, primary_key=("id",))
        return _workspace(self.root, Source("shop", "sql", {"url": self.url}, "pull", {"sales": stream}))

    def change(self, version: int) -> None:
        records = records_of(version)
        engine = create_engine(self.url)
        moment = "timestamptz" if engine.dialect.name == "postgresql" else "timestamp(6)"
        with engine.begin() as connection:
            columns = f"id bigint primary key, at {moment}, side text, amount bigint, version bigint"
            connection.execute(text(f"create table if not exists sales ({columns})"))
            connection.execute(text("delete from sales"))
            connection.execute(text("insert into sales values (:id, :at, :side, :amount, :version)"), records)
        engine.dispose()


@dataclass(frozen=True)
class RestShop:
    """A web service that fails now and then, in every way that does not take minutes."""

    root: Path
    url: str
    server: RestServer | None = None

    def __reduce__(self) -> tuple[type["RestShop"], tuple[Path, str]]:
        """Go to the process that syncs without the server."""
        return RestShop, (self.root, self.url)

    def workspace(self) -> Workspace:
        paged = {"type": "page_number", "base_page": 1, "total_path": "pages"}
        options = {"path": "rows", "params": {"per_page": 400}, "paginator": paged, "data_selector": "data"}
        source = {"base_url": self.url, "allow_hosts": ["127.0.0.1"], "timeout": "5s"}
        stream = Stream("shop", "sales", options, primary_key=("id",))
        return _workspace(self.root, Source("shop", "rest", source, "pull", {"sales": stream}))

    def change(self, version: int) -> None:
        assert self.server is not None
        self.server.rows = [row | {"at": row["at"].isoformat()} for row in records_of(version)]
        self.server.fail_often(0.15, "429", "500", "html", "json", "cut", "short", "reset", seed=version)


def records_of(version: int) -> list[dict[str, Any]]:
    rows = rows_of(version)
    return [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]


def _workspace(root: Path, source: Source) -> Workspace:
    return Workspace(root=root, organisation=Organisation("Test", timezone="Europe/Paris"), sources={"shop": source})


def definitions() -> Definitions:
    results = (key_result("k", "middle", read=Read("trailing", 14)),)
    objective = Objective("o", "2027-Q2", {"en": "O"}, results)
    return Definitions({each.id: each for each in METRICS}, (objective,))


def sync(shop: Shop) -> None:
    """Run one sync in this process; rows move into pieces early, so that deaths happen there too."""
    seal.RECENT_ROWS = ROWS // 3
    result = run_sync(shop.workspace(), MemoryLog(definitions()), now=NOON)
    assert result.ok, result


def fault(facts: Facts) -> str | None:
    """Say what is wrong with a generation by itself: sides that do not cancel out, or rows of two versions."""
    total, count, least, most, middle = facts.measure([Measure(each, (), (YEAR,)) for each in METRICS])
    readings = [each.readings[0] for each in (total, count, least, most, middle)]
    value, rows, low, high, half = (reading.value for reading in readings)
    sides = facts.breakdown(COUNT, "side", YEAR)
    ((raw_rows, raw_sum, versions),) = facts.query(
        "SELECT count(*), sum(amount), count(DISTINCT version) FROM shop.sales"
    )
    expected = len(rows_of(int(low or 0))["id"])
    whole = value == 0 and raw_sum == 0 and versions == 1 and low == high == half
    even = rows == raw_rows == expected and len({side.reading.rows for side in sides}) == 1
    return None if whole and even else f"{facts.generation}: {readings} {raw_rows} {raw_sum} {versions} {sides}"


def read_until(var: Path, stop: Event, faults: "multiprocessing.Queue[Any]") -> None:
    """Read whatever is newest, again and again; report every failure, and finally how much was read."""
    reads, seen, last = 0, set[str](), 0.0
    facts: Facts | None = None
    while not stop.is_set():
        try:
            if facts is None or current_generation(var) != facts.generation:
                if facts is not None:
                    facts.close()
                facts = open_facts(var)
            wrong = fault(facts)
            (most,) = facts.measure([Measure(MOST, (), (YEAR,))])
            version = most.readings[0].value or 0.0
            if wrong or facts.notices or version < last:
                faults.put(wrong or facts.notices or f"version went back from {last} to {version}")
            last = version
            seen.add(facts.generation)
            reads += 1
            time.sleep(0.02)
        except FactsError as error:
            faults.put(f"failed: {error}")
            facts = None
    faults.put((reads, len(seen)))


@pytest.fixture
def readers() -> Iterator[Any]:
    """Start reader processes, and afterwards give what they found."""
    stop, faults = FORKSERVER.Event(), FORKSERVER.Queue()
    processes: list[Any] = []

    def start(var: Path, count: int) -> None:
        for _ in range(count):
            processes.append(FORKSERVER.Process(target=read_until, args=(var, stop, faults)))
            processes[-1].start()

    def finish() -> tuple[list[Any], list[tuple[int, int]]]:
        stop.set()
        found: list[Any] = []
        while sum(isinstance(each, tuple) and len(each) == 2 for each in found) < len(processes):
            found.append(faults.get(timeout=60))
        for process in processes:
            process.join(30)
        counts = [each for each in found if isinstance(each, tuple)]
        return [each for each in found if not isinstance(each, tuple)], counts

    yield start, finish
    for process in processes:
        process.kill()


SERVICES = [pytest.param(name, marks=pytest.mark.service) for name in ("postgres_url", "mariadb_url")]


@pytest.fixture(params=["files", "rest", *SERVICES])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    if request.param == "files":
        yield FileShop(tmp_path)
    elif request.param == "rest":
        with RestServer() as server:
            yield RestShop(tmp_path, server.url, server)
    else:
        yield DatabaseShop(tmp_path, request.getfixturevalue(request.param))


def sync_when_it_answers(shop: Shop) -> None:
    """Sync; a source that fails on purpose stops doing so."""
    if isinstance(shop, RestShop) and shop.server is not None:
        shop.server.fail_often(0)
    sync(shop)


@pytest.mark.slow
def test_killed_syncs_lose_nothing_double_nothing_and_disturb_no_reader(
    shop: Shop, readers: Any, tmp_path: Path
) -> None:
    """Kills at moments spread over a whole sync; a reader looks on throughout."""
    start, finish = readers
    shop.change(1)
    sync_when_it_answers(shop)
    start(tmp_path / "var", 1)
    chance = random.Random(7)
    began = time.perf_counter()
    shop.change(2)
    child = FORKSERVER.Process(target=sync, args=(shop,))
    child.start()
    child.join(60)
    longest = time.perf_counter() - began
    killed = 0
    for version in range(3, 400):
        shop.change(version)
        child = FORKSERVER.Process(target=sync, args=(shop,))
        child.start()
        child.join(chance.uniform(0.03, longest * 1.1))
        if child.exitcode is None:
            child.kill()
            child.join(30)
            killed += 1
        if version % 3 == 0:
            sync_when_it_answers(shop)
            with open_facts(tmp_path / "var") as facts:
                assert fault(facts) is None
                ((rows, newest),) = facts.query("SELECT count(*), max(version) FROM shop.sales")
                assert (rows, newest) == (len(rows_of(version)["id"]), version)
        if killed >= KILLS and version % 3 == 0:
            break
    found, counts = finish()
    assert found == []
    assert killed >= KILLS
    assert counts[0][0] > 20


@pytest.mark.slow
def test_four_readers_never_fail_during_a_hundred_syncs(readers: Any, tmp_path: Path) -> None:
    start, finish = readers
    shop = FileShop(tmp_path)
    shop.change(1)
    sync(shop)
    start(tmp_path / "var", 4)
    for version in range(2, 102):
        shop.change(version)
        sync(shop)
    found, counts = finish()
    assert found == []
    assert current_generation(tmp_path / "var") == "facts-101"
    assert sum(reads for reads, _ in counts) > 200
    assert all(generations > 10 for _, generations in counts)
