"""All thirty key results, value and daily series: ours against the best plan written by hand, in one run.

    python -m benchmarks.evaluate [ROWS ...] [--keep FOLDER]

The hand-written plan reads a daily store that answers these thirty questions only, and its quantiles over the quarter
come from merged histograms (within 2 %); ours are exact. The rounds alternate, and only their ratio counts.
"""

import argparse
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bench_data import BENCH, Log, definitions, generate, parquet_workspace
from metrics.facts import Facts, open_facts
from metrics.model.reading import Measure, Measured, SeriesRange, Window
from metrics.sync import run_sync

QUARTER = Window(date(2026, 7, 1), date(2026, 9, 14))
NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
AIM = 1.5
ROUNDS = 21


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--keep", type=Path, help="folder where generated data stay")
    given = parser.parse_args(arguments)
    if not BENCH.is_dir():
        sys.stderr.write(f"could not run, because {BENCH} is absent; it holds the generator and the plans\n")
        return 1
    ratios = [evaluate(rows, given.keep) for rows in given.rows]
    return 0 if all(ratio <= AIM for ratio in ratios) else 1


def evaluate(rows: int, keep: Path | None) -> float:
    with tempfile.TemporaryDirectory() as folder:
        data = generate(keep or Path(folder), rows)
        root = Path(folder) / "workspace"
        root.mkdir()
        log = Log(definitions())
        result = run_sync(parquet_workspace(root, data), log, now=NOW)
        assert result.ok, result
        plan = hand_written(data)
        questions = [
            Measure(log.defined.metrics[str(each.metric)], each.filter, (QUARTER,), SeriesRange("day", QUARTER))
            for each in log.defined.key_results()
        ]
        with open_facts(root / "var") as facts:
            compare(facts.measure(questions), plan.v_naive60(plan.connection), log)
            ours, theirs, naive = timed(facts, questions, plan)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"{rows:>12,} rows: ours {statistics.median(ours):6.1f} ms, daily store {statistics.median(theirs):6.1f} ms, "
        f"ratio {ratio:.2f} (aim <= {AIM}); 60 separate queries {naive:6.1f} ms; first sync {result.seconds:.1f} s",
        flush=True,
    )
    return ratio


def hand_written(data: Path) -> Any:
    """Load limit.py's plans over their own in-memory tables."""
    found = importlib.util.spec_from_file_location("limit", BENCH / "limit.py")
    assert found is not None
    assert found.loader is not None
    plan: Any = importlib.util.module_from_spec(found)
    found.loader.exec_module(plan)
    plan.connection = duckdb.connect()
    for name in plan.TIME:
        plan.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM '{data}/{name}.parquet'")
    plan.build_daily(plan.connection)
    return plan


def timed(facts: Facts, questions: list[Measure], plan: Any) -> tuple[list[float], list[float], float]:
    """Milliseconds of each round of ours and of the daily store, taken in turns, and of sixty separate queries."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(milliseconds(lambda: facts.measure(questions)))
        theirs.append(milliseconds(lambda: plan.v_daily(plan.connection)))
    return ours, theirs, milliseconds(lambda: plan.v_naive60(plan.connection))


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def compare(answers: list[Measured], wanted: dict[str, Any], log: Log) -> None:
    """Hold every value and every point against the queries over raw rows."""
    for result, answer in zip(log.defined.key_results(), answers, strict=True):
        value, series = wanted[result.id]
        assert close(answer.readings[0].value, value), (result.id, answer.readings, value)
        points = [(point.day, point.value) for point in answer.series if point.value is not None]
        expected = [(day, found) for day, found in series if found is not None]
        assert [day for day, _ in points] == [day for day, _ in expected], result.id
        assert all(close(left, right) for (_, left), (_, right) in zip(points, expected, strict=True)), result.id


def close(found: float | None, wanted: float | None) -> bool:
    return (
        found is not None and wanted is not None and abs(found - float(wanted)) <= 1e-9 * max(1.0, abs(float(wanted)))
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
