"""Reads any dlt source or resource, each in a process of its own whose every connection is guarded."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from connectors.dlt.job import Job, job_of
from connectors.dlt.process import run
from connectors.errors import placed
from connectors.web import WEB_KEYS, policy_of

if TYPE_CHECKING:
    import pyarrow as pa

    from connectors.base import State, Stream
    from connectors.dlt.extract import DltExtract


class DltConnector:
    """Runs one dlt source; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = WEB_KEYS | {"source", "arguments"}
    stream_keys: ClassVar[frozenset[str]] = frozenset({"resource"})

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's keys; nothing is imported yet.

        Raises:
            DeclarationError: one of them cannot be used.
        """
        self._name = name
        with placed(name):
            self._job: Job = job_of(options, policy_of(name, options, workspace), workspace)

    def columns(self, stream: "Stream") -> "pa.Schema":
        """Return the schema as the first rows suggest it; the load looks at every value."""
        # The process that runs a source imports this package, and needs no Arrow.
        from connectors.dlt.extract import look  # noqa: PLC0415

        return look(self._job, stream)

    def extract(self, stream: "Stream", state: "State | None") -> "DltExtract":
        """Begin a pull: everything, or what the resource itself gives for the state that it left behind."""
        from connectors.dlt.extract import DltExtract  # noqa: PLC0415  # as above

        return DltExtract(self._job, stream, state)

    def check(self) -> None:
        """Import the source and build it."""
        with placed(self._name):
            for _ in run(self._job.listing()):
                continue


__all__ = ["DltConnector"]
