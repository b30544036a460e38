"""Reads Prometheus: a query over time, its labels as columns."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.errors import placed
from connectors.prometheus.extract import PrometheusExtract
from connectors.prometheus.ranges import RangeQuery, range_query
from connectors.prometheus.server import Server
from connectors.web.service import AUTH_KEYS, SERVICE_KEYS, service_of


class PrometheusConnector:
    """Reads range queries of one server; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = SERVICE_KEYS | {"url"}
    stream_keys: ClassVar[frozenset[str]] = frozenset({"query", "step", "start", "labels"})
    nested_keys: ClassVar[Mapping[str, Collection[str]]] = {"auth": AUTH_KEYS}

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's keys; nothing is asked for yet.

        Raises:
            DeclarationError: one of them cannot be used.
        """
        self._name = name
        with placed(name):
            self._service = service_of(
                options, workspace, source=name, key="url", example="http://prometheus.example:9090"
            )

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema of a stream: time, its labels, value."""
        return self._query(stream).schema

    def extract(self, stream: Stream, state: State | None) -> PrometheusExtract:
        """Begin a pull: from `start:` on, or from the last one less the look-back."""
        query = self._query(stream)
        return PrometheusExtract(self._server(), stream, query, state)

    def check(self) -> None:
        """Ask the server for its time."""
        with placed(self._name):
            self._server().now()

    def _server(self) -> Server:
        return Server(self._service.url, self._service.session())

    def _query(self, stream: Stream) -> RangeQuery:
        with placed(stream.source, stream.name):
            return range_query(stream)


__all__ = ["PrometheusConnector"]
