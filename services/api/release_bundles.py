"""What a release leaves: the bundle, the signed record, and its revocation after an incident."""

from __future__ import annotations

from typing import Any

from starlette.responses import FileResponse, Response

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from enclave.people.permissions import Permission
from output_review import service, store
from output_review.permissions import check_can_release
from output_review.policies import check_approved
from output_review.record import PDF_NAME
from output_review.render.record_pdf import record_pdf
from output_review.revisions import check_revision
from output_review.visibility import Thing
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, check_known, check_sees, view
from services.api.release_desk import Note
from services.api.release_views import ReleaseView
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class ZipFile(FileResponse):
    """A zip as a download."""

    media_type = "application/zip"


class PdfFile(Response):
    """A PDF as a download."""

    media_type = "application/pdf"


@router.post("/releases/{release}/release", permission=Permission.SIGNED_IN, fresh=True)
def release_now(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Release an approved request now, or try again after a failure."""
    with ctx.database.write() as session:
        check_revision(session, release)
        request = store.get(session, release)
        check_can_release(actor, request, airlock_of(ctx).members_of(session, request))
        check_approved(request)
    service.release(airlock_of(ctx), ctx.database, actor, release, ctx.key)
    return view(ctx, actor, release)


@router.post("/releases/{release}/revoke", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def revoke(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> dict[str, Any]:
    """Take a release back after an incident; names who downloaded it."""
    with ctx.database.write() as session:
        check_revision(session, release)
        told = service.revoke(airlock_of(ctx), session, actor, release, body.note)
    return {"id": release, "state": "REVOKED", "downloaded_by": told}


@router.get("/releases/{release}/record", permission=Permission.SIGNED_IN)
def record(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> dict[str, Any]:
    """The signed release record."""
    check_sees(ctx, actor, release, Thing.RECORD)
    with ctx.database.read() as session:
        kept = store.record_of(session, release)
        if kept is None:
            raise NotFound("There is no release record.", "It is made when the request is released.")
        return dict(kept.envelope)


@router.get("/releases/{release}/record.pdf", permission=Permission.SIGNED_IN, response_class=PdfFile)
def paper(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> Response:
    """The release record to read and print: the very bytes whose digest the signed record holds."""
    payload = record(ctx, actor, release)["payload"]
    kept = airlock_of(ctx).bundles / release / PDF_NAME
    data = kept.read_bytes() if "paper" in payload and kept.is_file() else record_pdf(payload)
    return PdfFile(data, headers={"content-disposition": f'attachment; filename="{release}-record.pdf"'})


@router.get("/releases/{release}/bundle", permission=Permission.SIGNED_IN, response_class=ZipFile)
def bundle(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> FileResponse:
    """The bundle, for members of the project, once released."""
    return bundle_response(ctx, actor, release)


def bundle_response(ctx: Context, actor: Actor, release: str) -> FileResponse:
    """The zip as a download, written into the audit first."""
    with ctx.database.write() as session:
        check_known(session, actor, release)
        path = service.download(airlock_of(ctx), session, actor, release)
    return FileResponse(path, media_type="application/zip", filename=f"{release}.zip")
