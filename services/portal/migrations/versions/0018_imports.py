"""Imports: files that come into a project's labs through the airlock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""

    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("project", sa.String(length=30), nullable=False),
        sa.Column("submitter", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("place", sa.String(length=30), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("purpose", sa.String(length=2000), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("licence", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('CODE', 'PACKAGE_FILES', 'PUBLIC_DATA')", name=op.f("ck_imports_kind")),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'SUBMITTED', 'CHECKED', 'APPROVED', 'DELIVERED', 'RETURNED', 'REFUSED', 'WITHDRAWN')",
            name=op.f("ck_imports_state"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> submitter", name=op.f("ck_imports_not_own")),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name=op.f("fk_imports_project_projects")),
        sa.ForeignKeyConstraint(["submitter"], ["users.id"], name=op.f("fk_imports_submitter_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("project", "place", name=op.f("uq_imports_project_place")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_project"), ["project"], unique=False)
        batch_op.create_index("ix_imports_state", ["state", "submitted_at"], unique=False)

    op.create_table(
        "import_files",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_sha256", sa.String(length=64), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("policy", sa.String(length=100), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["imports.id"], name=op.f("fk_import_files_request_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_files")),
        sa.UniqueConstraint("request", "name", name=op.f("uq_import_files_request_name")),
    )
    with op.batch_alter_table("import_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_files_request"), ["request"], unique=False)


def downgrade() -> None:
    """Bring the database one step back."""

    with op.batch_alter_table("import_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_files_request"))

    op.drop_table("import_files")
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_index("ix_imports_state")
        batch_op.drop_index(batch_op.f("ix_imports_project"))

    op.drop_table("imports")
