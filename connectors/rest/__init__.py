"""Reads JSON web services: dlt's REST client under our guard, its rows typed exactly."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from connectors.base import State, Stream
from connectors.errors import placed
from connectors.rest.endpoint import INCREMENTAL_KEYS, STREAM_KEYS
from connectors.rest.paging import PAGINATOR_KINDS, build_paginator
from connectors.web.service import AUTH_KEYS, SERVICE_KEYS, service_of

if TYPE_CHECKING:
    from connectors.rest.client import StrictClient
    from connectors.rest.extract import RestExtract


class RestConnector:
    """Reads the resources of one service; see docs/connectors.md."""

    source_keys: ClassVar[frozenset[str]] = SERVICE_KEYS | {"base_url", "paginator"}
    stream_keys: ClassVar[frozenset[str]] = STREAM_KEYS
    nested_keys: ClassVar[Mapping[str, Collection[str]]] = {
        "auth": AUTH_KEYS,
        "paginator": {"type", *(key for keys in PAGINATOR_KINDS.values() for key in keys)},
        "incremental": INCREMENTAL_KEYS,
    }

    def __init__(self, name: str, options: Mapping[str, Any], workspace: Path) -> None:
        """Read the source's keys; nothing is asked for yet.

        Raises:
            DeclarationError: one of them cannot be used.
        """
        self._name = name
        with placed(name):
            self._service = service_of(
                options, workspace, source=name, key="base_url", example="https://api.example.com/v2/"
            )
            self._paginator = options.get("paginator")
            build_paginator(self._paginator)

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
        with placed(self._name):
            self._service.session().probe(self._service.url)

    def _client(self) -> "StrictClient":
        from connectors.rest.client import StrictClient  # noqa: PLC0415  # dlt takes a second, only when it is used

        return StrictClient(self._service.url, self._service.session())


__all__ = ["RestConnector"]
