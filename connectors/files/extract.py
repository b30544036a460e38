"""One pull of a stream of files: only what is new or changed since the last."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.base import Mode, State, Stream
from connectors.columns import schema_from_state, schema_to_state
from connectors.errors import ContentError, DeclarationError, nearest, placed
from connectors.exact.load import TextLoad
from connectors.exact.numbers import Writing, declared_writing
from connectors.exact.text import TextFormat
from connectors.files.archives import members_of
from connectors.files.delimited import DelimitedFormat
from connectors.files.excel import ExcelFormat
from connectors.files.jsonlines import JsonFormat
from connectors.files.opening import begins_with_lines, hash_file
from connectors.files.parquet import ParquetLoad
from connectors.files.paths import Found, find_files

_SUFFIXES: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
}
_TEXT: Mapping[str, Callable[[Stream, Mapping[str, Any]], TextFormat[Found]]] = {
    "csv": DelimitedFormat,
    "json": JsonFormat,
    "excel": ExcelFormat,
}
_ONLY_FILES = frozenset({"parquet", "excel"})
_WHOLE_BYTES = 1 << 30
"""Unchanged files that are read again, so that rows go which were removed inside a changed one."""


class FilesExtract:
    """Implements `connectors.base.Extract` for files.

    Attributes:
        has_versions: a row may stand in several files, each as it was when that was written.
        scan: the files, where DuckDB reads the same values from them.
        expected_rows: counted when the files were proved.
    """

    has_versions: ClassVar[bool] = True

    def __init__(self, stream: Stream, workspace: Path, state: State | None) -> None:
        """Find out which files changed, and prove the text files among them.

        Raises:
            ConnectorError: the files cannot be read exactly; its place names source and stream.
        """
        self.notes: list[str] = []
        self._hashes: dict[str, str] = {}
        self.mode: Mode = "replace" if state is None else "merge"
        self._state: Mapping[str, Any] = state or {}
        self._stream = (
            stream
            if stream.pinned is not None or state is None
            else replace(stream, pinned=schema_from_state(state["schema"]))
        )
        with placed(stream.source, stream.name):
            self._files = data_files(stream, workspace)
            self._format = format_of(stream, self._files)
            self._read_now = self._changed()
            self._load = self._begin()
            self.scan = self._load.scan() if isinstance(self._load, ParquetLoad) and self._load.rows else None
            self.expected_rows = self._load.rows if self._load is not None else None
            self.schema = self._load.schema if self._load is not None else self._stream.pinned or pa.schema([])
        if self._load is not None and not self._load.rows:
            # Nothing to replace with: what was loaded before stays.
            self.mode = "merge"
            self.notes.append(
                f"no rows in {', '.join(found.label for found in self._read_now[:3])}; earlier rows are kept"
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the files that changed."""
        if self._load is None:
            return
        with placed(self._stream.source, self._stream.name):
            for batch in self._load.batches():
                if batch.num_rows:
                    yield batch
        self.notes.extend(self._load.notes())

    def state(self) -> State:
        """Return what was read, and what was learnt from it."""
        files = {found.label: self._file_state(found) for found in self._files}
        kept = {label: known for label, known in self._known.items() if label not in files}
        learnt = self._load.learnt() if self._load is not None else {}
        return {
            "version": 1,
            "files": dict(sorted((kept | files).items())),
            "schema": schema_to_state(self.schema),
            "learnt": dict(self._state.get("learnt", {})) | learnt,
        }

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, Any]]:
        known: Mapping[str, Mapping[str, Any]] = self._state.get("files", {})
        return known

    def _changed(self) -> list[Found]:
        """Choose the files to read: the changed ones, or all of them where rows have no key to merge by."""
        changed = [found for found in self._files if not self._is_unchanged(found)]
        present = {found.label for found in self._files}
        gone = [label for label in self._known if label not in present]
        if gone:
            self.notes.append(f"gone since the last load, its rows are kept: {', '.join(gone[:5])}")
        if not changed or self.mode == "replace":
            return changed
        if self._stream.primary_key:
            return self._lost_rows(changed, gone)
        if gone:
            raise ContentError(
                f"could not load the changed files again, because {gone[0]!r} is gone and without a primary key its "
                f"rows would be lost; restore it, declare primary_key:, or drop its rows by `quarterline sync --full`"
            )
        self.mode = "replace"
        return self._files

    def _lost_rows(self, changed: list[Found], gone: list[str]) -> list[Found]:
        """Choose the files that tell which rows are gone: all of them, unless every changed one is new or only grew."""
        altered = [found for found in changed if found.label in self._known and not self._only_grew(found)]
        if not altered:
            return self._with_later(changed)
        others = sum(found.size for found in self._files if found not in changed)
        if gone or others > _WHOLE_BYTES:
            self.notes.append(
                f"changed inside: {altered[0].label}; rows that were removed there stay until `quarterline sync --full`"
            )
            return self._with_later(changed)
        self.mode = "replace"
        return self._files

    def _with_later(self, changed: list[Found]) -> list[Found]:
        """Add the files after the first changed one: of rows with the same key the last stays, as in a full load."""
        return self._files[self._files.index(changed[0]) :]

    def _only_grew(self, found: Found) -> bool:
        """Tell whether a file begins with all that it held before, down to the end of its last line."""
        known = self._known[found.label]
        return known["size"] < found.size and begins_with_lines(found, known["size"], known["sha256"])

    def _is_unchanged(self, found: Found) -> bool:
        known = self._known.get(found.label)
        if known is None or known["size"] != found.size or self._is_asked_for(found):
            return False
        return found.same_stat(known) or known["sha256"] == self._hash(found)

    def _is_asked_for(self, found: Found) -> bool:
        """Tell whether a back-fill goes back to before the file was written."""
        since, zone = self._stream.since, ZoneInfo(self._stream.timezone)
        return since is not None and datetime.fromtimestamp(found.modified_ns / 1e9, zone).date() >= since

    def _begin(self) -> "TextLoad[Found] | ParquetLoad | None":
        if not self._read_now:
            return None
        without = {label: known.get("without", ()) for label, known in self._known.items()}
        if self._format == "parquet":
            known = _pinned_names(self._stream) if self._state else ()
            return ParquetLoad(self._stream, self._read_now, known, without)
        learnt: Mapping[str, Any] = self._state.get("learnt", {})
        declared = declared_writing(self._stream.options)
        load = TextLoad(
            self._stream,
            _TEXT[self._format](self._stream, learnt),
            Writing(declared.decimal or learnt.get("decimal"), declared.thousands),
            frozenset(learnt["percent"]) if "percent" in learnt else None,
            without,
        )
        load.run(self._read_now)
        return load

    def _file_state(self, found: Found) -> Mapping[str, Any]:
        if self._load is None or found not in self._read_now:
            return {**self._known[found.label], "modified_ns": found.modified_ns}
        sha256 = self._hash(found)
        return {
            "size": found.size,
            "modified_ns": found.modified_ns,
            # The hash of what the file says since it was read would let the next pull pass it over.
            "sha256": sha256 if found.still_the_same() else "",
            "without": self._load.lacking[found.label],
        }

    def _hash(self, found: Found) -> str:
        if found.label not in self._hashes:
            self._hashes[found.label] = hash_file(found)
        return self._hashes[found.label]


def look(stream: Stream, workspace: Path) -> pa.Schema:
    """Return the schema as the first block of each file suggests it.

    Raises:
        ConnectorError: the files' beginnings cannot be read exactly.
    """
    with placed(stream.source, stream.name):
        files = data_files(stream, workspace)
        name = format_of(stream, files)
        if name == "parquet":
            return ParquetLoad(stream, files, (), {}).schema
        load = TextLoad(stream, _TEXT[name](stream, {}), declared_writing(stream.options), None, {})
        load.run(files, blocks=1)
        return load.schema


def data_files(stream: Stream, workspace: Path) -> list[Found]:
    """Find the files that a stream names, each zip archive as the files inside it.

    Raises:
        ConnectorError: a file is missing, or an archive cannot be trusted.
    """
    member = stream.options.get("member")
    files: list[Found] = []
    for found in find_files(stream, workspace):
        packed = found.path.suffix.lower() == ".zip"
        files += members_of(found, None if member is None else str(member)) if packed else [found]
    return files


def _pinned_names(stream: Stream) -> list[str]:
    return list(stream.pinned.names) if stream.pinned is not None else []


def format_of(stream: Stream, files: list[Found]) -> str:
    """Return `csv`, `json`, `parquet` or `excel`, as declared or by the files' suffix.

    Raises:
        DeclarationError: the format is unknown, or the files have several.
    """
    name = _declared_format(stream) or _format_by_suffix(files)
    packed = next((found.label for found in files if found.member is not None), None)
    if packed is not None and name in _ONLY_FILES:
        raise DeclarationError(
            f"could not read {name} inside a zip archive; unpack it and name the file itself", file=packed
        )
    return name


def _declared_format(stream: Stream) -> str | None:
    declared = stream.options.get("format")
    if declared is None:
        return None
    names = {*_TEXT, "parquet"}
    name = {"jsonl": "json", "ndjson": "json", "xlsx": "excel"}.get(str(declared), str(declared))
    if name not in names:
        raise DeclarationError(f"could not use format {declared!r}, because it is unknown; {nearest(name, names)}")
    return name


def _format_by_suffix(files: list[Found]) -> str:
    formats = {_SUFFIXES.get(Path(found.label.removesuffix(".gz")).suffix.lower()): found.label for found in files}
    if None in formats:
        raise DeclarationError(
            "could not tell the file's format from its name; declare format: csv, json, parquet or excel",
            file=formats[None],
        )
    if len(formats) > 1:
        raise DeclarationError(
            f"could not read files of several formats ({', '.join(sorted(map(str, formats)))}) as one stream; "
            f"give each format a stream of its own"
        )
    return str(next(iter(formats)))
