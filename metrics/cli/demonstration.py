"""`demo`: the sample company as a workspace, synced and served."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from metrics.cli.dashboard import DEFAULT_PORT, start_dashboard
from metrics.cli.session import Session, parse_day
from metrics.cli.syncing import sync_workspace
from metrics.clock import FIXED_DAY
from metrics.demo import lay_out_demo


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Folder of the sample workspace.")] = Path("workspace"),
    today: Annotated[
        str | None, typer.Option("--today", metavar="DATE", help="Make it for this day and hold that day still.")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Lay out and sync only.")] = False,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
) -> None:
    """Lay out Sao Mai Retail, a sample company, then sync and serve it."""
    day: date | None = parse_day(today, "--today")
    session = Session(directory)
    with typer.progressbar(length=1, label="laying out Sao Mai Retail") as bar:
        moment = lay_out_demo(directory, day=day)
        bar.update(1)
    sync_workspace(session, now=moment)
    if not no_serve:
        start_dashboard(session, host=host, port=port, environment={FIXED_DAY: day.isoformat()} if day else {})
