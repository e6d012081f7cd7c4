"""The import lane joined to the enclave: its stores, the checker, and where what was approved is delivered."""

from __future__ import annotations

from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import Conflict, EnclaveError, NotFound
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from output_review.blobs import BlobStore
from output_review.imports import permissions, policies, service, store
from output_review.imports.checks import run_checks
from output_review.imports.delivery import Parcel, Shelf
from output_review.imports.kinds import check_file_name
from output_review.imports.states import ACCEPTED, ImportKind, ImportState
from output_review.policies import ReviewPolicy
from services.airlock import checker_of, checking
from services.api.context import Context


def shelf_of(ctx: Context) -> Shelf:
    """Where what was approved lies for the labs."""
    return Shelf(ctx.settings.paths.imports)


def blobs_of(ctx: Context, project: str) -> BlobStore:
    """The bytes of a project's imports: a store of their own, so that they can be destroyed with the project."""
    return BlobStore(ctx.settings.paths.import_blobs / project)


def add_file(ctx: Context, actor: Actor, identity: str, name: str, stream: BinaryIO) -> None:
    """Store a file's bytes and put it into a draft. Asked first, stored then: a stranger's bytes are not kept."""
    with ctx.database.read() as session:
        row = store.get(session, identity)
        members = projects.members(session, row.project)
        permissions.check_may_see(actor, row, members)
        permissions.check_is_submitter(actor, row, members)
        policies.check_editable(row)
        project, kind = row.project, ImportKind(row.kind)
    check_file_name(name, kind)
    policy = ReviewPolicy()
    sha256, size = blobs_of(ctx, project).put(stream, policy.max_file_bytes)
    try:
        with ctx.database.write() as session:
            service.put_file(session, actor, ctx.clock, identity, policy, name=name, sha256=sha256, size=size)
    except EnclaveError:
        _forget(ctx, project, sha256)
        raise


def _forget(ctx: Context, project: str, sha256: str) -> None:
    """Remove bytes that came to no file, so that nothing lies in the airlock of which no row tells."""
    with ctx.database.read() as session:
        if not store.is_held(session, project, sha256):
            blobs_of(ctx, project).path(sha256).unlink(missing_ok=True)


def check(ctx: Context, actor: Actor, identity: str) -> bool:
    """Run the checks that are still to do; whether all files are checked."""
    with ctx.database.read() as session:
        project = store.get(session, identity).project
    policy = checking(ctx).policy
    return run_checks(blobs_of(ctx, project), policy, ctx.database, checker_of(ctx), actor, ctx.clock, identity)


def deliver(ctx: Context, actor: Actor, identity: str) -> None:
    """Put an approved import into its project's folder and say so; again: changes nothing."""
    with ctx.database.read() as session:
        row = store.get(session, identity)
        if row.state not in ACCEPTED or not is_live(projects.get_project(session, row.project), ctx.clock.now()):
            return
        if row.digest != row.content:
            raise Conflict("The import is not what was approved.", "Tell an administrator: the database was changed.")
        parcel, is_new = Parcel.of(row), row.state == ImportState.APPROVED
    try:
        shelf_of(ctx).put(parcel, blobs_of(ctx, parcel.project))
    except NotFound as problem:
        raise Conflict("The airlock no longer holds these bytes.", "Withdraw the import.") from problem
    if is_new:
        with ctx.database.write() as session:
            service.note_delivered(session, actor, ctx.clock, identity)


def has_any(ctx: Context, session: Session, project: str) -> bool:
    """Whether something of a project is on its way, in its folder, or in the airlock."""
    return bool(store.unfinished(session, project)) or any(blobs_of(ctx, project).root.glob("*/*"))


def destroy(ctx: Context, actor: Actor, project: str) -> list[dict[str, Any]]:
    """All that a closed project brought in: nothing of it waits any more, and its places are gone."""
    with ctx.database.write() as session:
        service.close(session, actor, ctx.clock, project)
    return shelf_of(ctx).destroy(project, blobs_of(ctx, project).root)
