"""Entries of the privacy ledger that share the answer of another one, for nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_CHARGED = "cost > 0"
_OR_SHARED = "cost > 0 OR (cost = 0 AND source IS NOT NULL)"


def upgrade() -> None:
    """Bring the database one step forward."""
    with op.batch_alter_table("privacy_ledger", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(40), nullable=True))
        batch_op.drop_constraint(op.f("ck_privacy_ledger_cost"), type_="check")
        batch_op.create_check_constraint(op.f("ck_privacy_ledger_cost"), _OR_SHARED)


def downgrade() -> None:
    """Bring the database one step back. Shared entries have no place in the older form and are left out."""
    op.execute("DELETE FROM privacy_ledger WHERE source IS NOT NULL")
    with op.batch_alter_table("privacy_ledger", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_ledger_cost"), type_="check")
        batch_op.create_check_constraint(op.f("ck_privacy_ledger_cost"), _CHARGED)
        batch_op.drop_column("source")
