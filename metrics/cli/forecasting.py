"""`backtest`: how well the forecasts would have done on this workspace's own past."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from metrics.backtest import Figures, Record, Scope, SubjectRecord, run_backtest, save_record
from metrics.backtest.record import record_document
from metrics.cli.session import JsonOption, Session, WorkspaceOption, print_json
from metrics.errors import QuarterlineError
from metrics.model.definition import Definitions
from metrics.model.scorecard import Cycle
from metrics.periods import resolve_cycle

_NAME_WIDTH = 22
"""Least characters of a subject's name per line, with which the table fits a terminal of 80."""

Progressed = Callable[[int, int, str], None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    context: typer.Context,
    progress: Annotated[
        str, typer.Option("--progress", metavar="bar|json|none", help="How to tell what is going on.")
    ] = "bar",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Replay the forecasts over past quarters, as if made then, and keep the record for the dashboard."""
    if progress not in {"bar", "json", "none"}:
        raise QuarterlineError(f"could not read --progress {progress!r}; write bar, json or none")
    session = Session.start(context, workspace)
    definitions = session.ledger.definitions()
    if not definitions.objectives:
        raise QuarterlineError(
            f"could not replay any forecast, because no objective is defined in {session.workspace.root}; write one "
            "under okrs/ and run `quarterline apply`"
        )
    scope = Scope(session.workspace.organisation, session.facts.generation, session.now)
    with _telling("none" if as_json else progress) as tell:
        record = run_backtest(
            definitions,
            session.facts,
            scope,
            cycles=_cycles(session, definitions),
            decided=session.ledger.decided(),
            on_progress=tell,
        )
    save_record(session.workspace.var, record)
    if as_json:
        print_json(record_document(record))
    elif progress == "json":
        _say("recorded", n=record.pooled.n)
    else:
        _print_record(Console(), record)


def _cycles(session: Session, definitions: Definitions) -> dict[str, Cycle]:
    names = {objective.cycle for objective in definitions.objectives}
    return {
        name: resolve_cycle(name, session.workspace.organisation, session.workspace.cycles) for name in sorted(names)
    }


def _telling(progress: str) -> AbstractContextManager[Progressed]:
    if progress == "json":
        return nullcontext(lambda done, total, name: _say("replaying", done=done, total=total, name=name))
    return _bar(shown=progress == "bar")


def _say(event: str, **facts: Any) -> None:
    typer.echo(json.dumps({"event": event, **facts}, ensure_ascii=False))
    sys.stdout.flush()


@contextmanager
def _bar(*, shown: bool) -> Iterator[Progressed]:
    """Show a progress bar on standard error, so that output can be piped."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as progress:
        task = progress.add_task("backtest", total=None)

        def tell(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, description=name or "backtest")

        yield tell


def _print_record(console: Console, record: Record) -> None:
    if not record.pooled.n:
        console.print("Nothing could be replayed yet: no stream holds a whole past quarter. Sync older rows.")
        return
    title = "forecasts as they would have been made then"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("", min_width=_NAME_WIDTH)
    for heading in ("n", "in\n80%", "in\n95%", "chances", "Brier", "pace", "last", "error/\npace", "error/\nlast"):
        table.add_column(heading, justify="right")
    for subject in record.subjects:
        table.add_row(_name(subject), *_cells(subject.figures))
    table.add_section()
    for share, figures in record.by_elapsed:
        table.add_row(f"{share:.0%} elapsed", *_cells(figures))
    table.add_row("[bold]all[/]", *_cells(record.pooled))
    console.print(table)
    bins = Table(title="chances, and how often they came true", title_justify="left", pad_edge=False)
    for heading in ("chance", "n", "mean", "came true"):
        bins.add_column(heading, justify="right")
    for each in record.calibration:
        bins.add_row(f"{each.low:.0%}-{each.low + 0.1:.0%}", str(each.n), f"{each.mean:.0%}", f"{each.hits:.0%}")
    console.print(bins)
    people = record.check_ins
    if people.n:
        console.print(
            f"check-ins: Brier {_number(people.brier)} of {people.n} confidences, forecasts of the same days "
            f"{_number(people.brier_forecast)}"
        )
    else:
        console.print("check-ins: none yet on key results whose cycle is over")


def _name(subject: SubjectRecord) -> str:
    filtered = f" {subject.filter}" if subject.filter else ""
    return f"{subject.metric}{filtered}, {subject.shape}, {subject.read}".replace("[", r"\[")


def _cells(figures: Figures) -> tuple[str, ...]:
    covered = ("-" if share is None else f"{share:.0%}" for share in (figures.cov80, figures.cov95))
    scores: tuple[Any, ...] = (figures.brier, figures.brier_pace, figures.brier_last)
    distances = (figures.mae_to_pace, figures.mae_to_last)
    return (
        str(figures.n),
        *covered,
        str(figures.chances),
        *(_number(score) for score in scores),
        *(_number(distance) for distance in distances),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
