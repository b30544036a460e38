"""`achievements`: what people achieved, as a file for whoever rewards it."""

from pathlib import Path
from typing import Annotated

import typer

from metrics.cli.session import Session, WorkspaceOption
from metrics.errors import QuarterlineError
from metrics.scorecard.achievements import ACHIEVEMENT_COLUMNS, achievement_rows
from metrics.tabular import write_csv


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(achievements)


def achievements(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Export how closed cycles' key results and finished goals ended; needs achievements_export in quarterline.yaml."""
    session = Session.start(context, workspace)
    rows = achievement_rows(session.workspace, session.ledger, session.facts, now=session.now)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(write_csv(ACHIEVEMENT_COLUMNS, rows))
    except OSError as error:
        raise QuarterlineError(
            f"could not write {out}, because of {error.strerror}; choose a file that can be written"
        ) from error
    typer.echo(f"wrote {len(rows)} achievements to {out}")
