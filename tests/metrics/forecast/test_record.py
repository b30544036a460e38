"""The forecaster keeps its published record on real series, and survives the nasty shapes.

Reads the scored cases beside the project; they are not part of it.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
CASES = ROOT.parent / "shared" / "forecast"

needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/forecast with the scored cases is absent")

MUST = {
    "linear_peer": {"CRPS": 0.46, "MASE": 0.68, "Brier": 0.57, "LogLoss": 0.39},
    "linear_gauss": {"CRPS": 0.63},
    "last_value": {"CRPS": 0.67},
    "seasonal_naive": {"CRPS": 0.70},
}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CASES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def summaries() -> Mapping[str, Mapping[str, Any]]:
    """Summaries of ours and of the named baselines over every sixth case: 317 of all sources, kinds and stresses."""
    sys.path.insert(0, str(CASES))
    try:
        evaluation = load("kr_eval")
        cases = evaluation.load(CASES / "kr_dev.npz")[::6]
        methods = {"ours": "metrics.forecast:forecast", **{name: f"kr_baselines:{name}" for name in MUST}}
        return {name: evaluation.summ(evaluation.run(method, cases)) for name, method in methods.items()}
    finally:
        sys.path.remove(str(CASES))


@needs_cases
@pytest.mark.parametrize(
    ("baseline", "figure", "most"), [(base, name, most) for base, row in MUST.items() for name, most in row.items()]
)
def test_errors_stay_below_their_share_of_each_baseline(
    summaries: Mapping[str, Mapping[str, Any]], baseline: str, figure: str, most: float
) -> None:
    assert summaries["ours"][figure] / summaries[baseline][figure] <= most


@needs_cases
def test_intervals_and_chances_are_calibrated(summaries: Mapping[str, Mapping[str, Any]]) -> None:
    ours = summaries["ours"]
    assert 0.76 <= ours["cov80"] <= 0.85
    assert 0.90 <= ours["cov95"] <= 0.98
    assert ours["ECE"] <= 0.025


@needs_cases
def test_nothing_fails_and_nothing_open_is_certain(summaries: Mapping[str, Mapping[str, Any]]) -> None:
    assert (summaries["ours"]["fails"], summaries["ours"]["p01"]) == (0, 0)


@needs_cases
def test_no_nasty_shape_breaks_it() -> None:
    command = [sys.executable, str(CASES / "edge_check.py"), "metrics.forecast:forecast", "--path", str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert " bad=0 " in result.stdout.splitlines()[-1], result.stdout


def test_a_start_of_the_forecaster_does_not_pay_for_pandas() -> None:
    listing = "import sys, metrics.forecast; print('pandas' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "False"
    assert np.__name__ in sys.modules
