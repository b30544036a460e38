"""`done`: ticking off milestones on the command line, seen by `status`, the snapshot and the export."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Command

OKRS = """\
cycle: 2026-Q4
objectives:
  - id: move
    title: Move to the new warehouse
    owner: minh
    key_results:
      - id: rollout
        title: New warehouse runs
        shape: milestone
        milestones: [{id: pilot, title: Pilot runs}, {id: launch, title: All orders, weight: 3}]
      - {id: signed, title: Lease is signed, shape: binary}
"""


@pytest.fixture
def moving(copy: Path, command: Command) -> Path:
    """The sample company with one more objective, whose key results are ticked off."""
    (copy / "okrs" / "move.yaml").write_text(OKRS, encoding="utf-8")
    assert command("--workspace", copy, "apply").code == 0
    return copy


def key_result(command: Command, workspace: Path, name: str, *arguments: object) -> dict[str, Any]:
    document = json.loads(command("--workspace", workspace, "status", "--json", *arguments).out)
    return next(each for each in document["key_results"] if each["id"] == name)


def test_a_milestone_counts_from_its_day_until_it_is_taken_back(command: Command, moving: Path) -> None:
    assert key_result(command, moving, "rollout")["value"] == 0.0
    told = command("--workspace", moving, "done", "rollout", "launch", "--on", "2026-11-20", "--note", "seen")
    assert (told.code, told.out) == (0, "2026-Q4/rollout launch is done on 2026-11-20\n")
    assert key_result(command, moving, "rollout")["value"] == 0.75
    assert key_result(command, moving, "rollout", "--as-of", "2026-11-19")["value"] == 0.0
    assert "launch is done on 2026-11-20" in command("--workspace", moving, "history", "rollout").out
    told = command("--workspace", moving, "done", "rollout", "launch", "--undo")
    assert told.out == "2026-Q4/rollout launch is not done after all\n"
    assert key_result(command, moving, "rollout")["value"] == 0.0


def test_done_or_not_is_ticked_off_by_its_own_name(command: Command, moving: Path) -> None:
    assert command("--workspace", moving, "done", "signed").out == "2026-Q4/signed is done on 2026-11-23\n"
    assert key_result(command, moving, "signed")["status"] == "achieved"
    shown = command("--workspace", moving, "status").out
    assert "everything is done" in shown
    assert key_result(command, moving, "signed", "--shown-on", "2026-11-23")["done_on"] == "2026-11-23"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rollout",), "it is done milestone by milestone; name one of pilot, launch"),
        (("rollout", "lunch"), "could not find milestone of '2026-Q4/rollout' 'lunch'; did you mean 'launch'?"),
        (("signed", "pilot"), "could not find milestone of '2026-Q4/signed' 'pilot'"),
        (("signed", "--undo"), "it is not done; there is nothing to take back"),
        (("signed", "--on", "2026-12-01"), "that day lies ahead"),
        (("response-time",), "its shape is reach: a metric says how far it is"),
    ],
)
def test_what_cannot_be_ticked_off_says_why(
    command: Command, moving: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = command("--workspace", moving, "done", *arguments)
    assert result.code == 1
    assert message in result.err
    assert result.err.count("\n") == 1


def test_a_day_to_take_back_is_wrong_usage(command: Command, moving: Path) -> None:
    assert command("--workspace", moving, "done", "signed", "--undo", "--on", "2026-11-20").code == 2


def test_exported_and_applied_again_nothing_changes(command: Command, moving: Path, tmp_path: Path) -> None:
    command("--workspace", moving, "done", "rollout", "pilot")
    assert command("--workspace", moving, "export", tmp_path / "out").code == 0
    for path in (moving / "okrs").iterdir():
        path.unlink()
    for path in (tmp_path / "out" / "okrs").iterdir():
        (moving / "okrs" / path.name).write_bytes(path.read_bytes())
    (moving / "metrics.yaml").write_bytes((tmp_path / "out" / "metrics.yaml").read_bytes())
    planned = command("--workspace", moving, "apply", "--dry-run")
    assert (planned.code, "nothing" in planned.out) == (0, True)
    assert key_result(command, moving, "rollout")["value"] == 0.25


def test_check_and_snapshots_take_it_as_it_is(command: Command, moving: Path) -> None:
    checked = json.loads(command("--workspace", moving, "check", "--json").out)
    assert "ticked_off" in json.dumps(checked)
    assert command("--workspace", moving, "snapshot", "take", "--name", "one").code == 0
    assert "rollout" in command("--workspace", moving, "snapshot", "show", "one").out
