"""Times forecasts, one by one and in a batch, and scores them where the cases lie beside the project.

    python -m benchmarks.forecast_speed [--no-autoets] [--no-score]

Beside statsforecast's AutoETS on the same daily series. Its pandas is older than ours, so it gets an environment of its
own, made on first use in `.venv-autoets` beside the project's; where that cannot be made, the run says so and fails.
Times are of the processor, so that a busy machine slows nothing down but by its caches.
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
ENVIRONMENT = ROOT / ".venv-autoets"
INSTALL_SECONDS = 900
CASES = ROOT.parent / "shared" / "forecast"
QUARTER = Window(date(2026, 10, 1), date(2026, 12, 31))
AS_OF = date(2026, 11, 15)
SHAPES = {"day": (1, 400), "week": (7, 104), "month": (30, 36)}

AUTOETS = """
import json, statistics, sys, time, warnings, numpy as np, statsforecast
from statsforecast.models import AutoETS
warnings.simplefilter("ignore")
rows = [np.array(row) for row in json.load(sys.stdin)]
AutoETS(season_length=7).forecast(y=rows[0], h=46, level=[80, 95])
times = []
for row in rows:
    begun = time.process_time()
    AutoETS(season_length=7).forecast(y=row, h=46, level=[80, 95])
    times.append(1e3 * (time.process_time() - begun))
print(f"AutoETS, single, day    {statistics.median(times):8.2f} ms, median of {len(times)} (statsforecast "
      f"{statsforecast.__version__}, point and two intervals, no paths)")
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
        begun = time.process_time()
        answer(question).p_hit(10_000.0, "increase")
        times.append(1e3 * (time.process_time() - begun))
    print(f"ours, single, {grain:8s} {statistics.median(times):8.2f} ms, median of {len(times)}")


def time_batch() -> None:
    questions = series(1000, "day")
    begun = time.process_time()
    forecast_many(questions)
    seconds = time.process_time() - begun
    print(f"ours, 1,000 daily key results in one batch: {seconds:.2f} s, {1000 / seconds:.0f} forecasts per second")


def time_autoets() -> int:
    """Time AutoETS in its own environment; 1, with the reason said, where that cannot be had."""
    python = ENVIRONMENT / "bin" / "python"
    steps = (
        []
        if _has_statsforecast(python)
        else [
            [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "statsforecast"],
        ]
    )
    for step in steps:
        why = _failure(step, INSTALL_SECONDS)
        if why is not None:
            print(
                f"could not time AutoETS, because `{' '.join(step[1:])}` failed: {why}; mend that or say --no-autoets"
            )
            return 1
    rows = json.dumps([question.values.tolist() for question in series(20, "day")])
    result = subprocess.run([python, "-c", AUTOETS], input=rows, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(f"could not time AutoETS, because it failed in {ENVIRONMENT}: {_last_line(result.stderr)}")
        return 1
    print(result.stdout, end="")
    return 0


def _has_statsforecast(python: Path) -> bool:
    return python.exists() and _failure([str(python), "-c", "import statsforecast"], INSTALL_SECONDS) is None


def _failure(command: list[str], seconds: float) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else _last_line(done.stderr or done.stdout)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def score() -> int:
    if not CASES.is_dir():
        print("no scored cases in ../shared/forecast; only timed")
        return 0
    method = ["metrics.forecast:forecast", "--path", str(ROOT)]
    table = subprocess.run([sys.executable, str(CASES / "kr_eval.py"), "--jobs", "2", "--method", *method], check=False)
    edges = subprocess.run([sys.executable, str(CASES / "edge_check.py"), *method], check=False)
    return max(table.returncode, edges.returncode)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-autoets", action="store_true", help="leave AutoETS out")
    parser.add_argument("--no-score", action="store_true", help="only time")
    arguments = parser.parse_args()
    for grain in SHAPES:
        time_single(grain)
    time_batch()
    failed = 0 if arguments.no_autoets else time_autoets()
    return failed or (0 if arguments.no_score else score())


if __name__ == "__main__":
    sys.exit(main())
