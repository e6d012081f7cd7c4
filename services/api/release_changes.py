"""What changed in a request's files since the last turn, or since the last release of the same name."""

from __future__ import annotations

from pydantic import BaseModel

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review import store
from output_review.earlier import earlier
from output_review.permissions import check_can_review
from output_review.render.changes import changes
from output_review.render.markup import Html
from output_review.visibility import Thing, check_can_see
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId

router = GuardedRouter(tags=["releases"])


class ChangeView(BaseModel):
    """A file beside its older version: `against` says which; `html` is safe HTML, empty where no byte changed."""

    file: str
    name: str
    against: str
    changed: bool
    html: str


@router.get("/releases/{release}/changes", permission=Permission.REVIEW)
def list_changes(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> list[ChangeView]:
    """Each file that has an older version, with what changed; for its checkers."""
    return list(changed(ctx, actor, release).values())


def changed(ctx: Context, actor: Actor, release: str) -> dict[str, ChangeView]:
    """File id → what changed in it."""
    blobs = airlock_of(ctx).blobs
    with ctx.database.read() as session:
        request = store.get(session, release)
        members = projects.members(session, request.project_id)
        check_can_review(actor, request, members)
        check_can_see(actor, request, members, Thing.CONTENT)
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
