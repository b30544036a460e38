"""Rows of decisions: read with their hashes verified, written with their audit, and held against definitions."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, get_args

from sqlalchemy import Connection, RowMapping, insert, or_, select

from metrics.definitions.documents import DefinitionDocument, canonical_json
from metrics.definitions.restore import restore_definitions
from metrics.errors import LedgerError
from metrics.ledger import versions
from metrics.ledger.decisions_rules import Standing, in_words, refuse_unfit
from metrics.ledger.failures import damaged
from metrics.ledger.planning import Documents, Identity, target_of
from metrics.ledger.tables import audit, decision
from metrics.ledger.versions import sha256
from metrics.model.decision import (
    CheckIn,
    CycleChange,
    Decided,
    Decision,
    Done,
    Drop,
    GoalLock,
    Recorded,
    TargetRevision,
    Withdrawal,
)
from metrics.model.target import Target, parse_target

D = TypeVar("D", bound=Decision)
Meaning = tuple[str, float, float | None]

KINDS: Mapping[str, type[Any]] = {sort.kind: sort for sort in get_args(Decision)}
_ADDED = frozenset({"check_in", "comment", "annotation", "review_decision", "settlement"})
"""Kinds that stand side by side; of the others, a later one takes the place of the one before."""
_HASHED = ("kind", "subject", "key", "version", "body", "revision", "actor")


class OvertakenError(LedgerError):
    """Somebody else decided the same thing meanwhile.

    Attributes:
        mine: what was to be decided.
        theirs: what stands in the ledger.
    """

    def __init__(self, mine: Decision, theirs: Recorded[Any]) -> None:
        self.mine, self.theirs = mine, theirs
        super().__init__(
            f"could not record the {in_words(mine.kind)} of {mine.key!r}, because {theirs.actor} recorded one at "
            f"{theirs.at.isoformat(timespec='seconds')} ({_gist(theirs.decision)}); look at both and decide again"
        )


def record(
    connection: Connection, made: D, *, actor: str, at: datetime, seen: int | None = None, place: str
) -> Recorded[D]:
    """Add a decision to the ledger, after everything that was decided before was looked at.

    Args:
        seen: version of the same thing that this decision rests on (0: none); a later one is a conflict.

    Raises:
        OvertakenError: somebody else was faster.
        LedgerError: the decision does not fit what stands.
        NotFoundError: it is about something that is not defined.
    """
    revision = versions.next_revision(connection)
    earlier = read(connection, type(made), subject=made.subject, key=made.key, withdrawn=True, place=place)
    newest = earlier[-1] if earlier else None
    standing = _standing(connection, made, place)
    if newest is not None and _is_overtaken(made, newest, seen, standing.decided):
        raise OvertakenError(made, newest)
    refuse_unfit(made, standing)
    version = (newest.version if newest else 0) + 1
    values: dict[str, Any] = {
        "kind": made.kind,
        "subject": made.subject,
        "key": made.key,
        "version": version,
        "body": _write(made),
        "revision": revision,
        "at": at,
        "actor": actor,
    }
    added = insert(decision).values({**values, "sha256": _digest(values)}).returning(decision.c.id)
    number = int(connection.execute(added).scalar_one())
    before = None if newest is None or made.kind in _ADDED else _write(newest.decision)
    connection.execute(insert(audit).values(_audited(values, before)))
    return Recorded(made, version, revision, at.astimezone(UTC), actor, number)


def read(
    connection: Connection,
    sort: type[D],
    *,
    subject: str | None = None,
    key: str | None = None,
    withdrawn: bool = False,
    place: str,
) -> tuple[Recorded[D], ...]:
    """Read the decisions of one sort, in the order they were recorded, without those that were withdrawn.

    Raises:
        LedgerError: one of them is not what was recorded.
    """
    query = select(decision).where(decision.c.kind.in_({sort.kind, Withdrawal.kind})).order_by(decision.c.id)
    if subject is not None:
        query = query.where(decision.c.subject == subject)
    if key is not None:
        query = query.where(decision.c.key == key)
    rows = _verified(connection.execute(query).mappings(), place)
    kept = rows if withdrawn else _without_withdrawn(rows)
    return tuple(each for each in kept if isinstance(each.decision, sort))


def read_decided(connection: Connection, cycle: str | None = None, *, place: str) -> Decided:
    """Read what was decided about the key results of one cycle, or of all.

    Raises:
        LedgerError: something is not what was recorded.
    """
    kinds = {sort.kind for sort in (TargetRevision, CheckIn, Done, Drop, CycleChange, GoalLock, Withdrawal)}
    query = select(decision).where(decision.c.kind.in_(kinds)).order_by(decision.c.id)
    if cycle is not None:
        query = query.where(or_(decision.c.key == cycle, decision.c.key.startswith(f"{cycle}/", autoescape=True)))
    rows = _without_withdrawn(_verified(connection.execute(query).mappings(), place))
    revisions = [each for each in rows if isinstance(each.decision, TargetRevision)]
    since = _targets_since(connection, place) if revisions else {}
    standing = [each for each in revisions if each.revision > since.get(each.decision.key, each.revision)]
    return Decided(
        revisions=_by_key(standing),
        check_ins=_by_key([each for each in rows if isinstance(each.decision, CheckIn)]),
        done=_by_key([each for each in rows if isinstance(each.decision, Done)]),
        drops=tuple(each for each in rows if isinstance(each.decision, Drop)),
        cycles=tuple(each for each in rows if isinstance(each.decision, CycleChange)),
        goal_locks=_by_key([each for each in rows if isinstance(each.decision, GoalLock)]),
    )


def follow_revisions(current: Documents, wanted: Documents, decided: Decided) -> Documents:
    """Read a target that a key result had since its definition last changed as the definition's own.

    So a file that lags behind a revision does not undo it, a file exported after it changes nothing, and only a target
    that the key result never had is a changed definition.
    """
    followed = dict(wanted)
    for key, revisions in decided.revisions.items():
        identity: Identity = ("key_result", key)
        document, stored = wanted.get(identity), current.get(identity)
        if document is None or stored is None:
            continue
        body, target = json.loads(document.body), target_of(json.loads(stored.body))
        had = {_meaning(each.decision.new) for each in revisions}
        if "target" in body and _meaning(parse_target(body["target"])) in had:
            followed[identity] = DefinitionDocument(
                document.kind, document.key, canonical_json({**body, "target": target})
            )
    return followed


def _targets_since(connection: Connection, place: str) -> dict[str, int]:
    """Give the ledger's revision since which each key result's definition carries its target."""
    since: dict[str, int] = {}
    newest: dict[str, Meaning] = {}
    for row in versions.read_versions(connection, "key_result", place=place):
        key = row["key"]
        if row["retired"]:
            since.pop(key, None)
            newest.pop(key, None)
            continue
        meaning = _meaning(parse_target(target_of(json.loads(row["body"]))))
        if newest.get(key) != meaning:
            since[key], newest[key] = row["revision"], meaning
    return since


def _standing(connection: Connection, made: Decision, place: str) -> Standing:
    documents = versions.read_in_force(connection, place=place)
    return Standing(
        definitions=restore_definitions(documents.values()),
        decided=read_decided(connection, place=place),
        earlier=lambda sort, key: read(connection, sort, key=key, place=place),
        subject=made.subject,
    )


def _is_overtaken(made: Decision, newest: Recorded[Any], seen: int | None, decided: Decided) -> bool:
    """Tell whether this decision did not know of the newest one; a revision says itself what it rests on."""
    if isinstance(made, TargetRevision) and newest in decided.revisions.get(made.key, ()):
        crossed = made.old == newest.decision.old and made.new != newest.decision.new
    else:
        crossed = False
    return crossed or (seen is not None and newest.version > seen)


def _by_key(rows: Iterable[Recorded[D]]) -> dict[str, tuple[Recorded[D], ...]]:
    grouped: dict[str, list[Recorded[D]]] = defaultdict(list)
    for each in rows:
        grouped[each.decision.key].append(each)
    return {key: tuple(listed) for key, listed in grouped.items()}


def _without_withdrawn(rows: Sequence[Recorded[Any]]) -> list[Recorded[Any]]:
    gone = {
        (each.decision.of, each.decision.subject, each.decision.key, each.decision.version)
        for each in rows
        if isinstance(each.decision, Withdrawal)
    }
    return [
        each
        for each in rows
        if (each.decision.kind, each.decision.subject, each.decision.key, each.version) not in gone
    ]


def _verified(rows: Iterable[RowMapping], place: str) -> list[Recorded[Any]]:
    found = []
    for row in rows:
        if row["sha256"] != _digest(dict(row)):
            raise damaged(place, f"a {in_words(row['kind'])} of {row['key']!r} is not what was recorded")
        made = _adapter(row["kind"]).validate_json(row["body"])
        found.append(Recorded(made, row["version"], row["revision"], row["at"], row["actor"], row["id"]))
    return found


def _audited(values: Mapping[str, Any], before: str | None) -> dict[str, Any]:
    same = {name: values[name] for name in ("at", "actor", "key", "revision")}
    return {**same, "action": values["kind"], "kind": values["subject"], "before": before, "after": values["body"]}


@cache
def _adapter(kind: str) -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that few commands need

    return TypeAdapter(KINDS[kind])


def _write(made: Decision) -> str:
    return canonical_json(_adapter(made.kind).dump_python(made, mode="json"))


def _digest(values: Mapping[str, Any]) -> str:
    """Hash what a row says, who said it and when, so that damage to either is noticed."""
    parts = [*(values[name] for name in _HASHED), values["at"].astimezone(UTC).isoformat()]
    return sha256(json.dumps(parts, ensure_ascii=False))


def _meaning(target: Target) -> Meaning:
    return target.comparator, target.value, target.high


def _gist(made: Decision) -> str:
    """Say in a few words what was decided, for somebody whose own decision it crosses."""
    if isinstance(made, TargetRevision):
        return f"{made.old.text!r} to {made.new.text!r} from {made.effective_on}"
    told = next((str(getattr(made, name)) for name in ("text", "note", "reason") if getattr(made, name, "")), made.kind)
    return told if len(told) <= 60 else f"{told[:59]}…"
