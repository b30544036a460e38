"""A scorecard as shown may change within a day without a new generation: data grow late. Each one shown is kept."""

import sqlalchemy as sa
from alembic import op

from metrics.ledger.migrations.versions.r0001_foundation import forbid_change

revision = "0003"
down_revision = "0002"

_ONCE = "ledger_shown_once"
_COLUMNS = ("cycle", "day", "generation", "ledger_revision", "sha256")


def upgrade() -> None:
    """Tell scorecards shown apart by their content too."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(_ONCE, "ledger_shown", type_="unique")
        op.create_unique_constraint(_ONCE, "ledger_shown", list(_COLUMNS))
        return
    op.rename_table("ledger_shown", "ledger_shown_before")  # SQLite cannot change a constraint
    op.create_table(
        "ledger_shown",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("cycle", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("ledger_revision", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(*_COLUMNS, name=_ONCE),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO ledger_shown SELECT * FROM ledger_shown_before ORDER BY id")
    op.drop_table("ledger_shown_before")
    forbid_change("ledger_shown")
