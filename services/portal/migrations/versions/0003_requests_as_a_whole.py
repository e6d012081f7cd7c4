"""Keep what files say in numbers, what they were compared with, published totals, and which contributor sets are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    with op.batch_alter_table("release_check", schema=None) as batch_op:
        batch_op.add_column(sa.Column("statements", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("linked", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("own", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE release_check SET own = 10000")
    op.create_table(
        "known_total",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("statements", sa.JSON(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_total")),
    )
    op.create_table(
        "release_contributors",
        sa.Column("binding", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("binding", "request_id", name=op.f("pk_release_contributors")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("release_contributors")
    op.drop_table("known_total")
    with op.batch_alter_table("release_check", schema=None) as batch_op:
        batch_op.drop_column("own")
        batch_op.drop_column("linked")
        batch_op.drop_column("statements")
