"""`doctor`: what is configured, reachable, stale and unsafe."""

import platform
import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Annotated, Literal

import typer

from connectors.errors import ConnectorError
from connectors.registry import open_connector
from metrics.cli.session import VERSION, JsonOption, Session, WorkspaceOption, print_json
from metrics.definitions import Workspace, load_definitions
from metrics.errors import QuarterlineError
from metrics.facts.layout import Layout
from metrics.facts.lock import lock_holder
from metrics.periods import end_of_day
from metrics.progress.freshness import freshness_of

Grade = Literal["ok", "warning", "error"]
_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}
_LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    grade: Grade
    subject: str
    message: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    context: typer.Context,
    as_json: JsonOption = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not reach out to the sources.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Look at everything and say what is wrong and what to do; exit 1 on errors."""
    session = Session.start(context, workspace)
    findings = list(_examine(session, offline=offline))
    if as_json:
        print_json({"schema": 1, "version": VERSION, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{_MARKS[finding.grade]} {finding.subject}: {finding.message}")
    if any(finding.grade == "error" for finding in findings):
        raise typer.Exit(1)


def _examine(session: Session, *, offline: bool) -> Iterator[Finding]:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "sqlalchemy", "streamlit"))
    yield Finding("ok", "version", f"quarterline {VERSION}, Python {platform.python_version()}, {libraries}")
    try:
        workspace = session.workspace
    except QuarterlineError as error:
        yield from _errors("workspace", error)
        return
    organisation = workspace.organisation
    yield Finding("ok", "workspace", f"{workspace.root}: {organisation.name}, days of {organisation.timezone}")
    yield from _definitions(session)
    yield from _ledger(session)
    for source in workspace.sources.values():
        yield from _source(session, source.name, offline=offline)
    yield from _facts(session)
    yield _sync_now(workspace)
    yield _disk(workspace)
    yield from _open_to_all(workspace)
    yield Finding("ok", "login", "none: the dashboard only serves this machine (loopback)")


def _sync_now(workspace: Workspace) -> Finding:
    holder = lock_holder(Layout.of(workspace.var).lock)
    return Finding("ok", "sync", "none is running" if holder is None else f"{holder} is running one")


def _disk(workspace: Workspace) -> Finding:
    """Compare the free space with what the next publish may need: a copy of the writer's file, and as much to work."""
    free = shutil.disk_usage(workspace.root).free
    work = Layout.of(workspace.var).work
    needed = max(2 * work.stat().st_size if work.exists() else 0, _LEAST_FREE_BYTES)
    told = f"{free / (1 << 30):.1f} GiB free"
    if free >= needed:
        return Finding("ok", "disk", told)
    return Finding("warning", "disk", f"{told}, and a sync may need {needed / (1 << 30):.1f} GiB; make room")


def _open_to_all(workspace: Workspace) -> Iterator[Finding]:
    for path in (workspace.root, workspace.root / "quarterline.yaml", workspace.var):
        if path.exists() and path.stat().st_mode & stat.S_IWOTH:
            message = f"every user of this machine can change it; run `chmod o-w {path}`"
            yield Finding("warning", path.name, message)


def _definitions(session: Session) -> Iterator[Finding]:
    try:
        plan = session.ledger.plan(load_definitions(session.workspace))
    except QuarterlineError as error:
        yield from _errors("definitions", error)
        return
    if plan.changes:
        yield Finding("warning", "definitions", f"{len(plan.changes)} not applied; run `quarterline apply --dry-run`")
    else:
        yield Finding("ok", "definitions", f"{plan.unchanged} in force, as in the files")


def _ledger(session: Session) -> Iterator[Finding]:
    try:
        yield Finding("ok", "ledger", f"revision {session.ledger.revision()}")
    except QuarterlineError as error:
        yield from _errors("ledger", error)


def _source(session: Session, name: str, *, offline: bool) -> Iterator[Finding]:
    source = session.workspace.sources[name]
    if not offline:
        try:
            open_connector(source.type, name, source.options, session.workspace.root).check()
            where = ", metrics are computed there" if source.mode == "pushdown" else ""
            yield Finding("ok", name, f"reachable ({source.type}{where})")
        except ConnectorError as error:
            yield Finding("error", name, str(error))
    for stream in source.streams:
        loads = session.ledger.loads(name, stream, limit=1)
        if not loads:
            yield Finding("warning", f"{name}.{stream}", "never loaded; run `quarterline sync`")
        elif loads[0].outcome == "failed":
            yield Finding("error", f"{name}.{stream}", f"last load failed: {loads[0].error}")
        else:
            when = loads[0].started_at.isoformat(timespec="minutes")
            rows = "rows of series came back" if source.mode == "pushdown" else "rows read"
            yield Finding("ok", f"{name}.{stream}", f"last load {when}, {loads[0].rows_read:,} {rows}")


def _facts(session: Session) -> Iterator[Finding]:
    try:
        facts = session.facts
    except QuarterlineError as error:
        yield from _errors("facts", error)
        return
    yield Finding("ok", "facts", f"{facts.generation}, published {facts.published_at.isoformat(timespec='minutes')}")
    for notice in facts.notices:
        yield Finding("error", "facts", str(notice))
    until = min(session.now, end_of_day(session.today, session.workspace.organisation))
    for metric in session.ledger.definitions().metrics.values():
        try:
            freshness = freshness_of(metric, until, facts.freshness)
        except QuarterlineError as error:
            yield from _errors(metric.id, error)
            continue
        if freshness.future_rows and metric.aggregate != "derived":
            yield Finding(
                "warning", metric.id, f"{freshness.future_rows:,} rows are dated in the future and do not count yet"
            )
        if freshness.stale:
            last = freshness.last_event_at
            when = last.isoformat(timespec="minutes") if last else "ever"
            yield Finding("warning", metric.id, f"stale: no rows since {when}, expected every {metric.schedule}")


def _errors(subject: str, error: QuarterlineError) -> Iterator[Finding]:
    for line in str(error).splitlines():
        yield Finding("error", subject, line)
