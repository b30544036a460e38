"""`goal`: SMART goals that stand on their own, and the lock on their definition."""

from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console

from metrics.actor import local_actor
from metrics.cli.deciding import decide
from metrics.cli.reading import goal_table
from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.errors import NotFoundError
from metrics.model.decision import GoalLock
from metrics.model.definition import Goal
from metrics.model.scorecard import GoalCard
from metrics.scorecard.current import current_goals
from metrics.scorecard.document import goal_document

goals = typer.Typer(help="SMART goals with dates of their own.", no_args_is_help=True)
GoalArgument = Annotated[str, typer.Argument(metavar="GOAL", help="Goal: its id where only one has it, or cycle/id.")]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help="From this day on [default: today].")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(goals, name="goal")


@goals.command("list")
def list_goals(
    context: typer.Context,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Day [default: today].")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List every goal that is not over, with your own drafts."""
    session = Session.start(context, workspace)
    day = parse_day(as_of, "--as-of") or session.today
    cards = current_goals(session.workspace, session.ledger, session.facts, now=session.now, as_of=day)
    seen = [each for each in cards if may_see(each.goal, session)]
    language = session.workspace.organisation.language
    if as_json:
        print_json({"schema": 1, "as_of": day.isoformat(), "goals": [_document(each, language) for each in seen]})
        return
    if not seen:
        typer.echo("no goal is running; write one under goals: in a file of okrs/, then `quarterline apply`")
        return
    Console().print(goal_table(seen, language))


@goals.command()
def unlock(
    context: typer.Context,
    goal: GoalArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why its definition may change; kept with the decision.")],
    on: OnOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Let the definition of a goal that has begun change; until it is locked again."""
    session = Session.start(context, workspace)
    found, day = find_goal(session, goal), _day(session, on)
    decide(session, GoalLock(found.key, locked=False, on=day, reason=reason))
    typer.echo(f"unlocked {found.key} as of {day} ({reason}); lock it again once its definition is applied")


@goals.command()
def lock(
    context: typer.Context,
    goal: GoalArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, where it is not plain.")] = "",
    on: OnOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Lock the definition of a goal, again or before it begins."""
    session = Session.start(context, workspace)
    found, day = find_goal(session, goal), _day(session, on)
    decide(session, GoalLock(found.key, locked=True, on=day, reason=reason))
    typer.echo(f"locked {found.key} as of {day}")


def find_goal(session: Session, name: str) -> Goal:
    """Find a goal by `cycle/id`, or by its id where only one has it.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    known = session.ledger.definitions().goals
    found = [goal for goal in known if name in {goal.key, goal.id}]
    if len(found) != 1:
        raise NotFoundError("goal", name, [goal.key if "/" in name else goal.id for goal in known])
    return found[0]


def may_see(goal: Goal, session: Session) -> bool:
    """Tell whether a goal is for whoever is at this machine; where nobody logs in there is one person."""
    return not goal.draft or session.workspace.auth.mode == "none" or goal.measured.owner == local_actor()


def _day(session: Session, text: str | None) -> date:
    return parse_day(text, "--on") or session.today


def _document(card: GoalCard, language: Any) -> dict[str, Any]:
    return {**goal_document(card, language), "key": card.goal.key, "draft": card.goal.draft}
