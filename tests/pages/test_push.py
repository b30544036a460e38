"""Observations sent to a dashboard that is really served."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

TOKEN = "f00dfacef00dfacef00dfacef00dface"
TEXT = """
organisation: {name: Sao Mai, timezone: Asia/Ho_Chi_Minh}
push: {token: "${PUSH_TOKEN}"}
sources:
  floor: {type: push, streams: {output: {primary_key: key}}}
"""
PATH = "/api/v1/observations"
GOOD: dict[str, Any] = {
    "stream": "floor.output",
    "observations": [{"key": "2026-11-01/a", "time": "2026-11-01T08:00:00", "value": 12.5, "line": "A"}],
}


WRONG: dict[str, Any] = {"key": 7, "time": "soon", "value": "x"}


def quarterline(root: Path, *arguments: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "metrics.cli", "--workspace", str(root), *arguments],
        env={**os.environ, "PUSH_TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(root: Path, text: str) -> Iterator[str]:
    root.mkdir(exist_ok=True)
    (root / "quarterline.yaml").write_text(text)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "metrics.cli", "--workspace", str(root), "serve", "--port", str(port)]
    log = root / "serve.log"
    with (
        log.open("w") as told,
        subprocess.Popen(command, env={**os.environ, "PUSH_TOKEN": TOKEN}, stdout=told, stderr=told) as server,
    ):
        try:
            await_health(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}{PATH}"
        finally:
            server.terminate()
    assert TOKEN not in log.read_text()
    assert "Traceback" not in log.read_text()


def await_health(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped"
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    pytest.fail("the server did not answer within 90 seconds")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pushed") / "workspace"


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    with serving(root, TEXT) as url:
        yield url


def send(
    url: str, body: Any = GOOD, *, method: str = "POST", token: str | None = TOKEN, kind: str = "application/json"
) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
    request = urllib.request.Request(url, data if method == "POST" else None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_what_is_sent_is_in_the_next_generation(url: str, root: Path) -> None:
    assert send(url) == (200, {"stored": 1})
    assert send(url) == (200, {"stored": 1})
    done = quarterline(root, "sync", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["streams"][0]["rows_changed"] == 1


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "0"])
def test_without_the_token_nothing_is_looked_at(url: str, token: str | None) -> None:
    status, answer = send(url, b"not even json", token=token)
    assert (status, answer["error"]) == (401, "could not receive observations, because the token is missing or wrong")


def test_every_fault_comes_back_and_nothing_is_stored(url: str, root: Path) -> None:
    inbox = root / "var/inbox/floor.output.jsonl"
    before = inbox.read_bytes() if inbox.exists() else None
    sent = {"stream": "floor.output", "observations": [*GOOD["observations"], WRONG]}
    status, answer = send(url, sent)
    assert status == 422
    assert [(fault["row"], fault["key"]) for fault in answer["errors"]] == [(2, "key"), (2, "time"), (2, "value")]
    assert answer["error"].startswith("could not store the observations, because row 2, key: text expected")
    assert (inbox.read_bytes() if inbox.exists() else None) == before


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        (b"{}", {}, 422),
        (GOOD, {"kind": "text/plain"}, 415),
        (b" " * (6 << 20), {}, 413),
        (GOOD, {"method": "GET"}, 405),
    ],
)
def test_what_cannot_be_taken_is_refused(url: str, body: Any, options: dict[str, str], status: int) -> None:
    try:
        found, _ = send(url, body, **options)
    except (urllib.error.URLError, ConnectionError):  # the answer may overtake a body that is too large
        found = 413
    assert found == status


def test_where_nobody_may_send_there_is_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, TEXT.replace('push: {token: "${PUSH_TOKEN}"}', "")) as url:
        assert send(url)[0] == 404


def test_the_dashboard_does_not_start_with_a_token_that_can_be_guessed(tmp_path: Path) -> None:
    (tmp_path / "quarterline.yaml").write_text(TEXT)
    done = quarterline(tmp_path, "serve", token="short")
    assert done.returncode == 1
    assert "fewer than 32 characters" in done.stderr
