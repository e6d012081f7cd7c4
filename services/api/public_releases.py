"""What anybody may know of releases that were marked public; no login."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from output_review import store
from output_review.citing import code_of
from services.api.deps import Context, Ctx, GuardedRouter
from services.api.paging import LongPage, Paging

router = GuardedRouter(tags=["releases"])


class PublicRelease(BaseModel):
    """What anybody may know of a release."""

    id: str
    title: str
    purpose: str
    project: str
    released_at: str
    files: list[dict[str, Any]]
    providers: list[str]
    policy: list[str]
    approvals: int
    manifest_sha256: str


@router.get("/public/releases", public=True)
def list_public(ctx: Ctx, page: LongPage) -> list[PublicRelease]:
    """What was released and marked public, newest first; no login."""
    return public_releases(ctx, page)[0]


def public_releases(ctx: Context, page: Paging) -> tuple[list[PublicRelease], str | None]:
    """What anybody may know, from the signed records, and the cursor of the next page."""
    with ctx.database.read() as session:
        rows, following = page.take(store.public(session, page.before(), page.limit + 1), lambda row: row.id)
        found = [store.record_of(session, row.id) for row in rows]
        shown = [public_view(kept.envelope["payload"], kept.manifest_sha256) for kept in found if kept is not None]
    return shown, following


def public_view(payload: dict[str, Any], manifest_sha256: str) -> PublicRelease:
    """No names of people: a public page says what was released and how it was checked."""
    leaving = [entry for entry in payload["files"] if entry["leaves"]]
    packs = {f"{e['check']['policy']['name']} {e['check']['policy']['version']}".strip() for e in leaving if e["check"]}
    return PublicRelease(
        id=payload["release"],
        title=payload["title"],
        purpose=payload["purpose"],
        project=payload["project"],
        released_at=payload["released_at"],
        files=[
            {**{key: e[key] for key in ("name", "size", "sha256")}, "cite": code_of(payload["release"], e["sha256"])}
            for e in leaving
        ],
        providers=payload["lineage"]["providers"],
        policy=sorted(packs),
        approvals=payload["review"]["required_votes"],
        manifest_sha256=manifest_sha256,
    )
