"""One pushed stream: its metrics are computed where the rows are, and only their series comes back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Stream
from connectors.columns import Unit
from connectors.computing import Computation, ComputingConnector, StoredColumn
from connectors.errors import DeclarationError
from metrics.compile.expression import ExpressionReader
from metrics.compile.parts import short_hash
from metrics.errors import DefinitionError
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer
from metrics.model.definition import CycleDefinition, Definitions, Metric, Organisation
from metrics.model.reading import Window
from metrics.pushdown import (
    EngineError,
    PushedMetric,
    bounds_sql,
    come_sql,
    cursor_days_sql,
    engine_of,
    push_metric,
    render_metric,
)
from metrics.pushdown.engine import PER_SECOND
from metrics.pushdown.stored import PushedStream
from metrics.sync.drift import duckdb_types
from metrics.sync.extraction import DEADLINE, retrying
from metrics.sync.pushdown.fetch import Fetched, fetch_days, fetch_parts, fetch_readings
from metrics.sync.pushdown.store import Stored, days_in_store, store, stored_parts
from metrics.sync.pushdown.waiting import Patience
from metrics.sync.pushdown.windows import pushed_parts, pushed_series

TRAILING_DAYS = 7
"""Without a cursor, rows of the newest days are taken to change, older ones not until everything is computed again."""

WHOLE_EVERY = timedelta(days=7)
"""Everything is computed again this often, which finds what neither cursor nor trailing days can tell."""

_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class PushDown:
    """What a push is about.

    Attributes:
        now: instant of the sync; rows dated later do not count yet.
        today: the organisation's day at it.
        full: compute everything again.
    """

    stream: Stream
    definitions: Definitions
    organisation: Organisation
    cycles: Sequence[CycleDefinition]
    now: datetime
    today: date
    full: bool

    @property
    def name(self) -> str:
        """`source.stream`."""
        return f"{self.stream.source}.{self.stream.name}"

    @property
    def metrics(self) -> list[Metric]:
        """The metrics computed from the stream."""
        return [metric for metric in self.definitions.metrics.values() if metric.source == self.name]


@dataclass(slots=True)
class Pushed:
    """What a push came to.

    Attributes:
        whole: everything was computed again.
        rows: of series that came back.
        changed: of those, the ones that are new or different.
        errors: one line by metric that the engine cannot compute.
    """

    whole: bool
    rows: int
    bytes: int
    changed: int
    cursor: str | None
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def push_down(writer: Writer, connector: Connector, push: PushDown) -> Pushed:
    """Bring the series of a stream's metrics back; nothing of it stays when it fails on the way.

    Raises:
        ConnectorError: the source cannot compute, cannot be reached, or failed.
    """
    if not isinstance(connector, ComputingConnector):
        raise DeclarationError(
            "could not push down, because this type of source cannot compute metrics; leave out mode: pushdown",
            source=push.stream.source,
            stream=push.stream.name,
        )
    try:
        engine_of(connector.dialect)
    except EngineError as error:
        raise DeclarationError(str(error), source=push.stream.source, stream=push.stream.name) from None
    patience = Patience(push.stream.deadline or DEADLINE)

    def fetched() -> _Pushing:
        with patience.sitting(connector, push.stream) as sitting:
            pushing = _Pushing(writer, sitting, push)
            pushing.fetch()
        return pushing

    return retrying()(fetched).store()


class _Pushing:
    def __init__(self, writer: Writer, sitting: Computation, push: PushDown) -> None:
        self.writer, self.sitting, self.push = writer, sitting, push
        stored = sitting.stored()
        self.engine = engine_of(stored.dialect)
        types = duckdb_types(pa.schema([(column.name, column.type) for column in stored.columns]))
        self.stream = PushedStream(stored, types)
        self.state = _remembered(writer, push.name)
        self.reader = ExpressionReader(writer.connection, types)
        self.errors: dict[str, str] = {}
        self.metrics = [metric for metric in push.metrics if self._works(metric)]
        self.signature = self._signature()
        self.whole = False
        self.fetched = Fetched()
        self.cursor: str | None = None

    def fetch(self) -> None:
        """Ask the engine for everything that is wanted."""
        self.whole = self._must_be_whole()
        fetched = self._fetch(whole=self.whole)
        if fetched is None:  # rows came or went on days that were not looked at
            self.whole, fetched = True, self._fetch(whole=True)
        if fetched is None:
            raise TypeError("everything was computed, so no day can be missing")
        self.fetched = fetched
        self.cursor = self._cursor()

    def store(self) -> Pushed:
        """Keep what came back, in one transaction."""
        fetched = self.fetched
        state = {
            "version": 1,
            "signature": self.signature,
            "whole_at": self.push.now.isoformat() if self.whole else self.state["whole_at"],
            "cursor": self.cursor,
        }
        stored = Stored(self.push.name, self.stream.to_text(), json.dumps(state), self.cursor, self.push.now)
        changed = store(self.writer, stored, fetched, whole=self.whole)
        notes = [f"{fetched.source_rows:,} rows stay in {self.engine.name}; {fetched.rows:,} rows of series came back"]
        return Pushed(self.whole, fetched.rows, fetched.bytes, changed, self.cursor, self.errors, notes)

    def compiled(self, metric: Metric, window: Window) -> PushedMetric:
        """Render a metric over days around a window."""
        return render_metric(metric, self.stream.stored, self.reader, zone=self.writer.timezone, window=window)

    def _works(self, metric: Metric) -> bool:
        connection, zone = self.writer.connection, self.writer.timezone
        try:
            push_metric(metric, self.stream.stored, self.stream.types, connection, zone=zone)
        except DefinitionError as error:
            self.errors[metric.id] = "; ".join(str(problem) for problem in error.problems)
            return False
        return True

    def _signature(self) -> str:
        """Name what the series are computed by: the stream as it is stored, the zone, and the metrics' meaning."""
        window = Window(date(2026, 1, 1), date(2026, 12, 31))
        rendered = [self.compiled(metric, window) for metric in self.metrics]
        meanings = [
            [
                each.metric.id,
                each.metric.aggregate,
                each.day,
                each.where,
                list(each.metric.dimensions),
                {key: term.sql for key, term in each.terms.items()},
            ]
            for each in rendered
        ]
        return short_hash([self.stream.to_text(), self.writer.timezone, self.push.organisation.week_start, meanings])

    def _must_be_whole(self) -> bool:
        if self.push.full or self.state.get("signature") != self.signature:
            return True
        return self.push.now - datetime.fromisoformat(self.state["whole_at"]) >= WHOLE_EVERY

    def _fetch(self, *, whole: bool) -> Fetched | None:
        """Ask for everything that is wanted; None when what came does not add up with what is stored."""
        fetched = Fetched()
        for column in dict.fromkeys(metric.time for metric in self.metrics):
            metrics = [metric for metric in self.metrics if metric.time == column]
            probe = self.compiled(metrics[0], Window(self.push.today, self.push.today))
            ((count, low, high),) = self.sitting.rows(bounds_sql(probe, column))
            fetched.source_rows = max(fetched.source_rows, int(count))
            if not count:
                fetched.forget(column)
                continue
            unit = self._column(column).unit
            hull = Window(_day(low, -1, unit), _day(high, +1, unit))
            stale = None if whole else self._stale(metrics[0], column, hull)
            span = hull if stale is None else _hull_of(stale)
            if span is not None:
                members = [self.compiled(metric, span) for metric in metrics]
                fetch_days(self.sitting, members[0], self.push.now, stale, fetched)
                fetch_parts(self.sitting, members, stale, fetched)
            known = days_in_store(self.writer, self.push.name, column, fetched, whole=whole)
            if not whole and known.rows != int(count):
                return None
            if known.span is not None:
                self._fetch_readings(metrics, known.span, stale, fetched)
        return fetched

    def _fetch_readings(
        self, metrics: Sequence[Metric], span: Window, stale: Sequence[Window] | None, fetched: Fetched
    ) -> None:
        push = self.push
        spans = {(push.name, metrics[0].time): span}
        usable = {metric.id: metric for metric in self.metrics}
        elsewhere = {key: each for key, each in push.definitions.metrics.items() if each.source != push.name}
        known = Definitions({**elsewhere, **usable}, push.definitions.objectives)
        series = pushed_series(known, push.organisation, push.cycles, today=push.today, spans=spans)
        parts = pushed_parts(known, push.organisation, push.cycles, today=push.today, spans=spans)
        fetch_readings(self.sitting, self.writer, self.compiled, series, parts, stale, span, fetched)

    def _stale(self, metric: Metric, column: str, hull: Window) -> list[Window]:
        """Name the days whose rows may have changed: by the cursor where there is one, else the newest."""
        cursor = self.state.get("cursor")
        if self.push.stream.cursor is None or cursor is None:
            back = max(timedelta(days=TRAILING_DAYS), self.push.stream.lookback)
            newest = stored_parts(self.writer, self.push.name, column, until=self.push.today)
            begin = (newest or hull.starts) - back
            return [Window(begin, max(hull.ends, begin))]
        pushed = self.compiled(metric, hull)
        sql = cursor_days_sql(pushed, self._column(self.push.stream.cursor), cursor, self.push.stream.lookback)
        return _stretches([day for (day,) in self.sitting.rows(sql) if day is not None])

    def _column(self, name: str) -> StoredColumn:
        found = next((column for column in self.stream.stored.columns if column.name == name), None)
        if found is None:
            raise DeclarationError(
                f"could not find column {name!r} in {self.stream.stored.relation}; correct the stream's cursor",
                source=self.push.stream.source,
                stream=self.push.stream.name,
                column=name,
            )
        return found

    def _cursor(self) -> str | None:
        column = self.push.stream.cursor
        if column is None:
            return None
        come = come_sql(self.engine, self._column(column), self.push.now, self.push.stream.timezone)
        name = self.engine.identifier(column)
        ((greatest,),) = self.sitting.rows(f"SELECT max({name}) FROM {self.stream.stored.relation} WHERE {come}")
        return None if greatest is None else str(greatest)


def _remembered(writer: Writer, stream: str) -> Mapping[str, Any]:
    rows = writer.rows(
        f"SELECT state FROM {SCHEMA}.streams JOIN {SCHEMA}.pushed USING (stream) WHERE stream = ?", [stream]
    )
    return dict(json.loads(rows[0][0])) if rows else {}


def _day(value: Any, by: int, unit: Unit | None) -> date:
    """Give the day around a stored time, whatever form it is stored in."""
    match value:
        case datetime():
            day = value.date()
        case date():
            day = value
        case _:
            day = date(1970, 1, 1) + timedelta(seconds=float(value) / PER_SECOND[unit or "s"])
    return min(max(day, _EARLIEST), _LATEST) + timedelta(days=by)


def _stretches(days: Sequence[date]) -> list[Window]:
    """Join days that follow each other."""
    found: list[Window] = []
    for day in sorted(days):
        if found and (day - found[-1].ends).days <= 1:
            found[-1] = Window(found[-1].starts, day)
        else:
            found.append(Window(day, day))
    return found


def _hull_of(windows: Sequence[Window]) -> Window | None:
    if not windows:
        return None
    return Window(min(each.starts for each in windows), max(each.ends for each in windows))
