"""Help: where each role begins, what to do when something goes wrong, and the glossary."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.people.roles import Role
from services.api.deps import GuardedRouter, MaybeActor
from services.web.glossary import anchor, glossary
from services.web.guides import guides_for
from services.web.pages import page

router = GuardedRouter(prefix="/help", include_in_schema=False)


@router.get("", public=True)
def help_page(request: Request, actor: MaybeActor) -> Response:
    """First steps by role, ways out of trouble, and what the words mean."""
    roles = {Role(name) for name in actor.roles} if actor else set()
    entries = [(anchor(term), term, text) for term, text in glossary().items()]
    return page(
        request, "help/help.html", title="Help and glossary", actor=actor, entries=entries, guides=guides_for(roles)
    )
