"""Computes metrics in a Spark cluster, through Spark Connect."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import Extract, State, Stream
from connectors.errors import DeclarationError
from connectors.spark.computing import Cluster, SparkComputation


class SparkConnector:
    """Asks one Spark Connect server; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = frozenset({"url"})
    stream_keys: ClassVar[frozenset[str]] = frozenset({"table", "query"})
    pulls: ClassVar[bool] = False
    dialect = "spark"

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:  # noqa: ARG002 - the protocol's
        """Read the source's `url`; nothing is connected yet.

        Raises:
            DeclarationError: the URL is missing or wrong, or Spark's client is not installed.
        """
        self._cluster = Cluster(name, options.get("url"))

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of a stream, as the cluster describes it."""
        with self.computing(stream) as sitting:
            return pa.schema([(column.name, column.type) for column in sitting.stored().columns])

    def extract(self, stream: Stream, state: State | None) -> Extract:  # noqa: ARG002 - the protocol's
        """Refuse: what is worth a cluster is not worth copying.

        Raises:
            DeclarationError: always.
        """
        raise DeclarationError(
            "could not pull rows, because Spark computes where the data live; write mode: pushdown on the source",
            source=stream.source,
            stream=stream.name,
        )

    def check(self) -> None:
        """Open a session and compute one number."""
        with self._cluster.session(None) as session:
            session.rows("SELECT 1")

    @contextmanager
    def computing(self, stream: Stream) -> Iterator[SparkComputation]:
        """Open a session in which the cluster computes metrics of one stream."""
        with self._cluster.session(stream) as sitting:
            yield sitting


__all__ = ["SparkConnector"]
