"""Repairs of a draft's files: look for them, see what changes, take one, undo it. Only its author does."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from enclave.core.actors import Actor
from output_review import repairing, store
from output_review.render import Html, render
from services.airlock import airlock_of, check_draft, look_for_repairs
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, act, both, check_known, view
from services.api.release_views import FindingView, ReleaseView, RepairView
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class Which(BaseModel):
    """The file to be repaired: its id or name."""

    file: str


@both(router, "post", "/repairs")
def look(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Which) -> list[RepairView]:
    """Look for repairs of a file (rounded, banded, merged, suppressed, stripped); those that pass the check."""
    view(ctx, actor, release)
    look_for_repairs(ctx, actor, release, body.file)
    shown = view(ctx, actor, release)
    return next(file.repairs or [] for file in shown.files if body.file in (file.id, file.name))


@both(router, "post", "/repairs/{repair}/take")
def take(ctx: Ctx, actor: CurrentActor, release: ReleaseId, repair: str) -> ReleaseView:
    """Put the repaired file in the place of the file, and check the request again."""
    act(ctx, actor, release, repairing.take, repair)
    check_draft(ctx, actor, release)
    return view(ctx, actor, release)


@both(router, "post", "/repairs/{repair}/undo")
def undo(ctx: Ctx, actor: CurrentActor, release: ReleaseId, repair: str) -> ReleaseView:
    """Put the file as it was back, until the request is submitted."""
    act(ctx, actor, release, repairing.undo, repair)
    check_draft(ctx, actor, release)
    return view(ctx, actor, release)


@dataclass(frozen=True)
class Preview:
    """A repair for its author: the file that it repairs, what was found there, and the repaired file as safe HTML."""

    repair: RepairView
    file: str
    answers: list[FindingView]
    content: Html


def preview(ctx: Context, actor: Actor, release: str, repair: str) -> Preview:
    """What a repair would change; for the author alone, while the request is theirs."""
    with ctx.database.read() as session:
        check_known(session, actor, release)
        request = store.get(session, release)
        repairing.check_editable_by(actor, request)
        found = repairing.repair_of(request, repair)
        file = found.search.file
        reports = [each for each in file.reports if each.binding == found.search.binding]
        answers = [FindingView(**item) for item in reports[-1].findings[: reports[-1].own]] if reports else []
        shown = render(found.name, airlock_of(ctx).blobs.read(found.sha256), [])
        return Preview(RepairView.of(found), file.name, answers, shown)
