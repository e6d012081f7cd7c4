"""What the checker asks the author, kept with its report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from enclave.core.db import JsonValue

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier reports asked nothing."""
    with op.batch_alter_table("release_check") as table:
        table.add_column(sa.Column("questions", JsonValue(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("release_check") as table:
        table.drop_column("questions")
