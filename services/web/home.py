"""The home page: what waits for me, what has happened, and the doors that my roles open."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.notices import store
from enclave.people.permissions import Permission
from enclave.people.roles import DESCRIPTIONS, Role
from enclave.people.service import get_user, is_trained
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.inbox import NoticeView
from services.web.guides import guides_for
from services.web.pages import page
from services.web.waiting import waiting_for

router = GuardedRouter(include_in_schema=False)
NEWEST = 5


@router.get("/", permission=Permission.SIGNED_IN)
def home(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The first page after a login."""
    with ctx.database.read() as session:
        user = get_user(session, actor.name)
        greeting = f"Welcome, {user.full_name}"
        trained = is_trained(user, ctx.clock.now())
        items = waiting_for(session, actor, ctx.clock)
        unread = store.inbox(session, actor.name, unread_only=True, limit=NEWEST)
        news = [NoticeView.of(row) for row in unread.notices]
    roles = [(str(role), DESCRIPTIONS[Role(role)]) for role in sorted(actor.roles)]
    return page(
        request,
        "home/home.html",
        title=greeting,
        actor=actor,
        items=items,
        news=news,
        roles=roles,
        guides=[(role, steps) for role, mine, steps in guides_for({Role(each) for each in actor.roles}) if mine],
        needs_training=actor.has(Role.RESEARCHER, Role.PROJECT_LEAD) and not trained,
        now=ctx.clock.now(),
    )
