"""Short ways to pull a stream of files in a test."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import State, Stream
from connectors.files import FilesConnector

OPTIONS = {"path", "format", "encoding", "delimiter", "decimal", "thousands", "null_values"}


def stream_of(path: str, **keys: Any) -> Stream:
    """Name a stream; keys that belong to the connector become its options."""
    options = {name: keys.pop(name) for name in list(keys) if name in OPTIONS}
    return Stream("s", "t", {"path": path, **options}, **keys)


def pull(folder: Path, stream: Stream, state: State | None = None) -> tuple[pa.Table, list[str], State]:
    """Read a stream to its end: rows, notes, state."""
    extract = FilesConnector("s", {}, folder).extract(stream, state)
    table = pa.Table.from_batches(list(extract.batches()), extract.schema)
    return table, extract.notes, extract.state()


def read_text(folder: Path, text: str | bytes, name: str = "a.csv", **keys: Any) -> tuple[pa.Table, list[str]]:
    """Write a file and read it."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    table, notes, _ = pull(folder, stream_of(name, **keys))
    return table, notes
