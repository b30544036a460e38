"""The sample company, small, laid out and synced once; and the command line as a function."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from metrics.cli import main
from tests.metrics.smart.company import lay_out_company

DAY = date(2026, 11, 23)
OKRS = "okrs/2027-Q1.yaml"
GOALS = """\
goals:
  - {id: calm, title: {en: North answers within four hours, vi: Miền Bắc trả lời trong bốn giờ}, owner: minh,
     metric: first_response, filter: {team: north}, read: trailing 7d, target: "< 3.5",
     starts: 2027-01-04, ends: 2027-02-28}
  - {id: idea, title: Fewer than three in a hundred complain, owner: linh, draft: true, metric: complaint_rate,
     shape: keep, target: "< 3 %", starts: 2027-01-04, ends: 2027-02-28}
"""


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


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example with a goal and a draft, synced; read-only by convention."""
    from metrics.cli.session import Session
    from metrics.cli.syncing import sync_workspace
    from metrics.definitions import load_definitions

    root = lay_out_company(tmp_path_factory.mktemp("company"))
    (root / OKRS).write_text((root / OKRS).read_text("utf-8") + GOALS, encoding="utf-8")
    session, moment = Session(root), datetime(2027, 1, 15, 5, tzinfo=UTC)
    session.ledger.apply(load_definitions(session.workspace), actor="test", at=moment)
    assert sync_workspace(session, now=moment).ok
    return root
