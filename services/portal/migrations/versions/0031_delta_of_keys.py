"""Delta of questions whose groups are learned from data, in whole femto-delta beside the nano-rho."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0019"
branch_labels = None
depends_on = None

_HELD = {"privacy_budgets": 10**8, "privacy_edition_caps": 3 * 10**8}
_CHECK = "delta_charged >= 0 AND delta_charged <= delta_total"


def upgrade() -> None:
    """Bring the database one step forward."""
    for table, total in _HELD.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("delta_total", sa.BigInteger(), nullable=False, server_default=str(total)))
            batch_op.add_column(sa.Column("delta_charged", sa.BigInteger(), nullable=False, server_default="0"))
            batch_op.create_check_constraint(op.f(f"ck_{table}_delta_never_above_total"), _CHECK)
    with op.batch_alter_table("privacy_ledger", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delta", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("cumulative_delta", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Bring the database one step back."""
    with op.batch_alter_table("privacy_ledger", schema=None) as batch_op:
        batch_op.drop_column("cumulative_delta")
        batch_op.drop_column("delta")
    for table in _HELD:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_delta_never_above_total"), type_="check")
            batch_op.drop_column("delta_charged")
            batch_op.drop_column("delta_total")
