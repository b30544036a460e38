"""A first sync of five million rows, an upsert of a hundredth of them, and a sync without news, from four sources.

    python -m benchmarks.load [parquet csv postgresql mariadb ...] [--rows N] [--rounds N] [--keep FOLDER]

The first sync stands beside the bare call that reads the same rows: of a file one `CREATE TABLE AS` into a DuckDB file,
of a database connectorx into Arrow, stored the same way. Ours also checks keys and types, merges by key, and publishes
a verified generation. Rounds alternate, each in a process of its own, whose memory is followed; a last one also keeps
three metrics' daily parts and medians. Only ratios within one run count.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.bench_data import Log, workspace
from connectors.base import Stream
from metrics.definitions import Source
from metrics.model.definition import Definitions, Metric
from metrics.sync import run_sync

NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
SERVERS = {
    "postgresql": os.environ.get("QUARTERLINE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": os.environ.get("QUARTERLINE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/mysql"),
}
KINDS = ("parquet", "csv", *SERVERS)
AIMS = {"parquet": 1.2, "csv": 1.5, "postgresql": 1.3, "mariadb": 1.3}
"""What a first load that is sealed into a piece, and so written twice, does not reach yet."""

MOST_GROWTH_MIB = 300

_COLUMNS = {
    "postgresql": "id bigint primary key, team text, channel text, moment timestamptz, amount numeric(12, 2), "
    "late boolean, updated_at timestamptz",
    "mariadb": "id bigint primary key, team varchar(20), channel varchar(20), moment timestamp(6) null, "
    "amount decimal(12, 2), late tinyint(1), updated_at timestamp(6) null",
}
_COMMON: dict[str, Any] = {"title": {"en": "M"}, "source": "bench.rows", "time": "moment", "dimensions": ("team",)}
METRICS = (
    Metric(id="amount", aggregate="sum", value="amount", **_COMMON),
    Metric(id="late", aggregate="ratio", numerator="late", denominator="true", **_COMMON),
    Metric(id="median", aggregate="median", value="amount", **_COMMON),
)


@dataclass(frozen=True, slots=True)
class Given:
    """What one kind of source is read from; `folder` holds its files, `url` leads to its database."""

    kind: str
    folder: Path
    url: str | None = None

    @property
    def source(self) -> Source:
        options = {} if self.url is None else {"url": self.url}
        return Source("bench", "files" if self.url is None else "sql", options, "pull", {})

    @property
    def stream(self) -> Stream:
        if self.url is None:
            return Stream("bench", "rows", {"path": str(self.folder / f"rows-*.{self.kind}")}, primary_key=("id",))
        return Stream("bench", "rows", {"table": "facts"}, primary_key=("id",), cursor="updated_at")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, and the MiB by which the process grew at most."""

    seconds: float
    growth: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=f"of {KINDS}")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder where generated rows stay")
    given = parser.parse_args(arguments)
    duckdb.sql("SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory() as scratch:
        parquet = generate((given.keep or Path(scratch)).resolve(), given.rows)
        fine = []
        for kind in given.kinds:
            folder = Path(scratch) / kind
            folder.mkdir()
            fine.append(measure(kind, folder, parquet, given.rounds))
    return 0 if all(fine) else 1


def generate(folder: Path, rows: int) -> Path:
    parquet = folder / f"load-{rows}.parquet"
    if not parquet.exists():
        duckdb.sql(
            f"COPY (SELECT i AS id, 'team ' || hash(i) % 7 AS team, 'channel ' || hash(i + 1) % 3 AS channel, "
            f"TIMESTAMPTZ '2024-09-01 00:00:00+00' + to_seconds(CAST(i * 63_000_000 // {rows} AS BIGINT)) AS moment, "
            f"CAST(hash(i + 2) % 1_000_000 / 100 AS DECIMAL(12, 2)) AS amount, hash(i + 3) % 20 = 0 AS late, "
            f"moment AS updated_at FROM range({rows}) AS ids(i)) TO '{parquet}.tmp' (FORMAT parquet)"
        )
        Path(f"{parquet}.tmp").replace(parquet)
    return parquet


def measure(kind: str, folder: Path, parquet: Path, rounds: int) -> bool:
    try:
        with placed(kind, folder, parquet) as given:
            return compare(given, parquet, rounds)
    except SQLAlchemyError as error:
        print(f"{kind}: left out, because no server answers ({type(error).__name__})")
        return True


@contextmanager
def placed(kind: str, folder: Path, parquet: Path) -> Iterator[Given]:
    """Lay the rows out where a kind of source reads them."""
    if kind not in SERVERS:
        duckdb.sql(f"COPY (FROM '{parquet}') TO '{folder}/rows-1.{kind}'")
        yield Given(kind, folder)
        return
    with scratch_database(kind) as url:
        csv = folder / "rows.csv"
        moment = "strftime(#1 AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')"
        times = ", ".join(f"{moment.replace('#1', name)} AS {name}" for name in ("moment", "updated_at"))
        duckdb.sql(f"COPY (SELECT * REPLACE (CAST(late AS INT) AS late, {times}) FROM '{parquet}') TO '{csv}'")
        engine = create_engine(url, connect_args={"local_infile": True} if kind == "mariadb" else {})
        fill(engine, kind, csv)
        csv.unlink()
        yield Given(kind, folder, url)
        engine.dispose()


@contextmanager
def scratch_database(kind: str) -> Iterator[str]:
    name = f"quarterline_{uuid.uuid4().hex[:12]}"
    engine = create_engine(SERVERS[kind], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(SERVERS[kind]).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}{' WITH (FORCE)' if kind == 'postgresql' else ''}"))
        engine.dispose()


def fill(engine: Engine, kind: str, csv: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE facts ({_COLUMNS[kind]})"))
        if kind == "mariadb":
            connection.execute(text("SET time_zone = '+00:00'"))
            connection.execute(
                text(f"LOAD DATA LOCAL INFILE '{csv}' INTO TABLE facts FIELDS TERMINATED BY ',' IGNORE 1 LINES")
            )
            connection.execute(text("CREATE INDEX by_update ON facts (updated_at)"))
            return
        connection.execute(text("SET LOCAL TimeZone = 'UTC'"))
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("COPY facts FROM STDIN (FORMAT csv, HEADER)") as copying, csv.open("rb") as file:
            while block := file.read(1 << 20):
                copying.write(block)
        connection.execute(text("CREATE INDEX ON facts (updated_at)"))
        connection.execute(text("ANALYZE facts"))


def compare(given: Given, parquet: Path, rounds: int) -> bool:
    taken: dict[str, list[Took]] = {"bare": [], "first": [], "upsert": [], "none": []}
    ((rows,),) = duckdb.execute(f"SELECT count(*) FROM '{parquet}'").fetchall()
    for turn in range(rounds):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            taken["bare"].append(alone(bare, given, Path(folder) / "bare.duckdb"))
            taken["first"].append(alone(pull, given, Path(folder)))
            upsert(given, parquet, turn)
            taken["upsert"].append(alone(pull, given, Path(folder)))
            taken["none"].append(alone(pull, given, Path(folder)))
        for path in given.folder.glob("rows-2.*"):
            path.unlink()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        taken["metrics"] = [alone(sync, given, Path(folder))]
    seconds = {name: statistics.median(each.seconds for each in found) for name, found in taken.items()}
    growth = {name: max(each.growth for each in found) for name, found in taken.items()}
    ratio, most = seconds["first"] / seconds["bare"], max(each for name, each in growth.items() if name != "bare")
    of_first = {name: seconds[name] / seconds["first"] for name in ("upsert", "none", "metrics")}
    print(
        f"{given.kind:>10}: first sync {rows / seconds['first']:9,.0f} rows/s, {ratio:.2f} x the bare call "
        f"(aim <= {AIMS[given.kind]})\n"
        f"            x the first sync: {' '.join(f'{name} {share:.3f}' for name, share in of_first.items())}\n"
        f"            memory + MiB: {' '.join(f'{name} {mib:.0f}' for name, mib in growth.items())} (aim <= "
        f"{MOST_GROWTH_MIB})",
        flush=True,
    )
    return ratio <= AIMS[given.kind] and most <= MOST_GROWTH_MIB


def alone(work: Callable[[Given, Path], object], given: Given, place: Path) -> Took:
    """Do some work in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(followed, work, given, place).result()


def followed(work: Callable[[Given, Path], object], given: Given, place: Path) -> Took:
    import connectorx  # noqa: F401, PLC0415  # what is imported is not what grows
    import psycopg  # noqa: F401, PLC0415
    import pymysql  # noqa: F401, PLC0415

    from connectors import files, sql  # noqa: F401, PLC0415

    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the greatest size counts from now on
    before = resident("VmRSS")
    began = time.perf_counter()
    work(given, place)
    return Took(time.perf_counter() - began, (resident("VmHWM") - before) / 1024)


def resident(name: str) -> int:
    """A size of this process, in KiB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def bare(given: Given, into: Path) -> None:
    with duckdb.connect(str(into)) as connection:
        connection.execute("SET enable_progress_bar = false")
        if given.url is None:
            connection.execute(f"CREATE TABLE stored AS FROM '{given.stream.options['path']}'")
            return
        import connectorx  # noqa: PLC0415

        url = make_url(given.url).set(drivername=given.url.partition("+")[0])
        plain = url.render_as_string(hide_password=False)
        connection.register("found", connectorx.read_sql(plain, "SELECT * FROM facts", return_type="arrow"))
        connection.execute("CREATE TABLE stored AS FROM found")


def pull(given: Given, folder: Path) -> None:
    sync(given, folder, ())


def sync(given: Given, folder: Path, metrics: Sequence[Metric] = METRICS) -> None:
    root = folder / "workspace"
    root.mkdir(exist_ok=True)
    log = Log(Definitions({metric.id: metric for metric in metrics}, ()))
    result = run_sync(workspace(root, [given.stream], given.source), log, now=NOW)
    if not result.ok:
        raise SystemExit(f"the sync failed: {result.error or result.metric_errors or result.streams[0].error}")


def upsert(given: Given, parquet: Path, turn: int) -> None:
    """Change one row of a hundred; all of them, again, after every round."""
    if given.url is None:
        changed = f"SELECT * REPLACE (CAST(amount + 1 AS DECIMAL(12, 2)) AS amount) FROM '{parquet}' WHERE id % 100 = 7"
        duckdb.sql(f"COPY ({changed}) TO '{given.folder}/rows-2.{given.kind}'")
        return
    engine = create_engine(given.url)
    later = "moment + INTERVAL '800 days'" if given.kind == "postgresql" else "moment + INTERVAL 800 DAY"
    with engine.begin() as connection:
        set_ = f"amount = amount + 1, updated_at = {later} + INTERVAL '{turn + 1}' MINUTE"
        connection.execute(text(f"UPDATE facts SET {set_} WHERE id % 100 = 7"))
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
