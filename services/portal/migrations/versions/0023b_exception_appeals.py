"""Appeals of refused exceptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023b"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.add_column("release_exception", sa.Column("appeal", sa.String(), server_default="", nullable=False))
    op.add_column("release_exception", sa.Column("refused_by", sa.String(), nullable=True))
    op.add_column("release_exception", sa.Column("refusal", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """And back."""
    for name in ("refusal", "refused_by", "appeal"):
        op.drop_column("release_exception", name)
