"""`init`, `apply`, `export`, `snapshot`, `doctor`, `serve`: what changes something, and what refuses to."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from metrics.definitions.strict_yaml import parse_yaml
from metrics.tabular import read_csv

from .conftest import Command


@pytest.mark.parametrize("example", [True, False])
def test_a_new_workspace_applies_and_syncs(tmp_path: Path, command: Command, *, example: bool) -> None:
    directory = tmp_path / "new"
    assert command("init", directory, *(["--example"] if example else [])).code == 0
    applied = command("--workspace", directory, "apply")
    assert (applied.code, applied.err) == (0, "")
    synced = command("--workspace", directory, "sync")
    if example:
        assert synced.code == 0
        document = json.loads(command("--workspace", directory, "status", "--json").out)
        assert [key_result["value"] is not None for key_result in document["key_results"]] == [True, True]
    else:
        status = command("--workspace", directory, "status")
        assert status.code == 1
        assert "no objective is defined" in status.err


def test_init_never_writes_over_anything(tmp_path: Path, command: Command) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    result = command("init", tmp_path)
    assert result.code == 1
    assert "because it is not empty" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_no_workspace_says_where_it_looked(tmp_path: Path, command: Command) -> None:
    result = command("--workspace", tmp_path / "absent", "status")
    assert result.code == 1
    assert "quarterline.yaml" in result.err
    assert "quarterline init" in result.err


def test_a_dry_run_shows_the_plan_and_changes_nothing(copy: Path, command: Command) -> None:
    quarter = next(path for path in (copy / "okrs").iterdir() if '"< 2"' in path.read_text())
    quarter.write_text(quarter.read_text().replace('"< 2"', '"< 3"', 1))
    planned = command("--workspace", copy, "apply", "--dry-run")
    assert "~ key_result" in planned.out
    assert '"< 2" -> "< 3"' in planned.out
    assert "nothing was changed" in planned.out
    before = json.loads(command("--workspace", copy, "status", "--json").out)
    assert "< 3" not in {key_result["target"] for key_result in before["key_results"]}

    assert command("--workspace", copy, "apply").code == 0
    after = json.loads(command("--workspace", copy, "status", "--json").out)
    changed = next(key_result for key_result in after["key_results"] if key_result["target"] == "< 3")
    assert changed["original_target"] == "< 2"
    assert "0 changed" in command("--workspace", copy, "apply").out


def test_exported_definitions_apply_without_a_change(copy: Path, tmp_path: Path, command: Command) -> None:
    exported = tmp_path / "exported"
    assert command("--workspace", copy, "export", exported).code == 0
    for file in exported.rglob("*.yaml"):
        (copy / file.relative_to(exported)).write_bytes(file.read_bytes())
    assert command("--workspace", copy, "apply", "--dry-run").out.startswith("0 to change")


def test_an_editor_gets_the_schemas_of_all_three_kinds_of_file(copy: Path, command: Command) -> None:
    """With them, an editor takes every file of the sample company and points at a misspelt key."""
    said = command("--workspace", copy, "schemas")
    assert (said.code, said.out.count("wrote ")) == (0, 3)
    validator = import_module("jsonschema").Draft202012Validator
    okrs = sorted(copy.glob("okrs/*.yaml"))
    files = {"workspace": [copy / "quarterline.yaml"], "metrics": [copy / "metrics.yaml"], "okrs": okrs}
    for kind, written in files.items():
        schema = validator(json.loads((copy / "schemas" / f"{kind}.json").read_text("utf-8")))
        for file in written:
            document = parse_yaml(file.read_bytes(), str(file)).value
            assert [error.message for error in schema.iter_errors(document)] == [], file
            assert not schema.is_valid({**document, "organisaton": {}}), file
    assert command("--workspace", copy, "apply").out.startswith("0 changed"), "no file of the workspace's"
    (copy / "taken").write_text("", encoding="utf-8")
    refused = command("--workspace", copy, "schemas", copy / "taken")
    assert (refused.code, "choose a folder that can be written" in refused.err) == (1, True)


def test_every_problem_of_every_file_is_told_and_nothing_is_applied(copy: Path, command: Command) -> None:
    metrics = copy / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("aggregate: median", "agregate: median", 1))
    quarter = max((copy / "okrs").iterdir())
    quarter.write_text(quarter.read_text().replace("metric: ", "metric: un", 1))
    result = command("--workspace", copy, "apply")
    assert result.code == 1
    assert "metrics.yaml:" in result.err
    assert "did you mean 'aggregate'" in result.err
    assert f"okrs/{quarter.name}:" in result.err
    assert command("--workspace", copy, "status").code == 0


def test_a_column_that_does_not_exist_is_refused_before_it_is_applied(copy: Path, command: Command) -> None:
    metrics = copy / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("time: opened_at", "time: opend_at", 1))
    result = command("--workspace", copy, "apply")
    assert result.code == 1
    assert "opend_at" in result.err
    assert "opened_at" in result.err


def test_a_snapshot_equals_the_status_of_its_day(copy: Path, command: Command) -> None:
    document = json.loads(command("--workspace", copy, "status", "--json").out)
    assert command("--workspace", copy, "snapshot", "take", "--name", "board").code == 0
    columns, rows = read_csv(command("--workspace", copy, "snapshot", "show", "board").out.encode())
    assert [row[columns.index("key_result")] for row in rows] == [each["id"] for each in document["key_results"]]
    assert [float(row[columns.index("value")]) for row in rows] == [each["value"] for each in document["key_results"]]
    listed = json.loads(command("--workspace", copy, "snapshot", "list", "--json").out)
    assert [manifest["name"] for manifest in listed] == ["board"]
    assert command("--workspace", copy, "snapshot", "export", "board", "--out", copy / "board.csv").code == 0
    assert (copy / "board.csv").read_text().startswith("as_of,cycle,")


def test_the_doctor_finds_what_is_wrong(copy: Path, command: Command) -> None:
    assert command("--workspace", copy, "doctor").code == 0
    (copy / "data" / "helpdesk.db").unlink()
    sick = command("--workspace", copy, "doctor", "--json")
    errors = [finding for finding in json.loads(sick.out)["findings"] if finding["grade"] == "error"]
    assert sick.code == 1
    assert [finding["subject"] for finding in errors] == ["helpdesk"]


def test_the_doctor_says_who_syncs_and_who_may_change_the_workspace(copy: Path, command: Command) -> None:
    from metrics.facts.lock import sync_lock
    from tests.metrics.sync.rig import NOON

    def told(subject: str) -> list[str]:
        findings = json.loads(command("--workspace", copy, "doctor", "--offline", "--json").out)["findings"]
        return [finding["message"] for finding in findings if finding["subject"] == subject]

    assert told("sync") == ["none is running"]
    assert told("quarterline.yaml") == []
    (copy / "quarterline.yaml").chmod(0o666)
    with sync_lock(copy / "var" / "facts" / "sync.lock", since=NOON):
        assert "(since 2027-04-10T12:00:00+00:00) is running one" in told("sync")[0]
    assert told("quarterline.yaml")[0].startswith("every user of this machine can change it; run `chmod o-w ")


def test_an_interval_that_cannot_be_read_is_refused(sample: Path, command: Command) -> None:
    said = command("--workspace", sample, "serve", "--sync-every", "often")
    assert (said.code, "could not serve, because --sync-every 'often' is no duration" in said.err) == (1, True)


def test_a_public_address_without_a_login_is_refused(sample: Path, command: Command) -> None:
    result = command("--workspace", sample, "serve", "--host", "0.0.0.0")
    assert result.code == 1
    assert "anyone who reaches it could read everything" in result.err


def test_the_version_is_told(command: Command) -> None:
    assert command("--version").out.startswith("quarterline ")
