"""Dated snapshots: a scorecard as CSV and JSON beside the definitions it used, with the hash of every file.

A snapshot is a folder under `var/snapshots`. It is written whole or not at all and is never changed afterwards.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from metrics.errors import NotFoundError, QuarterlineError
from metrics.model.definition import Language
from metrics.model.scorecard import Scorecard
from metrics.scorecard.document import (
    KEY_RESULT_COLUMNS,
    OBJECTIVE_COLUMNS,
    canonical_json,
    key_result_rows,
    objective_rows,
    scorecard_document,
)
from metrics.scorecard.goals import GOAL_COLUMNS, goal_rows
from metrics.tabular import write_csv

SCHEMA = 1
MANIFEST = "manifest.json"
KEY_RESULTS = "key_results.csv"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was taken.

    Attributes:
        manifest: when and by whom it was taken, its generation, ledger revision and policy, and each file's hash.
    """

    name: str
    directory: Path
    manifest: Mapping[str, Any]

    def content(self, file: str = KEY_RESULTS) -> bytes:
        """Read one of the snapshot's files.

        Raises:
            NotFoundError: the snapshot has no such file.
            QuarterlineError: the file is not what was taken.
        """
        if file not in self.manifest["files"]:
            raise NotFoundError(f"file of snapshot {self.name!r}", file, self.manifest["files"])
        try:
            content = (self.directory / file).read_bytes()
        except OSError as error:
            raise self._damaged(file, f"it cannot be read ({error.strerror})") from error
        if hashlib.sha256(content).hexdigest() != self.manifest["files"][file]["sha256"]:
            raise self._damaged(file, "it is not what was taken: its hash differs from the manifest's")
        return content

    def _damaged(self, file: str, why: str) -> QuarterlineError:
        return QuarterlineError(
            f"could not show {file} of snapshot {self.name!r}, because {why}; put {self.directory} back from a copy"
        )


def default_name(scorecard: Scorecard) -> str:
    """Name a snapshot by its cycle, its day and its generation."""
    return f"{scorecard.cycle.id}_{scorecard.as_of.isoformat()}_{scorecard.generation}"


def take_snapshot(
    scorecard: Scorecard,
    definitions: Mapping[str, Any],
    directory: Path,
    *,
    name: str | None = None,
    taken_at: datetime,
    actor: str,
    language: Language,
    version: str,
) -> Snapshot:
    """Write a snapshot.

    Args:
        definitions: canonical documents of the metrics and objectives in force.
        directory: the snapshots' folder; made when absent.

    Raises:
        QuarterlineError: the name is taken or not allowed, or the folder cannot be written.
    """
    chosen = checked_name(name or default_name(scorecard))
    target = directory / chosen
    if target.exists():
        raise QuarterlineError(
            f"could not take snapshot {chosen!r}, because one of that name exists and snapshots never change; "
            "choose another name with --name"
        )
    files = {
        KEY_RESULTS: write_csv(KEY_RESULT_COLUMNS, key_result_rows(scorecard)),
        "objectives.csv": write_csv(OBJECTIVE_COLUMNS, objective_rows(scorecard)),
        "scorecard.json": canonical_json(scorecard_document(scorecard, language)).encode(),
        "definitions.json": canonical_json(definitions).encode(),
    }
    if scorecard.goals:
        files["goals.csv"] = write_csv(GOAL_COLUMNS, goal_rows(scorecard))
    manifest = {
        "schema": SCHEMA,
        "name": chosen,
        "taken_at": taken_at.isoformat(),
        "actor": actor,
        "as_of": scorecard.as_of.isoformat(),
        "cycle": scorecard.cycle.id,
        "generation": scorecard.generation,
        "ledger_revision": scorecard.ledger_revision,
        "policy": scorecard.policy,
        "version": version,
        "files": {
            file: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for file, content in sorted(files.items())
        },
    }
    try:
        _write_whole(target, {**files, MANIFEST: canonical_json(manifest).encode()})
    except OSError as error:
        raise QuarterlineError(
            f"could not take snapshot {chosen!r}, because {target} cannot be written ({error.strerror}); "
            "free space or allow writing there, then take it again"
        ) from error
    return Snapshot(chosen, target, manifest)


def list_snapshots(directory: Path) -> tuple[Snapshot, ...]:
    """Give every snapshot, newest first; folders without a readable manifest are left out."""
    manifests = [(path.parent, _read_manifest(path)) for path in sorted(directory.glob(f"*/{MANIFEST}"))]
    found = [
        Snapshot(folder.name, folder, manifest)
        for folder, manifest in manifests
        if manifest is not None and _NAME.fullmatch(folder.name)
    ]
    return tuple(sorted(found, key=lambda snapshot: (snapshot.manifest["taken_at"], snapshot.name), reverse=True))


def find_snapshot(directory: Path, name: str) -> Snapshot:
    """Find a snapshot by its name.

    Raises:
        QuarterlineError: the name is not allowed, or stands for no snapshot.
    """
    checked_name(name)
    for snapshot in list_snapshots(directory):
        if snapshot.name == name:
            return snapshot
    raise NotFoundError("snapshot", name, [snapshot.name for snapshot in list_snapshots(directory)])


def export_snapshot(snapshot: Snapshot, destination: Path) -> Path:
    """Copy a snapshot: its key-result CSV when `destination` ends in `.csv`, else the whole folder into it.

    Raises:
        QuarterlineError: the destination exists already or cannot be written, or a file is not what was taken.
    """
    if destination.exists():
        raise QuarterlineError(f"could not export to {destination}, because it exists; choose another place")
    names = [KEY_RESULTS] if destination.suffix == ".csv" else snapshot.manifest["files"]
    files = {file: snapshot.content(file) for file in names}
    try:
        if destination.suffix == ".csv":
            _write_whole_file(destination, files[KEY_RESULTS])
        else:
            _write_whole(destination, {**files, MANIFEST: (snapshot.directory / MANIFEST).read_bytes()})
    except OSError as error:
        raise QuarterlineError(
            f"could not export snapshot {snapshot.name!r} to {destination}, because of {error.strerror}; "
            "choose a place that can be written"
        ) from error
    return destination


def checked_name(name: str) -> str:
    """Let a snapshot's name pass.

    Raises:
        QuarterlineError: the name is not made of letters, digits, dots, dashes and underscores only.
    """
    if not _NAME.fullmatch(name):
        raise QuarterlineError(
            f"could not use {name[:40]!r} as a snapshot's name; use up to 100 letters, digits, dots, dashes and "
            "underscores, beginning with a letter or digit"
        )
    return name


def _write_whole(target: Path, files: Mapping[str, bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".taking-", dir=target.parent))
    try:
        for file, content in files.items():
            with (unfinished / file).open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _write_whole_file(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".taking-", dir=target.parent))
    try:
        (unfinished / target.name).write_bytes(content)
        (unfinished / target.name).rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _read_manifest(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and {"taken_at", "files", "as_of"} <= manifest.keys() else None
