"""Reads Prometheus: a query over time, its labels as columns."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.errors import DeclarationError, placed
from connectors.prometheus.extract import PrometheusExtract
from connectors.prometheus.ranges import RangeQuery, range_query
from connectors.prometheus.server import Server
from connectors.web import WEB_KEYS, GuardedSession, policy_of
from connectors.web.auth import AUTH_KINDS, build_auth
from connectors.web.declared import mapping_of
from connectors.web.urls import checked_url


class PrometheusConnector:
    """Reads range queries of one server; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = WEB_KEYS | {"url", "auth", "headers"}
    stream_keys: ClassVar[frozenset[str]] = frozenset({"query", "step", "start", "labels"})
    nested_keys: ClassVar[Mapping[str, Collection[str]]] = {
        "auth": {"type", *(key for keys in AUTH_KINDS.values() for key in keys)}
    }

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's keys; nothing is asked for yet.

        Raises:
            DeclarationError: one of them cannot be used.
        """
        self._name, self._options = name, options
        self._policy = policy_of(name, options, workspace)
        with placed(name):
            url = options.get("url")
            if not isinstance(url, str) or not url:
                raise DeclarationError(
                    "could not use the source, because it has no 'url'; write one such as http://prometheus.example:9090"
                )
            checked_url(url)
            self._url = url
            self._server()

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
        session = GuardedSession(self._policy)
        session.headers.update({key: str(each) for key, each in self._headers().items()})
        session.auth = build_auth(self._options.get("auth"), session)
        return Server(self._url, session)

    def _headers(self) -> Mapping[str, Any]:
        return mapping_of(self._options.get("headers") or {}, "headers")

    def _query(self, stream: Stream) -> RangeQuery:
        with placed(stream.source, stream.name):
            return range_query(stream)


__all__ = ["PrometheusConnector"]
