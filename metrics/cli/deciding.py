"""`revise`, `check-in`, `annotate`, `drop`: what people decide about key results and metrics."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeVar

import typer

from metrics.cli.session import Session, WorkspaceOption, parse_day
from metrics.errors import FactsError, QuarterlineError
from metrics.facts import Facts
from metrics.model.decision import Annotation, AnnotationKind, CheckIn, Decision, Drop, Recorded
from metrics.model.definition import Definitions, KeyResult
from metrics.model.scorecard import Cycle
from metrics.periods import goal_window, resolve_cycle
from metrics.scorecard.build import choose_cycle
from metrics.scorecard.current import decide_and_show
from metrics.scorecard.proposal import find_key_result, propose_revision

D = TypeVar("D", bound=Decision)
KeyResultArgument = Annotated[
    str, typer.Argument(metavar="KR", help="Key result: its id in the current cycle, or cycle/id.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(revise)
    app.command("check-in")(check_in)
    app.command()(annotate)
    app.command()(drop)


@dataclass(frozen=True, slots=True)
class Found:
    """A key result or goal that was named on the command line, and the days that it is measured over."""

    key_result: KeyResult
    cycle: Cycle
    subject: Literal["key_result", "goal"] = "key_result"


def find(session: Session, name: str) -> Found:
    """Find a key result in the current cycle, or by `cycle/id` in any.

    Raises:
        NotFoundError: there is none of that name.
    """
    definitions, workspace = session.ledger.definitions(), session.workspace
    current = current_cycle(session, definitions)
    key_result = find_key_result(definitions, name, current.id)
    if goal := next((each for each in definitions.goals if each.key == key_result.key), None):
        return Found(key_result, goal_window(goal), "goal")
    return Found(key_result, resolve_cycle(key_result.cycle, workspace.organisation, workspace.cycles))


def current_cycle(session: Session, definitions: Definitions) -> Cycle:
    """Choose the cycle that people are in."""
    workspace = session.workspace
    return choose_cycle(definitions, workspace.organisation, workspace.cycles, as_of=session.today)


def decide(session: Session, made: D, *, seen: int | None = None) -> Recorded[D]:
    """Record a decision, and what the dashboard shows from now on."""
    return decide_and_show(
        session.workspace,
        session.ledger,
        made,
        facts=facts_or_none(session),
        actor=session.actor,
        now=session.now,
        seen=seen,
    )


def facts_or_none(session: Session) -> Facts | None:
    """Give the newest generation; None before the first sync."""
    try:
        return session.facts
    except FactsError:
        return None


def revise(
    context: typer.Context,
    key_result: KeyResultArgument,
    target: Annotated[str, typer.Option("--target", help="The new target, such as '< 3'.")],
    reason: ReasonOption,
    effective: Annotated[
        str | None, typer.Option("--effective", metavar="DATE", help="First day that it counts for [default: today].")
    ] = None,
    approver: Annotated[str | None, typer.Option("--approver", help="Who agreed to it.")] = None,
    review: Annotated[
        str | None, typer.Option("--review", metavar="MONTH", help="Month of the review it was decided in.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Revise a target from a day on; both the first and the revised one are scored, and what was shown stays."""
    session = Session.start(context, workspace)
    found = find(session, key_result)
    revision = propose_revision(
        found.key_result,
        session.ledger.decided(found.cycle.id),
        found.cycle,
        target=target,
        reason=reason,
        effective_on=parse_day(effective, "--effective") or session.today,
        approver=approver,
        review=review,
    )
    decide(session, revision)
    typer.echo(
        f"revised {revision.key}: {revision.old.text} -> {revision.new.text} from {revision.effective_on} ({reason})"
    )


def check_in(
    context: typer.Context,
    key_result: KeyResultArgument,
    confidence: Annotated[float, typer.Option("--confidence", help="That the target will be met, 0 to 1.")],
    note: Annotated[str, typer.Option("--note", help="How it is going.")],
    blockers: Annotated[str, typer.Option("--blockers", help="What is in the way.")] = "",
    next_steps: Annotated[str, typer.Option("--next", help="What comes next.")] = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day [default: today].")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Check in on a key result: how sure its owner is, and what is in the way."""
    session = Session.start(context, workspace)
    found = find(session, key_result)
    day = past_day(session, on)
    decide(session, CheckIn(found.key_result.key, day, confidence, note, blockers, next_steps))
    typer.echo(f"checked in on {found.key_result.key} for {day}: {confidence:.0%} confident")


def annotate(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Metric, by its id.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Day that it happened.")],
    text: Annotated[str, typer.Option("--text", help="What happened.")],
    kind: Annotated[str, typer.Option("--kind", help="note, or level_shift: from this day on it is another level.")] = (
        "note"
    ),
    workspace: WorkspaceOption = None,
) -> None:
    """Note on a metric's series what happened on a day."""
    session = Session.start(context, workspace)
    day = parse_day(on, "--on") or session.today
    decide(session, Annotation(metric, day, text, _sort(kind)))
    typer.echo(f"annotated {metric} on {day}")


def drop(
    context: typer.Context,
    key_result: KeyResultArgument,
    reason: ReasonOption,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="First day without it [default: today].")] = (
        None
    ),
    undo: Annotated[bool, typer.Option("--undo", help="Take it up again.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Drop a key result or a goal: it leaves the roll-up and stays listed with its reason."""
    session = Session.start(context, workspace)
    found = find(session, key_result)
    key = found.key_result.key
    day = past_day(session, on)
    if day > found.cycle.ends:
        raise QuarterlineError(
            f"could not {'take up' if undo else 'drop'} {key!r} as of {day}, because everything about it is as of "
            f"{found.cycle.ends}, its last day; name that day or an earlier one with --on"
        )
    decide(session, Drop(found.subject, key, reason, day, dropped=not undo))
    typer.echo(f"{'took up' if undo else 'dropped'} {key} as of {day} ({reason})")


def past_day(session: Session, text: str | None) -> date:
    """Read a day that has begun [default: today].

    Raises:
        QuarterlineError: it is no date, or lies ahead.
    """
    day = parse_day(text, "--on") or session.today
    if day > session.today:
        raise QuarterlineError(
            f"could not record it for {day}, because that day lies ahead; name today or an earlier day"
        )
    return day


def _sort(kind: str) -> AnnotationKind:
    if kind in ("level_shift", "note"):
        return "level_shift" if kind == "level_shift" else "note"
    raise QuarterlineError(f"could not read --kind {kind!r}; write note or level_shift")
