"""Pages about projects: list, and one project with people, expiry, extract, and doors to lab, outputs and budget."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.extracts import service as extracts
from enclave.extracts import withdrawal
from enclave.extracts.states import ExtractState
from enclave.extracts.store import extracts_of
from enclave.people.permissions import Permission, holds
from enclave.projects import membership, permissions, store
from enclave.projects.policies import notice_of_end
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.extracts import ExtractView
from services.api.projects import summary_of, view_of, visible
from services.lab_bar import helper_of
from services.web.pages import page, redirect
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/projects", include_in_schema=False)
_STUCK = {ExtractState.BLOCKED: "was blocked by the verifier", ExtractState.FAILED: "could not be built"}


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Extracts that are stuck, for those who can do something about it; projects that end soon, for all concerned."""
    items = _ending(session, actor, clock)
    if not holds(actor, Permission.EXTRACTS_MANAGE):
        return items
    for project in store.list_projects(session):
        newest = next(iter(extracts_of(session, project.id)), None)
        if newest is not None and newest.state in _STUCK:
            text = f"The extract of {project.id} {_STUCK[ExtractState(newest.state)]}"
            items.append(Waiting(text, f"/projects/{project.id}", newest.state_since))
    return items


def _ending(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """One's own projects that end soon; for the office every one."""
    office = holds(actor, Permission.PROJECTS_MANAGE)
    items = []
    for project in store.list_projects(session) if office else store.projects_of(session, actor.name):
        if (notice := notice_of_end(project, clock.now())) is not None:
            items.append(Waiting(notice[0], f"/projects/{project.id}", notice[1], project.expires_at))
    return items


@router.get("", permission=Permission.SIGNED_IN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The projects that the person may see."""
    with ctx.database.read() as session:
        rows = [summary_of(session, row, actor, ctx.clock.now()) for row in visible(session, actor)]
    return page(
        request, "projects/list.html", title="Projects", actor=actor, projects=rows, now=ctx.clock.now(),
        may_write=holds(actor, Permission.REQUESTS_WRITE),
    )  # fmt: skip


@router.get("/{project_id}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, project_id: str) -> Response:
    """One project."""
    with ctx.database.read() as session:
        project = store.get_project(session, project_id)
        permissions.check_can_see_project(session, actor, project)
        view = view_of(session, project, actor, ctx.clock)
        versions = [ExtractView.of(row, actor) for row in extracts_of(session, project_id)]
        helper = helper_of(session, project_id, actor.name, ctx.clock.now())
        ending = notice_of_end(project, ctx.clock.now())
    return page(
        request, "projects/show.html", title=view.title, actor=actor, item=view, versions=versions,
        is_member=actor.name in view.members, manages_extracts=holds(actor, Permission.EXTRACTS_MANAGE),
        now=ctx.clock.now(), helper=helper, ending=ending[0] if ending else "",
    )  # fmt: skip


@router.post("/{project_id}/members", permission=Permission.SIGNED_IN)
def add_member(ctx: Ctx, actor: CurrentActor, project_id: str, user: Annotated[str, Form()]) -> Response:
    """Put a person on the project."""
    with ctx.database.write() as session:
        membership.add_member(session, actor, project_id, user.strip(), ctx.clock)
    return redirect(f"/projects/{project_id}", f"{user.strip()} is on the project.")


@router.post("/{project_id}/members/{user}/remove", permission=Permission.SIGNED_IN)
def remove_member(ctx: Ctx, actor: CurrentActor, project_id: str, user: str) -> Response:
    """Take a person off the project."""
    with ctx.database.write() as session:
        membership.remove_member(session, actor, project_id, user, ctx.clock)
    return redirect(f"/projects/{project_id}", f"{user} is off the project; open sessions end within seconds.")


@router.post("/{project_id}/state", permission=Permission.PROJECTS_MANAGE, fresh=True)
def change_state(
    ctx: Ctx, actor: CurrentActor, project_id: str, to: Annotated[str, Form()], reason: Annotated[str, Form()] = ""
) -> Response:
    """Suspend, resume, make dormant or close."""
    with ctx.database.write() as session:
        match to:
            case "resume":
                membership.resume_project(session, actor, project_id, ctx.clock)
            case "dormant":
                membership.make_dormant(session, actor, project_id, reason, ctx.clock)
            case "close":
                withdrawal.close_project(session, actor, project_id, reason, ctx.clock)
            case _:
                membership.suspend_project(session, actor, project_id, reason, ctx.clock)
        state = store.get_project(session, project_id).state
    return redirect(f"/projects/{project_id}", f"The project is {state.lower()}.")


@router.post("/{project_id}/extracts", permission=Permission.EXTRACTS_MANAGE)
def build_extract(ctx: Ctx, actor: CurrentActor, project_id: str) -> Response:
    """Queue the next version."""
    with ctx.database.write() as session:
        made = extracts.queue(session, actor, project_id, ctx.clock)
        version = made.version
    return redirect(f"/projects/{project_id}", f"Version {version} is queued.")


@router.post("/{project_id}/extracts/{extract_id}/revoke", permission=Permission.EXTRACTS_MANAGE, fresh=True)
def revoke_extract(
    ctx: Ctx, actor: CurrentActor, project_id: str, extract_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Nobody may use this version any more."""
    with ctx.database.write() as session:
        extracts.revoke(session, actor, extract_id, reason, ctx.clock)
    return redirect(f"/projects/{project_id}", "The version is revoked; its files are removed next.")


@router.post("/{project_id}/extracts/{extract_id}/destroy", permission=Permission.EXTRACTS_MANAGE, fresh=True)
def destroy_extract(ctx: Ctx, actor: CurrentActor, project_id: str, extract_id: str) -> Response:
    """Order the removal of a version."""
    with ctx.database.write() as session:
        extracts.want_destroyed(session, actor, extract_id, ctx.clock)
    return redirect(f"/projects/{project_id}", "Its removal is ordered; the certificate follows.")
