"""The journal of privacy budgets, and the part of an edition that is kept for its revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHECK = "revision_charged >= 0 AND revision_charged <= revision_total"


def upgrade() -> None:
    """Bring the database one step forward. A cap of three quarters has a third of itself kept beside it."""
    with op.batch_alter_table("privacy_edition_caps", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision_total", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("revision_charged", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(op.f("ck_privacy_edition_caps_revision_never_above_total"), _CHECK)
    op.execute("UPDATE privacy_edition_caps SET revision_total = total / 3")
    op.create_table(
        "privacy_journal",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("edition", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_journal")),
        sa.UniqueConstraint("edition", "number", name=op.f("uq_privacy_journal_edition_number")),
    )


def downgrade() -> None:
    """Bring the database one step back."""
    op.drop_table("privacy_journal")
    op.execute("DELETE FROM privacy_edition_caps WHERE edition = '~all'")
    with op.batch_alter_table("privacy_edition_caps", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_edition_caps_revision_never_above_total"), type_="check")
        batch_op.drop_column("revision_charged")
        batch_op.drop_column("revision_total")
