"""`backtest` on the sample company: a table for people, JSON for programs, a record for the dashboard."""

import json
from pathlib import Path

import pytest

from metrics.backtest import load_record

from .conftest import Command


@pytest.mark.slow
def test_a_backtest_is_shown_and_kept(copy: Path, command: Command) -> None:
    assert load_record(copy / "var") is None
    printed = command("--workspace", copy, "backtest")
    assert printed.code == 0
    assert "Brier" in printed.out
    assert "reopened_tickets, total," in printed.out, "names stay whole in a terminal of 80 columns"
    assert "error/" in printed.out
    assert "check-ins: none yet" in printed.out
    record = load_record(copy / "var")
    assert record is not None
    assert record.pooled.n > 0
    again = command("--workspace", copy, "backtest", "--json")
    document = json.loads(again.out)
    assert document["pooled"]["n"] == record.pooled.n
    assert document["pooled"]["brier"] == record.pooled.brier, "the same past gives the same figures"
    assert len(document["subjects"]) == len(record.subjects)


def test_without_anything_synced_the_way_out_is_named(tmp_path: Path, command: Command) -> None:
    assert command("init", tmp_path / "w", "--example").code == 0
    failed = command("--workspace", tmp_path / "w", "backtest")
    assert failed.code == 1
    assert "quarterline apply" in failed.err
    assert len(failed.err.strip().splitlines()) == 1
