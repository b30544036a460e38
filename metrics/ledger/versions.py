"""Rows of versioned definitions: read with their hashes verified, written with their audit."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, insert, select, update

from metrics.definitions.documents import DefinitionDocument, DocumentKind
from metrics.errors import LedgerError
from metrics.ledger.failures import damaged
from metrics.ledger.planning import Documents, Identity, by_identity
from metrics.ledger.records import Plan
from metrics.ledger.tables import audit, definition
from metrics.ledger.tables import revision as counter


def newest_revision(connection: Connection) -> int:
    """Count the changes so far."""
    found = connection.execute(select(counter.c.revision)).scalar_one()
    if not isinstance(found, int):
        raise ValueError("the revision is no number")  # noqa: TRY004 - a damaged value, not a wrong call
    return found


def next_revision(connection: Connection) -> int:
    """Count one more change; on PostgreSQL this also waits for the writer before."""
    counted = update(counter).values(revision=counter.c.revision + 1)
    return int(connection.execute(counted.returning(counter.c.revision)).scalar_one())


def read_in_force(connection: Connection, revision: int | None = None, *, place: str) -> Documents:
    """Read the documents in force now, or at an earlier revision.

    Raises:
        LedgerError: one of them is not what was applied.
    """
    grouped = select(definition.c.kind, definition.c.key, func.max(definition.c.version).label("version"))
    if revision is not None:
        grouped = grouped.where(definition.c.revision <= revision)
    newest = grouped.group_by(definition.c.kind, definition.c.key).subquery()
    same = and_(*(definition.c[name] == newest.c[name] for name in ("kind", "key", "version")))
    query = select(definition).join(newest, same).order_by(definition.c.kind, definition.c.key)
    rows = _verified(connection, query, place=place)
    return by_identity(DefinitionDocument(row["kind"], row["key"], row["body"]) for row in rows if not row["retired"])


def read_versions(
    connection: Connection, kind: DocumentKind, key: str | None = None, *, revision: int | None = None, place: str
) -> list[RowMapping]:
    """Read every version of one definition, or of all of a kind, up to a revision: by key, oldest first.

    Raises:
        LedgerError: one of them is not what was applied.
    """
    query = select(definition).where(definition.c.kind == kind).order_by(definition.c.key, definition.c.version)
    if key is not None:
        query = query.where(definition.c.key == key)
    if revision is not None:
        query = query.where(definition.c.revision <= revision)
    return _verified(connection, query, place=place)


def refuse_conflict(connection: Connection, seen: int) -> None:
    """Refuse a decision that rests on definitions which were changed since.

    Raises:
        LedgerError: naming who changed them and when.
    """
    query = select(definition).where(definition.c.revision > seen)
    row = connection.execute(query.order_by(definition.c.revision.desc(), definition.c.kind)).mappings().first()
    if row is not None:
        raise LedgerError(
            f"could not apply, because {row['actor']} changed definitions at "
            f"{row['applied_at'].isoformat(timespec='seconds')} ({row['kind']} {row['key']!r} among them); "
            "look at the plan again"
        )


def record_changes(
    connection: Connection, plan: Plan, current: Documents, wanted: Documents, *, actor: str, at: datetime
) -> None:
    """Add one version and one audit entry per change."""
    last = _last_versions(connection)
    versions, entries = [], []
    for change in plan.changes:
        identity = (change.kind, change.key)
        before, after = current.get(identity), wanted.get(identity)
        common = {"kind": change.kind, "key": change.key, "revision": plan.revision + 1, "actor": actor}
        version = {
            **common,
            "version": last.get(identity, 0) + 1,
            "body": (after or current[identity]).body,
            "retired": change.action == "retire",
            "applied_at": at,
        }
        versions.append({**version, "sha256": _digest(version)})
        bodies = {"before": before and before.body, "after": after and after.body}
        entries.append({**common, **bodies, "at": at, "action": change.action})
    connection.execute(insert(definition), versions)
    connection.execute(insert(audit), entries)


def sha256(text: str) -> str:
    """Give the hex digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _verified(connection: Connection, query: Select[Any], *, place: str) -> list[RowMapping]:
    rows = list(connection.execute(query).mappings())
    for row in rows:
        if row["sha256"] != _digest(dict(row)):
            raise damaged(place, f"{row['kind']} {row['key']!r} is not what was applied")
    return rows


def _last_versions(connection: Connection) -> Mapping[Identity, int]:
    query = select(definition.c.kind, definition.c.key, func.max(definition.c.version))
    grouped = query.group_by(definition.c.kind, definition.c.key)
    return {(kind, key): version for kind, key, version in connection.execute(grouped)}


def _digest(version: Mapping[str, Any]) -> str:
    """Hash what a version says and where it stands, so that damage to either is noticed."""
    parts = [version[name] for name in ("kind", "key", "version", "revision", "retired", "body")]
    return sha256(json.dumps(parts, ensure_ascii=False))
