"""One pull of one stream of a service: everything, or what changed since the cursor."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from connectors.base import Mode, State, Stream
from connectors.columns import schema_from_state, schema_to_state
from connectors.errors import placed
from connectors.exact.pull import RowsLoad, cursor_from_state, cursor_to_state, latest_of, resumed
from connectors.rest.client import StrictClient
from connectors.rest.endpoint import Endpoint, endpoint_of


class RestExtract:
    """Implements `connectors.base.Extract` for a JSON service."""

    def __init__(self, client: Callable[[], StrictClient], stream: Stream, paginator: Any, state: State | None) -> None:
        """Ask for every page, and prove what came.

        Raises:
            ConnectorError: the service cannot be read exactly; its place names source and stream.
        """
        self.notes: list[str] = []
        self._state: Mapping[str, Any] = state or {}
        self._stream = _pinned(stream, state)
        with placed(stream.source, stream.name, in_rows=True):
            learnt = self._state.get("learnt", {})
            endpoint = endpoint_of(stream, paginator, learnt)
            since = self._since(endpoint)
            self.mode: Mode = "replace" if since is None else "merge"
            self._client = client()
            parameters = endpoint.params | (
                endpoint.incremental.parameters(since, stream.timezone) if endpoint.incremental else {}
            )
            self._load = RowsLoad(self._stream, self._client.pages(endpoint, parameters), endpoint.path or "/", learnt)
            self.schema = self._load.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        with placed(self._stream.source, self._stream.name, in_rows=True):
            yield from self._load.batches()
        self.notes += [*self._client.notes, *self._load.notes()]

    def state(self) -> State:
        """Return the newest cursor and what was learnt."""
        before = self._state.get("cursor")
        newest = before if self._load.newest is None else cursor_to_state(self._load.newest)
        return {
            "version": 1,
            "cursor": newest,
            "schema": schema_to_state(self.schema),
            "learnt": {**self._load.learnt_now(), "data_selector": self._client.selector},
        }

    def _since(self, endpoint: Endpoint) -> Any:
        written = self._state.get("cursor")
        if endpoint.incremental is None or written is None:
            return None
        known = self._stream.pinned
        type_ = known.field(self._stream.cursor).type if known and self._stream.cursor in known.names else None
        since = cursor_from_state(written, type_)
        latest = None if type_ is None else latest_of(self._stream, type_)
        # What came until such a time was passed over, so everything is read again.
        return None if latest is not None and since > latest else resumed(since, self._stream)


def look(client: StrictClient, stream: Stream, paginator: Any) -> pa.Schema:
    """Return the schema as the first page suggests it.

    Raises:
        ConnectorError: the page cannot be read exactly.
    """
    with placed(stream.source, stream.name, in_rows=True):
        endpoint = endpoint_of(stream, paginator, {})
        first_time = endpoint.incremental.parameters(None, stream.timezone) if endpoint.incremental else {}
        first = next(client.pages(endpoint, endpoint.params | first_time), None)
        return RowsLoad(stream, [first] if first else [], endpoint.path or "/").schema


def _pinned(stream: Stream, state: State | None) -> Stream:
    if stream.pinned is not None or state is None:
        return stream
    return replace(stream, pinned=schema_from_state(state["schema"]))
