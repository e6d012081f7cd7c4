"""What the routes of release requests share: which request is meant, what of it may be seen, and one act on it.

The author's routes exist twice (`both`): below `/releases/` for the portal, and below `/projects/{project}/outputs/`
because a sandbox reaches its own project only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review import store, summaries
from output_review.model import ReleaseRequest
from output_review.revisions import Asked, check_revision, revision
from output_review.visibility import Thing, check_can_see
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_views import ReleaseView

F = TypeVar("F", bound=Callable[..., Any])


def release_of(ctx: Ctx, actor: CurrentActor, request: Request) -> Asked:
    """The request's id in the path, for those who may know of it; below a project's address it must be that project's.
    With `If-Match`, a change is done to that revision alone.

    Whoever may not know of it is answered as if it did not exist, whatever they ask of it.
    """
    identity = str(request.path_params["release"])
    project = request.path_params.get("project")
    with ctx.database.read() as session:
        if project is not None and summaries.one(session, identity).project_id != project:
            raise NotFound("The project has no such release request.", "See the project's list of outputs.")
        check_known(session, actor, identity)
    return Asked.by_header(identity, request.headers.get("If-Match", ""))


def check_known(session: Session, actor: Actor, release: str) -> None:
    """NotFound for whoever may not even know of the request."""
    request = summaries.one(session, release)
    check_can_see(actor, request, projects.members(session, request.project_id), Thing.METADATA)


ReleaseId = Annotated[str, Depends(release_of)]


def both(router: GuardedRouter, method: str, path: str, **options: Any) -> Callable[[F], F]:
    """Register a handler below `/releases/{release}` and below the project's own address."""

    def add(handler: F) -> F:
        for start in ("/releases/{release}", "/projects/{project}/outputs/{release}"):
            getattr(router, method)(f"{start}{path}", permission=Permission.SIGNED_IN, **options)(handler)
        return handler

    return add


def act(
    ctx: Context, actor: Actor, release: str, use_case: Callable[..., Any], *values: Any, **named: Any
) -> ReleaseView:
    """Do a use case in a transaction and show what became of the request."""
    with ctx.database.write() as session:
        check_known(session, actor, release)
        check_revision(session, release)
        use_case(airlock_of(ctx), session, actor, release, *values, **named)
    return view(ctx, actor, release)


def view(ctx: Context, actor: Actor, release: str) -> ReleaseView:
    """The request as this person may see it; NotFound for strangers."""
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        return ReleaseView.of(request, actor, members, revision(session, release))


def opened(session: Session, actor: Actor, release: str) -> tuple[ReleaseRequest, list[str]]:
    """The request with all that belongs to it, and its project's members; NotFound for strangers."""
    request = store.get(session, release)
    members = projects.members(session, request.project_id)
    check_can_see(actor, request, members, Thing.METADATA)
    return request, members


def check_member(session: Session, actor: Actor, project: str) -> None:
    """Asked before any byte of an upload is stored."""
    projects.get_project(session, project)
    if actor.kind == "user" and not projects.is_member(session, project, actor.name):
        raise NotFound("You do not belong to this project.", "Ask its lead to add you.")


def check_sees(ctx: Context, actor: Actor, release: str, thing: Thing) -> None:
    with ctx.database.read() as session:
        request = summaries.one(session, release)
        check_can_see(actor, request, projects.members(session, request.project_id), thing)
