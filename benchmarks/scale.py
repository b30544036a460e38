"""Growing past one machine: push-down against pulling, several readers over one store, the ledger on PostgreSQL.

    python -m benchmarks.scale [--rows 1000000] [--only postgresql|mariadb|readers|ledger]

Every figure stands beside its alternative, measured in the same run; `docs/scale.md` quotes one run.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import create_engine, text

from benchmarks.bench_data import Log
from benchmarks.load import SERVERS, scratch_database
from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.ledger import open_ledger
from metrics.model.decision import CheckIn
from metrics.model.definition import Definitions, KeyResult, Metric, Objective, Organisation, Read
from metrics.model.target import parse_target
from metrics.periods import resolve_cycle
from metrics.scorecard.build import Frame, build_scorecard
from metrics.sync import SyncResult, run_sync

ORGANISATION = Organisation("Scale", timezone="Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CYCLE = "2026-Q4"
DECISIONS = 200
READING_SECONDS = 20.0

_ROWS = {
    "postgresql": """
CREATE TABLE orders AS
SELECT n AS id, TIMESTAMPTZ '2026-11-20 12:00:00+00' - n * (INTERVAL '730 days' / {rows}) AS ordered_at,
  (ARRAY['north', 'south', 'centre', 'web'])[1 + n % 4] AS region,
  (hashint8(n) & 1048575) / 100.0 AS minutes, CAST((hashint8(n + 7) & 262143) AS numeric(12, 2)) AS amount,
  (hashint8(n) & 15) = 0 AS is_late, hashint8(n) & 65535 AS customer
FROM generate_series(1, {rows}) AS n
""",
    "mariadb": """
CREATE TABLE orders (
  id bigint, ordered_at timestamp(6) NULL, region varchar(10), minutes decimal(12, 2), amount decimal(12, 2),
  is_late tinyint(1), customer int
) SELECT seq AS id, TIMESTAMP '2026-11-20 12:00:00' - INTERVAL (seq * 63072000 / {rows}) SECOND AS ordered_at,
  ELT(1 + seq % 4, 'north', 'south', 'centre', 'web') AS region, (crc32(seq) & 1048575) / 100.0 AS minutes,
  crc32(seq + 7) & 262143 AS amount, (crc32(seq) & 15) = 0 AS is_late, crc32(seq) & 65535 AS customer
FROM seq_1_to_{rows}
""",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=(*SERVERS, "readers", "ledger"))
    given = parser.parse_args(arguments)
    for kind in SERVERS:
        if given.only in {None, kind}:
            with scratch_database(kind) as url, tempfile.TemporaryDirectory() as folder:
                push_against_pull(kind, url, given.rows, Path(folder))
    with scratch_database("postgresql") as url, tempfile.TemporaryDirectory() as folder:
        if given.only in {None, "readers"}:
            readers(url, Path(folder))
        if given.only in {None, "ledger"}:
            ledgers(url, Path(folder))
    return 0


def definitions() -> Definitions:
    common = {"title": {"en": "M"}, "source": "shop.orders", "time": "ordered_at", "dimensions": ("region",)}
    metrics = [
        Metric(id="orders", aggregate="count", **common),  # type: ignore[arg-type]
        Metric(id="revenue", aggregate="sum", value="amount", **common),  # type: ignore[arg-type]
        Metric(id="minutes", aggregate="mean", value="minutes", **common),  # type: ignore[arg-type]
        Metric(id="late", aggregate="ratio", numerator="is_late", denominator="true", **common),  # type: ignore[arg-type]
        Metric(id="p90", aggregate="p90", value="minutes", **common),  # type: ignore[arg-type]
        Metric(id="customers", aggregate="count_distinct", value="customer", **common),  # type: ignore[arg-type]
    ]
    key_results = [
        KeyResult(f"kr-{one.id}", "o", CYCLE, {"en": one.id}, one.id, parse_target("> 1"), read=read, filter=filter_)
        for one in metrics
        for read, filter_ in [(Read("trailing", 28), (("region", ("north",)),))]
    ]
    return Definitions({one.id: one for one in metrics}, (Objective("o", CYCLE, {"en": "O"}, tuple(key_results)),))


def workspace(root: Path, mode: Literal["pull", "pushdown"]) -> Workspace:
    stream = Stream("shop", "orders", {"table": "orders"}, primary_key=("id",), cursor="ordered_at")
    source = Source("shop", "sql", {"url": "${SCALE_URL}"}, mode, {"orders": stream})
    return Workspace(root=root / mode, organisation=ORGANISATION, sources={"shop": source})


def push_against_pull(kind: str, url: str, rows: int, folder: Path) -> None:
    os.environ["SCALE_URL"] = url
    print(f"{kind}: {rows:,} rows made in {timed(lambda: fill(kind, url, rows)):.0f} s", flush=True)
    for mode in ("pushdown", "pull"):
        process = multiprocessing.get_context("spawn").Process(target=sync_twice, args=(folder, mode))
        process.start()
        process.join()


def fill(kind: str, url: str, rows: int) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        if kind == "mariadb":
            connection.execute(text("SET time_zone = '+00:00'"))
        connection.execute(text(_ROWS[kind].format(rows=rows)))
        connection.execute(text("CREATE INDEX by_time ON orders (ordered_at)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE orders" if kind == "postgresql" else "ANALYZE TABLE orders"))
    engine.dispose()


def sync_twice(folder: Path, mode: Literal["pull", "pushdown"]) -> None:
    """In a process of its own, so that its memory is its own."""
    given, log = workspace(folder, mode), Log(definitions())
    first = timed(lambda: check(run_sync(given, log, now=NOW)))
    again = timed(lambda: check(run_sync(given, log, now=NOW)))
    size = sum(path.stat().st_size for path in (given.var / "facts").glob("facts-*.duckdb")) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"{mode:>9}: first sync {first:.1f} s, the next {again:.1f} s, generation {size:.0f} MB, peak {peak:.0f} MB",
        flush=True,
    )


def readers(url: str, folder: Path) -> None:
    """How many whole scorecards one, then two processes give over one generation directory."""
    os.environ["SCALE_URL"] = url
    fill("postgresql", url, 200_000)
    sync_twice(folder, "pull")
    var = folder / "pull" / "var"
    for count in (1, 2):
        context = multiprocessing.get_context("spawn")
        with context.Pool(count) as pool:
            given = pool.starmap(read_scorecards, [(var,)] * count)
        print(f"{count} processes over one generation directory: {sum(given) / READING_SECONDS:.1f} scorecards/s")


def read_scorecards(var: Path) -> int:
    defined, given = definitions(), 0
    frame = Frame(ORGANISATION, resolve_cycle(CYCLE, ORGANISATION, ()), date(2026, 11, 20), NOW)
    with open_facts(var) as facts:
        build_scorecard(defined, facts, frame)
        until = time.monotonic() + READING_SECONDS
        while time.monotonic() < until:
            build_scorecard(defined, facts, frame)
            given += 1
    return given


def ledgers(url: str, folder: Path) -> None:
    for name, address in (("SQLite", f"sqlite:///{folder}/ledger.db"), ("PostgreSQL", url)):
        ledger = open_ledger(address, folder)
        ledger.apply(definitions(), actor="scale", at=NOW)

        def decide() -> None:
            for number in range(DECISIONS):
                made = CheckIn(f"{CYCLE}/kr-orders", date(2026, 11, 20), 0.5, f"note {number}")
                ledger.decide(made, actor="scale", at=NOW)  # noqa: B023 - called at once

        print(f"ledger on {name}: {DECISIONS / timed(decide):.0f} decisions/s")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def check(result: SyncResult) -> None:
    if not result.ok:
        raise SystemExit(f"the sync failed: {result.error or result.metric_errors or result.streams[0].error}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
