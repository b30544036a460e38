"""The wheel holds everything that runs, so an installed Quarterline is the one that a clone is."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]
RUNS = ("connectors", "metrics", "pages", "sample_data", "dashboard.py", ".streamlit")


def test_the_wheel_holds_every_file_that_runs(tmp_path: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", *RUNS], cwd=ROOT, capture_output=True, text=True, check=True)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*build, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as packed:
        assert set(tracked.stdout.split()) - set(packed.namelist()) == set()
