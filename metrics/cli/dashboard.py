"""`serve`: the dashboard as a web server, on loopback unless a login guards it."""

import importlib.util
import ipaddress
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from metrics.cli.session import Session, WorkspaceOption
from metrics.definitions.fields import parse_duration
from metrics.errors import PushError, ServeError
from metrics.observations import push_token

DEFAULT_PORT = 8501
WORKSPACE, SYNC_EVERY = "QUARTERLINE_WORKSPACE", "QUARTERLINE_SYNC_EVERY"
"""What the server is told through its environment: the workspace's folder, and the seconds between two syncs."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
    sync_every: Annotated[
        str | None, typer.Option("--sync-every", metavar="5m", help="Sync at this interval while serving.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the dashboard until stopped."""
    environment = {} if sync_every is None else {SYNC_EVERY: str(_seconds(sync_every))}
    start_dashboard(Session.start(context, workspace), host=host, port=port, environment=environment)


def _seconds(interval: str) -> int:
    try:
        return int(parse_duration(interval).total_seconds())
    except ValueError as error:
        raise ServeError(f"could not serve, because --sync-every {error}") from None


def start_dashboard(session: Session, *, host: str, port: int, environment: dict[str, str]) -> None:
    """Replace this process by the dashboard's server.

    Raises:
        ServeError: the address is open to others without a login, or the application is not installed.
    """
    if not _is_loopback(host) and session.workspace.auth.mode == "none":
        raise ServeError(
            f"could not serve on {host}, because anyone who reaches it could read everything (auth mode is none); "
            "serve on 127.0.0.1"
        )
    try:
        push_token(session.workspace)
    except PushError as error:
        raise ServeError(str(error)) from None
    found = importlib.util.find_spec("dashboard")
    if found is None or found.origin is None:
        raise ServeError("could not serve, because dashboard.py is not installed beside quarterline; install it again")
    variables = {**os.environ, **environment, WORKSPACE: str(session.workspace.root.resolve())}
    typer.echo(f"Quarterline on http://{host}:{port}  (workspace {session.workspace.root}; stop with Ctrl-C)")
    sys.stdout.flush()
    os.execve(  # noqa: S606 - our own interpreter, no shell wanted
        sys.executable, [sys.executable, *_streamlit(Path(found.origin), host, port)], variables
    )


def _streamlit(script: Path, host: str, port: int) -> list[str]:
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "browser.gatherUsageStats": "false",
        "logger.level": "warning",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return ["-m", "streamlit", "run", str(script), *flags]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
