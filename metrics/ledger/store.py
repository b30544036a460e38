"""The ledger: versioned definitions, their audit, the load log, and scorecards as they were shown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, and_, func, insert, select
from sqlalchemy.exc import IntegrityError

from metrics.definitions.documents import DocumentKind, stored_documents
from metrics.definitions.restore import restore_definitions
from metrics.errors import LedgerError
from metrics.ledger import decisions, drafts, locks, tables, versions
from metrics.ledger.drafts import Draft, DraftState
from metrics.ledger.failures import damaged, worded
from metrics.ledger.opening import open_engine
from metrics.ledger.planning import by_identity, changed_targets, target_of, work_out
from metrics.ledger.records import AuditEntry, Load, Plan, Shown, Version
from metrics.ledger.versions import sha256
from metrics.model.decision import Decided, Decision, Recorded, TargetRevision
from metrics.model.definition import Definitions
from metrics.model.target import Target

D = TypeVar("D", bound=Decision)


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
            return versions.newest_revision(connection)

    def definitions(self, revision: int | None = None) -> Definitions:
        """Give the definitions in force now, or those that were at a revision.

        Raises:
            LedgerError: the ledger cannot be read or is damaged.
        """
        cached = self._newest
        if cached is not None and cached[0] == revision:
            return cached[1]
        with self._reading() as connection:
            newest = versions.newest_revision(connection)
            wanted = newest if revision is None else min(revision, newest)
            if cached is not None and cached[0] == wanted:
                return cached[1]
            earlier = wanted if wanted < newest else None
            documents = versions.read_in_force(connection, earlier, place=self._place)
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
        with self._reading() as connection:
            rows = versions.read_versions(connection, "key_result", revision=revision, place=self._place)
            targets = [(row["key"], None if row["retired"] else target_of(json.loads(row["body"]))) for row in rows]
        return changed_targets(targets)

    def plan(self, definitions: Definitions, *, day: date | None = None) -> Plan:
        """Work out what `apply` would do, without doing it.

        Args:
            definitions: what is wanted.
            day: on which goals that have begun are locked; without one, none is looked at.

        Raises:
            LedgerError: something that stays in force needs what would be retired.
        """
        wanted = by_identity(stored_documents(definitions))
        with self._reading() as connection:
            revision = versions.newest_revision(connection)
            current = versions.read_in_force(connection, place=self._place)
            decided = decisions.read_decided(connection, place=self._place)
            plan = work_out(current, decisions.follow_revisions(current, wanted, decided), revision=revision)
            return locks.with_locked(plan, current, decided, day)

    def apply(
        self,
        definitions: Definitions,
        *,
        actor: str,
        at: datetime,
        force: bool = False,
        seen: int | None = None,
        day: date | None = None,
        overrides: Mapping[str, str] | None = None,
        revisions: Sequence[TargetRevision] = (),
    ) -> Plan:
        """Put definitions in force: all of them, in one transaction, or none.

        Cycles that the definitions do not mention stay as they are. Nothing is written when nothing differs.

        Args:
            definitions: what is wanted.
            actor: who decides.
            at: when, with a zone.
            force: let key results and goals vanish.
            seen: revision of the plan that the decision rests on; definitions changed since then are a conflict.
            day: the organisation's, on which goals that have begun are locked [default: the day of `at`].
            overrides: reasons by goal (`cycle/id`) for changing it although it is locked; each is recorded.
            revisions: of targets, decided together with the definitions: both are recorded, or neither.

        Returns:
            What was done.

        Raises:
            LedgerError: somebody changed definitions since `seen`; a key result would vanish without `force`;
                a locked goal would change without an override; a revision does not fit what stands; something that
                stays in force needs what would be retired; or the ledger cannot be written.
        """
        wanted = by_identity(stored_documents(definitions))
        with self._writing() as connection:
            revision = versions.next_revision(connection)
            if seen is not None:
                versions.refuse_conflict(connection, seen)
            current = versions.read_in_force(connection, place=self._place)
            decided = decisions.read_decided(connection, place=self._place)
            wanted = dict(decisions.follow_revisions(current, wanted, decided))
            plan = work_out(current, wanted, revision=revision - 1)
            standing = day or at.date()
            plan = locks.with_locked(plan, current, decided, standing)
            locks.refuse_locked(plan, overrides or {})
            if plan.vanishing and not force:
                raise LedgerError(
                    f"could not apply, because key results would vanish: {', '.join(plan.vanishing)}; "
                    "put them back into their cycle's file, or confirm with --force"
                )
            if not plan.changes and not revisions:
                connection.rollback()
                return plan
            with locks.unlocked(connection, plan, overrides or {}, actor=actor, at=at, day=standing, place=self._place):
                plan = replace(plan, revision=versions.newest_revision(connection) - 1)
                if plan.changes:
                    versions.record_changes(connection, plan, current, wanted, actor=actor, at=at)
            for made in revisions:
                decisions.record(connection, made, actor=actor, at=at, place=self._place)
        return plan

    def history(self, kind: DocumentKind, key: str) -> tuple[Version, ...]:
        """Give every version of one definition (a metric's id, or `cycle/id`), oldest first."""
        with self._reading() as connection:
            rows = versions.read_versions(connection, kind, key, place=self._place)
            return tuple(Version(**{**row, "body": json.loads(row["body"])}) for row in rows)

    def decide(self, decision: D, *, actor: str, at: datetime, seen: int | None = None) -> Recorded[D]:
        """Record what somebody decides.

        Args:
            decision: what is decided.
            actor: who decides.
            at: when, with a zone.
            seen: version of the newest decision of this kind on this key that the decision rests on, 0 where there was
                none; None where it rests on none.

        Raises:
            OvertakenError: somebody else decided the same thing meanwhile; it carries both.
            NotFoundError: the decision is about something that is not defined.
            LedgerError: it does not fit what stands, or the ledger cannot be written.
        """
        with self._writing() as connection:
            return decisions.record(connection, decision, actor=actor, at=at, seen=seen, place=self._place)

    def decisions(self, sort: type[D], key: str | None = None) -> tuple[Recorded[D], ...]:
        """Give the decisions of one sort, of one key or of all, oldest first, without those that were withdrawn."""
        with self._reading() as connection:
            return decisions.read(connection, sort, key=key, place=self._place)

    def decided(self, cycle: str | None = None) -> Decided:
        """Give what was decided about the key results of a cycle, or of all cycles."""
        with self._reading() as connection:
            return decisions.read_decided(connection, cycle, place=self._place)

    def begin_draft(self, title: str, body: Mapping[str, Any], *, actor: str, at: datetime) -> Draft:
        """Keep something that somebody begins to write."""
        with self._writing() as connection:
            return drafts.begin(connection, title, body, actor=actor, at=at)

    def save_draft(
        self, id_: str, title: str, body: Mapping[str, Any], *, seen: int, actor: str, at: datetime
    ) -> Draft:
        """Keep what was typed since version `seen`.

        Raises:
            NotFoundError: there is no such draft.
            LedgerError: somebody saved it meanwhile, it is no longer open, or the ledger cannot be written.
        """
        with self._writing() as connection:
            return drafts.save(connection, id_, title, body, seen=seen, actor=actor, at=at)

    def mark_draft(self, id_: str, state: DraftState, *, actor: str, at: datetime) -> Draft:
        """Discard a draft, open it again, or note that it was published.

        Raises:
            NotFoundError: there is no such draft.
        """
        with self._writing() as connection:
            return drafts.mark(connection, id_, state, actor=actor, at=at)

    def draft(self, id_: str) -> Draft:
        """Give one draft.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._reading() as connection:
            return drafts.find(connection, id_)

    def drafts(self, state: DraftState = "open", limit: int = 100) -> tuple[Draft, ...]:
        """Give the drafts in a state, the newest first."""
        with self._reading() as connection:
            return drafts.listed(connection, state, limit)

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
        """Keep a scorecard as shown, once per cycle, day, generation, ledger revision and content.

        Of one generation more than one may be shown on a day, since data grow late.

        Returns:
            Whether it was new.
        """
        table = tables.shown
        values = asdict(shown) | {"sha256": sha256(shown.document)}
        same = and_(
            *(table.c[name] == values[name] for name in ("cycle", "day", "generation", "ledger_revision", "sha256"))
        )
        with self._reading() as connection:
            if connection.scalar(select(table.c.id).where(same)) is not None:
                return False
        try:
            with self._writing() as connection:
                connection.execute(insert(table).values(values))
        except LedgerError as error:
            if isinstance(error.__cause__, IntegrityError):  # another process was faster with the very same
                return False
            raise
        return True

    def shown_days(self, cycle: str) -> tuple[date, ...]:
        """Give the days on which a cycle's scorecard was shown, the newest first."""
        query = select(tables.shown.c.day).where(tables.shown.c.cycle == cycle).distinct()
        with self._reading() as connection:
            return tuple(sorted(connection.execute(query).scalars(), reverse=True))

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
        if row["sha256"] != sha256(row["document"]):
            raise damaged(self._place, f"the scorecard shown on {day} is not what was recorded")
        return Shown(**{name: value for name, value in row.items() if name not in ("id", "sha256")})

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with worded("read", self._place), self._engine.connect() as connection, connection.begin():
                yield connection
        except ValueError as error:  # no longer UTF-8, JSON, a number or a time
            raise damaged(self._place, "it holds values that cannot be read") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            worded("write to", self._place),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection


def _audit_entry(row: RowMapping) -> AuditEntry:
    bodies = {name: None if row[name] is None else json.loads(row[name]) for name in ("before", "after")}
    return AuditEntry(**{**row, **bodies})
