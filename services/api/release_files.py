"""Files of a release request: added, replaced, taken out, and shown as safe HTML."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import File, Form, UploadFile

from enclave.core.actors import Actor
from enclave.core.errors import BadInput, EnclaveError, NotFound
from enclave.people.permissions import Permission
from output_review import service, store
from output_review.airlock import Upload
from output_review.model import ReleaseRequest
from output_review.render import Html, render
from output_review.render.order import Sorting, read_order
from output_review.revisions import check_revision
from output_review.visibility import Thing, check_can_see
from services.airlock import Incoming, airlock_of, check_draft, receive
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, act, both, opened, view
from services.api.release_views import ReleaseView
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


@both(router, "post", "/files")
def put_files(
    ctx: Ctx,
    actor: CurrentActor,
    release: ReleaseId,
    files: Annotated[list[UploadFile], File()],
    sidecars: Annotated[list[UploadFile], File()] = [],  # noqa: B006
    supporting: Annotated[list[str], Form()] = [],  # noqa: B006
) -> ReleaseView:
    """Add files, or replace those of the same name; then check them."""
    add_files(ctx, actor, release, files, sidecars, supporting)
    return view(ctx, actor, release)


@both(router, "delete", "/files/{file:path}")
def withdraw_file(ctx: Ctx, actor: CurrentActor, release: ReleaseId, file: str) -> ReleaseView:
    """Take a file (id or name) out of the request."""
    return act(ctx, actor, release, service.withdraw_file, file)


@router.get("/releases/{release}/files/{file:path}", permission=Permission.SIGNED_IN)
def content(ctx: Ctx, actor: CurrentActor, release: ReleaseId, file: str) -> dict[str, str]:
    """A file as it is shown to a checker: safe HTML, never the bytes that were uploaded."""
    return {"file": file, "html": rendered(ctx, actor, release)[file_id(ctx, release, file)]}


def take(
    ctx: Context, files: Collection[UploadFile], sidecars: Collection[UploadFile], supporting: Collection[str]
) -> list[Upload]:
    """Store uploaded bytes; an empty choice of files is told so."""
    named = [file for file in (*files, *sidecars) if file.filename]
    if not named:
        raise BadInput("No file was sent.", "Choose at least one file.")
    return receive(airlock_of(ctx), [Incoming(str(f.filename), f.file, str(f.filename) in supporting) for f in named])


def add_files(
    ctx: Context, actor: Actor, release: str,
    files: Collection[UploadFile], sidecars: Collection[UploadFile], supporting: Collection[str],
) -> None:  # fmt: skip
    """Add or replace files of a draft, then check them."""
    with ctx.database.read() as session:
        if actor.name != store.get(session, release).author:
            raise NotFound("There is no such draft of yours.", "See your list of requests.")
    uploads = take(ctx, files, sidecars, supporting)
    airlock = airlock_of(ctx)
    with ctx.database.write() as session:
        check_revision(session, release)
        for upload in uploads:
            service.put_file(airlock, session, actor, release, upload)
    check_draft(ctx, actor, release)


def file_id(ctx: Context, release: str, file: str) -> str:
    with ctx.database.read() as session:
        found = store.get(session, release).file(file)
        if found is None or found.withdrawn:
            raise NotFound("The request has no such file.", "Reload the page; the author may have withdrawn it.")
        return found.id


def rendered(ctx: Context, actor: Actor, release: str, sort: str | None = None) -> dict[str, Html]:
    """File id → safe HTML, for those who may see the content. `sort` (a link's, "" for none) makes grids sortable."""
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        return render_files(ctx, actor, request, members, sort)


def render_files(
    ctx: Context, actor: Actor, request: ReleaseRequest, members: Collection[str], sort: str | None = None
) -> dict[str, Html]:
    """The same of a request that is at hand."""
    check_can_see(actor, request, members, Thing.CONTENT)
    asked = read_order(sort or "")
    blobs = airlock_of(ctx).blobs
    shown: dict[str, Html] = {}
    for file in request.present_files:
        findings = file.report.findings if file.report else []
        try:
            order = asked[1] if asked and asked[0] == file.id else None
            sorting = None if sort is None else Sorting(file.id, order)
            shown[file.id] = render(file.name, blobs.read(file.sha256), findings, sorting)
        except EnclaveError as problem:
            shown[file.id] = render("problem.txt", f"{problem.message} {problem.advice}".encode())
    return shown
