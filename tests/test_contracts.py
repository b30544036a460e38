"""The import contracts hold, and they would notice if they did not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("connectors", "metrics", "pages", "sample_data")
LINT = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(
        [str(LINT), "--no-cache", "--config", "pyproject.toml"],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_as_it_stands_keeps_its_contracts(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("metrics/progress/measure.py", "import pages.overview", "metrics.progress.measure -> pages.overview"),
        ("pages/overview.py", "import duckdb", "pages.overview -> duckdb"),
        ("connectors/errors.py", "import metrics.errors", "connectors.errors -> metrics.errors"),
        ("metrics/snapshot.py", "import plotly", "metrics.snapshot -> plotly"),
        ("metrics/unplaced.py", '"""A module that stands in no layer."""', "unplaced"),
    ],
)
def test_an_injected_import_or_an_unplaced_module_is_caught(tree: Path, module: str, line: str, named: str) -> None:
    path = tree / module
    path.write_text(f"{path.read_text() if path.exists() else ''}\n{line}\n")
    result = lint(tree)
    assert result.returncode != 0
    assert named in result.stdout


def test_the_command_line_starts_without_streamlit_and_plotly() -> None:
    listing = "import sys, metrics.cli; print([m for m in ('streamlit', 'plotly', 'pandas') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"


def test_the_lock_names_no_index_and_every_pin_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    pins = [line for line in lock.splitlines() if "==" in line and not line.startswith(("#", " "))]
    assert len(pins) > 50
    assert all(line.endswith("\\") for line in pins)


def test_no_file_of_code_passes_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
