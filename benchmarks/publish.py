"""What a publish costs after a small change, with little and with much history behind it.

    python -m benchmarks.publish [ROWS ...] [--keep FOLDER]

The change is a hundredth of five million rows, whatever the history is. The cost is the time from the end of the daily
parts to the new generation: sealing, copying, making durable, hashing. A reader's opening is shown beside it: the first
time it looks at every byte, afterwards only at what is new. The ratio of the last to the first history counts.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.bench_data import Log, workspace
from connectors.base import Stream
from metrics.definitions import Source
from metrics.facts import open_facts
from metrics.facts.layout import Layout
from metrics.model.definition import Definitions, Metric
from metrics.sync import Publishing, SyncEvent, run_sync

NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
CHANGED = 50_000
AIM = 2.0
METRIC = Metric("sum", {"en": "Sum"}, "bench.rows", "moment", "sum", value="amount", dimensions=("team",))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", type=int, default=[5_000_000, 50_000_000])
    parser.add_argument("--keep", type=Path, help="folder to work in; it needs about 100 bytes per row")
    given = parser.parse_args(arguments)
    costs = []
    for rows in given.rows:
        with tempfile.TemporaryDirectory(dir=given.keep) as folder:
            costs.append(publish_cost(Path(folder), rows))
    ratio = costs[-1] / costs[0]
    print(f"ratio {ratio:.2f} for {given.rows[-1] / given.rows[0]:.0f} times the history (aim <= {AIM})")
    return 0 if ratio <= AIM else 1


def publish_cost(folder: Path, rows: int) -> float:
    root = folder / "workspace"
    root.mkdir()
    write_rows(root / "rows-1.parquet", 0, rows)
    stream = Stream("bench", "rows", {"path": "rows-*.parquet"}, primary_key=("id",))
    declared = workspace(root, [stream], Source("bench", "files", {}, "pull", {}))
    log = Log(Definitions({METRIC.id: METRIC}, ()))
    first = timed_sync(declared, log)
    seconds = []
    for turn in range(3):
        write_rows(root / f"rows-{turn + 2}.parquet", rows + turn * CHANGED, CHANGED)
        seconds.append(timed_sync(declared, log))
    began = time.perf_counter()
    with open_facts(root / "var") as facts:
        ((count,),) = facts.query("SELECT count(*) FROM bench.rows")
    assert count == rows + 3 * CHANGED
    cold = time.perf_counter() - began
    began = time.perf_counter()
    open_facts(root / "var").close()
    layout = Layout.of(root / "var")
    generation = layout.database(str(layout.pointed())).stat().st_size
    pieces = sum(layout.piece(number).stat().st_size for number in layout.pieces())
    print(
        f"{rows:>12,} rows: first publish {first:6.2f} s, after {CHANGED:,} more {min(seconds):6.3f} s; generation "
        f"{generation >> 20:,} MiB, pieces {pieces >> 20:,} MiB; opening {cold:.2f} s, again "
        f"{time.perf_counter() - began:.2f} s",
        flush=True,
    )
    return min(seconds)


def timed_sync(declared: object, log: Log) -> float:
    """Sync; gives the seconds from the end of the daily parts on."""
    began = [0.0]

    def note(event: SyncEvent) -> None:
        if isinstance(event, Publishing):
            began[0] = time.perf_counter()

    result = run_sync(declared, log, now=NOW, on_event=note)  # type: ignore[arg-type]
    ended = time.perf_counter()
    assert result.ok, result
    os.sync()
    return ended - began[0]


def write_rows(path: Path, first: int, count: int) -> None:
    unfinished = path.with_suffix(".tmp")
    duckdb.sql(
        f"COPY (SELECT i AS id, 'team ' || i % 7 AS team, TIMESTAMPTZ '2024-01-01 00:00:00+00' "
        f"+ to_seconds(CAST(i * 80_000_000 // {first + count} AS BIGINT)) AS moment, "
        f"hash(i) % 1_000_000 / 100 AS amount FROM range({first}, {first + count}) AS ids(i)) "
        f"TO '{unfinished}' (FORMAT parquet)"
    )
    unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
