"""What every command starts from: its workspace, with the stores opened when first asked for."""

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from metrics.actor import local_actor
from metrics.clock import now
from metrics.definitions.workspace import Workspace, load_workspace
from metrics.errors import QuarterlineError
from metrics.facts import Facts, open_facts
from metrics.ledger import Ledger, open_ledger
from metrics.periods import today
from metrics.uploads import complete_workspace, uploads_folder

VERSION = "0.1.0"

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="The workspace's folder [default: $QUARTERLINE_WORKSPACE, else ./workspace]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass
class Session:
    """One command's view of a workspace."""

    root: Path

    @classmethod
    def start(cls, context: typer.Context, workspace: Path | None) -> "Session":
        """Find the workspace: the command's option, the program's option, the environment, else `./workspace`."""
        chosen = workspace or context.obj or os.environ.get("QUARTERLINE_WORKSPACE") or "workspace"
        return cls(Path(chosen))

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace's configuration, with the sources of uploaded files."""
        declared = self._declared
        return complete_workspace(declared, self.ledger) if uploads_folder(declared).is_dir() else declared

    @cached_property
    def ledger(self) -> Ledger:
        """What people decided."""
        return open_ledger(self._declared.ledger_url, self._declared.root)

    @cached_property
    def _declared(self) -> Workspace:
        return load_workspace(self.root)

    @cached_property
    def facts(self) -> Facts:
        """The newest generation."""
        facts = open_facts(self.workspace.var)
        for notice in facts.notices:
            typer.echo(f"warning: {notice}", err=True)
        return facts

    @cached_property
    def now(self) -> datetime:
        """The present instant (UTC)."""
        return now(self.workspace.organisation)

    def close(self) -> None:
        """Close what was opened."""
        if "ledger" in self.__dict__:
            self.ledger.close()
        if "facts" in self.__dict__:
            self.facts.close()

    @property
    def today(self) -> date:
        """The organisation's day."""
        return today(self.workspace.organisation, self.now)

    @property
    def actor(self) -> str:
        """Who is at the command line, for the audit."""
        return local_actor()


def parse_day(text: str | None, option: str) -> date | None:
    """Read a date option.

    Raises:
        QuarterlineError: it is no ISO date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuarterlineError(f"could not read {option} {text!r}; write a date such as 2027-02-15") from None


def print_json(document: Any) -> None:
    """Print a document for programs; never rounded, never NaN."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
