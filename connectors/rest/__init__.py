"""Reads JSON web services: dlt's REST client under our guard, its rows typed exactly."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.errors import DeclarationError, placed
from connectors.rest.endpoint import INCREMENTAL_KEYS, STREAM_KEYS
from connectors.rest.paging import PAGINATOR_KINDS, build_paginator
from connectors.web import WEB_KEYS, GuardedSession, policy_of
from connectors.web.auth import AUTH_KINDS, build_auth
from connectors.web.declared import mapping_of
from connectors.web.urls import checked_url

if TYPE_CHECKING:
    from connectors.rest.client import StrictClient
    from connectors.rest.extract import RestExtract


class RestConnector:
    """Reads the resources of one service; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = WEB_KEYS | {"base_url", "auth", "headers", "paginator"}
    stream_keys: ClassVar[frozenset[str]] = STREAM_KEYS
    nested_keys: ClassVar[Mapping[str, Collection[str]]] = {
        "auth": {"type", *(key for keys in AUTH_KINDS.values() for key in keys)},
        "paginator": {"type", *(key for keys in PAGINATOR_KINDS.values() for key in keys)},
        "incremental": INCREMENTAL_KEYS,
    }

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's keys; nothing is asked for yet.

        Raises:
            DeclarationError: one of them cannot be used.
        """
        self._name, self._options = name, options
        self._policy = policy_of(name, options, workspace)
        with placed(name):
            url = options.get("base_url")
            if not isinstance(url, str) or not url:
                raise DeclarationError(
                    "could not use the source, because it has no 'base_url'; write one such as "
                    "base_url: https://api.example.com/v2/"
                )
            checked_url(url)
            self._base_url = url
            self._headers = {
                key: str(value) for key, value in mapping_of(options.get("headers") or {}, "headers").items()
            }
            self._paginator = options.get("paginator")
            build_paginator(self._paginator)
            build_auth(options.get("auth"), GuardedSession(self._policy))

    def columns(self, stream: Stream) -> pa.Schema:
        """Return the schema as the first page suggests it; the load looks at every value."""
        from connectors.rest.extract import look  # noqa: PLC0415  # dlt takes a second, only when it is used

        return look(self._client(), stream, self._paginator)

    def extract(self, stream: Stream, state: State | None) -> "RestExtract":
        """Begin a pull: everything, or what changed since `state`."""
        from connectors.rest.extract import RestExtract  # noqa: PLC0415  # dlt takes a second, only when it is used

        return RestExtract(self._client, stream, self._paginator, state)

    def check(self) -> None:
        """Ask for the base URL: any answer but a refusal of the credentials shows that the service is there."""
        session = GuardedSession(self._policy)
        with placed(self._name):
            session.probe(self._base_url, self._headers, build_auth(self._options.get("auth"), session))

    def _client(self) -> "StrictClient":
        from connectors.rest.client import StrictClient  # noqa: PLC0415  # dlt takes a second, only when it is used

        session = GuardedSession(self._policy)
        return StrictClient(self._base_url, self._headers, build_auth(self._options.get("auth"), session), session)


__all__ = ["RestConnector"]
