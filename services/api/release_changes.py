"""What changed in a request's files since the last turn, or since the last release of the same name."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError
from enclave.people.permissions import Permission
from output_review.earlier import earlier
from output_review.model import ReleaseRequest
from output_review.permissions import check_can_review
from output_review.render.changes import changes
from output_review.render.markup import Html
from output_review.visibility import Thing, check_can_see
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import by
from services.api.release_access import ReleaseId, opened

router = GuardedRouter(tags=["releases"])


class ChangeView(BaseModel):
    """A file beside its older version: `against` says which; `html` is safe HTML, empty where no byte changed."""

    file: str
    name: str
    against: str
    changed: bool
    html: str


@router.get("/releases/{release}/changes", permission=Permission.REVIEW, order=by("name", "file", "against"))
def list_changes(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> list[ChangeView]:
    """Each file that has an older version, with what changed; for its checkers."""
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        return list(changed(ctx, session, actor, request, members).values())


def changed(
    ctx: Context, session: Session, actor: Actor, request: ReleaseRequest, members: Collection[str]
) -> dict[str, ChangeView]:
    """File id → what changed in it."""
    check_can_review(actor, request, members)
    check_can_see(actor, request, members, Thing.CONTENT)
    blobs = airlock_of(ctx).blobs
    versions = earlier(session, request)
    files = {file.id: (file.name, file.sha256) for file in request.present_files}
    found = {}
    for identity, version in versions.items():
        name, sha256 = files[identity]
        html = Html("")
        if version.sha256 != sha256:
            try:
                html = changes(name, blobs.read(version.sha256), blobs.read(sha256))
            except EnclaveError as problem:
                html = changes("problem.txt", b"", f"{problem.message} {problem.advice}".encode())
        found[identity] = ChangeView(
            file=identity, name=name, against=version.words, changed=version.sha256 != sha256, html=html
        )
    return found
