"""`sync --watch`: the same sync again and again, whatever one of them comes to."""

import time
from collections.abc import Callable
from pathlib import Path

import typer

from metrics.cli.session import Session
from metrics.errors import QuarterlineError


def keep_syncing(
    root: Path, *, every: float, sync: Callable[[Session], object], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Sync every so many seconds until Ctrl-C; each time with the configuration and definitions of the moment."""
    try:
        while True:
            began, session = time.monotonic(), Session(root)
            try:
                sync(session)
            except QuarterlineError as error:
                typer.echo(f"error: {error}", err=True)
            finally:
                session.close()
            sleep(max(0.0, every - (time.monotonic() - began)))
    except KeyboardInterrupt:
        typer.echo("stopped")
