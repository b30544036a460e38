"""`history`: everything that was decided about a key result, oldest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer

from metrics.cli.deciding import KeyResultArgument, find
from metrics.cli.session import JsonOption, Session, WorkspaceOption, print_json
from metrics.ledger import Ledger, Version
from metrics.model.decision import (
    CheckIn,
    Comment,
    Decision,
    Done,
    Drop,
    GoalLock,
    Recorded,
    ReviewDecision,
    TargetRevision,
)

_SORTS: tuple[type[Decision], ...] = (TargetRevision, CheckIn, Comment, Done, Drop, GoalLock, ReviewDecision)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a key result."""

    revision: int
    at: datetime
    actor: str
    kind: str
    text: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(history)


def history(
    context: typer.Context,
    key_result: KeyResultArgument,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell how a key result came to be what it is: definitions, revisions, check-ins, reviews."""
    session = Session.start(context, workspace)
    key = find(session, key_result).key_result.key
    events = key_result_events(session.ledger, key)
    if as_json:
        print_json({"schema": 1, "key_result": key, "events": [_document(event) for event in events]})
        return
    for event in events:
        typer.echo(f"{event.at:%Y-%m-%d %H:%M}  {event.actor}  {event.text}")


def key_result_events(ledger: Ledger, key: str) -> list[Event]:
    """Gather what happened to a key result (`cycle/id`), in the order it was recorded; instants are UTC."""
    events = [*_defined(ledger.history("key_result", key)), *_defined(ledger.history("goal", key))]
    for sort in _SORTS:
        events.extend(
            _event(each)
            for each in ledger.decisions(sort, key)
            if getattr(each.decision, "subject", "key_result") in {"key_result", "goal"}
        )
    return sorted(events, key=lambda event: event.revision)


def _defined(versions: tuple[Version, ...]) -> Iterator[Event]:
    before: dict[str, Any] | None = None
    for version in versions:
        if version.retired:
            text = "retired"
        elif before is None:
            target = version.body.get("target")
            text = f"defined with target {target}" if target else "defined"
        else:
            text = f"definition changed: {_changes(before, dict(version.body))}"
        before = None if version.retired else dict(version.body)
        yield Event(version.revision, version.applied_at, version.actor, "definition", text)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {_short(before.get(name))} -> {_short(after.get(name))}" for name in names)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _event(recorded: Recorded[Any]) -> Event:
    made = recorded.decision
    number = f" (number {recorded.version})" if isinstance(made, Comment | CheckIn) else ""
    return Event(recorded.revision, recorded.at, recorded.actor, made.kind, f"{_worded(made)}{number}")


def _worded(made: Decision) -> str:
    match made:
        case TargetRevision():
            agreed = f", agreed by {made.approver}" if made.approver else ""
            return f"target {made.old.text} -> {made.new.text} from {made.effective_on}: {made.reason}{agreed}"
        case CheckIn():
            more = [made.blockers and f"in the way: {made.blockers}", made.next_steps and f"next: {made.next_steps}"]
            told = "; ".join([made.note, *(part for part in more if part)])
            return f"check-in for {made.day}, {made.confidence:.0%} confident: {told}"
        case Drop() | GoalLock():
            return f"{_turn(made)} as of {made.on}{f': {made.reason}' if made.reason else ''}"
        case Done():
            what = made.milestone or "it"
            return f"{what} is done on {made.done_on}" if made.done_on else f"{what} is not done after all"
        case ReviewDecision():
            return f"decided in the review of {made.month}: {made.text}"
        case _:
            return f"remark: {getattr(made, 'text', made.kind)}"


def _turn(made: Drop | GoalLock) -> str:
    if isinstance(made, Drop):
        return "dropped" if made.dropped else "taken up again"
    return f"definition {'locked' if made.locked else 'unlocked'}"


def _document(event: Event) -> dict[str, Any]:
    return {
        "revision": event.revision,
        "at": event.at.isoformat(),
        "by": event.actor,
        "kind": event.kind,
        "text": event.text,
    }
