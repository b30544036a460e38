"""`upload`: a file handed over as a source of its own."""

from pathlib import Path
from typing import Annotated

import typer

from metrics.cli.session import Session, WorkspaceOption
from metrics.errors import QuarterlineError
from metrics.uploads import STREAM, HandedOver, keep_upload, look_into, remove_upload


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(upload)


def upload(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source, such as branch_visits.")],
    file: Annotated[Path | None, typer.Argument(help="CSV, Excel, JSON or Parquet, plain, .gz or .zip.")] = None,
    primary_key: Annotated[
        list[str] | None, typer.Option("--primary-key", help="Column that tells rows apart; may be repeated.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="Key of a stream of files, such as sheet=Visits; may be repeated."),
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Keep the files that the source has, beside this one.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the source away instead.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; needed with --remove.")] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Hand over a file as a source; `quarterline sync SOURCE` loads it."""
    session = Session.start(context, workspace)
    if remove:
        remove_upload(name, session.workspace, session.ledger, reason=reason, actor=session.actor, now=session.now)
        typer.echo(f"took {name} away")
        return
    if file is None:
        raise QuarterlineError(f"could not upload to {name!r}, because no file is named; name one after the source")
    handed = HandedOver(file.name, _content(file), _options(option or []), tuple(primary_key or ()))
    types = look_into(handed, session.workspace)
    keep_upload(name, handed, session.workspace, session.ledger, actor=session.actor, now=session.now, add=add)
    typer.echo(f"uploaded {file.name} as {name}.{STREAM}: " + ", ".join(f"{key} {kind}" for key, kind in types.items()))
    typer.echo(f"load it with `quarterline sync {name}`")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise QuarterlineError(
            f"could not read {file}, because {error.strerror or error}; check the path and its permissions"
        ) from None


def _options(written: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in written]
    wrong = next((text for text, (key, sign, _) in zip(written, pairs, strict=True) if not key or not sign), None)
    if wrong is not None:
        raise QuarterlineError(f"could not read --option {wrong!r}; write it as key=value, such as sheet=Visits")
    return {key: value for key, _, value in pairs}
