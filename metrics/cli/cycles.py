"""`cycle`: when a cycle begins and ends, and how it ended."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.deciding import decide, past_day
from metrics.cli.session import JsonOption, Session, WorkspaceOption, print_json
from metrics.model.decision import ClosingScore, CycleChange
from metrics.model.written import first_apart
from metrics.progress.closing import BAND_BEGINS
from metrics.progress.status import PASS_MARKS
from metrics.scorecard.closing import close_cycle
from metrics.scorecard.cycles import ListedCycle, list_cycles, succeeded
from metrics.scorecard.wording import BANDS, VERDICTS

cycles = typer.Typer(help="The states of cycles: draft, active, closed.", no_args_is_help=True)
CycleArgument = Annotated[str, typer.Argument(metavar="CYCLE", help="Cycle such as 2027-Q1.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(cycles, name="cycle")


@cycles.command("list")
def list_(context: typer.Context, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the cycles that hold objectives, with their state and how they ended."""
    session = Session.start(context, workspace)
    chosen = session.workspace
    listed = list_cycles(
        session.ledger.definitions(),
        session.ledger.decided(),
        chosen.organisation,
        chosen.cycles,
        day=session.today,
    )
    if as_json:
        print_json({"schema": 1, "cycles": [_cycle_document(each) for each in listed]})
        return
    table = Table(pad_edge=False)
    for heading in ("cycle", "from", "to", "state", "since", "by", "ended"):
        table.add_column(heading)
    for each in listed:
        cycle, change = each.cycle, each.change
        since, by = ("", "") if change is None else (change.decision.on.isoformat(), change.actor)
        ended = _summary(each.scores) if each.scores else ""
        table.add_row(cycle.id, cycle.starts.isoformat(), cycle.ends.isoformat(), each.state, since, by, ended)
    Console().print(table)


@cycles.command()
def activate(
    context: typer.Context,
    cycle: CycleArgument,
    note: Annotated[str, typer.Option("--note", help="Why; needed to reopen a closed cycle.")] = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day [default: today].")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a cycle active: from now on its key results are held to their check-ins."""
    session = Session.start(context, workspace)
    decide(session, CycleChange(cycle, "active", past_day(session, on), note))
    typer.echo(f"cycle {cycle} is active")


@cycles.command()
def close(
    context: typer.Context,
    cycle: CycleArgument,
    note: Annotated[str, typer.Option("--note", help="What was learned.")],
    carry: Annotated[
        list[str] | None, typer.Option("--carry", metavar="KR", help="Carry a key result forward; repeat for more.")
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", metavar="CYCLE", help="Where to carry [default: the next one].")
    ] = None,
    early: Annotated[bool, typer.Option("--early", help="Close before the last day is over.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Close a cycle: record every score, what was learned, and what goes on in the next one."""
    session = Session.start(context, workspace)
    closed = close_cycle(
        session.workspace,
        session.ledger,
        session.facts,
        cycle_id=cycle,
        note=note,
        actor=session.actor,
        now=session.now,
        carry=[name if "/" in name else f"{cycle}/{name}" for name in carry or ()],
        into=into,
        early=early,
    )
    change = closed.decision
    for score in change.scores:
        typer.echo(f"{score.key}: {_worded(score)}")
    typer.echo(f"closed cycle {cycle}: {_summary(change.scores)}")
    if change.carried:
        typer.echo(f"carried {', '.join(change.carried)} into {change.carried_into}; write it to files with export")


def _worded(score: ClosingScore) -> str:
    if score.score is None or score.band is None:
        return VERDICTS[score.verdict]
    first = ""
    if score.original_score not in (None, score.score):
        first = f", {_score(score.original_score)} under the first target"
    return f"{_score(score.score)}{first}, {VERDICTS[score.verdict]}; {BANDS[score.band]}"


def _score(score: float | None) -> str:
    """Write a score with two decimals, or as many as keep it from seeming to stand at a mark that it is short of."""
    if score is None:
        return "none"
    mark = min((BAND_BEGINS, *PASS_MARKS.values()), key=lambda each: abs(each - score))
    return f"{score:.{first_apart(range(2, 7), round, score, mark)}f}"


def _summary(scores: tuple[ClosingScore, ...]) -> str:
    return f"{succeeded(scores)} of {len(scores)} succeeded"


def _cycle_document(listed: ListedCycle) -> dict[str, Any]:
    cycle, change = listed.cycle, listed.change
    made = change.decision if change is not None else None
    return {
        "id": cycle.id,
        "starts": cycle.starts.isoformat(),
        "ends": cycle.ends.isoformat(),
        "state": listed.state,
        "since": made.on.isoformat() if made else None,
        "by": change.actor if change else None,
        "note": made.note if made else "",
        "scores": [
            {
                "key_result": score.key,
                "score": score.score,
                "original_score": score.original_score,
                "met": score.met,
                "verdict": score.verdict,
                "band": score.band,
            }
            for score in (made.scores if made else ())
        ],
        "generation": made.generation if made else None,
        "carried": list(made.carried) if made else [],
        "carried_into": made.carried_into if made else None,
    }
