"""Measures what the widened spread is for: real series beside the generated sample company, with it and without.

    python -m benchmarks.forecast_spread

Without it the paths are spread by each series' own errors alone: no factor on the spread, normal tails. Needs the
scored cases in `../shared/forecast`.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from typer.testing import CliRunner

from metrics.cli.app import app
from metrics.demo import lay_out_demo
from metrics.forecast import forecast, simulate
from metrics.forecast.settings import SETTINGS

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "forecast"
DAY = date(2026, 11, 23)
NORMAL = 1_000.0
"""Degrees of freedom from which on a tail is a normal one."""


def company(directory: Path) -> Path:
    """Lay the sample company out, and sync it."""
    lay_out_demo(directory, day=DAY)
    os.environ["QUARTERLINE_TODAY"] = DAY.isoformat()
    command = [sys.executable, "-m", "metrics.cli", "--workspace", str(directory), "sync"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return directory


def covered_in(workspace: Path) -> None:
    """Replay the workspace's quarters; print what the intervals held, over all and by read."""
    told = CliRunner().invoke(app, ["--workspace", str(workspace), "backtest", "--json"])
    record = json.loads(told.stdout)
    by_read: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for subject in record["subjects"]:
        by_read[f"{subject['shape']}, {subject['read']}"].append(subject["figures"])
    show("sample company", [record["pooled"]])
    for read, figures in sorted(by_read.items()):
        show(f"  {read}", figures)


def show(name: str, figures: list[dict[str, Any]]) -> None:
    n = sum(each["n"] for each in figures)
    held = [sum(each["n"] * each[share] for each in figures) / n for share in ("cov80", "cov95")]
    print(f"{name:44s} n {n:5d}   80 % held {held[0]:.3f}   95 % held {held[1]:.3f}")


def covered_cases() -> None:
    """Print what the intervals held on the public series, by grain."""
    sys.path.insert(0, str(CASES))
    evaluation = importlib.import_module("kr_eval")
    rows = [evaluation.one(forecast, case) for case in evaluation.load(CASES / "kr_dev.npz")]
    for grain, name in (("D", "daily"), ("W", "weekly"), ("M", "monthly")):
        own = [row for row in rows if row["freq"] == grain]
        figures = {"n": len(own), "cov80": np.mean([row["c80"] for row in own])}
        show(f"public series, {name}", [figures | {"cov95": np.mean([row["c95"] for row in own])}])


def main() -> int:
    if not CASES.is_dir():
        print(
            "could not measure, because ../shared/forecast with the scored cases is absent; put it beside the project"
        )
        return 1
    with tempfile.TemporaryDirectory() as directory:
        workspace = company(Path(directory) / "company")
        for title in ("as it is", "without"):
            print(f"-- {title}")
            if title == "without":
                narrow = {grain: replace(kept, scale=1.0, tail=NORMAL) for grain, kept in SETTINGS.items()}
                vars(simulate)["SETTINGS"] = narrow
            covered_cases()
            covered_in(workspace)
    return 0


if __name__ == "__main__":
    sys.exit(main())
