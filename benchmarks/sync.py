"""A first sync of a million rows from Parquet, CSV and PostgreSQL, against the bare call that reads the same rows.

    python -m benchmarks.sync [--rows N] [--keep FOLDER]

The bare call of a file is one `CREATE TABLE AS` into a DuckDB file; that of a database is connectorx into Arrow, stored
the same way. Ours also checks keys and types, merges, publishes a verified generation and records the load. The rounds
alternate, and only their ratio counts.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.bench_data import BENCH, Log, generate, workspace
from benchmarks.load import scratch_database
from connectors.base import Stream
from metrics.definitions import Source
from metrics.sync import run_sync

NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
COLUMNS = (
    "txn_id bigint primary key, team text, channel text, txn_at timestamptz, amount double precision, "
    "complaint boolean, refunded boolean"
)
AIM = 1.5
ROUNDS = 5


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="folder where generated data stay")
    given = parser.parse_args(arguments)
    if not BENCH.is_dir():
        sys.stderr.write(f"could not run, because {BENCH} is absent; it holds the generator\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        total = given.rows * 10 // 6
        parquet = (generate(given.keep or Path(folder), total) / "transactions.parquet").resolve()
        ratios = [over_parquet(parquet), over_csv(parquet, Path(folder)), over_postgresql(Path(folder))]
    return 0 if all(ratio is None or ratio <= AIM for ratio in ratios) else 1


def over_parquet(parquet: Path) -> float | None:
    source = Source("bench", "files", {}, "pull", {})
    stream = Stream("bench", "rows", {"path": str(parquet)}, primary_key=("txn_id",))
    return compare("Parquet", source, stream, lambda into: store(into, f"SELECT * FROM '{parquet}'"))


def over_csv(parquet: Path, folder: Path) -> float | None:
    csv = folder / "rows.csv"
    duckdb.sql(f"COPY (SELECT * FROM '{parquet}') TO '{csv}'")
    source = Source("bench", "files", {}, "pull", {})
    stream = Stream("bench", "rows", {"path": str(csv)}, primary_key=("txn_id",))
    return compare("CSV", source, stream, lambda into: store(into, f"SELECT * FROM read_csv('{csv}')"))


def over_postgresql(folder: Path) -> float | None:
    import connectorx  # noqa: PLC0415  # the other readers are measured without it
    import psycopg  # noqa: PLC0415
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        with scratch_database("postgresql") as url:
            csv = folder / "rows.csv"
            plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(plain) as connection, connection.cursor() as cursor, csv.open("rb") as file:
                cursor.execute(f"CREATE TABLE rows ({COLUMNS})".encode())
                with cursor.copy("COPY rows FROM STDIN (FORMAT csv, HEADER)") as copying:
                    while block := file.read(1 << 20):
                        copying.write(block)
            source = Source("bench", "sql", {"url": url}, "pull", {})
            stream = Stream("bench", "rows", {"table": "rows"}, primary_key=("txn_id",))

            def bare(into: Path) -> None:
                rows = connectorx.read_sql(plain, "SELECT * FROM rows", return_type="arrow")
                store(into, "SELECT * FROM rows", rows=rows)

            return compare("PostgreSQL", source, stream, bare)
    except SQLAlchemyError as error:
        print(f"PostgreSQL: left out, because no server answers ({type(error).__name__})")
        return None


def compare(name: str, source: Source, stream: Stream, bare: Callable[[Path], None]) -> float:
    ours, theirs = [], []
    rows = 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            bare(Path(folder) / "bare.duckdb")
            theirs.append(time.perf_counter() - began)
            root = Path(folder) / "workspace"
            root.mkdir()
            began = time.perf_counter()
            result = run_sync(workspace(root, [stream], source), Log(), now=NOW)
            ours.append(time.perf_counter() - began)
            assert result.ok, result
            rows = result.streams[0].rows_read
    mine, bare_time = statistics.median(ours), statistics.median(theirs)
    print(
        f"{name:>12}: ours {rows / mine:11,.0f} rows/s, bare {rows / bare_time:11,.0f} rows/s, "
        f"ratio {mine / bare_time:.2f} (aim <= {AIM})",
        flush=True,
    )
    return mine / bare_time


def store(into: Path, select: str, **arrow: object) -> None:
    with duckdb.connect(str(into)) as connection:
        for name, rows in arrow.items():
            connection.register(name, rows)
        connection.execute(f"CREATE TABLE stored AS {select}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
