"""Second factors, recovery codes, set-up links; sessions that know when they were confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from enclave.core.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; open sessions end, since nothing says when their people last proved who they are."""
    op.execute("DELETE FROM web_sessions")
    with op.batch_alter_table("web_sessions") as table:
        table.add_column(sa.Column("seen_at", UtcDateTime(), nullable=False))
        table.add_column(sa.Column("confirmed_at", UtcDateTime(), nullable=False))
        table.add_column(sa.Column("strong", sa.Boolean(), nullable=False))
        table.add_column(sa.Column("browser", sa.String(120), nullable=False))
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(30), sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("sealed", sa.String(200), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
    )
    for name in ("recovery_codes", "setup_links"):
        op.create_table(
            name,
            sa.Column("id", sa.String(64), primary_key=True),
            sa.Column("user_id", sa.String(30), sa.ForeignKey("users.id"), nullable=False),
            sa.Column("used_at", UtcDateTime(), nullable=True),
        )
        op.create_index(op.f(f"ix_{name}_user_id"), name, ["user_id"])
    with op.batch_alter_table("setup_links") as table:
        table.add_column(sa.Column("expires_at", UtcDateTime(), nullable=False))


def downgrade() -> None:
    """Drop them again."""
    for name in ("setup_links", "recovery_codes", "second_factors"):
        op.drop_table(name)
    with op.batch_alter_table("web_sessions") as table:
        for column in ("seen_at", "confirmed_at", "strong", "browser"):
            table.drop_column(column)
