"""`comment` and `withdraw`: what people remark on, and what they take back."""

from typing import Annotated, Literal

import typer

from metrics.cli.deciding import ReasonOption, current_cycle, decide, find
from metrics.cli.session import Session, WorkspaceOption
from metrics.errors import NotFoundError, QuarterlineError
from metrics.model.decision import Comment, Withdrawal

Subject = Literal["objective", "key_result", "metric"]
_SORTS: dict[str, Literal["comment", "annotation", "check_in"]] = {
    "comment": "comment",
    "annotation": "annotation",
    "check-in": "check_in",
}
AboutOption = Annotated[str, typer.Option("--about", help="What it is on: key-result, objective or metric.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Its id, or cycle/id; a metric's id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(comment)
    app.command()(withdraw)


def comment(
    context: typer.Context,
    name: NameArgument,
    text: Annotated[str, typer.Option("--text", help="What should be remembered.")],
    about: AboutOption = "key-result",
    workspace: WorkspaceOption = None,
) -> None:
    """Remark on a key result, an objective or a metric."""
    session = Session.start(context, workspace)
    subject, key = _about(session, about, name)
    recorded = decide(session, Comment(subject, key, text))
    typer.echo(f"remarked on {key} (number {recorded.version}): {text}")


def withdraw(
    context: typer.Context,
    sort: Annotated[str, typer.Argument(metavar="SORT", help="comment, check-in or annotation.")],
    name: NameArgument,
    number: Annotated[int, typer.Argument(help="Which one of them, as `comment` and `history` number them.")],
    reason: ReasonOption,
    about: AboutOption = "key-result",
    workspace: WorkspaceOption = None,
) -> None:
    """Take a remark, a check-in or an annotation back: it stays in the ledger and is no longer read."""
    session = Session.start(context, workspace)
    if sort not in _SORTS:
        raise QuarterlineError(f"could not withdraw a {sort!r}; write {', '.join(_SORTS)}")
    subject, key = _about(session, "metric" if sort == "annotation" else about, name)
    decide(session, Withdrawal(subject, key, _SORTS[sort], number, reason))
    typer.echo(f"withdrew {sort} {number} of {key} ({reason})")


def _about(session: Session, about: str, name: str) -> tuple[Subject, str]:
    match about:
        case "key-result":
            return "key_result", find(session, name).key_result.key
        case "objective":
            return "objective", _objective_key(session, name)
        case "metric":
            return "metric", name
        case _:
            raise QuarterlineError(f"could not read --about {about!r}; write key-result, objective or metric")


def _objective_key(session: Session, name: str) -> str:
    definitions = session.ledger.definitions()
    key = name if "/" in name else f"{current_cycle(session, definitions).id}/{name}"
    known = [objective.key for objective in definitions.objectives]
    if key not in known:
        raise NotFoundError("objective", name, known)
    return key
