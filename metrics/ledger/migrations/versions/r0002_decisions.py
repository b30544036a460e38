"""What people decide about definitions in force: revisions, check-ins, drops, reviews, cycles."""

import sqlalchemy as sa
from alembic import op

from metrics.ledger.migrations.versions.r0001_foundation import forbid_change

revision = "0002"
down_revision = "0001"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table and make its past unchangeable."""
    op.create_table(
        "ledger_decision",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "subject", "key", "version", name="ledger_decision_version"),
        sqlite_autoincrement=True,
    )
    forbid_change("ledger_decision")
