"""A file beside its stripped twin: the same made anew, in the checker, from what a reader sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import BaseModel

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, NotFound, Unavailable
from enclave.people.permissions import Permission
from output_review.checks import CheckerAway, CheckerCrashed
from output_review.permissions import check_can_review
from output_review.policies import KINDS
from output_review.render import Html, render
from output_review.render.changes import changes
from output_review.visibility import Thing, check_can_see
from services.airlock import airlock_of, checker_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, opened

router = GuardedRouter(tags=["releases"])

_MADE_OF = frozenset({"notebook", "workbook", "image", "markup"})
_NO_TWIN = "No twin could be made: what this file hides cannot be taken out of it. Ask its author to make it anew."


class TwinView(BaseModel):
    """`html` is the twin as safe HTML and `changed` what it lacks; both empty where there is none, and `note` says why.

    A twin shows as the original does where the original hides nothing.
    """

    file: str
    name: str
    note: str
    html: str
    changed: str


@dataclass(frozen=True)
class _File:
    id: str
    name: str
    sha256: str


@router.get("/releases/{release}/twins/{file:path}", permission=Permission.REVIEW)
def show(ctx: Ctx, actor: CurrentActor, release: ReleaseId, file: str) -> TwinView:
    """The stripped twin of a file (its id or name), for its checkers; made when it is asked for, and not kept."""
    return twin_of(ctx, actor, release, file)


def has_twin(name: str) -> bool:
    """Whether files of this kind can hide something that a twin lacks; tables of text are shown as they are."""
    return KINDS.get(PurePosixPath(name).suffix.lower()) in _MADE_OF


def twin_of(ctx: Context, actor: Actor, release: str, file: str) -> TwinView:
    """NotFound for whoever may not read the file."""
    found = _readable(ctx, actor, release, file)
    if not has_twin(found.name):
        return _without(found, "Files of this kind hide nothing that a twin could lack.")
    try:
        data = airlock_of(ctx).blobs.read(found.sha256)
        twin = checker_of(ctx).twin(found.name, data)
        if twin is None:
            return _without(found, _NO_TWIN)
        lacks = changes(found.name, data, twin) if twin != data else Html("")
        return TwinView(file=found.id, name=found.name, note="", html=render(found.name, twin), changed=lacks)
    except CheckerAway as problem:
        raise Unavailable("The checker is away, and it makes the twins.", "Try again in a minute.") from problem
    except CheckerCrashed:
        return _without(found, _NO_TWIN)


def twin_or_note(ctx: Context, actor: Actor, release: str, file: str) -> TwinView | None:
    """The same for a page that has more to show: what went wrong is a note; None where no such file is to be seen."""
    try:
        return twin_of(ctx, actor, release, file)
    except NotFound:
        return None
    except EnclaveError as problem:
        return TwinView(file=file, name="", note=f"{problem.message} {problem.advice}", html="", changed="")


def _readable(ctx: Context, actor: Actor, release: str, file: str) -> _File:
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        check_can_review(actor, request, members)
        check_can_see(actor, request, members, Thing.CONTENT)
        row = request.file(file)
        if row is None or row.withdrawn:
            raise NotFound("The request has no such file.", "Reload the page; the author may have withdrawn it.")
        return _File(row.id, row.name, row.sha256)


def _without(file: _File, note: str) -> TwinView:
    return TwinView(file=file.id, name=file.name, note=note, html="", changed="")
