"""`sync`: pull what is new, with a progress bar; one source's failure leaves the others alone."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day
from metrics.cli.watching import keep_syncing
from metrics.errors import FactsError, QuarterlineError
from metrics.facts import open_facts
from metrics.scorecard.current import record_shown
from metrics.sync import Deriving, Publishing, RowsRead, StreamDone, StreamStarted, SyncEvent, SyncResult, run_sync
from metrics.sync.verify import Verified, verify_streams

Listener = Callable[[SyncEvent], None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sync)


def sync(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.STREAM]]...", help="What to pull [default: everything].")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again, not only what is new.")] = False,
    relearn: Annotated[
        bool, typer.Option("--relearn", help="Read everything again, with the columns and types as they are now.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Read again what is of this day or later.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, and only say what would change.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Afterwards compare counts and sums with the sources.")
    ] = False,
    watch: Annotated[
        int | None, typer.Option("--watch", metavar="SECONDS", min=1, help="Sync again and again until stopped.")
    ] = None,
    progress: Annotated[
        str, typer.Option("--progress", metavar="bar|json|none", help="How to tell what is going on.")
    ] = "bar",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Pull what is new from the sources and publish it; exit 1 if anything failed."""
    session = Session.start(context, workspace)
    if progress not in {"bar", "json", "none"}:
        raise QuarterlineError(f"could not read --progress {progress!r}; write bar, json or none")
    how = How(tuple(names or ()), full, relearn, parse_day(since, "--since"), dry_run, verify)
    told = "none" if as_json else progress
    if watch is not None:
        keep_syncing(session.root, every=watch, sync=lambda each: _sync_and_tell(each, how, told, as_json=as_json))
    elif not _sync_and_tell(session, how, told, as_json=as_json):
        raise typer.Exit(1)


def _sync_and_tell(session: Session, how: "How", progress: str, *, as_json: bool) -> bool:
    """Sync, compare if asked to, and print what came of it; gives whether all is well."""
    result = sync_workspace(session, how, progress)
    verified = _verify(session, how) if how.verify and not how.dry_run else ()
    if as_json:
        compared = {"verified": [asdict(each) for each in verified]} if how.verify else {}
        document = {"schema": 1, "ok": result.ok, **asdict(result), **compared}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    for each in verified:
        if each.problem is not None:
            typer.echo(f"error: {each.stream}: {each.problem}", err=True)
        elif not as_json:
            agreed = f"{each.stored_rows:,} rows and {each.columns} columns agree with the source"
            typer.echo(f"{each.stream}: {agreed}, counted by {each.counted_by}")
    return result.ok and all(each.problem is None for each in verified)


def _verify(session: Session, how: "How") -> tuple[Verified, ...]:
    with open_facts(session.workspace.var) as facts:
        return verify_streams(session.workspace, facts, now=session.now, only=how.names)


@dataclass(frozen=True, slots=True)
class How:
    """What a sync is asked for; see `metrics.sync.run_sync`."""

    names: tuple[str, ...] = ()
    full: bool = False
    relearn: bool = False
    since: date | None = None
    dry_run: bool = False
    verify: bool = False


def sync_workspace(
    session: Session, how: How = How(), progress: str = "none", *, now: datetime | None = None
) -> SyncResult:
    """Sync, tell how it goes, and record what the dashboard now shows.

    Raises:
        QuarterlineError: a name stands for no stream, another sync is running, or the store cannot be used.
    """
    at = now or session.now
    with _listening(progress) as listener:
        result = run_sync(
            session.workspace,
            session.ledger,
            now=at,
            only=how.names,
            full=how.full,
            relearn=how.relearn,
            since=how.since,
            dry_run=how.dry_run,
            on_event=listener,
        )
    if progress == "json":
        _say(event="published" if result.generation else "nothing_new", generation=result.generation, ok=result.ok)
    elif progress == "bar":
        _report(result, how)
    for subject, message in _failures(result):
        typer.echo(f"error: {subject}: {message}" if subject not in message else f"error: {message}", err=True)
    if not how.dry_run:
        _record(session, at)
    return result


def _listening(progress: str) -> AbstractContextManager[Listener]:
    if progress == "json":
        return nullcontext(_tell_json)
    return _Bar() if progress == "bar" else nullcontext(_ignore)


def _ignore(event: SyncEvent) -> None:
    """Tell nothing."""


def _tell_json(event: SyncEvent) -> None:
    match event:
        case StreamStarted(stream=stream, position=position, total=total):
            _say(event="stream_started", stream=stream, position=position, total=total)
        case RowsRead(stream=stream, rows=rows, bytes=size):
            _say(event="rows", stream=stream, rows=rows, bytes=size)
        case StreamDone(result=result):
            told = asdict(result)
            _say(event="failed" if result.outcome == "failed" else "stream_done", rows=result.rows_read, **told)
        case Deriving():
            _say(event="deriving")
        case Publishing():
            _say(event="publishing")


def _say(**event: Any) -> None:
    typer.echo(json.dumps(event, ensure_ascii=False))


class _Bar:
    """A progress bar over the streams, on standard error so that output can be piped."""

    def __init__(self) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rows]:>12,} rows"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("sync", total=None, rows=0)
        self._rows: dict[str, int] = {}

    def __enter__(self) -> Listener:
        self._progress.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _tell(self, event: SyncEvent) -> None:
        match event:
            case StreamStarted(stream=stream, total=total):
                self._progress.update(self._task, description=stream, total=total + 1)
            case RowsRead(stream=stream, rows=rows):
                self._rows[stream] = rows
                self._progress.update(self._task, description=stream, rows=sum(self._rows.values()))
            case StreamDone():
                self._progress.update(self._task, advance=1)
            case Deriving():
                self._progress.update(self._task, description="daily parts")
            case Publishing():
                self._progress.update(self._task, description="publishing")


def _report(result: SyncResult, how: How) -> None:
    change = "would change" if how.dry_run else "changed"
    for stream in result.streams:
        if stream.outcome != "failed":
            counted = f"{stream.rows_read:,} rows read, {stream.rows_changed:,} {change}"
            typer.echo(f"{stream.stream}: {stream.outcome}, {counted}, {stream.seconds:.1f} s")
        for note in stream.notes:
            typer.echo(f"  note: {note}")
    published = f"published {result.generation}" if result.generation else "nothing new to publish"
    typer.echo(f"{'nothing was kept' if how.dry_run else published} ({result.seconds:.1f} s)")


def _failures(result: SyncResult) -> list[tuple[str, str]]:
    streams = [(stream.stream, stream.error or "failed") for stream in result.streams if stream.outcome == "failed"]
    return [*streams, *result.metric_errors.items(), *([("publish", result.error)] if result.error else [])]


def _record(session: Session, now: datetime) -> None:
    try:
        with open_facts(session.workspace.var) as facts:
            if session.ledger.definitions().written_cycles:
                record_shown(session.workspace, session.ledger, facts, now=now)
    except FactsError:
        return  # nothing was ever published, so nothing is shown
