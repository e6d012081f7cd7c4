"""How requests that fail the same rules were decided before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review.model import ReleaseRequest
from output_review.permissions import check_can_review
from output_review.precedents import Precedent, failing_rules, precedents
from output_review.states import LABEL
from output_review.visibility import Thing, can_see
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.api.release_access import ReleaseId, opened
from services.api.release_views import can_review

router = GuardedRouter(tags=["releases"])
SHOWN = 12
_ORDER = newest("decided_at", "release", "file", "rule")


class PrecedentView(BaseModel):
    """An exception that was asked for elsewhere: what was argued, what was answered, what became of the request."""

    release: str
    title: str
    project: str
    outcome: str
    rule: str
    file: str
    state: str
    justification: str
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    note: str

    @classmethod
    def of(cls, found: Precedent) -> PrecedentView:
        request = found.request
        return cls(
            release=request.id, title=request.title, project=request.project_id, outcome=LABEL[request.release_state],
            rule=found.rule, file=found.file, state=found.state, justification=found.justification,
            reason=found.reason, decided_by=found.decided_by, decided_at=found.decided_at or request.decided_at,
            note=found.note,
        )  # fmt: skip


@router.get(
    "/releases/{release}/precedents",
    permission=Permission.REVIEW,
    order=_ORDER,
)
def list_precedents(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> list[PrecedentView]:
    """Exceptions to the same rules in decided requests that this checker may review, newest first."""
    with ctx.database.read() as session:
        return decided_before(session, actor, *opened(session, actor, release))


def decided_before(
    session: Session, actor: Actor, request: ReleaseRequest, members: Collection[str]
) -> list[PrecedentView]:
    """The precedents of a request; those of the checker's own projects are left out."""
    check_can_review(actor, request, members)
    found = precedents(session, request.id, failing_rules(request))
    teams = projects.teams(session, {item.request.project_id for item in found})
    seen = [
        item
        for item in found
        if can_review(actor, item.request, teams[item.request.project_id])
        and can_see(actor, item.request, teams[item.request.project_id], Thing.FINDINGS)
    ]
    return [PrecedentView.of(item) for item in seen[:SHOWN]]
