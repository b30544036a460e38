"""Every command that the documents show is run, in the order they show it, as a reader would."""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path

import pytest
import typer
from openpyxl import Workbook

from metrics.cli import main
from metrics.cli.app import app

ROOT = Path(__file__).parents[1]
QUARTERLINE = str(Path(sys.executable).with_name("quarterline"))
PAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))


def shown_commands(page: Path) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line[2:].split("  #")[0].strip() for line in lines]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def serve_until_healthy(command: list[str], cwd: Path) -> None:
    port = free_port()
    process = subprocess.Popen([*command, "--port", str(port)], cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.poll() is None, "the server stopped"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                    assert answer.status == 200
                    return
            except OSError:
                time.sleep(0.2)
        pytest.fail("the server did not answer within a minute")
    finally:
        process.terminate()
        process.wait(20)


def run_shown(command: str, cwd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command; quarterline's own within this process, as its script does, except for the server."""
    program, *arguments = shlex.split(command)
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert arguments[0] in targets
    elif program == "quarterline":
        if "serve" in arguments:
            serve_until_healthy([QUARTERLINE, *arguments], cwd)
            return
        with contextlib.chdir(cwd), pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code in {0, None}, f"{command}\n{capsys.readouterr().err}"
    else:
        assert command == ". .venv/bin/activate"


def _save_workbook(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Visits"
    for row in (["visit_id", "day", "visitors"], [1, date(2026, 10, 1), 12]):
        sheet.append(row)
    book.save(path)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's folder after `make run`, which is `quarterline demo`."""
    cwd = tmp_path_factory.mktemp("desk")
    _save_workbook(cwd / "visits.xlsx")
    demo = [QUARTERLINE, "demo", "--no-serve"]
    subprocess.run(demo, cwd=cwd, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return cwd


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_commands_of_a_page_run(page: Path, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in shown_commands(page):
        run_shown(command, desk, capsys)


def test_the_readme_shows_the_main_commands() -> None:
    shown = " ".join(shown_commands(Path("README.md")))
    for command in ("make run", "make test", "init", "apply", "sync", "serve", "status", "series", "snapshot take"):
        assert command in shown


def test_every_command_is_documented_somewhere() -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    group = typer.main.get_command(app)
    names = sorted(getattr(group, "commands", {}))
    assert names
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / page.parent / target).exists(), f"{page} -> {target}"
