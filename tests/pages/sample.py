"""The small sample company on disk, loaded by the real command line on a day that holds still."""

import csv
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from metrics.demo import lay_out_demo

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 23)
ENVIRONMENT = {"QUARTERLINE_TODAY": DAY.isoformat()}


def quarterline(workspace: Path, *arguments: str, day: date = DAY) -> subprocess.CompletedProcess[str]:
    """Run a command on a workspace, on the day that its data are made for unless another is given."""
    return subprocess.run(
        [sys.executable, "-m", "metrics.cli", "--workspace", str(workspace), *arguments],
        cwd=ROOT,
        env=os.environ | {"QUARTERLINE_TODAY": day.isoformat()},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def lay_out(directory: Path) -> Path:
    """Lay the small sample company out and load it."""
    lay_out_demo(directory, day=DAY, small=True)
    done = quarterline(directory, "sync")
    assert done.returncode == 0, done.stderr
    return directory


def append_answers(workspace: Path, *, first: int = 0) -> None:
    """Add five hundred survey answers of the lowest score, so that the next sync has something new to publish."""
    newest = max((workspace / "data/survey").glob("*.csv"))
    moment = "2026-11-22 10:00:00"
    with newest.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [f"Z{number:05}", moment, moment, 1, 0, "north", "email", ""] for number in range(first, first + 500)
        )
