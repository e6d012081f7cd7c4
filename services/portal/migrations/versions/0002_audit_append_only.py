"""Keep the audit trail append-only by triggers."""

from __future__ import annotations

from alembic import op

from enclave.core.audit.model import POSTGRESQL_APPEND_ONLY, SQLITE_APPEND_ONLY

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the triggers."""
    connection = op.get_bind()
    for statement in SQLITE_APPEND_ONLY if connection.dialect.name == "sqlite" else POSTGRESQL_APPEND_ONLY:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Drop the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("DROP TRIGGER audit_append_only ON audit_events")
