"""`done`: people tick off a milestone, or a key result that is done or not."""

from typing import Annotated

import typer

from metrics.cli.deciding import KeyResultArgument, decide, find, past_day
from metrics.cli.session import Session, WorkspaceOption
from metrics.model.decision import Done


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(done)


def done(
    context: typer.Context,
    key_result: KeyResultArgument,
    milestone: Annotated[
        str | None, typer.Argument(help="Which milestone, by its id; none where the key result is done or not.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day it was done [default: today].")] = None,
    note: Annotated[str, typer.Option("--note", help="What shows that it is done.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It is not done after all.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tick off a milestone, or a key result that is done or not; it counts from its day on."""
    if undo and on:
        raise typer.BadParameter("give --on or --undo, not both")
    session = Session.start(context, workspace)
    key, day = find(session, key_result).key_result.key, past_day(session, on)
    decide(session, Done(key, milestone, None if undo else day, note))
    what = f"{key} {milestone}" if milestone else key
    typer.echo(f"{what} is not done after all" if undo else f"{what} is done on {day}")
