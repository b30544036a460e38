"""`alignment`: who serves whom, and what waits for whom."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.tree import Tree

from metrics.cli.reading import MARKS
from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.errors import NotFoundError
from metrics.model.definition import Language
from metrics.scorecard.alignment import Alignment, Branch
from metrics.scorecard.current import workspace_alignment
from metrics.scorecard.told import title_in
from metrics.scorecard.wording import share_text


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(alignment)


def alignment(
    context: typer.Context,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Cycle [default: the current].")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only a team's objectives, and what they serve.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Day [default: today].")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show who serves whom, over levels and cycles, and what waits for whom."""
    session = Session.start(context, workspace)
    found = workspace_alignment(
        session.workspace,
        session.ledger,
        session.facts,
        now=session.now,
        as_of=parse_day(as_of, "--as-of"),
        cycle_id=cycle,
    )
    if team is not None and team not in found.teams:
        raise NotFoundError("team", team, found.teams)
    shown = found.of_team(team)
    if as_json:
        print_json(alignment_document(shown))
        return
    language, console = session.workspace.organisation.language, Console()
    for root in shown.roots:
        tree = Tree(_line(root, language))
        _grow(tree, root, language)
        console.print(tree)
    for each in shown.dependencies:
        across = " (across departments)" if each.across else ""
        typer.echo(f"{each.waits.key} waits for {each.waits_for.key}{across}")


def alignment_document(shown: Alignment) -> dict[str, Any]:
    """Write the tree as JSON-able values."""
    return {
        "schema": 1,
        "objectives": _documents(shown.roots),
        "orphans": [each.card.objective.key for each in shown.orphans],
        "dependencies": [
            {"waits": each.waits.key, "waits_for": each.waits_for.key, "across": each.across}
            for each in shown.dependencies
        ],
    }


def _documents(branches: Sequence[Branch]) -> list[dict[str, Any]]:
    return [
        {
            "key": branch.card.objective.key,
            "level": branch.card.objective.level,
            "team": branch.card.objective.team,
            "progress": branch.card.progress,
            "status": branch.card.status,
            "orphan": branch.orphan,
            "serves": branch.card.objective.parent,
            "key_results": [
                {
                    "key": one.card.key_result.key,
                    "share": one.share,
                    "status": one.card.status,
                    "objectives": _documents(one.children),
                }
                for one in branch.key_results
            ],
            "objectives": _documents(branch.children),
        }
        for branch in branches
    ]


def _grow(tree: Tree, branch: Branch, language: Language) -> None:
    for one in branch.key_results:
        title = title_in(one.card.key_result.title, language) or one.card.key_result.id
        grown = tree.add(f"{_plain(title)}  [dim]{one.share:.0%}[/]  {MARKS[one.card.status]}")
        for each in one.children:
            _grow(grown.add(_line(each, language)), each, language)
    for each in branch.children:
        _grow(tree.add(_line(each, language)), each, language)


def _line(branch: Branch, language: Language) -> str:
    objective = branch.card.objective
    progress = "no data" if branch.card.progress is None else share_text(branch.card.progress)
    title = _plain(title_in(objective.title, language) or objective.id)
    about = " ".join(part for part in (branch.cycle.id, objective.level, objective.team) if part)
    orphan = "  [yellow]serves nothing[/]" if branch.orphan else ""
    return f"[bold]{title}[/]  [dim]{_plain(about)}[/]  {progress}  {MARKS[branch.card.status]}{orphan}"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
