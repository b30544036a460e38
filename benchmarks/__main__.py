"""Runs every benchmark after the other: `python -m benchmarks [NAME ...]`."""

import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "sync", "load", "publish", "scale", "evaluate", "forecast_speed", "forecast_pooled", "forecast_quantiles",
    "forecast_spread", "forecast_optimism", "paint",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the named benchmarks [default: all]; the exit status is that of the worst."""
    worst = 0
    for name in arguments or [name for name in NAMES if (HERE / f"{name}.py").exists()]:
        if importlib.util.find_spec(f"benchmarks.{name}") is None:
            sys.stderr.write(f"could not run benchmark {name!r}, because there is none; known: {', '.join(NAMES)}\n")
            return 2
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
