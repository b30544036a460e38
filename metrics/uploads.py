"""Sources of uploaded files: kept under `var/uploads`, declared in the ledger, read by the `files` connector."""

import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from connectors.base import Stream
from connectors.columns import schema_to_state
from connectors.errors import ConnectorError
from connectors.registry import open_connector
from metrics.definitions import Workspace
from metrics.definitions.workspace import Source
from metrics.errors import NotFoundError, QuarterlineError
from metrics.ledger import Ledger
from metrics.model.decision import Recorded, Upload, UploadedFile

STREAM = "rows"
SUFFIXES = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".json",
    ".jsonl",
    ".parquet",
    ".gz",
    ".zip",
)
SIZE_LIMIT = 200 << 20
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}(\.gz)?$")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A file as it was handed over.

    Attributes:
        name: what it was called.
        options: keys of a stream of files, such as `sheet` or `encoding`.
        primary_key: columns that tell its rows apart; without them, a further upload replaces every row.
    """

    name: str
    content: bytes
    options: Mapping[str, str] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None


def uploads_folder(workspace: Workspace) -> Path:
    """Give the folder that uploaded files are kept in; it is there once something was uploaded."""
    return workspace.var / "uploads"


def complete_workspace(workspace: Workspace, ledger: Ledger) -> Workspace:
    """Add the sources of uploaded files to those that quarterline.yaml declares, which win where names meet."""
    added = {made.key: _source(made, workspace) for made in uploads(ledger).values() if made.files}
    return replace(workspace, sources={**added, **workspace.sources}) if added else workspace


def uploads(ledger: Ledger) -> dict[str, Upload]:
    """Give what each uploaded source is by now, by name; one that was taken away has no files."""
    return {each.decision.key: each.decision for each in ledger.decisions(Upload)}


def suggested_name(file_name: str) -> str:
    """Turn a file's name into one that a source may have, such as `khach_tham` for `Khách thăm (1).xlsx`."""
    stem = _SUFFIX.sub("", file_name.lower()).replace("đ", "d")
    plain = "".join(sign for sign in unicodedata.normalize("NFD", stem) if not unicodedata.combining(sign))
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return (name if name[:1].isalpha() else f"file_{name}".rstrip("_"))[:40]


def look_into(handed: HandedOver, workspace: Workspace) -> dict[str, str]:
    """Tell the columns of a file and their types, as a load would read them.

    Raises:
        ConnectorError: the file cannot be read exactly; the message says where and why.
        QuarterlineError: it is of a kind that is not read, or too large.
    """
    suffix = _suffix(handed)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"upload{suffix}").write_bytes(handed.content)
        stream = _stream("upload", f"upload{suffix}", handed, workspace)
        try:
            schema: pa.Schema = open_connector("files", "upload", {}, Path(folder)).columns(stream)
        except ConnectorError as error:  # its place is the name that the person knows
            raise type(error)(error.message, file=handed.name, line=error.line, column=error.column) from None
    types = schema_to_state(schema)
    return {name: types.get(name, "text") for name in schema.names}


def keep_upload(
    name: str,
    handed: HandedOver,
    workspace: Workspace,
    ledger: Ledger,
    *,
    actor: str,
    now: datetime,
    add: bool = False,
    seen: int | None = None,
) -> Recorded[Upload]:
    """Keep a file and declare it as a source, or as the next file of one.

    The file is proven to be readable and lies on disk before the ledger names it; what it replaces goes after that.

    Args:
        name: of the source.
        add: keep the files that the source has, beside this one.
        seen: version of the source that this rests on (0: none).

    Raises:
        ConnectorError: the file cannot be read exactly.
        QuarterlineError: the name is taken by quarterline.yaml, or the file is too large.
        LedgerError: the name cannot be used.
        OvertakenError: somebody else uploaded meanwhile.
    """
    if name in workspace.sources and name not in uploads(ledger):
        raise QuarterlineError(
            f"could not upload {handed.name!r} as {name!r}, because quarterline.yaml declares a source of that name; "
            "choose another name"
        )
    look_into(handed, workspace)
    before = uploads(ledger).get(name)
    kept = before.files if before is not None and add else ()
    file = UploadedFile(
        handed.name,
        _free_name(kept, _suffix(handed)),
        hashlib.sha256(handed.content).hexdigest(),
        len(handed.content),
    )
    made = Upload(
        name,
        (*kept, file),
        primary_key=handed.primary_key or (before.primary_key if before and add else ()),
        options=dict(handed.options),
        columns=dict(handed.columns),
        timezone=handed.timezone,
    )
    folder = uploads_folder(workspace) / name
    waiting = _write_aside(folder, handed.content)
    try:
        recorded = ledger.decide(made, actor=actor, at=now, seen=seen)
        waiting.replace(folder / file.stored)
    finally:
        waiting.unlink(missing_ok=True)
    _remove_others(folder, made.files)
    return recorded


def remove_upload(
    name: str, workspace: Workspace, ledger: Ledger, *, reason: str, actor: str, now: datetime
) -> Recorded[Upload]:
    """Take an uploaded source away; its facts stay until the next full sync, its files go.

    Raises:
        NotFoundError: there is no such source.
        QuarterlineError: metrics still read it.
        LedgerError: the reason is blank.
    """
    known = {key for key, made in uploads(ledger).items() if made.files}
    if name not in known:
        raise NotFoundError("uploaded source", name, sorted(known))
    readers = sorted(
        metric.id for metric in ledger.definitions().metrics.values() if metric.source == f"{name}.{STREAM}"
    )
    if readers:
        raise QuarterlineError(
            f"could not take {name!r} away, because {', '.join(readers)} read it; retire these metrics first"
        )
    recorded = ledger.decide(Upload(name, (), note=reason), actor=actor, at=now)
    shutil.rmtree(uploads_folder(workspace) / name, ignore_errors=True)
    _tell_readers(uploads_folder(workspace))
    return recorded


def _source(made: Upload, workspace: Workspace) -> Source:
    pattern = f"{uploads_folder(workspace).relative_to(workspace.root)}/{made.key}/[0-9]*"
    handed = HandedOver("", b"", made.options, made.primary_key, made.columns, made.timezone)
    stream = replace(
        _stream(made.key, pattern, handed, workspace), edition=" ".join(each.sha256 for each in made.files)
    )
    return Source(made.key, "files", {}, "pull", {STREAM: stream})


def _stream(source: str, pattern: str, handed: HandedOver, workspace: Workspace) -> Stream:
    return Stream(
        source,
        STREAM,
        {"path": pattern, **handed.options},
        primary_key=handed.primary_key,
        timezone=handed.timezone or workspace.organisation.timezone,
        columns=handed.columns,
    )


def _suffix(handed: HandedOver) -> str:
    if len(handed.content) > SIZE_LIMIT:
        raise QuarterlineError(
            f"could not upload {handed.name!r}, because it has {len(handed.content) >> 20} MiB and {SIZE_LIMIT >> 20} "
            "are allowed; put it into the workspace and declare a source of type files"
        )
    found = _SUFFIX.search(handed.name.lower())
    if found is None or not found.group().endswith(SUFFIXES):
        raise QuarterlineError(
            f"could not upload {handed.name!r}, because it is no file of a known kind; known are {', '.join(SUFFIXES)}"
        )
    return found.group()


def _free_name(kept: Sequence[UploadedFile], suffix: str) -> str:
    """Number files, so that a source that is replaced keeps the name that it was loaded under."""
    return f"{len(kept) + 1}{suffix}"


def _write_aside(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(prefix=".", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(path)


def _remove_others(folder: Path, files: Sequence[UploadedFile]) -> None:
    named = {file.stored for file in files}
    for path in folder.iterdir():
        if path.name not in named and not path.name.startswith("."):
            path.unlink()
    _tell_readers(folder.parent)


def _tell_readers(folder: Path) -> None:
    """Let pages notice, which look at this folder's time as they do at quarterline.yaml's."""
    os.utime(folder)
