"""Time to paint the Overview with 30 key results, as a ratio to Streamlit's own hello page, interleaved in one run.

    python benchmarks/paint.py [--rounds 7] [--markdown FILE]

Cold: a fresh browser context, nothing cached. Warm: the page is opened once unmeasured, then again in the same context.
Both servers run side by side; each round measures both, one after the other, so that a busy machine slows both alike.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAINT = ROOT.parent / "shared/bench/paint.py"
DAY = date(2026, 11, 23)
KEY_RESULTS = 30
AIMS = {"cold": 1.5, "warm": 1.3}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, the page, and what has to be drawn there."""

    process: int
    url: str
    selector: str
    count: int

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--markdown", type=Path, help="also append the result as a table to this file")
    options = parser.parse_args()
    if not PAINT.exists():
        sys.exit(f"could not measure, because {PAINT} does not exist; it is the shared timing script")
    with tempfile.TemporaryDirectory() as folder:
        workspace = lay_out(Path(folder) / "workspace")
        with serving_overview(workspace) as overview, serving_hello() as hello:
            for server in (hello, overview):
                paint(server, warm=True)
            table = [measure(hello, overview, rounds=options.rounds, warm=warm) for warm in (False, True)]
    lines = ["| | hello, ms | Overview, ms | ratio | aim | server CPU, ratio |", "|---|---|---|---|---|---|", *table]
    print("\n".join(lines))
    if options.markdown:
        with options.markdown.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def lay_out(directory: Path) -> Path:
    """Lay out the sample company with exactly thirty key results in the current quarter, loaded."""
    from sample_data import generate  # noqa: PLC0415 - after the options are read

    generate(directory, today=DAY, small=True)
    (quarter,) = (path for path in (directory / "okrs").glob("*.yaml") if "2026-Q4" in path.name)
    cycle = yaml.safe_load(quarter.read_text(encoding="utf-8"))
    given = [one for objective in cycle["objectives"] for one in objective["key_results"]]
    for index in range(KEY_RESULTS - len(given)):
        copy = deepcopy(given[index % len(given)]) | {"id": f"extra-{index}"}
        copy.pop("depends_on", None)  # it names its neighbours, and the copy stands elsewhere
        cycle["objectives"][index % len(cycle["objectives"])]["key_results"].append(copy)
    quarter.write_text(yaml.safe_dump(cycle, allow_unicode=True), encoding="utf-8")
    for command in ("apply", "sync"):
        line = [*quarterline(directory), command]
        done = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"could not {command} the benchmark's workspace, because {done.stderr}")
    return directory


def measure(hello: Server, overview: Server, *, rounds: int, warm: bool) -> str:
    times: dict[str, list[float]] = {hello.url: [], overview.url: []}
    used = {server.url: server.cpu_seconds() for server in (hello, overview)}
    for _ in range(rounds):
        for server in (hello, overview):
            times[server.url].append(paint(server, warm=warm))
    spent = {server.url: server.cpu_seconds() - used[server.url] for server in (hello, overview)}
    base, ours = (statistics.median(times[server.url]) for server in (hello, overview))
    kind = "warm" if warm else "cold"
    cpu = spent[overview.url] / spent[hello.url]
    return f"| {kind} | {base:.0f} | {ours:.0f} | {ours / base:.2f} | <= {AIMS[kind]} | {cpu:.2f} |"


def paint(server: Server, *, warm: bool) -> float:
    command = [sys.executable, str(PAINT), server.url, server.selector, str(server.count), "--runs", "1", "--json"]
    done = subprocess.run([*command, *(["--revisit"] if warm else [])], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"could not paint {server.url}, because {done.stderr or done.stdout}")
    return float(json.loads(done.stdout)["ms"])


@contextmanager
def serving_overview(workspace: Path) -> Iterator[Server]:
    with running([*quarterline(workspace), "serve", "--port"], "healthz") as (process, port):
        yield Server(process, f"http://127.0.0.1:{port}/?lang=en", "img.ql-trend", KEY_RESULTS)


@contextmanager
def serving_hello() -> Iterator[Server]:
    command = [sys.executable, "-m", "streamlit", "hello", "--server.headless", "true", "--server.address", "127.0.0.1"]
    with running([*command, "--browser.gatherUsageStats", "false", "--server.port"], "_stcore/health") as (
        process,
        port,
    ):
        yield Server(process, f"http://127.0.0.1:{port}/", "[data-testid=stMarkdownContainer] li", 5)


@contextmanager
def running(command: Sequence[str], health: str) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [*command, str(port)], cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{health}", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield server.pid, port
        finally:
            server.terminate()


def quarterline(workspace: Path) -> list[str]:
    return [sys.executable, "-m", "metrics.cli", "--workspace", str(workspace)]


def environment() -> dict[str, str]:
    return {"QUARTERLINE_TODAY": DAY.isoformat()} | os.environ


if __name__ == "__main__":
    main()
