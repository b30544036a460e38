"""`snapshot`: take, list, show and export dated CSV."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.reading import current_scorecard
from metrics.cli.session import VERSION, JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.definitions.documents import definition_documents
from metrics.errors import QuarterlineError
from metrics.scorecard.current import record_shown
from metrics.snapshot import export_snapshot, find_snapshot, list_snapshots, take_snapshot

commands = typer.Typer(help="Dated CSV of every key result, never changed afterwards.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(commands, name="snapshot")


def snapshots_directory(session: Session) -> Path:
    """Give the folder that a workspace's snapshots lie in."""
    return session.workspace.var / "snapshots"


@commands.command()
def take(
    context: typer.Context,
    name: Annotated[str | None, typer.Option("--name", help="Name [default: cycle, day and generation].")] = None,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Cycle [default: the current].")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Day [default: today].")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a snapshot of a cycle's key results."""
    session = Session.start(context, workspace)
    scorecard = current_scorecard(session, cycle_id=cycle, as_of=parse_day(as_of, "--as-of"))
    snapshot = take_snapshot(
        scorecard,
        definition_documents(session.ledger.definitions()),
        snapshots_directory(session),
        name=name,
        taken_at=session.now,
        actor=session.actor,
        language=session.workspace.organisation.language,
        version=VERSION,
    )
    if scorecard.as_of == session.today:
        record_shown(session.workspace, session.ledger, session.facts, now=session.now)
    if as_json:
        print_json(snapshot.manifest)
    else:
        typer.echo(f"took snapshot {snapshot.name} ({len(scorecard.key_results)} key results) in {snapshot.directory}")


@commands.command("list")
def list_(context: typer.Context, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the snapshots, newest first."""
    snapshots = list_snapshots(snapshots_directory(Session.start(context, workspace)))
    if as_json:
        print_json([snapshot.manifest for snapshot in snapshots])
        return
    if not snapshots:
        typer.echo("no snapshot yet; take one with `quarterline snapshot take`")
        return
    table = Table(pad_edge=False)
    for heading in ("name", "cycle", "as of", "taken at", "generation", "by"):
        table.add_column(heading)
    for snapshot in snapshots:
        manifest = snapshot.manifest
        table.add_row(
            snapshot.name,
            manifest["cycle"],
            manifest["as_of"],
            manifest["taken_at"],
            manifest["generation"],
            manifest["actor"],
        )
    Console().print(table)


@commands.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The snapshot's name.")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print a snapshot's CSV (with --json, its manifest)."""
    session = Session.start(context, workspace)
    snapshot = find_snapshot(snapshots_directory(session), name)
    if as_json:
        print_json(snapshot.manifest)
    else:
        typer.echo(snapshot.content().decode(), nl=False)


@commands.command()
def export(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The snapshot's name.")],
    out: Annotated[Path | None, typer.Option("--out", help="A .csv file, or a folder [default: ./NAME.csv].")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Copy a snapshot's CSV, or the whole snapshot, to another place."""
    session = Session.start(context, workspace)
    snapshot = find_snapshot(snapshots_directory(session), name)
    written = export_snapshot(snapshot, out or Path(f"{snapshot.name}.csv"))
    if not written.exists():
        raise QuarterlineError(f"could not find {written} after writing it; check the disk")
    typer.echo(f"exported {snapshot.name} to {written}")
