"""The ledger: versioned definitions, their audit, the load log, and scorecards as they were shown."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, RowMapping, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from metrics.definitions.documents import DefinitionDocument, DocumentKind, stored_documents
from metrics.definitions.restore import restore_definitions
from metrics.errors import LedgerError
from metrics.ledger import tables
from metrics.ledger.failures import damaged, worded
from metrics.ledger.opening import open_engine
from metrics.ledger.planning import Documents, by_identity, changed_targets, work_out
from metrics.ledger.records import AuditEntry, Load, Plan, Shown, Version
from metrics.model.definition import Definitions
from metrics.model.target import Target


def open_ledger(url: str, root: Path) -> "Ledger":
    """Open the ledger at an SQLAlchemy URL, creating or migrating it when needed.

    Args:
        url: of SQLite or PostgreSQL; `${NAME}` is looked up in the environment.
        root: the workspace, from which a relative SQLite path starts.

    Raises:
        LedgerError: it cannot be opened, is locked or damaged, or was written by a newer version.
    """
    engine, place = open_engine(url, root)
    return Ledger(engine, place)


class Ledger:
    """What people decided, and what was loaded and shown; may be used from several threads."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._newest: tuple[int, Definitions] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def revision(self) -> int:
        """Count the changes of decisions so far; loads do not count (see `last_load`). One small query."""
        with self._reading() as connection:
            return _revision(connection)

    def definitions(self, revision: int | None = None) -> Definitions:
        """Give the definitions in force now, or those that were at a revision.

        Raises:
            LedgerError: the ledger cannot be read or is damaged.
        """
        cached = self._newest
        if cached is not None and cached[0] == revision:
            return cached[1]
        with self._reading() as connection:
            newest = _revision(connection)
            wanted = newest if revision is None else min(revision, newest)
            if cached is not None and cached[0] == wanted:
                return cached[1]
            documents = self._in_force(connection, wanted)
        try:
            definitions = restore_definitions(documents.values())
        except (KeyError, ValueError) as error:
            raise damaged(self._place, "its definitions do not fit together") from error
        if wanted == newest:
            self._newest = (wanted, definitions)
        return definitions

    def original_targets(self, revision: int | None = None) -> Mapping[str, Target]:
        """Give the first target of every key result (`cycle/id`) in force whose target was changed since.

        A key result that was retired and came back starts anew.
        """
        table = tables.definition
        query = select(table.c.key, table.c.body, table.c.retired).where(table.c.kind == "key_result")
        if revision is not None:
            query = query.where(table.c.revision <= revision)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(table.c.key, table.c.version)).all()
        return changed_targets((key, None if retired else json.loads(body)["target"]) for key, body, retired in rows)

    def plan(self, definitions: Definitions) -> Plan:
        """Work out what `apply` would do, without doing it.

        Raises:
            LedgerError: something that stays in force needs what would be retired.
        """
        wanted = by_identity(stored_documents(definitions))
        with self._reading() as connection:
            revision = _revision(connection)
            return work_out(self._in_force(connection, revision), wanted, revision=revision)

    def apply(
        self, definitions: Definitions, *, actor: str, at: datetime, force: bool = False, seen: int | None = None
    ) -> Plan:
        """Put definitions in force: all of them, in one transaction, or none.

        Cycles that the definitions do not mention stay as they are. Nothing is written when nothing differs.

        Args:
            definitions: what is wanted.
            actor: who decides.
            at: when, with a zone.
            force: let key results vanish.
            seen: revision of the plan that the decision rests on; definitions changed since then are a conflict.

        Returns:
            What was done.

        Raises:
            LedgerError: somebody changed definitions since `seen`; a key result would vanish without `force`;
                something that stays in force needs what would be retired; or the ledger cannot be written.
        """
        wanted = by_identity(stored_documents(definitions))
        with self._writing() as connection:
            revision = _next_revision(connection)
            if seen is not None:
                self._refuse_conflict(connection, seen)
            current = self._in_force(connection, revision)
            plan = work_out(current, wanted, revision=revision - 1)
            if plan.vanishing and not force:
                raise LedgerError(
                    f"could not apply, because key results would vanish: {', '.join(plan.vanishing)}; "
                    "put them back into their cycle's file, or confirm with --force"
                )
            if plan.changes:
                _record_changes(connection, plan, current, wanted, actor=actor, at=at)
            else:
                connection.rollback()
        return plan

    def history(self, kind: DocumentKind, key: str) -> tuple[Version, ...]:
        """Give every version of one definition (a metric's id, or `cycle/id`), oldest first."""
        table = tables.definition
        query = select(table).where(table.c.kind == kind, table.c.key == key).order_by(table.c.version)
        with self._reading() as connection:
            return tuple(
                Version(**{**row, "body": json.loads(row["body"])}) for row in connection.execute(query).mappings()
            )

    def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Give the newest changes, newest first."""
        query = select(tables.audit).order_by(tables.audit.c.id.desc()).limit(limit)
        with self._reading() as connection:
            return tuple(_audit_entry(row) for row in connection.execute(query).mappings())

    def record_load(self, load: Load) -> int:
        """Add one load to the log and return its id."""
        values = asdict(load) | {"notes": json.dumps(load.notes, ensure_ascii=False)}
        del values["id"]
        with self._writing() as connection:
            return int(connection.execute(insert(tables.load).values(values).returning(tables.load.c.id)).scalar_one())

    def loads(self, source: str | None = None, stream: str | None = None, limit: int = 100) -> tuple[Load, ...]:
        """Give the newest loads, newest first, of all streams, of one source, or of one stream."""
        query = select(tables.load).order_by(tables.load.c.id.desc()).limit(limit)
        if source is not None:
            query = query.where(tables.load.c.source == source)
        if stream is not None:
            query = query.where(tables.load.c.stream == stream)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Load(**{**row, "notes": tuple(json.loads(row["notes"]))}) for row in rows)

    def last_load(self) -> int:
        """Give the id of the newest load, 0 before the first; pages poll it beside `revision`."""
        with self._reading() as connection:
            return connection.scalar(select(func.max(tables.load.c.id))) or 0

    def record_shown(self, shown: Shown) -> bool:
        """Keep a scorecard as shown, once per cycle, day, generation and ledger revision.

        Returns:
            Whether it was new.
        """
        table = tables.shown
        same = and_(
            *(table.c[name] == getattr(shown, name) for name in ("cycle", "day", "generation", "ledger_revision"))
        )
        with self._reading() as connection:
            if connection.scalar(select(table.c.id).where(same)) is not None:
                return False
        values = asdict(shown) | {"sha256": _sha256(shown.document)}
        try:
            with self._writing() as connection:
                connection.execute(insert(table).values(values))
        except LedgerError as error:
            if isinstance(error.__cause__, IntegrityError):  # another process was faster with the very same
                return False
            raise
        return True

    def shown_on(self, cycle: str, day: date) -> Shown | None:
        """Give the last scorecard of a cycle that was shown on a day, or None.

        Raises:
            LedgerError: what is stored is not what was recorded.
        """
        table = tables.shown
        query = select(table).where(table.c.cycle == cycle, table.c.day == day).order_by(table.c.id.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        if row["sha256"] != _sha256(row["document"]):
            raise damaged(self._place, f"the scorecard shown on {day} is not what was recorded")
        return Shown(**{name: value for name, value in row.items() if name not in ("id", "sha256")})

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with worded("read", self._place), self._engine.connect() as connection, connection.begin():
                yield connection
        except (TypeError, ValueError) as error:  # no longer UTF-8, JSON, a number or a time
            raise damaged(self._place, "it holds values that cannot be read") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            worded("write to", self._place),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def _in_force(self, connection: Connection, revision: int) -> Documents:
        """Read the documents in force at a revision and verify each against its hash."""
        table = tables.definition
        newest = (
            select(table.c.kind, table.c.key, func.max(table.c.version).label("version"))
            .where(table.c.revision <= revision)
            .group_by(table.c.kind, table.c.key)
            .subquery()
        )
        same = and_(*(table.c[name] == newest.c[name] for name in ("kind", "key", "version")))
        query = select(table).join(newest, same)
        documents = []
        for row in connection.execute(query.order_by(table.c.kind, table.c.key)).mappings():
            if row["sha256"] != _digest(dict(row)):
                raise damaged(self._place, f"{row['kind']} {row['key']!r} is not what was applied")
            if not row["retired"]:
                documents.append(DefinitionDocument(row["kind"], row["key"], row["body"]))
        return by_identity(documents)

    def _refuse_conflict(self, connection: Connection, seen: int) -> None:
        table = tables.definition
        query = select(table).where(table.c.revision > seen).order_by(table.c.revision.desc(), table.c.kind).limit(1)
        row = connection.execute(query).mappings().first()
        if row is not None:
            raise LedgerError(
                f"could not apply, because {row['actor']} changed definitions at "
                f"{row['applied_at'].isoformat(timespec='seconds')} ({row['kind']} {row['key']!r} among them); "
                "look at the plan again"
            )


def _revision(connection: Connection) -> int:
    return int(connection.execute(select(tables.revision.c.revision)).scalar_one())


def _next_revision(connection: Connection) -> int:
    """Count one more change; on PostgreSQL this also waits for the writer before."""
    counted = update(tables.revision).values(revision=tables.revision.c.revision + 1)
    return int(connection.execute(counted.returning(tables.revision.c.revision)).scalar_one())


def _record_changes(
    connection: Connection, plan: Plan, current: Documents, wanted: Documents, *, actor: str, at: datetime
) -> None:
    revision = plan.revision + 1
    versions = _last_versions(connection)
    definitions, entries = [], []
    for change in plan.changes:
        identity = (change.kind, change.key)
        before, after = current.get(identity), wanted.get(identity)
        document = after or current[identity]
        common = {"kind": change.kind, "key": change.key, "revision": revision, "actor": actor}
        version = {
            **common,
            "version": versions.get(identity, 0) + 1,
            "body": document.body,
            "retired": change.action == "retire",
            "applied_at": at,
        }
        definitions.append({**version, "sha256": _digest(version)})
        entries.append(
            common
            | {
                "at": at,
                "action": change.action,
                "before": before and before.body,
                "after": after and after.body,
            }
        )
    connection.execute(insert(tables.definition), definitions)
    connection.execute(insert(tables.audit), entries)


def _last_versions(connection: Connection) -> Mapping[tuple[str, str], int]:
    table = tables.definition
    query = select(table.c.kind, table.c.key, func.max(table.c.version)).group_by(table.c.kind, table.c.key)
    return {(kind, key): version for kind, key, version in connection.execute(query)}


def _audit_entry(row: RowMapping) -> AuditEntry:
    bodies = {name: None if row[name] is None else json.loads(row[name]) for name in ("before", "after")}
    return AuditEntry(**{**row, **bodies})


def _digest(version: Mapping[str, Any]) -> str:
    """Hash what a version says and where it stands, so that damage to either is noticed."""
    parts = (version[name] for name in ("kind", "key", "version", "revision", "retired", "body"))
    return _sha256(json.dumps(list(parts), ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
