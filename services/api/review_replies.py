"""Checkers' saved replies."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from enclave.people.permissions import Permission
from output_review import replies
from output_review.model import SavedReply
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by

router = GuardedRouter(prefix="/review/replies", tags=["releases"])


class ReplyText(BaseModel):
    """What to keep."""

    title: str
    body: str
    shared: bool = False


class ReplyView(BaseModel):
    """A saved reply."""

    id: str
    title: str
    body: str
    shared: bool
    owner: str
    saved_at: datetime

    @classmethod
    def of(cls, row: SavedReply) -> ReplyView:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


@router.get("", permission=Permission.REVIEW, order=by("title", "id"))
def list_replies(ctx: Ctx, actor: CurrentActor) -> list[ReplyView]:
    """My own and the shared ones, by title."""
    with ctx.database.read() as session:
        return [ReplyView.of(row) for row in replies.replies(session, actor)]


@router.post("", permission=Permission.REVIEW, status_code=201)
def save_reply(ctx: Ctx, actor: CurrentActor, body: ReplyText) -> ReplyView:
    """Keep a reply, for me or for all checkers."""
    with ctx.database.write() as session:
        row = replies.save(session, actor, ctx.clock, title=body.title, body=body.body, shared=body.shared)
        return ReplyView.of(row)


@router.delete("/{reply}", permission=Permission.REVIEW, status_code=204)
def remove_reply(ctx: Ctx, actor: CurrentActor, reply: str) -> None:
    """Take a reply away."""
    with ctx.database.write() as session:
        replies.remove(session, actor, ctx.clock, reply)
