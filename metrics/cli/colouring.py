"""`policies`: how each named policy would colour the key results."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.reading import MARKS
from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.errors import NotFoundError
from metrics.progress.policies import POLICIES
from metrics.scorecard.build import build_scorecard
from metrics.scorecard.colouring import colour_all
from metrics.scorecard.current import workspace_frame
from metrics.scorecard.wording import explain


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(policies)


def policies(
    context: typer.Context,
    policy: Annotated[str | None, typer.Argument(help="Say why, under this policy.")] = None,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Cycle [default: the current].")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Day [default: today].")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how each policy would colour the key results; with a policy's name, why it would."""
    session = Session.start(context, workspace)
    if policy is not None and policy not in POLICIES:
        raise NotFoundError("status policy", policy, POLICIES)
    definitions = session.ledger.definitions()
    frame = workspace_frame(
        session.workspace,
        session.ledger,
        definitions,
        now=session.now,
        as_of=parse_day(as_of, "--as-of"),
        cycle_id=cycle,
    )
    scorecard = build_scorecard(definitions, session.facts, frame)
    rows = colour_all(scorecard, frame.decided, judged_on=frame.judged_on, check_in_every=frame.check_in_every)
    shown = [policy] if policy else list(POLICIES)
    if as_json:
        verdicts = [
            {
                "key_result": row.card.key_result.key,
                "policies": {
                    name: {"status": row.under(name).status, "why": explain(row.under(name).why, row.card.unit)}
                    for name in shown
                },
            }
            for row in rows
        ]
        print_json({"schema": 1, "policy": scorecard.policy, "key_results": verdicts})
        return
    table = Table(pad_edge=False)
    for heading in ("key result", *shown, *(["why"] if policy else [])):
        table.add_column(heading)
    for row in rows:
        why = [explain(row.under(policy).why, row.card.unit).replace("[", r"\[")] if policy else []
        table.add_row(row.card.key_result.id, *(MARKS[row.under(name).status] for name in shown), *why)
    Console().print(table)
