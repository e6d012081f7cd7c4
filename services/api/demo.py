"""What exists in the demonstration only: tokens for people, made by the operator."""

from __future__ import annotations

from pydantic import BaseModel

from enclave.core.audit import record
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission
from enclave.people.service import get_user
from services.api.deps import Ctx, CurrentActor, GuardedRouter

router = GuardedRouter(prefix="/demo", tags=["demo"], include_in_schema=False)
LIFE_SECONDS = 8 * 3600


class TokenView(BaseModel):
    """An API token of a person."""

    user: str
    token: str


@router.post("/tokens/{name}", permission=Permission.OPERATE)
def make_token(ctx: Ctx, actor: CurrentActor, name: str) -> TokenView:
    """A token of this person for eight hours."""
    if not ctx.settings.demo:
        raise NotAllowed("Tokens for other people exist in the demo only.", "Let each person make their own.")
    with ctx.database.write() as session:
        get_user(session, name)
        record(session, actor, "demo.token_made", "user", name, ctx.clock)
    return TokenView(user=name, token=ctx.hub.user_token(name, "demo", LIFE_SECONDS))
