"""Definitions, audit, load log and scorecards as shown."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_APPEND_ONLY = ("ledger_definition", "ledger_audit", "ledger_shown")


def upgrade() -> None:
    """Create the tables and make the past unchangeable."""
    _create_decisions()
    _create_records()
    for table in _APPEND_ONLY:
        forbid_change(table)
    op.execute("INSERT INTO ledger_revision (id, revision) VALUES (1, 0)")


def _create_decisions() -> None:
    op.create_table(
        "ledger_revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="ledger_revision_single"),
    )
    op.create_table(
        "ledger_definition",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("applied_at", _TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "version", name="ledger_definition_version"),
    )
    op.create_table(
        "ledger_audit",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_records() -> None:
    op.create_table(
        "ledger_load",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(64), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("mode", sa.String(16)),
        sa.Column("rows_read", sa.BigInteger, nullable=False),
        sa.Column("rows_changed", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("generation", sa.String(64)),
        sqlite_autoincrement=True,
    )
    op.create_index("ledger_load_stream", "ledger_load", ["source", "stream", "id"])
    op.create_table(
        "ledger_shown",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("cycle", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("ledger_revision", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.UniqueConstraint("cycle", "day", "generation", "ledger_revision", name="ledger_shown_once"),
        sqlite_autoincrement=True,
    )


def forbid_change(table: str) -> None:
    """Let rows be added to a table, and nothing else."""
    message = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keep()"
    )
