"""The sync: pull every stream, merge it, keep what is derived true, publish one generation."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

import duckdb
import pyarrow as pa

from connectors.base import Extract, Stream
from connectors.errors import ConnectorError
from connectors.registry import open_connector
from connectors.secrets import redact, resolve_options
from metrics.compile.parts import short_hash
from metrics.definitions import Source, Workspace
from metrics.errors import FactsError, NotFoundError
from metrics.facts.layout import SCHEMA
from metrics.facts.writer import Writer, open_writer
from metrics.ledger import Load
from metrics.model.definition import Definitions
from metrics.periods import today as day_of_instant
from metrics.sync.derive import derive
from metrics.sync.events import (
    Deriving,
    OnEvent,
    Publishing,
    RowsRead,
    StreamDone,
    StreamStarted,
    StreamSync,
    SyncResult,
)
from metrics.sync.extraction import DEADLINE, Desk, Extraction, RestartedError
from metrics.sync.keep_parts import Kept
from metrics.sync.merge import Remembered, forget_stream, is_reworded, merge, remembered
from metrics.sync.pushdown import PushDown, push_down


class LoadLog(Protocol):
    """What a sync asks of the ledger."""

    def definitions(self) -> Definitions:
        """Give the definitions in force."""

    def record_load(self, load: Load) -> object:
        """Keep what became of one stream."""


@dataclass(frozen=True, slots=True)
class _Pull:
    source: Source
    stream: Stream

    @property
    def name(self) -> str:
        return f"{self.stream.source}.{self.stream.name}"

    @property
    def declaration(self) -> str:
        """Name what decides which rows a pull brings and what they say."""
        stream, options = self.stream, self.source.options
        address = {key: options.get(key) for key in _ADDRESSES.get(self.source.type, ())}
        rows = [self.source.type, address, stream.options, stream.primary_key, stream.cursor, stream.deleted]
        rows += [stream.edition, stream.timezone, stream.columns]
        return short_hash(json.dumps(rows, sort_keys=True, default=str))


_ADDRESSES = {"sql": ("url",), "rest": ("base_url",), "dlt": ("source", "arguments")}
"""Keys of a source that say where its rows are, of connectors that remember how far they read there."""

_REWORDED = "its declaration changed, so everything was read again"


@dataclass(frozen=True, slots=True)
class _How:
    full: bool
    relearn: bool
    since: date | None
    keep: bool

    def of(self, known: Remembered, declaration: str) -> Remembered:
        """Give what a pull begins with, of what is known of its stream: rows of another declaration are read again."""
        anew = self.full or is_reworded(known, declaration)
        return replace(known, state=None if anew else known.state, pinned=None if self.relearn else known.pinned)


@dataclass(slots=True)
class _Clock:
    """Instants counted from the `now` that the sync was given."""

    now: datetime
    began: float

    def at(self, counted: float) -> datetime:
        """Give the instant at which `time.perf_counter` gave a value."""
        return self.now + timedelta(seconds=counted - self.began)


@dataclass(slots=True)
class _Telling:
    """Tells about pulls what was not told yet."""

    extractions: Sequence[Extraction]
    on_event: OnEvent
    told: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Tell which pulls began and how many rows they gave."""
        for extraction in self.extractions:
            if extraction.began is None:
                continue
            if extraction.name not in self.told:
                self.told[extraction.name] = 0
                self.on_event(StreamStarted(extraction.name, len(self.told), len(self.extractions)))
            if extraction.rows != self.told[extraction.name]:
                self.told[extraction.name] = extraction.rows
                self.on_event(RowsRead(extraction.name, extraction.rows, extraction.bytes))


def run_sync(
    workspace: Workspace,
    ledger: LoadLog,
    *,
    now: datetime,
    only: Sequence[str] = (),
    full: bool = False,
    relearn: bool = False,
    since: date | None = None,
    dry_run: bool = False,
    on_event: OnEvent = lambda _event: None,
) -> SyncResult:
    """Bring the facts store up to its sources and publish a generation if anything changed.

    A stream that fails keeps its last good rows and leaves the others alone; every attempt is recorded in the ledger.

    Args:
        now: instant with a zone; the organisation's today follows from it.
        only: `source` or `source.stream` names; empty for everything.
        full: read everything again, so that rows deleted at the source go too.
        relearn: also forget the columns and types of earlier loads.
        since: read again what is of this day or later.
        dry_run: read, and only tell what would change.
        on_event: told about progress, in this thread.

    Raises:
        NotFoundError: `only` names something that is not declared.
        FactsError: another sync runs, or the writer's file cannot be opened.
    """
    pulls = _chosen(workspace, only)
    definitions = ledger.definitions()
    clock = _Clock(now, time.perf_counter())
    how = _How(full=full or relearn, relearn=relearn, since=since, keep=not dry_run)
    with open_writer(workspace.var, workspace.organisation, at=now, thorough=how.full) as writer:
        pushing = [pull for pull in pulls if pull.source.mode == "pushdown"]
        pulling = [pull for pull in pulls if pull.source.mode == "pull"]
        streams = _pull_all(writer, pulling, workspace, how, clock=clock, on_event=on_event)
        if dry_run:
            found = tuple(stream for _, stream in streams)
            return SyncResult(found, None, {}, seconds=time.perf_counter() - clock.began)
        if full and not only:
            _forget_undeclared(writer, pulls, definitions)
        metric_errors: dict[str, str] = {}
        for position, pull in enumerate(pushing, len(pulling) + 1):
            on_event(StreamStarted(pull.name, position, len(pulls)))
            today = day_of_instant(workspace.organisation, now)
            about = PushDown(
                pull.stream,
                definitions,
                workspace.organisation,
                workspace.cycles,
                now=now,
                today=today,
                full=how.full or how.since is not None,
            )
            at = clock.at(time.perf_counter())
            streams.append((at, _push_down(writer, pull, workspace, about, metric_errors)))
            on_event(StreamDone(streams[-1][1]))
        on_event(Deriving())
        kept, generation, error = _finish(writer, definitions, workspace, now=now, on_event=on_event)
    results = []
    for began, stream in streams:
        result = replace(stream, notes=(*stream.notes, *kept.notes.get(stream.stream, ())))
        ledger.record_load(_load(result, began, generation))
        results.append(result)
    seconds = time.perf_counter() - clock.began
    return SyncResult(tuple(results), generation, dict(sorted((metric_errors | kept.errors).items())), error, seconds)


def _forget_undeclared(writer: Writer, declared: Sequence[_Pull], definitions: Definitions) -> None:
    """Take out the streams that nobody declares any more, apart from those that metrics still read."""
    wanted = {pull.name for pull in declared} | {metric.source for metric in definitions.metrics.values()}
    queried = {metric.source.partition(".")[0] for metric in definitions.metrics.values() if metric.query is not None}
    for (stream,) in writer.rows(f"SELECT stream FROM {SCHEMA}.streams ORDER BY stream"):
        if stream not in wanted and stream.partition(".")[0] not in queried:
            forget_stream(writer, stream)


def _chosen(workspace: Workspace, only: Sequence[str]) -> list[_Pull]:
    pulls = [_Pull(source, stream) for source in workspace.sources.values() for stream in source.streams.values()]
    known = {pull.name for pull in pulls} | set(workspace.sources)
    for name in only:
        if name not in known:
            raise NotFoundError("source or stream", name, known)
    return [pull for pull in pulls if not only or pull.name in only or pull.source.name in only]


def _pull_all(
    writer: Writer, pulls: Sequence[_Pull], workspace: Workspace, how: _How, *, clock: _Clock, on_event: OnEvent
) -> list[tuple[datetime, StreamSync]]:
    """Read all streams at once, and store one after the other; gives when each began and what became of it."""
    desk = Desk()
    reading: dict[Extraction, _Pull] = {}
    for pull in pulls:
        begin = partial(
            _begin,
            pull,
            workspace,
            how.of(remembered(writer, pull.name), pull.declaration),
            since=how.since,
            now=clock.now,
        )
        deadline = pull.stream.deadline or DEADLINE
        reading[Extraction(pull.name, begin, deadline=deadline, desk=desk)] = pull
    telling = _Telling(list(reading), on_event)
    ended: dict[Extraction, StreamSync] = {}
    try:
        while len(ended) < len(reading):
            extraction = desk.next_ready([each for each in reading if each not in ended], telling.look)
            telling.look()
            with suppress(RestartedError):  # its rows come again, later
                at = clock.at(extraction.began or clock.began)
                ended[extraction] = _store(writer, extraction, reading[extraction], how, at=at, look=telling.look)
                on_event(StreamDone(ended[extraction]))
    finally:
        desk.close(list(reading))
    return [(clock.at(each.began or clock.began), ended[each]) for each in reading]


def _begin(pull: _Pull, workspace: Workspace, known: Remembered, *, since: date | None, now: datetime) -> Extract:
    connector = open_connector(pull.source.type, pull.source.name, pull.source.options, workspace.root)
    return connector.extract(replace(pull.stream, pinned=known.pinned, since=since, asked_at=now), known.state)


def _store(
    writer: Writer, extraction: Extraction, pull: _Pull, how: _How, *, at: datetime, look: Callable[[], None]
) -> StreamSync:
    known = remembered(writer, pull.name)
    try:
        attempt = extraction.attempt()

        def seen(rows: int, size: int) -> None:
            if attempt.scan is not None:
                extraction.scanned(rows, size)
            look()

        merged = merge(
            writer,
            pull.stream,
            attempt,
            whole=how.of(known, pull.declaration).state is None,
            at=at,
            on_rows=seen,
            anew=how.relearn,
            keep=how.keep,
            declaration=pull.declaration,
        )
    except RestartedError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever one source does wrong, the others go on
        return StreamSync(pull.name, "failed", seconds=extraction.seconds, error=_reason(error, pull))
    return StreamSync(
        pull.name,
        "ok" if merged.changed else "unchanged",
        merged.mode,
        merged.rows,
        merged.changed,
        merged.bytes,
        extraction.seconds,
        merged.cursor,
        notes=(*([_REWORDED] if is_reworded(known, pull.declaration) else []), *merged.notes),
    )


def _push_down(
    writer: Writer, pull: _Pull, workspace: Workspace, about: PushDown, metric_errors: dict[str, str]
) -> StreamSync:
    began = time.perf_counter()
    source = pull.source
    try:
        pushed = push_down(writer, open_connector(source.type, source.name, source.options, workspace.root), about)
    except Exception as error:  # noqa: BLE001  # whatever one source does wrong, the others go on
        return StreamSync(pull.name, "failed", seconds=time.perf_counter() - began, error=_reason(error, pull))
    metric_errors |= pushed.errors
    return StreamSync(
        pull.name,
        "ok" if pushed.changed else "unchanged",
        "replace" if pushed.whole else "merge",
        pushed.rows,
        pushed.changed,
        pushed.bytes,
        time.perf_counter() - began,
        pushed.cursor,
        notes=tuple(pushed.notes),
    )


def _reason(error: Exception, pull: _Pull) -> str:
    """Word in one line, without secrets, why a stream failed."""
    text = " ".join(str(error).split())
    if not isinstance(error, ConnectorError):
        text = f"could not read {pull.name}, because of an unexpected {type(error).__name__}: {text}"
    elif not error.stream:
        text = f"{pull.name}: {text}"
    try:
        return redact(text, resolve_options(pull.source.options, source=pull.source.name).secrets)
    except ConnectorError:  # without its secrets the source was never reached, so none can be in the text
        return text


def _finish(
    writer: Writer, definitions: Definitions, workspace: Workspace, *, now: datetime, on_event: OnEvent
) -> tuple[Kept, str | None, str | None]:
    """Derive and publish; gives what was derived, the generation, and why there is none."""
    kept = Kept()
    today = day_of_instant(workspace.organisation, now)
    pa.default_memory_pool().release_unused()  # what held the rows on their way is needed by the computations
    try:
        derive(
            writer,
            definitions,
            workspace.organisation,
            workspace.cycles,
            today=today,
            kept=kept,
            calendars=workspace.calendars,
        )
        if not writer.unpublished:
            return kept, None, None
        on_event(Publishing())
        return kept, writer.publish(at=now, today=today), None
    except FactsError as error:
        return kept, None, str(error)
    except duckdb.Error as error:
        reason = " ".join(str(error).partition("LINE 1")[0].split())
        cure = "make room in facts/, then sync again" if isinstance(error, duckdb.IOException) else "sync again"
        return kept, None, f"could not publish, because {reason}; the last good generation stays; {cure}"


def _load(result: StreamSync, started: datetime, generation: str | None) -> Load:
    source, _, stream = result.stream.partition(".")
    return Load(
        source=source,
        stream=stream,
        started_at=started,
        seconds=result.seconds,
        outcome=result.outcome,
        mode=result.mode,
        rows_read=result.rows_read,
        rows_changed=result.rows_changed,
        bytes=result.bytes,
        cursor=result.cursor,
        error=result.error,
        notes=result.notes,
        generation=generation if result.outcome == "ok" else None,
    )
