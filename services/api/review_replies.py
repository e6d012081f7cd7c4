"""Checkers' saved replies."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.people.permissions import Permission
from output_review import replies
from output_review.model import SavedReply
from output_review.revisions import check_seen, revision, revisions_of
from services.api.asked import ReplyId
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by
from services.api.routing import Revised

router = GuardedRouter(prefix="/review/replies", tags=["releases"], answers=Revised)


class ReplyText(BaseModel):
    """What to keep."""

    title: str
    body: str
    shared: bool = False


class ReplyView(BaseModel):
    """A saved reply; `revision` counts its changes."""

    id: str
    revision: int
    title: str
    body: str
    shared: bool
    owner: str
    saved_at: datetime

    @classmethod
    def of(cls, row: SavedReply, number: int) -> ReplyView:
        return cls(**{name: getattr(row, name) for name in cls.model_fields if name != "revision"}, revision=number)


@router.get("", permission=Permission.REVIEW, order=by("title", "id"))
def list_replies(ctx: Ctx, actor: CurrentActor) -> list[ReplyView]:
    """My own and the shared ones, by title."""
    with ctx.database.read() as session:
        rows = replies.replies(session, actor)
        numbers = revisions_of(session, [row.id for row in rows], "saved_reply")
        return [ReplyView.of(row, numbers[row.id]) for row in rows]


@router.post("", permission=Permission.REVIEW, status_code=201)
def save_reply(ctx: Ctx, actor: CurrentActor, body: ReplyText) -> ReplyView:
    """Keep a reply, for me or for all checkers."""
    with ctx.database.write() as session:
        row = replies.save(session, actor, ctx.clock, title=body.title, body=body.body, shared=body.shared)
        session.flush()
        return ReplyView.of(row, revision(session, row.id, "saved_reply"))


@router.put("/{reply}", permission=Permission.REVIEW)
def change_reply(ctx: Ctx, actor: CurrentActor, reply: ReplyId, body: ReplyText) -> ReplyView:
    """Write a reply anew: one's own, or as a senior checker a shared one."""
    with ctx.database.write() as session:
        _check_unchanged(session, reply)
        row = replies.change(
            session, actor, ctx.clock, reply, title=body.title, body=body.body, shared=body.shared
        )  # fmt: skip
        session.flush()
        return ReplyView.of(row, revision(session, row.id, "saved_reply"))


@router.delete("/{reply}", permission=Permission.REVIEW, status_code=204)
def remove_reply(ctx: Ctx, actor: CurrentActor, reply: ReplyId) -> None:
    """Take a reply away."""
    with ctx.database.write() as session:
        _check_unchanged(session, reply)
        replies.remove(session, actor, ctx.clock, reply)


def _check_unchanged(session: Session, reply: str) -> None:
    session.execute(select(SavedReply.id).where(SavedReply.id == str(reply)).with_for_update())
    check_seen(session, reply, "saved_reply")
