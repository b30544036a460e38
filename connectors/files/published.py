"""Reads Google Sheets by their published CSV link: fetched under guard, then read as strictly as any CSV file."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from connectors.base import Mode, State, Stream
from connectors.columns import schema_from_state, schema_to_state
from connectors.errors import DeclarationError, placed
from connectors.exact.load import TextLoad
from connectors.exact.numbers import Writing, declared_writing
from connectors.files.delimited import DelimitedFormat
from connectors.files.opening import hash_file
from connectors.files.paths import Found
from connectors.web import WEB_KEYS, GuardedSession, Policy, policy_of
from connectors.web.answer import refuse_markup
from connectors.web.urls import checked_url, shown

SHEET_LIMIT = 256 << 20

_CSV_LINKS = (("output", "csv"), ("format", "csv"), ("tqx", "out:csv"))


class GoogleSheetsConnector:
    """Reads sheets that are published to the web as CSV; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = WEB_KEYS
    stream_keys: ClassVar[frozenset[str]] = frozenset({"url", "decimal", "thousands", "null_values"})

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Take the limits; each stream has a link of its own."""
        self._policy = policy_of(name, options, workspace).with_limit(SHEET_LIMIT)

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of the sheet as it is now."""
        return SheetExtract(self._policy, stream, None).schema

    def extract(self, stream: Stream, state: State | None) -> "SheetExtract":
        """Fetch the sheet, and read it if it changed."""
        return SheetExtract(self._policy, stream, state)

    def check(self) -> None:
        """Links are the streams' own; whether they work, each stream says."""


class SheetExtract:
    """Implements `connectors.base.Extract` for a sheet: all of it, or nothing when it is as it was."""

    def __init__(self, policy: Policy, stream: Stream, state: State | None) -> None:
        """Fetch and prove the sheet.

        Raises:
            ConnectorError: it cannot be had, or cannot be read exactly.
        """
        self.notes: list[str] = []
        self.mode: Mode = "replace"
        self._state: Mapping[str, Any] = state or {}
        self._load: TextLoad[Found] | None = None
        known = stream.pinned is not None or state is None
        self._stream = stream if known else replace(stream, pinned=schema_from_state(self._state["schema"]))
        with placed(stream.source, stream.name), _fetched(policy, _link(stream)) as found:
            self._hash = hash_file(found)
            if self._hash == self._state.get("sha256"):
                self.mode = "merge"
            else:
                self._load = self._proven(found)
        self.schema = self._load.schema if self._load is not None else self._stream.pinned or pa.schema([])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        if self._load is None:
            return
        with placed(self._stream.source, self._stream.name):
            yield from (batch for batch in self._load.batches() if batch.num_rows)
        self.notes += self._load.notes()

    def state(self) -> State:
        """Return what was read, and what was learnt from it."""
        learnt = dict(self._state.get("learnt", {})) | (self._load.learnt() if self._load is not None else {})
        return {"version": 1, "sha256": self._hash, "schema": schema_to_state(self.schema), "learnt": learnt}

    def _proven(self, found: Found) -> TextLoad[Found]:
        learnt: Mapping[str, Any] = self._state.get("learnt", {})
        declared = declared_writing(self._stream.options)
        load = TextLoad(
            self._stream,
            DelimitedFormat(self._stream, {"delimiter": ",", "encoding": "utf-8"}),
            Writing(declared.decimal or learnt.get("decimal"), declared.thousands),
            frozenset(learnt["percent"]) if "percent" in learnt else None,
            {},
        )
        load.run([found])
        if not load.rows:
            self.mode = "merge"
            self.notes.append("the sheet has no rows below its header; earlier rows are kept")
        return load


def _link(stream: Stream) -> str:
    url = stream.options.get("url")
    if not isinstance(url, str) or not url:
        raise DeclarationError(
            "could not read a sheet, because the stream has no 'url'; publish it as CSV and copy the link"
        )
    checked_url(url)
    query = parse_qs(urlsplit(url).query)
    if not any(value in query.get(name, ()) for name, value in _CSV_LINKS):
        raise DeclarationError(
            f"could not read {shown(url)}, because it is not the link of a published CSV; in the sheet choose File, "
            f"Share, Publish to web, one sheet, Comma-separated values, and copy the link (it ends with output=csv)"
        )
    return url


@contextmanager
def _fetched(policy: Policy, url: str) -> Iterator[Found]:
    """Fetch a sheet into a file that is gone afterwards."""
    with tempfile.NamedTemporaryFile(prefix="quarterline-", suffix=".csv", delete=False) as file:
        path = Path(file.name)
        try:
            answer = GuardedSession(policy).download(url, file)
            file.flush()
            refuse_markup(answer, "CSV")
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime_ns)
            yield Found(path, shown(url), stat.st_size, stat.st_mtime_ns, stamp)
        finally:
            path.unlink()
