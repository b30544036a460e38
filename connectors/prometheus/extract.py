"""One pull of one range query, chunk by chunk; where the server has no point there is no row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.base import LATE, Mode, State, Stream
from connectors.columns import INSTANT
from connectors.errors import ContentError, placed
from connectors.prometheus.ranges import RangeQuery
from connectors.prometheus.server import Server


class PrometheusExtract:
    """Implements `connectors.base.Extract` for a range query."""

    def __init__(self, server: Server, stream: Stream, query: RangeQuery, state: State | None) -> None:
        """Ask what time it is there, and from when on points are wanted.

        Raises:
            ConnectorError: the server cannot be asked.
        """
        self.notes: list[str] = []
        self.schema = query.schema
        self._server, self._stream, self._query = server, stream, query
        self._dropped = 0
        with placed(stream.source, stream.name):
            self._end = query.aligned(server.now())
        known = None if state is None or not stream.primary_key else state.get("until")
        self.mode: Mode = "replace" if known is None else "merge"
        self._start = query.begin(self._end) if known is None else self._resumed(int(known))
        self._until = self._start if known is None else int(known)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the points of one chunk after the other."""
        with placed(self._stream.source, self._stream.name, in_rows=True):
            for start, end in self._query.chunks(self._start, self._end):
                series = self._server.points(self._query.query, start, end, self._query.step)
                self._refuse_twins(series)
                for each in series:
                    yield self._batch(each)
        self._note()

    def state(self) -> State:
        """Return the last point that holds a value; where the server was silent the next pull asks again."""
        return {"version": 1, "until": self._until}

    def _resumed(self, known: int) -> int:
        """Give where to begin after a last point: the look-back before it, or the day of a back-fill."""
        begin = known - int((self._stream.lookback or LATE).total_seconds())
        if (since := self._stream.since) is not None:
            midnight = int(datetime.combine(since, time(), ZoneInfo(self._stream.timezone)).timestamp())
            begin = min(begin, max(midnight, self._query.begin(self._end)))
        return self._query.aligned(begin)

    def _batch(self, series: Mapping[str, Any]) -> pa.RecordBatch:
        if "histograms" in series:
            raise ContentError(
                "could not read the points, because the query gives native histograms; take a number of them, such as "
                "histogram_quantile(0.95, ...)"
            )
        points = [(int(float(at)), float(value)) for at, value in series["values"]]
        kept = [(at, value) for at, value in points if isfinite(value)]
        self._dropped += len(points) - len(kept)
        self._until = max(self._until, *(at for at, _ in kept)) if kept else self._until
        labels = [pa.array([series["metric"].get(label, "")] * len(kept), pa.string()) for label in self._query.labels]
        times = pa.array([at * 1_000_000 for at, _ in kept], pa.int64()).cast(INSTANT)
        values = pa.array([value for _, value in kept], pa.float64())
        return pa.record_batch([times, *labels, values], schema=self.schema)

    def _refuse_twins(self, series: Sequence[Mapping[str, Any]]) -> None:
        """Refuse series that only labels without a column tell apart: their points would overwrite each other."""
        labels = self._query.labels
        seen: set[tuple[str, ...]] = set()
        for each in series:
            values = tuple(each["metric"].get(label, "") for label in labels)
            if values in seen:
                others = sorted({name for one in series for name in one["metric"]} - {*labels, "__name__"})
                raise ContentError(
                    f"could not read the points, because the query gives {len(series)} series that labels: "
                    f"[{', '.join(labels)}] does not tell apart; add some of {', '.join(others[:6])}, or aggregate "
                    f"them away in the query"
                )
            seen.add(values)

    def _note(self) -> None:
        if self._dropped:
            self.notes.append(f"{self._dropped:,} points are not finite (NaN or infinite) and are taken as missing")
        self.notes += [f"the server says: {warning}" for warning in self._server.warnings]


__all__ = ["PrometheusExtract"]
