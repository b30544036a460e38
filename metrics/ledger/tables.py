"""The ledger's tables, the same on SQLite and PostgreSQL; `migrations` brings a database to them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0004"
"""Newest migration; a database that says so needs none."""

VERSION_TABLE = "ledger_schema"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC; a time without a zone is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring to UTC; SQLite keeps text without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the time {value} has no zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

_ROW_ID = BigInteger().with_variant(Integer(), "sqlite")

revision = Table(
    "ledger_revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="ledger_revision_single"),
)
"""One row: the number of changes so far. Every writer of decisions counts it up first, so writers go one by one."""

definition = Table(
    "ledger_definition",
    metadata,
    Column("kind", String(16), nullable=False),
    Column("key", String(160), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    PrimaryKeyConstraint("kind", "key", "version", name="ledger_definition_version"),
)
"""Append-only: the version with the greatest number is in force unless it is retired."""

audit = Table(
    "ledger_audit",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("key", String(160), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("revision", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Append-only."""

load = Table(
    "ledger_load",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("stream", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("mode", String(16)),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_changed", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("cursor", Text),
    Column("error", Text),
    Column("notes", Text, nullable=False),
    Column("generation", String(64)),
    Index("ledger_load_stream", "source", "stream", "id"),
    sqlite_autoincrement=True,
)

shown = Table(
    "ledger_shown",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("cycle", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("generation", String(64), nullable=False),
    Column("ledger_revision", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("cycle", "day", "generation", "ledger_revision", "sha256", name="ledger_shown_once"),
    sqlite_autoincrement=True,
)
"""Append-only."""

decision = Table(
    "ledger_decision",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("key", String(160), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    UniqueConstraint("kind", "subject", "key", "version", name="ledger_decision_version"),
    sqlite_autoincrement=True,
)
"""Append-only: an undo is a row of its own. One table for every kind, so that a new kind needs no migration."""

draft = Table(
    "ledger_draft",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""Changed as people type; nothing that is shown to anybody else rests on it."""
