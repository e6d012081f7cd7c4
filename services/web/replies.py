"""The page of a checker's saved replies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.people.permissions import Permission
from services.api import review_replies as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect
from services.web.stale import SeenReply

router = GuardedRouter(prefix="/replies", include_in_schema=False)


@router.get("", permission=Permission.REVIEW)
def replies_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """My own replies and the shared ones, and a form for a new one."""
    return page(request, "review/replies.html", title="Saved replies", actor=actor, found=api.list_replies(ctx, actor))


@router.post("", permission=Permission.REVIEW)
def save(
    ctx: Ctx, actor: CurrentActor, title: Annotated[str, Form()], body: Annotated[str, Form()],
    shared: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Keep a reply."""
    api.save_reply(ctx, actor, api.ReplyText(title=title, body=body, shared=shared))
    return redirect("/replies", "Your reply was saved.")


@router.post("/{reply}/change", permission=Permission.REVIEW)
def change(
    ctx: Ctx, actor: CurrentActor, reply: SeenReply, title: Annotated[str, Form()], body: Annotated[str, Form()],
    shared: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Write a reply anew."""
    api.change_reply(ctx, actor, reply, api.ReplyText(title=title, body=body, shared=shared))
    return redirect("/replies", "The reply was changed.")


@router.post("/{reply}/remove", permission=Permission.REVIEW)
def remove(ctx: Ctx, actor: CurrentActor, reply: SeenReply) -> Response:
    """Take a reply away."""
    api.remove_reply(ctx, actor, reply)
    return redirect("/replies", "The reply was removed.")
