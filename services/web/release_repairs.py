"""The author's page about one repair: which cells change, the repaired file, and whether to take it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.people.permissions import Permission
from services.api import release_repairs as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_views import ReleaseView
from services.web.finding_links import linker
from services.web.menu import BASE
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/releases", include_in_schema=False)


@router.post("/{release}/repairs", permission=Permission.SIGNED_IN)
def look(ctx: Ctx, actor: CurrentActor, release: str, file: Annotated[str, Form()]) -> Response:
    """Look for repairs of a file."""
    found = api.look(ctx, actor, release, api.Which(file=file))
    kinds = ", ".join(each.kind for each in found)
    answer = redirect(f"/releases/{release}", f"Repairs that pass: {kinds}." if found else "No repair passes.")
    answer.headers["location"] += f"#{file}"
    return answer


@router.get("/{release}/repairs/{repair}", permission=Permission.SIGNED_IN)
def preview_page(request: Request, ctx: Ctx, actor: CurrentActor, release: str, repair: str) -> Response:
    """What a repair would change."""
    seen = api.preview(ctx, actor, release, repair)
    return page(
        request, "releases/repair.html", title=f"Repair {seen.file}", actor=actor, release=release,
        repair=seen.repair,
        file=seen.file, answers=seen.answers, content=seen.content,
        linked=linker({}, lambda other: f"{BASE}/releases/{other}"),
    )  # fmt: skip


@router.post("/{release}/repairs/{repair}/take", permission=Permission.SIGNED_IN)
def take(ctx: Ctx, actor: CurrentActor, release: str, repair: str) -> Response:
    """Take it."""
    return _back(api.take(ctx, actor, release, repair), repair, "The repaired file is in the request and was checked.")


@router.post("/{release}/repairs/{repair}/undo", permission=Permission.SIGNED_IN)
def undo(ctx: Ctx, actor: CurrentActor, release: str, repair: str) -> Response:
    """Undo it."""
    return _back(api.undo(ctx, actor, release, repair), repair, "The file is as it was before.")


def _back(shown: ReleaseView, repair: str, notice: str) -> Response:
    """To the file on the request's page."""
    answer = redirect(f"/releases/{shown.id}", notice)
    named = (f.id for f in shown.files if any(r and r.id == repair for r in (f.repaired, *(f.repairs or []))))
    answer.headers["location"] += f"#{next(named, '')}"
    return answer
