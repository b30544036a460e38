"""The `quarterline` command: its subcommands, and how errors reach the user."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import ConnectorError
from metrics.cli import (
    achieving,
    aligning,
    checking,
    colouring,
    completing,
    cycles,
    dashboard,
    deciding,
    definitions,
    demonstration,
    diagnosis,
    forecasting,
    goals,
    meeting,
    prospects,
    reading,
    recounting,
    remarking,
    snapshots,
    syncing,
    uploading,
)
from metrics.cli.session import VERSION
from metrics.errors import QuarterlineError

DEBUG = "QUARTERLINE_DEBUG"

app = typer.Typer(
    name="quarterline",
    help="Shows leadership, live, whether this quarter's key results will be met.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - the option's callback takes its value
    if asked:
        typer.echo(f"quarterline {VERSION}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", help="The workspace's folder [default: $QUARTERLINE_WORKSPACE, else ./workspace]."),
    ] = None,
    version: Annotated[  # noqa: ARG001 - the callback acts on it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = workspace


for module in (
    demonstration,
    definitions,
    checking,
    syncing,
    uploading,
    reading,
    aligning,
    colouring,
    deciding,
    completing,
    cycles,
    goals,
    achieving,
    meeting,
    recounting,
    remarking,
    snapshots,
    prospects,
    forecasting,
    dashboard,
    diagnosis,
):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exits 0 when done, 1 on something the user can fix (one line on standard error), 2 on wrong usage.
    """
    try:
        app(args=None if arguments is None else list(arguments))
    except (QuarterlineError, ConnectorError) as error:
        _complain(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away: nothing left to say
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _complain(
            f"could not finish, because of a fault in Quarterline ({type(error).__name__}); run it again with "
            f"{DEBUG}=1 and report what it prints"
        )
    sys.exit(1)


def _complain(message: str) -> None:
    for line in message.splitlines() or [""]:
        typer.echo(f"error: {line}", err=True)
