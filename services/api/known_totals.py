"""Known totals: add, list, remove."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review import known_totals
from output_review.model import KnownTotal
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest

router = GuardedRouter(prefix="/known-totals", tags=["releases"])


class NewTotal(BaseModel):
    """What a published table says in numbers, and where it is published."""

    source: str
    statements: list[dict[str, Any]]
    project: str | None = None


class TotalView(BaseModel):
    """One known total."""

    id: str
    source: str
    project: str | None
    counts: int
    added_by: str
    added_at: datetime

    @classmethod
    def of(cls, row: KnownTotal) -> TotalView:
        counts = sum(len(statement["cells"]) for statement in row.statements)
        return cls(id=row.id, source=row.source, project=row.project_id, counts=counts,
                   added_by=row.added_by, added_at=row.added_at)  # fmt: skip


@router.post("", permission=Permission.EXTRACTS_MANAGE, status_code=201)
def add(ctx: Ctx, actor: CurrentActor, body: NewTotal) -> TotalView:
    """Load a published table's counts, for one project or for all."""
    with ctx.database.write() as session:
        if body.project is not None:
            projects.get_project(session, body.project)
        row = known_totals.add(
            session, actor, ctx.clock, source=body.source, statements=body.statements, project=body.project
        )
        return TotalView.of(row)


@router.get("", permission=Permission.EXTRACTS_MANAGE, order=newest("id"))
def list_all(ctx: Ctx) -> list[TotalView]:
    """All known totals."""
    with ctx.database.read() as session:
        return [TotalView.of(row) for row in known_totals.listed(session)]


@router.delete("/{total}", permission=Permission.EXTRACTS_MANAGE)
def remove(ctx: Ctx, actor: CurrentActor, total: str) -> dict[str, str]:
    """Take a known total out of later comparisons."""
    with ctx.database.write() as session:
        known_totals.remove(session, actor, ctx.clock, total)
    return {"id": total, "state": "removed"}
