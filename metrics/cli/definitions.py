"""`init`, `apply`, `export` and `schemas`: definitions as files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from metrics.assessment import Moment, publishing_problems
from metrics.checks import check_columns
from metrics.cli.deciding import facts_or_none
from metrics.cli.goals import find_goal
from metrics.cli.session import JsonOption, Session, WorkspaceOption, print_json
from metrics.definitions import dump_definitions, json_schema, load_definitions
from metrics.definitions.schema import FileKind
from metrics.errors import DefinitionError, Problem, QuarterlineError
from metrics.ledger import Plan
from metrics.model.decision import Decided
from metrics.model.definition import Definitions
from metrics.progress.decided import definitions_in_force
from metrics.starter import lay_out_workspace

_SCHEMAS: Mapping[FileKind, str] = {
    "workspace": "quarterline.yaml",
    "metrics": "metrics.yaml",
    "okrs": "okrs/*.yaml",
}
_SIGNS = {"create": "+", "change": "~", "retire": "-"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(init)
    app.command()(apply)
    app.command()(export)
    app.command()(schemas)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    example: Annotated[bool, typer.Option("--example", help="A small workspace that works as it is.")] = False,
) -> None:
    """Lay out a new workspace with commented files."""
    today: date = datetime.now(UTC).date()
    for file in lay_out_workspace(directory, today=today, example=example):
        typer.echo(f"wrote {directory / file}")
    follow = "apply, sync and status" if example else "declare a source, a metric and an objective, then apply and sync"
    typer.echo(f"next: quarterline --workspace {directory} ... {follow}")


def apply(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also retire key results of a running cycle.")] = False,
    override: Annotated[
        list[str] | None,
        typer.Option("--override", metavar="GOAL", help="Change this goal although it has begun; needs --reason."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why a locked goal changes; kept with the change.")] = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring the ledger in line with the workspace's YAML: all of it, or nothing."""
    session = Session.start(context, workspace)
    wanted = load_definitions(session.workspace)
    for warning in check_columns(session.workspace, wanted.metrics.values()):
        typer.echo(f"warning: {warning}", err=True)
    problems = _publishing_problems(session, wanted)
    if problems and not dry_run:
        raise DefinitionError(problems)
    overrides = _overrides(session, override or [], reason)
    plan, decided = session.ledger.plan(wanted, day=session.today), session.ledger.decided()
    if not dry_run:
        plan = session.ledger.apply(
            wanted,
            actor=session.actor,
            at=datetime.now(UTC),
            force=force,
            day=session.today,
            overrides=overrides,
        )
    if as_json:
        print_json(
            {"schema": 1, "applied": not dry_run, **asdict(plan), "problems": [asdict(each) for each in problems]}
        )
        _refuse(problems)
        return
    print_plan(plan)
    _print_set_aside(plan, decided)
    if dry_run and plan.vanishing and not force:
        typer.echo(f"this would retire key results of a running cycle ({', '.join(plan.vanishing)}); it needs --force")
    for key in plan.locked if dry_run else ():
        if key not in overrides:
            typer.echo(f"goal {key} has begun and is locked; changing it needs --override {key} --reason '...'")
    summary = f"{len(plan.changes)} to change, {plan.unchanged} unchanged"
    typer.echo(f"{summary}; nothing was changed" if dry_run else summary.replace("to change", "changed"))
    _refuse(problems)


def _publishing_problems(session: Session, wanted: Definitions) -> tuple[Problem, ...]:
    moment = Moment(session.workspace.organisation, session.today, session.now)
    return publishing_problems(session.workspace, session.ledger, wanted, facts_or_none(session), moment)


def _refuse(problems: Sequence[Problem]) -> None:
    """End a dry run that could not be applied as the application would end.

    Raises:
        DefinitionError: there are problems.
    """
    if problems:
        raise DefinitionError(problems)


def _overrides(session: Session, names: Sequence[str], reason: str) -> dict[str, str]:
    """Give the reason by goal.

    Raises:
        BadParameter: a reason is given for nothing, or none for an override.
    """
    if bool(names) != bool(reason.strip()):
        raise typer.BadParameter("--override names a goal and --reason says why; give both")
    return {find_goal(session, name).key: reason for name in names}


def print_plan(plan: Plan) -> None:
    """Print one line per definition, and one per key that changes."""
    for change in plan.changes:
        typer.echo(f"{_SIGNS[change.action]} {change.kind} {change.key}")
        if change.action == "change":
            for field in change.fields:
                typer.echo(f"    {field.field}: {_shown(field.before)} -> {_shown(field.after)}")


def _print_set_aside(plan: Plan, decided: Decided) -> None:
    for change in plan.changes:
        revisions = decided.revisions.get(change.key, ()) if change.kind == "key_result" else ()
        if revisions and any(field.field == "target" for field in change.fields):
            typer.echo(
                f"note: {change.key} leaves its revision to {revisions[-1].decision.new.text} behind, since a target "
                "in a file counts for every day; to move it from a day on, use revise"
            )


def export(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder to write to [default: WORKSPACE/export].")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the ledger's definitions as YAML, with the targets in force; applying them again changes nothing."""
    session = Session.start(context, workspace)
    target = directory or session.workspace.root / "export"
    try:
        decided = session.ledger.decided()
        for file in dump_definitions(
            definitions_in_force(session.ledger.definitions(), decided, session.today), target
        ):
            typer.echo(f"wrote {file}")
    except OSError as error:
        raise QuarterlineError(
            f"could not export to {target}, because of {error.strerror}; choose a folder that can be written"
        ) from error


def schemas(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder to write to [default: WORKSPACE/schemas].")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the JSON Schemas of the workspace's files, so that an editor completes and checks them."""
    target = directory or Session.start(context, workspace).root / "schemas"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for kind, about in _SCHEMAS.items():
            file = target / f"{kind}.json"
            file.write_text(json.dumps(json_schema(kind), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            typer.echo(f"wrote {file}, for {about}")
    except OSError as error:
        raise QuarterlineError(
            f"could not write the schemas to {target}, because of {error.strerror}; choose a folder that can be written"
        ) from error
    typer.echo("begin a file with such a line: # yaml-language-server: $schema=schemas/metrics.json")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
