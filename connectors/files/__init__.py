"""Reads files in the workspace: CSV, JSON lines, Parquet and Excel workbooks, exactly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.files.extract import FilesExtract, look


class FilesConnector:
    """Reads files by path or pattern; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = frozenset()
    stream_keys: ClassVar[frozenset[str]] = frozenset(
        {
            "path",
            "format",
            "encoding",
            "delimiter",
            "decimal",
            "thousands",
            "null_values",
            "member",
            "sheet",
            "header_row",
        }
    )

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Take the workspace that relative paths start from; a source of files has no options of its own."""
        self._name, self._options, self._workspace = name, options, workspace

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema as the beginning of each file suggests it; the load looks at every value."""
        return look(stream, self._workspace)

    def extract(self, stream: Stream, state: State | None) -> FilesExtract:
        """Begin a pull: every file, or those that changed since `state`."""
        return FilesExtract(stream, self._workspace, state)

    def check(self) -> None:
        """Files need no connection; whether they are there, each stream says."""


__all__ = ["FilesConnector"]
