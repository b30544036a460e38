"""A real server on a small sample workspace, and a real headless Chromium in front of it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.pages.sample import DAY, lay_out

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
START_SECONDS = 60
PATIENCE_MS = 30_000

Open = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)  # machines that test are busy; what is expected stays as strict


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("QUARTERLINE_REQUIRE_BROWSER"):
            pytest.fail(f"{CHROMIUM} is missing, and browser tests are mandatory here")
        pytest.skip(f"{CHROMIUM} is missing")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield started
        started.close()


@contextmanager
def serving(workspace: Path, day: date = DAY) -> Iterator[str]:
    """Serve the workspace on a day that holds still, and give the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = workspace / "var/serve.log"
    with (
        log.open("a", encoding="utf-8") as told,
        subprocess.Popen(
            [sys.executable, "-m", "metrics.cli", "--workspace", str(workspace), "serve", "--port", str(port)],
            cwd=workspace,  # the theme and the safe settings are found from any folder
            env=os.environ | {"QUARTERLINE_TODAY": day.isoformat()},
            stdout=told,
            stderr=told,
        ) as server,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("browser") / "workspace")


@pytest.fixture(scope="session")
def address(workspace: Path) -> Iterator[str]:
    with serving(workspace) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Open an address in a fresh context; what the page logs as an error or fetches in vain fails the test."""
    contexts, complaints = [], list[str]()

    def note(message: ConsoleMessage) -> None:
        probing = "/_stcore/" in message.location["url"]  # Streamlit looks for its server below a deep link first
        if message.type == "error" and not probing:
            complaints.append(message.text)

    def open_(path: str, *, wide: int = 1400, high: int = 1000, scheme: str = "light") -> Page:
        context = browser.new_context(color_scheme=scheme, viewport={"width": wide, "height": high})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.goto(f"{address}/{path}")
        page.wait_for_selector(".ql-header", timeout=START_SECONDS * 1000)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS} s")
