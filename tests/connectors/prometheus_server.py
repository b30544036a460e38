"""A real Prometheus on a free loopback port, with history written into it beforehand or an exporter to scrape."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

REQUIRED = os.environ.get("QUARTERLINE_REQUIRE_SERVICES") == "1"
BINARIES = ("prometheus", "promtool", "prometheus-node-exporter")

Point = tuple[Mapping[str, str], int, float]
"""Labels, seconds since 1970, value."""


def require_prometheus() -> None:
    """Skip, or fail where services must be there, when Prometheus is not installed."""
    missing = [binary for binary in BINARIES if shutil.which(binary) is None]
    if missing:
        reason = f"no Prometheus to test against: {', '.join(missing)} is not installed"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Prometheus:
    """A server with its data in one folder; it can be stopped, given more history, and started again."""

    def __init__(self, folder: Path, *, scrape: str | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "data").mkdir(parents=True, exist_ok=True)
        jobs = f"\n  - job_name: node\n    static_configs: [{{targets: ['{scrape}']}}]" if scrape else " []"
        config = f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:{jobs}\n"
        (folder / "prometheus.yml").write_text(config)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [
            "prometheus",
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--query.lookback-delta=30s",
            "--log.level=error",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_answer(f"{self.url}/-/ready", self._process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def write_history(self, name: str, points: Iterable[Point]) -> None:
        """Put points into the store as blocks; the server is started again if it ran."""
        lines = [f"# TYPE {name} gauge"]
        for labels, at, value in points:
            written = ",".join(f'{label}="{text}"' for label, text in labels.items())
            lines.append(f"{name}{{{written}}} {value!r} {at}")
        text = self.folder / "history.txt"
        text.write_text("\n".join([*lines, "# EOF\n"]), encoding="utf-8")
        running = self._process is not None
        self.stop()
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(self.folder / "data")]
        if len(lines) > 1:
            subprocess.run(command, check=True, capture_output=True)
        if running:
            self.start()


class NodeExporter:
    """The machine's own exporter."""

    def __init__(self) -> None:
        self.address = f"127.0.0.1:{free_port()}"

    def __enter__(self) -> Self:
        command = ["prometheus-node-exporter", f"--web.listen-address={self.address}", "--log.level=error"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_answer(f"http://{self.address}/", self._process)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args!r} stopped"
        with suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    pytest.fail(f"{url} did not answer within a minute")
