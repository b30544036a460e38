"""One pull of one resource: its rows typed exactly, its own state kept for the next."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from connectors.base import Mode, State, Stream
from connectors.columns import schema_from_state, schema_to_state
from connectors.dlt.job import Job
from connectors.dlt.process import run
from connectors.errors import placed
from connectors.exact.pull import Page, RowsLoad

LOOKED_AT = 1_000


class DltExtract:
    """Implements `connectors.base.Extract` for a dlt resource."""

    def __init__(self, job: Job, stream: Stream, state: State | None) -> None:
        """Run the source to its end, and prove what came.

        Raises:
            ConnectorError: the source failed, or its rows cannot be typed exactly.
        """
        self.notes: list[str] = []
        # Without a key nothing could be merged, so that every pull must bring everything.
        known: Mapping[str, Any] = state if state is not None and stream.primary_key else {}
        self._stream = stream
        if stream.pinned is None and state is not None:
            self._stream = replace(stream, pinned=schema_from_state(state["schema"]))
        self._ending: Mapping[str, Any] = {}
        learnt: Mapping[str, Any] = (state or {}).get("learnt", {})
        with placed(stream.source, stream.name, in_rows=True):
            self._load = RowsLoad(self._stream, self._pages(job, stream, known.get("dlt")), _resource(stream), learnt)
        self.schema = self._load.schema
        remembers = known.get("dlt") not in {None, "{}"} and self._ending["disposition"] != "replace"
        self.mode: Mode = "merge" if remembers else "replace"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        with placed(self._stream.source, self._stream.name, in_rows=True):
            yield from self._load.batches()
        self.notes += [*self._ending["notes"], *self._load.notes()]
        if self._stream.since is not None and self.mode == "merge":
            self.notes.append("the dlt source itself knows how far it read, and --since does not reach it: use --full")

    def state(self) -> State:
        """Return dlt's state and what was learnt."""
        return {
            "version": 1,
            "dlt": self._ending["state"],
            "schema": schema_to_state(self.schema),
            "learnt": self._load.learnt_now(),
        }

    def _pages(self, job: Job, stream: Stream, state: str | None) -> Iterator[Page]:
        first = 1
        for said in run(job.reading(_resource(stream), state)):
            if "rows" in said:
                yield Page(said["rows"], _resource(stream), first)
                first += len(said["rows"])
            else:
                self._ending = said


def look(job: Job, stream: Stream) -> pa.Schema:
    """Return the schema as the first rows suggest it.

    Raises:
        ConnectorError: the source failed, or its rows cannot be typed exactly.
    """
    with placed(stream.source, stream.name, in_rows=True):
        said = run(job.reading(_resource(stream), None, LOOKED_AT))
        pages = [Page(each["rows"], _resource(stream)) for each in said if "rows" in each]
        return RowsLoad(stream, pages, _resource(stream)).schema


def _resource(stream: Stream) -> str:
    return str(stream.options.get("resource", stream.name))
