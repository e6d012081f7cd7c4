"""The audit trail: list, verify, export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from starlette.responses import StreamingResponse

from enclave.core.audit import AuditEvent, list_events, verify
from enclave.dp.reconciliation import differences as budget_differences
from enclave.people.permissions import Permission
from output_review.imports.reconciliation import differences as import_differences
from output_review.reconciliation import Difference, reconcile
from services.airlock import airlock_of
from services.api.deps import Ctx, GuardedRouter
from services.api.paging import Page
from services.imports import blobs_of

router = GuardedRouter(prefix="/audit", tags=["audit"])


class EventView(BaseModel):
    """One event of the trail."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    details: dict[str, Any]
    previous: str
    hash: str

    @classmethod
    def of(cls, event: AuditEvent) -> EventView:
        return cls(**event.content(), hash=event.hash)


class JsonLines(StreamingResponse):
    """One JSON object a line."""

    media_type = "application/jsonl"


class EventPage(BaseModel):
    """Some events and how to go on."""

    events: list[EventView]
    total: int
    next: str | None


class DifferenceView(BaseModel):
    """What of a release request, an import or an edition's privacy budget is not as the trail tells it."""

    request: str
    what: str


class ChainView(BaseModel):
    """Whether the chain holds, and whether rows and bytes of the airlock agree with it."""

    holds: bool
    events: int
    head: str
    broken_at: int | None
    reason: str
    agrees: bool
    requests: int
    blobs: int
    differences: list[DifferenceView]


@router.get("", permission=Permission.AUDIT_READ)
def list_audit(ctx: Ctx, page: Page, actor: str = "", action: str = "", subject: str = "") -> EventPage:
    """Events, newest first."""
    asked = {"actor": actor, "action": action, "subject_id": subject}
    with ctx.database.read() as session:
        found = list_events(session, **asked, before=page.after(int), limit=page.limit + 1)
        events, following = page.take([EventView.of(event) for event in found.events], lambda event: event.seq)
    page.count(found.total)
    return EventPage(events=events, total=found.total, next=following)


@router.get("/verify", permission=Permission.AUDIT_READ)
def verify_audit(ctx: Ctx) -> ChainView:
    """Walk the chain, then compare release requests, imports, their bytes, and privacy budgets with it."""
    with ctx.database.read() as session:
        report = verify(session)
        found = reconcile(airlock_of(ctx), session, ctx.keyring, ctx.clock)
        found.differences += import_differences(session, partial(blobs_of, ctx))
        found.differences += [Difference(edition, what) for edition, what in budget_differences(session)]
    return ChainView(
        holds=report.holds, **{name: getattr(report, name) for name in _FIELDS}, agrees=found.agrees,
        requests=found.requests, blobs=found.blobs,
        differences=[DifferenceView(request=each.request, what=each.what) for each in found.differences],
    )  # fmt: skip


_FIELDS = ("events", "head", "broken_at", "reason")


@router.get("/export", permission=Permission.AUDIT_READ, response_class=JsonLines)
def export_audit(ctx: Ctx) -> JsonLines:
    """The whole trail, oldest first, one JSON object a line."""

    def lines() -> Iterator[str]:
        with ctx.database.read() as session:
            query = select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=500)
            for event in session.scalars(query):
                yield json.dumps(EventView.of(event).model_dump(mode="json"), sort_keys=True) + "\n"

    return JsonLines(lines())
