"""Reads what was pushed: values that nobody can pull, received by the dashboard and kept in the workspace's inbox."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.push.extract import PushExtract
from connectors.push.inbox import Inbox


class PushConnector:
    """Reads the inbox of each stream; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = frozenset()
    stream_keys: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str, _options: Mapping[str, Any], workspace: Path) -> None:
        """Take the workspace, whose `var/inbox` holds what was pushed."""
        self._name, self._workspace = name, workspace

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of what was pushed so far."""
        return PushExtract(Inbox(self._workspace, stream.source, stream.name), stream, None).schema

    def extract(self, stream: Stream, state: State | None) -> PushExtract:
        """Begin a pull: everything that was ever pushed, or what came since `state`."""
        return PushExtract(Inbox(self._workspace, stream.source, stream.name), stream, state)

    def check(self) -> None:
        """The inbox is in the workspace; there is nothing to reach."""


__all__ = ["PushConnector"]
