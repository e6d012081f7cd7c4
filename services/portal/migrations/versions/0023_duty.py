"""The checkers' duty roster, and places handed to a colleague with a note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "review_duty",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("checker", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_review_duty_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_duty")),
    )
    op.create_index("review_duty_last_day", "review_duty", ["last_day"])
    op.add_column("release_claim", sa.Column("handed_by", sa.String(), nullable=True))
    op.add_column("release_claim", sa.Column("hand_note", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """And back."""
    op.drop_column("release_claim", "hand_note")
    op.drop_column("release_claim", "handed_by")
    op.drop_table("review_duty")
