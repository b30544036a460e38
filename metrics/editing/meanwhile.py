"""What others published while somebody edited: found field by field, and merged by choice."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from metrics.definitions import stored_documents
from metrics.definitions.documents import DocumentKind, metric_document
from metrics.editing.edit import Edit, Entry, edit_of_goal, edit_of_objective
from metrics.errors import LedgerError
from metrics.ledger import Ledger
from metrics.model.definition import Definitions

Choices = Mapping[tuple[str, str, str], bool]
"""By (kind, key, field), whether mine is taken."""


@dataclass(frozen=True, slots=True)
class FieldVersions:
    """One key of a definition as it was when the edit began, as others have it now, and as the edit has it."""

    field: str
    base: Any
    theirs: Any
    mine: Any

    @property
    def prefer_mine(self) -> bool:
        """Whether only the edit changed it, or both did."""
        return bool(self.base != self.mine)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A definition that somebody else published since the edit began, otherwise than the edit has it.

    Attributes:
        actor: who did; `at` is when (UTC).
        fields: those in which the two differ.
    """

    kind: str
    key: str
    actor: str
    at: datetime
    fields: tuple[FieldVersions, ...]


class EditOvertakenError(LedgerError):
    """Somebody published the same definitions meanwhile; both versions are at hand, field by field."""

    def __init__(self, overtaken: tuple[Overtaken, ...]) -> None:
        self.overtaken = overtaken
        first = overtaken[0]
        super().__init__(
            f"could not publish, because {first.actor} changed {first.kind.replace('_', ' ')} {first.key!r} at "
            f"{first.at.isoformat(timespec='seconds')}; look at both versions and choose"
        )


def overtaken(ledger: Ledger, edit: Edit, mine: Definitions) -> tuple[Overtaken, ...]:
    """Find what others published since the edit began, of what it touches and otherwise than it has it."""
    if ledger.revision() == edit.seen:
        return ()
    base, theirs = _bodies(ledger.definitions(edit.seen)), _bodies(ledger.definitions())
    ours = _bodies(mine)
    found = []
    for kind, key in _touched(edit):
        versions = [_body(bodies, kind, key) for bodies in (base, theirs, ours)]
        before, now, wanted = versions
        if now == wanted or before in (now, wanted):
            continue
        newest = ledger.history(kind, key)[-1]
        fields = tuple(_differences(*versions))
        found.append(Overtaken(kind, key, newest.actor, newest.applied_at, fields))
    return tuple(found)


def rebase(ledger: Ledger, edit: Edit, day: date, chosen: Choices) -> Edit:
    """Go on from what is in force now: what only others changed is theirs, what only the edit changed is mine.

    Args:
        edit: mine.
        day: whose targets are in force.
        chosen: sides of keys that both changed; mine where nothing is chosen.

    Raises:
        NotFoundError: the objective or goal was retired meanwhile.
    """
    before, now = (dict(_metric_entries(ledger, edit, revision)) for revision in (edit.seen, None))
    metrics = {
        name: _merged("metric", name, before.get(name, {}), now.get(name, {}), entry, chosen)
        for name, entry in edit.metrics.items()
    }
    if edit.was is None or (edit.objective is None and edit.goal is None):
        return replace(edit, seen=ledger.revision(), metrics=metrics)
    key = f"{edit.cycle}/{edit.was}"
    if edit.goal is not None:
        first, newest = edit_of_goal(ledger, key, revision=edit.seen), edit_of_goal(ledger, key)
        goal = _merged("goal", key, first.goal or {}, newest.goal or {}, edit.goal, chosen)
        return replace(edit, seen=newest.seen, goal=goal, metrics=metrics)
    base = edit_of_objective(ledger, key, day, revision=edit.seen)
    theirs = edit_of_objective(ledger, key, day)
    objective = _merged_objective(edit, base.objective or {}, theirs.objective or {}, chosen)
    return replace(edit, seen=theirs.seen, objective=objective, metrics=metrics)


def _metric_entries(ledger: Ledger, edit: Edit, revision: int | None) -> Iterator[tuple[str, Entry]]:
    defined = ledger.definitions(revision).metrics
    yield from ((name, metric_document(defined[name])) for name in edit.metrics if name in defined)


def _bodies(definitions: Definitions) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each.kind, each.key): json.loads(each.body) for each in stored_documents(definitions)}


def _body(bodies: Mapping[tuple[str, str], Entry], kind: str, key: str) -> Entry:
    return {name: value for name, value in bodies.get((kind, key), {}).items() if name != "key_results"}


def _touched(edit: Edit) -> Iterator[tuple[DocumentKind, str]]:
    yield from (("metric", name) for name in edit.metrics)
    if edit.objective is not None and edit.was is not None:
        yield "objective", f"{edit.cycle}/{edit.was}"
    if edit.goal is not None:
        yield "goal", f"{edit.cycle}/{edit.goal.get('id')}"
    for one in (edit.objective or {}).get("key_results", ()):
        yield "key_result", f"{edit.cycle}/{one.get('id')}"


def _differences(base: Entry, theirs: Entry, mine: Entry) -> Iterator[FieldVersions]:
    for name in sorted({*theirs, *mine}):
        if theirs.get(name) != mine.get(name):
            yield FieldVersions(name, base.get(name), theirs.get(name), mine.get(name))


def _merged(kind: str, key: str, base: Entry, theirs: Entry, mine: Entry, chosen: Choices) -> dict[str, Any]:
    merged = dict(mine)
    for name in sorted({*mine, *theirs} - {"key_results", "id"}):
        if chosen.get((kind, key, name), mine.get(name) != base.get(name)):
            continue
        if name in theirs:
            merged[name] = theirs[name]
        else:
            merged.pop(name, None)
    return merged


def _merged_objective(edit: Edit, base: Entry, theirs: Entry, chosen: Choices) -> dict[str, Any]:
    """Merge an objective with its key results: those that others added stay, those that they retired go."""
    before, now, mine = (_by_id(entry) for entry in (base, theirs, edit.objective or {}))
    kept = [
        _merged("key_result", f"{edit.cycle}/{name}", before.get(name, {}), now.get(name, {}), one, chosen)
        for name, one in mine.items()
        if name in now or name not in before or one != before[name]
    ]
    added = [one for name, one in now.items() if name not in before and name not in mine]
    merged = _merged("objective", f"{edit.cycle}/{edit.was}", base, theirs, edit.objective or {}, chosen)
    return {**merged, "key_results": [*kept, *added]}


def _by_id(objective: Entry) -> dict[str, Entry]:
    return {one["id"]: one for one in objective.get("key_results", ())}
