"""The sample company, small, laid out and synced once; and the command line as a function."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from metrics.cli import main

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("QUARTERLINE_TODAY", DAY.isoformat())
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        code = stopped.value.code
        assert "Traceback" not in said.err
        return Result(code if isinstance(code, int) else 1, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synced sample company; read-only by convention."""
    from metrics.cli.session import Session
    from metrics.cli.syncing import sync_workspace
    from metrics.demo import lay_out_demo

    directory = tmp_path_factory.mktemp("sample") / "workspace"
    moment = lay_out_demo(directory, day=DAY, small=True)
    sync_workspace(Session(directory), now=moment)
    return directory


@pytest.fixture
def copy(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample company that a test may change."""
    return Path(shutil.copytree(sample, tmp_path / "workspace"))
