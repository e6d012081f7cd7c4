"""Whether the portal is up: asked by the gateway, the set-up and `c2c doctor`."""

from __future__ import annotations

from sqlalchemy import text

from services.api.deps import Ctx, GuardedRouter

router = GuardedRouter(include_in_schema=False)


@router.get("/healthz", public=True)
def health(ctx: Ctx) -> dict[str, str]:
    """`ok` when the database answers."""
    with ctx.database.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}
