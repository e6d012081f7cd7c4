"""Help: the glossary and where to go with a question."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from services.api.deps import GuardedRouter, MaybeActor
from services.web.glossary import glossary
from services.web.pages import page

router = GuardedRouter(prefix="/help", include_in_schema=False)


@router.get("", public=True)
def help_page(request: Request, actor: MaybeActor) -> Response:
    """What the words mean."""
    return page(request, "help/help.html", title="Help and glossary", actor=actor, entries=glossary())
