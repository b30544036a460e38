"""What a publish costs after a small change, with little and with much history behind it.

    python -m benchmarks.publish [ROWS ...] [--turns N] [--keep FOLDER]

The change is a hundredth of five million rows, whatever the history is. The cost is what is spent from the end of the
daily parts to the new generation (sealing, copying, making durable, hashing), in CPU seconds and in bytes written, as
neither hangs on what else the machine does. The histories take turns, and the median of their turns counts. A reader's
opening is shown beside it: the first time it looks at every byte, afterwards only at what is new.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.bench_data import Log, workspace
from connectors.base import Stream
from metrics.definitions import Source, Workspace
from metrics.facts import open_facts
from metrics.facts.layout import Layout
from metrics.model.definition import Definitions, Metric
from metrics.sync import Publishing, SyncEvent, run_sync

NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
CHANGED = 50_000
AIM = 2.0
METRIC = Metric("sum", {"en": "Sum"}, "bench.rows", "moment", "sum", value="amount", dimensions=("team",))


@dataclass(slots=True)
class History:
    """A store with so many rows, and what each of its publishes cost: CPU seconds, MiB written, seconds."""

    folder: Path
    rows: int
    costs: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def declared(self) -> Workspace:
        stream = Stream("bench", "rows", {"path": "rows-*.parquet"}, primary_key=("id",))
        return workspace(self.folder, [stream], Source("bench", "files", {}, "pull", {}))

    def median(self, place: int) -> float:
        return statistics.median(cost[place] for cost in self.costs)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", type=int, default=[5_000_000, 50_000_000])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="folder to work in; it needs about 100 bytes per row")
    given = parser.parse_args(arguments)
    duckdb.sql("SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory(dir=given.keep) as folder:
        histories = [begun(Path(folder) / str(rows), rows) for rows in given.rows]
        for turn in range(given.turns):
            for history in histories:
                write_rows(history.folder / f"rows-{turn + 2}.parquet", history.rows + turn * CHANGED, CHANGED)
                history.costs.append(publish_cost(history))
        for history in histories:
            tell(history, given.turns)
    few, many = histories[0], histories[-1]
    cpu, written = (many.median(place) / few.median(place) for place in (0, 1))
    print(f"{many.rows / few.rows:.0f} x the history: CPU {cpu:.2f} x, written {written:.2f} x (aim <= {AIM})")
    return 0 if max(cpu, written) <= AIM else 1


def begun(folder: Path, rows: int) -> History:
    """Lay out a history, and publish it once."""
    folder.mkdir()
    write_rows(folder / "rows-1.parquet", 0, rows)
    history = History(folder, rows)
    cpu, written, seconds = publish_cost(history)
    print(f"{rows:>12,} rows: first publish {cpu:.2f} CPU s, {written:,.0f} MiB, {seconds:.1f} s", flush=True)
    return history


def publish_cost(history: History) -> tuple[float, float, float]:
    """Sync; gives the CPU seconds, MiB written and seconds from the end of the daily parts on."""
    began = (0.0, 0.0, 0.0)

    def note(event: SyncEvent) -> None:
        nonlocal began
        if isinstance(event, Publishing):
            began = spent()

    result = run_sync(history.declared, Log(Definitions({METRIC.id: METRIC}, ())), now=NOW, on_event=note)
    cpu, written, seconds = (now - then for now, then in zip(spent(), began, strict=True))
    assert result.ok, result
    os.sync()
    return cpu, written, seconds


def spent() -> tuple[float, float, float]:
    """CPU seconds and MiB written of this process so far, and the time."""
    counted = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return time.process_time(), int(counted["write_bytes"]) / (1 << 20), time.perf_counter()


def tell(history: History, turns: int) -> None:
    var = history.folder / "var"
    began = time.perf_counter()
    with open_facts(var) as facts:
        ((count,),) = facts.query("SELECT count(*) FROM bench.rows")
    assert count == history.rows + turns * CHANGED
    cold = time.perf_counter() - began
    began = time.perf_counter()
    open_facts(var).close()
    layout = Layout.of(var)
    generation = layout.database(str(layout.pointed())).stat().st_size
    pieces = sum(layout.piece(number).stat().st_size for number in layout.pieces())
    print(
        f"{history.rows:>12,} rows: a publish after {CHANGED:,} more {history.median(0):.3f} CPU s, "
        f"{history.median(1):.1f} MiB, {history.median(2):.2f} s; generation {generation >> 20:,} MiB, pieces "
        f"{pieces >> 20:,} MiB; opening {cold:.2f} s, again {time.perf_counter() - began:.2f} s",
        flush=True,
    )


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
