"""The newest report about a file is found by an index, however many there were."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0023b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    with op.batch_alter_table("release_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_check_file_id"))
        batch_op.create_index("release_check_newest", ["file_id", "binding", "id"], unique=False)


def downgrade() -> None:
    """Bring the database one step back."""
    with op.batch_alter_table("release_check", schema=None) as batch_op:
        batch_op.drop_index("release_check_newest")
        batch_op.create_index(batch_op.f("ix_release_check_file_id"), ["file_id"], unique=False)
