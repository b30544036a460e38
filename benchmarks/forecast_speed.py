"""Times forecasts, one by one and in a batch, and scores them where the cases lie beside the project.

    python -m benchmarks.forecast_speed [--autoets PYTHON]

`--autoets` names a Python in an environment of its own that has statsforecast (its pandas is older than ours), and
times AutoETS on the same daily series there.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

from metrics.forecast import Question, answer, forecast_many
from metrics.forecast.question import day_number
from metrics.model.reading import Window

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "forecast"
QUARTER = Window(date(2026, 10, 1), date(2026, 12, 31))
AS_OF = date(2026, 11, 15)
SHAPES = {"day": (1, 400), "week": (7, 104), "month": (30, 36)}

AUTOETS = """
import json, statistics, sys, time, numpy as np
from statsforecast.models import AutoETS
rows = [np.array(row) for row in json.load(sys.stdin)]
AutoETS(season_length=7).forecast(y=rows[0], h=46, level=[80, 95])
times = []
for row in rows:
    begun = time.perf_counter()
    AutoETS(season_length=7).forecast(y=row, h=46, level=[80, 95])
    times.append(1e3 * (time.perf_counter() - begun))
print(f"AutoETS, single, day    {statistics.median(times):8.2f} ms median of {len(times)}")
"""


def series(count: int, grain: str) -> list[Question]:
    step, length = SHAPES[grain]
    rng, questions = np.random.default_rng(7), []
    days = day_number(AS_OF) - step * np.arange(length)[::-1]
    weekly = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.7])[(days + 3) % 7] if step == 1 else 1.0
    for _ in range(count):
        level = 200 * np.exp(np.cumsum(rng.normal(0, 0.01 * step**0.5, length)))
        questions.append(Question(days, rng.poisson(level * weekly).astype(float), QUARTER, AS_OF, "sum", (0.0, None)))
    return questions


def time_single(grain: str) -> None:
    questions = series(200, grain)
    answer(questions[0])
    times = []
    for question in questions:
        begun = time.perf_counter()
        answer(question).p_hit(10_000.0, "increase")
        times.append(1e3 * (time.perf_counter() - begun))
    print(f"ours, single, {grain:8s} {statistics.median(times):8.2f} ms median of {len(times)}")


def time_batch() -> None:
    questions = series(1000, "day")
    begun = time.perf_counter()
    forecast_many(questions)
    seconds = time.perf_counter() - begun
    print(f"ours, 1,000 daily key results in one batch: {seconds:.2f} s, {1000 / seconds:.0f} forecasts per second")


def time_autoets(python: str) -> None:
    rows = json.dumps([question.values.tolist() for question in series(20, "day")])
    result = subprocess.run([python, "-c", AUTOETS], input=rows, capture_output=True, text=True, check=False)
    print(result.stdout or f"could not time AutoETS, because {python} failed: {result.stderr[-200:]}", end="")


def score() -> int:
    if not CASES.is_dir():
        print("no scored cases in ../shared/forecast; only timed")
        return 0
    method = ["metrics.forecast:forecast", "--path", str(ROOT)]
    table = subprocess.run([sys.executable, str(CASES / "kr_eval.py"), "--jobs", "2", "--method", *method], check=False)
    edges = subprocess.run([sys.executable, str(CASES / "edge_check.py"), *method], check=False)
    return max(table.returncode, edges.returncode)


def main() -> int:
    parser = argparse.ArgumentParser(description="Time and score the forecaster.")
    parser.add_argument("--autoets", metavar="PYTHON", help="a Python with statsforecast")
    arguments = parser.parse_args()
    for grain in SHAPES:
        time_single(grain)
    time_batch()
    if arguments.autoets:
        time_autoets(arguments.autoets)
    return score()


if __name__ == "__main__":
    sys.exit(main())
