"""`review`: a month looked at together, what was decided, and the minutes."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.deciding import KeyResultArgument, decide, find, past_day
from metrics.cli.reading import MARKS
from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.errors import QuarterlineError
from metrics.model.decision import Review, ReviewDecision, Settlement
from metrics.model.definition import Language
from metrics.scorecard.current import read_minutes, workspace_frame, workspace_review
from metrics.scorecard.minutes import MINUTES_COLUMNS, minutes_csv, minutes_markdown, minutes_rows
from metrics.scorecard.reviewing import (
    CalendarMonth,
    LoggedDecision,
    MonthReview,
    ReviewedKeyResult,
    decision_log,
    month_to_review,
    review_calendar,
)
from metrics.scorecard.told import title_in
from metrics.scorecard.wording import chance_text, in_unit

reviews = typer.Typer(help="Monthly reviews and what they decided.", no_args_is_help=True)
MonthOption = Annotated[
    str | None, typer.Option("--month", metavar="MONTH", help="Month looked at, such as 2027-01 [default: the last].")
]
CycleOption = Annotated[str | None, typer.Option("--cycle", help="Cycle [default: the current].")]
DayOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Day it is looked at from [default: when it was held].")
]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(reviews, name="review")


@reviews.command()
def show(
    context: typer.Context,
    month: MonthOption = None,
    cycle: CycleOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show a month's agenda: each key result's month, change, target and chance, what waits for a decision first."""
    session = Session.start(context, workspace)
    review, language = _review(session, month, cycle, as_of), session.workspace.organisation.language
    if as_json:
        print_json(_document(review))
        return
    table = Table(pad_edge=False)
    for heading in ("key result", "month", "change", "target", "chance", "status", "last check-in", "open"):
        table.add_column(heading, justify="right" if heading in {"month", "change", "chance", "open"} else "left")
    for row in review.agenda:
        table.add_row(*_cells(row, language))
    held = f"held on {review.held.decision.held_on}" if review.held else "not held yet"
    typer.echo(
        f"review of {review.month} in {review.cycle.id}, {held}; as of {review.scorecard.as_of}, "
        f"{len(review.waiting)} of {len(review.agenda)} key results need a decision"
    )
    Console().print(table)


@reviews.command()
def minutes(
    context: typer.Context,
    month: MonthOption = None,
    cycle: CycleOption = None,
    as_of: DayOption = None,
    form: Annotated[str, typer.Option("--format", help="md, for people, or csv.")] = "md",
    language: Annotated[str | None, typer.Option("--language", help="vi or en [default: the organisation's].")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write [default: print it].")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a review's minutes: the numbers, the decisions, the revised targets, what is still open."""
    session = Session.start(context, workspace)
    organisation = session.workspace.organisation
    review = _review(session, month, cycle, as_of)
    if form == "csv":
        content = minutes_csv(review)
    elif form == "md":
        written = minutes_markdown(review, organisation.name, _language(language, organisation.language))
        content = written.encode()
    else:
        raise QuarterlineError(f"could not write the minutes as {form!r}; write --format md or --format csv")
    if out is None:
        typer.echo(content.decode(), nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise QuarterlineError(f"could not write {out}, because {error.strerror}; choose another place") from None
    typer.echo(f"wrote the minutes of {review.month} to {out}")


@reviews.command()
def hold(
    context: typer.Context,
    month: MonthOption = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day of the meeting [default: today].")] = None,
    attendees: Annotated[list[str] | None, typer.Option("--attendee", help="Who was there; repeat for more.")] = None,
    note: Annotated[str, typer.Option("--note", help="What is worth keeping.")] = "",
    cycle: CycleOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record that a month was reviewed."""
    session = Session.start(context, workspace)
    held_on = past_day(session, on)
    frame = workspace_frame(
        session.workspace, session.ledger, session.ledger.definitions(), now=session.now, cycle_id=cycle
    )
    looked_at = month or month_to_review(frame.cycle, held_on)
    decide(session, Review(frame.cycle.id, looked_at, held_on, tuple(attendees or ()), note))
    typer.echo(f"held the review of {looked_at} in {frame.cycle.id} on {held_on}")


@reviews.command("decide")
def decide_in_review(
    context: typer.Context,
    key_result: KeyResultArgument,
    text: Annotated[str, typer.Option("--text", help="What was decided.")],
    month: MonthOption = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who sees to it.")] = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="By when.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record what a review decided about a key result."""
    session = Session.start(context, workspace)
    found = find(session, key_result)
    held = [each.decision for each in session.ledger.decisions(Review, found.cycle.id)]
    looked_at = month or (held[-1].month if held else month_to_review(found.cycle, session.today))
    decision = ReviewDecision(found.key_result.key, looked_at, text, owner, parse_day(due, "--due"))
    recorded = decide(session, decision)
    typer.echo(f"decided in the review of {looked_at} about {decision.key} (number {recorded.version}): {text}")


@reviews.command()
def settle(
    context: typer.Context,
    key_result: KeyResultArgument,
    number: Annotated[int, typer.Argument(help="Which of its decisions, as `review list` numbers them.")],
    note: Annotated[str, typer.Option("--note", help="What came of it.")] = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day [default: today].")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="It is open after all.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Record that a decision was seen to."""
    session = Session.start(context, workspace)
    key = find(session, key_result).key_result.key
    decide(session, Settlement(key, number, past_day(session, on), note, settled=not undo))
    typer.echo(f"{'opened' if undo else 'settled'} decision {number} about {key}")


@reviews.command("list")
def list_reviews(
    context: typer.Context,
    cycle: CycleOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List a cycle's months with their reviews and decisions, and which review is due."""
    session = Session.start(context, workspace)
    frame = workspace_frame(
        session.workspace, session.ledger, session.ledger.definitions(), now=session.now, cycle_id=cycle
    )
    kept = read_minutes(session.ledger, frame.cycle.id)
    calendar, log = review_calendar(frame.cycle, kept, session.today), decision_log(kept, session.today)
    if as_json:
        documents = [_review_document(month, log) for month in calendar if month.held]
        months = [{"month": each.month, "state": each.state} for each in calendar]
        print_json({"schema": 1, "cycle": frame.cycle.id, "reviews": documents, "months": months})
        return
    if not kept.reviews:
        typer.echo(f"no review was held in {frame.cycle.id} yet; record one with `quarterline review hold`")
    for month in calendar:
        typer.echo(_month_line(month))
        for each in log:
            made = each.made.decision
            if made.month == month.month:
                typer.echo(f"  {made.key} {each.made.version}: {made.text}{_promise(each)}")


def _review(session: Session, month: str | None, cycle: str | None, as_of: str | None) -> MonthReview:
    return workspace_review(
        session.workspace,
        session.ledger,
        session.facts,
        now=session.now,
        month=month,
        cycle_id=cycle,
        as_of=parse_day(as_of, "--as-of"),
    )


def _language(asked: str | None, default: Language) -> Language:
    if asked is None:
        return default
    if asked in ("vi", "en"):
        return "vi" if asked == "vi" else "en"
    raise QuarterlineError(f"could not write the minutes in {asked!r}; write --language vi or --language en")


def _cells(row: ReviewedKeyResult, language: Language) -> tuple[str, ...]:
    card, check_in = row.card, row.card.check_in
    return (
        title_in(card.key_result.title, language) or card.key_result.id,
        "-" if row.month.value is None else in_unit(row.month.value, card.unit, beside=card.target),
        "-" if row.change is None else _change(row.change, card.unit),
        card.target.text,
        "-" if card.forecast.p_hit is None else chance_text(card.forecast.p_hit),
        MARKS[card.status],
        "-" if check_in is None else f"{check_in.decision.day} {check_in.decision.confidence:.0%}",
        str(len(row.still_open)) if row.still_open else "",
    )


def _change(change: float, unit: str) -> str:
    """Write a change with its sign; that of a percentage in percentage points."""
    return f"{100 * change:+.2f} pp" if unit == "percent" else f"{change:+,.6g} {unit}".rstrip()


def _month_line(month: CalendarMonth) -> str:
    if month.held is None:
        return f"{month.month}: {'due' if month.state == 'due' else 'not over yet'}"
    made = month.held.decision
    who = ", ".join(made.attendees) or "nobody named"
    return f"{month.month}, held on {made.held_on} ({who}) {made.note}".rstrip()


def _promise(logged: LoggedDecision) -> str:
    made = logged.made.decision
    parts = [made.owner, made.due and f"by {made.due}", None if logged.state == "open" else logged.state]
    return f" ({', '.join(part for part in parts if part)})" if any(parts) else ""


def _document(review: MonthReview) -> dict[str, Any]:
    columns = MINUTES_COLUMNS
    rows = [dict(zip(columns, map(_plain, row), strict=True)) for row in minutes_rows(review)]
    return {"schema": 1, "cycle": review.cycle.id, "month": review.month, "agenda": rows}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _review_document(month: CalendarMonth, log: tuple[LoggedDecision, ...]) -> dict[str, Any]:
    review = month.held
    made = review.decision if review else None
    return {
        "month": month.month,
        "held_on": made.held_on.isoformat() if made else None,
        "attendees": list(made.attendees) if made else [],
        "note": made.note if made else "",
        "by": review.actor if review else None,
        "decisions": [_decision_document(each) for each in log if each.made.decision.month == month.month],
    }


def _decision_document(logged: LoggedDecision) -> dict[str, Any]:
    made = logged.made.decision
    return {
        "key_result": made.key,
        "text": made.text,
        "owner": made.owner,
        "due": made.due.isoformat() if made.due else None,
        "by": logged.made.actor,
        "number": logged.made.version,
        "state": logged.state,
    }
