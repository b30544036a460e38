"""Uploaded files: the names they suggest, and that of files which others took the place of nothing stays."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from metrics.definitions import Workspace, load_workspace
from metrics.facts import open_facts
from metrics.ledger import Ledger, open_ledger
from metrics.ledger.decisions_rules import SOURCE
from metrics.sync import run_sync
from metrics.uploads import HandedOver, complete_workspace, keep_upload, suggested_name
from tests.metrics.sync.rig import NOON


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Khách thăm (1).xlsx", "khach_tham_1"),
        ("Đơn hàng.csv.gz", "don_hang"),
        ("2026-01.csv", "file_2026_01"),
        ("....csv", "file"),
        ("a" * 90 + ".csv", "a" * 40),
    ],
)
def test_a_name_is_suggested_that_a_source_may_have(file: str, name: str) -> None:
    assert suggested_name(file) == name
    assert SOURCE.fullmatch(name)


@dataclass
class Desk:
    workspace: Workspace
    ledger: Ledger

    def upload(self, file: str, *lines: str, key: tuple[str, ...] = ("id",), add: bool = False) -> list[int]:
        """Hand a CSV file over, sync, and give the ids that are stored."""
        handed = HandedOver(file, "\n".join([*lines, ""]).encode(), primary_key=key)
        keep_upload("visits", handed, self.workspace, self.ledger, actor="linh", now=NOON, add=add)
        result = run_sync(complete_workspace(self.workspace, self.ledger), self.ledger, now=NOON)
        assert result.ok, result
        with open_facts(self.workspace.var) as facts:
            return [found for (found,) in facts.query("SELECT id FROM visits.rows ORDER BY id")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "quarterline.yaml").write_text("organisation: {name: Test, timezone: UTC}\nsources: {}\n", "utf-8")
    return Desk(load_workspace(tmp_path), open_ledger(f"sqlite:///{tmp_path}/ledger.db", tmp_path))


@pytest.mark.parametrize("key", [("id",), ()])
def test_a_further_upload_takes_the_place_of_all_files_before(desk: Desk, key: tuple[str, ...]) -> None:
    assert desk.upload("a.csv", "id,at", "1,2027-04-01", key=key) == [1]
    assert desk.upload("b.csv", "id,at", "2,2027-04-02", key=key, add=True) == [1, 2]
    assert desk.upload("c.csv", "id,at", "3,2027-04-03", key=key) == [3]
    assert desk.upload("d.txt", "id,at", "4,2027-04-03", key=key) == [4]
