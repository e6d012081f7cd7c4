"""What the browsers that look into labs were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from enclave.core.db import JsonValue, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "lab_traffic",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("user", sa.String(30), nullable=False),
        sa.Column("project", sa.String(30), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("alerted_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("static", "contents", "kernel", "other", "up")),
        sa.Column("reads", JsonValue(), nullable=False),
        sa.Column("report", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name=op.f("fk_lab_traffic_project_projects")),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_lab_traffic_user_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_traffic")),
    )
    for column in ("user", "project", "last_at"):
        op.create_index(op.f(f"ix_lab_traffic_{column}"), "lab_traffic", [column])


def downgrade() -> None:
    """Without it."""
    op.drop_table("lab_traffic")
