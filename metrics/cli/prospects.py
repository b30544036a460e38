"""`forecast`: one key result's chance, what moved it within a week, and what if."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.deciding import KeyResultArgument, find
from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.errors import QuarterlineError
from metrics.model.scorecard import KeyResultCard
from metrics.model.target import Target, parse_target
from metrics.outlook import ChanceChange, Supposed, suppose_all
from metrics.progress.status import PASS_MARKS
from metrics.scorecard.build import Frame, build_scorecard
from metrics.scorecard.current import workspace_frame
from metrics.scorecard.prospect import Prospect, prospect_of
from metrics.scorecard.wording import NO_FORECAST, chance_text, in_unit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(forecast)


def forecast(
    context: typer.Context,
    key_result: KeyResultArgument,
    target: Annotated[str | None, typer.Option("--target", help="What if the target were another, as '< 3'.")] = None,
    ends: Annotated[
        str | None, typer.Option("--ends", metavar="DATE", help="What if the cycle ended on another day.")
    ] = None,
    level_change: Annotated[
        float, typer.Option("--level-change", help="What if every value from tomorrow on were higher by this.")
    ] = 0.0,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="As of a day [default: today].")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the chance of a key result, what moved it within a week, and what it would be if."""
    session = Session.start(context, workspace)
    found, definitions = find(session, key_result), session.ledger.definitions()
    frame = workspace_frame(
        session.workspace,
        session.ledger,
        definitions,
        now=session.now,
        as_of=parse_day(as_of, "--as-of"),
        cycle_id=found.cycle.id,
    )
    prospect = prospect_of(definitions, session.facts, frame, found.key_result.key)
    scorecard = build_scorecard(definitions, session.facts, frame)
    card = next(each for each in scorecard.key_results if each.key_result.key == found.key_result.key)
    supposed = _suppose(prospect, card, frame, target=target, ends=ends, level_change=level_change)
    if as_json:
        print_json(_document(card, prospect, supposed, frame))
    else:
        _print(Console(), card, prospect, supposed)


def _suppose(
    prospect: Prospect, card: KeyResultCard, frame: Frame, *, target: str | None, ends: str | None, level_change: float
) -> Supposed:
    last = parse_day(ends, "--ends")
    try:
        wanted = None if target is None else parse_target(target)
        return suppose_all(prospect.outlook, card, frame.as_of, target=wanted, ends=last, level_change=level_change)
    except ValueError as error:
        message = str(error)
        raise QuarterlineError(
            message if message.startswith("could not") else f"could not suppose that target, because {message}"
        ) from None


def _document(card: KeyResultCard, prospect: Prospect, supposed: Supposed, frame: Frame) -> dict[str, Any]:
    return {
        "schema": 1,
        "key_result": card.key_result.key,
        "unit": card.unit,
        "as_of": frame.as_of.isoformat(),
        "value": card.value,
        "target": card.target.text,
        "forecast": asdict(card.forecast),
        "change": None if prospect.change is None else asdict(prospect.change),
        "fan": [{**asdict(point), "day": point.day.isoformat()} for point in prospect.course.fan],
        "supposed": {
            **asdict(supposed),
            "target": _text(supposed.target),
            "ends": supposed.ends.isoformat(),
        },
    }


def _text(target: Target) -> str:
    return target.text


def _print(console: Console, card: KeyResultCard, prospect: Prospect, supposed: Supposed) -> None:
    told = card.forecast
    if told.p_hit is None:
        why = NO_FORECAST.get(told.reason or "", told.reason or "there is none")
        console.print(f"{card.key_result.key}: no chance, because {why}", markup=False)
    else:
        console.print(
            f"{card.key_result.key}: chance {chance_text(told.p_hit)} that it closes {card.target.text}", markup=False
        )
    if told.p_pass is not None and told.p_pass != told.p_hit:
        console.print(
            f"chance {chance_text(told.p_pass)} that it passes, at {PASS_MARKS['aspirational']:.0%} of the way"
        )
    if told.median is not None:
        console.print(
            f"heading for {in_unit(told.median, card.unit, beside=card.target)}, 80% between "
            f"{in_unit(told.lo80 or 0.0, card.unit)} and {in_unit(told.hi80 or 0.0, card.unit)}",
            markup=False,
        )
    if prospect.change is not None:
        console.print(_changes(prospect.change))
    if _differs(supposed, card, prospect):
        chance = "no chance" if supposed.chance is None else f"chance {chance_text(supposed.chance)}"
        console.print(
            f"if {supposed.target.text} by {supposed.ends}, values {supposed.level_change:+g}: {chance}", markup=False
        )
    if supposed.needed is not None and supposed.needed.per_week:
        at = supposed.needed.percentile
        where = "" if at is None else f", more than in {at:.0%} of its own past"
        console.print(f"needed: {supposed.needed.per_week:+.6g} {card.unit} per week{where}", markup=False)


def _differs(supposed: Supposed, card: KeyResultCard, prospect: Prospect) -> bool:
    return supposed.target != card.target or supposed.ends != prospect.outlook.cycle.ends or bool(supposed.level_change)


def _changes(change: ChanceChange) -> Table:
    table = Table(title="what changed within a week", title_justify="left", pad_edge=False)
    for heading in ("a week ago", "elapsed time", "new data", "revised target", "now"):
        table.add_column(heading, justify="right")
    parts = (f"{100 * part:+.1f}" for part in (change.elapsed, change.data, change.target))
    table.add_row(chance_text(change.then), *parts, chance_text(change.now))
    return table
