"""Projects: list, show, members, suspend, resume, close."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.extracts import withdrawal
from enclave.extracts.model import Extract
from enclave.extracts.states import ExtractState
from enclave.extracts.store import extracts_of
from enclave.people.permissions import Permission
from enclave.people.service import get_user, is_trained
from enclave.projects import membership, permissions, service, store
from enclave.projects.model import Project
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by

router = GuardedRouter(prefix="/projects", tags=["projects"])


class MemberView(BaseModel):
    """A person on a project."""

    name: str
    full_name: str
    added_at: datetime
    trained: bool
    is_lead: bool


class ProjectSummary(BaseModel):
    """A project in a list."""

    id: str
    title: str
    state: str
    lead: str
    institution: str
    providers: list[str]
    expires_at: datetime
    extract_version: int | None
    edition: str | None
    tables: list[str]
    members: list[str]
    allowed_actions: list[str]


class ProjectView(ProjectSummary):
    """A whole project, with what the caller may do and whether they may open the lab."""

    reason: str
    request: str
    abstract: str
    years: list[int]
    people: list[MemberView]
    lab_allowed: bool
    lab_reason: str


class UserBody(BaseModel):
    """A login name."""

    user: str


class ReasonBody(BaseModel):
    """Why."""

    reason: str


def summary_of(session: Session, project: Project, actor: Actor, now: datetime) -> ProjectSummary:
    """The list entry of a project."""
    return ProjectSummary(**_common(session, project, actor, now))


def view_of(session: Session, project: Project, actor: Actor, clock: Clock) -> ProjectView:
    """The project as this person may see it."""
    now = clock.now()
    access = service.lab_access(session, actor.name, project.id, now)
    return ProjectView(
        **_common(session, project, actor, now),
        reason=project.state_reason,
        request=project.request_id,
        abstract=str(project.form["abstract"]),
        years=list(project.form["years"]),
        people=[_member(session, project, row.user, row.added_at, now) for row in project.members],
        lab_allowed=access.allowed,
        lab_reason=access.reason,
    )


def visible(session: Session, actor: Actor) -> list[Project]:
    """The projects that this person may see."""
    rows = store.list_projects(session)
    return [row for row in rows if permissions.can_see_project(session, actor, row)]


@router.get("", permission=Permission.SIGNED_IN, order=by("id"))
def list_projects(ctx: Ctx, actor: CurrentActor) -> list[ProjectSummary]:
    """The projects that the caller may see."""
    with ctx.database.read() as session:
        return [summary_of(session, row, actor, ctx.clock.now()) for row in visible(session, actor)]


@router.get("/{project_id}", permission=Permission.SIGNED_IN)
def show_project(ctx: Ctx, actor: CurrentActor, project_id: str) -> ProjectView:
    """One project."""
    with ctx.database.read() as session:
        project = store.get_project(session, project_id)
        permissions.check_can_see_project(session, actor, project)
        return view_of(session, project, actor, ctx.clock)


@router.get("/{project_id}/status", permission=Permission.SIGNED_IN)
def project_status(ctx: Ctx, actor: CurrentActor, project_id: str) -> ProjectView:
    """The same, at an address that a sandbox may reach."""
    return show_project(ctx, actor, project_id)


@router.post("/{project_id}/members", permission=Permission.SIGNED_IN)
def add_member(ctx: Ctx, actor: CurrentActor, project_id: str, body: UserBody) -> ProjectView:
    """Put a person on the project."""
    with ctx.database.write() as session:
        project = membership.add_member(session, actor, project_id, body.user, ctx.clock)
        session.flush()
        return view_of(session, project, actor, ctx.clock)


@router.delete("/{project_id}/members/{user}", permission=Permission.SIGNED_IN)
def remove_member(ctx: Ctx, actor: CurrentActor, project_id: str, user: str) -> ProjectView:
    """Take a person off the project."""
    with ctx.database.write() as session:
        project = membership.remove_member(session, actor, project_id, user, ctx.clock)
        return view_of(session, project, actor, ctx.clock)


@router.post("/{project_id}/suspend", permission=Permission.PROJECTS_MANAGE, fresh=True)
def suspend(ctx: Ctx, actor: CurrentActor, project_id: str, body: ReasonBody) -> ProjectView:
    """Stop all work on the project."""
    with ctx.database.write() as session:
        project = membership.suspend_project(session, actor, project_id, body.reason, ctx.clock)
        return view_of(session, project, actor, ctx.clock)


@router.post("/{project_id}/resume", permission=Permission.PROJECTS_MANAGE)
def resume(ctx: Ctx, actor: CurrentActor, project_id: str) -> ProjectView:
    """Let work go on."""
    with ctx.database.write() as session:
        project = membership.resume_project(session, actor, project_id, ctx.clock)
        return view_of(session, project, actor, ctx.clock)


@router.post("/{project_id}/dormant", permission=Permission.PROJECTS_MANAGE, fresh=True)
def make_dormant(ctx: Ctx, actor: CurrentActor, project_id: str, body: ReasonBody) -> ProjectView:
    """Seal the project for revise-and-resubmit."""
    with ctx.database.write() as session:
        project = membership.make_dormant(session, actor, project_id, body.reason, ctx.clock)
        return view_of(session, project, actor, ctx.clock)


@router.post("/{project_id}/close", permission=Permission.PROJECTS_MANAGE, fresh=True)
def close(ctx: Ctx, actor: CurrentActor, project_id: str, body: ReasonBody) -> ProjectView:
    """End the project: its extracts and pseudonym tables are destroyed, with a certificate."""
    with ctx.database.write() as session:
        project = withdrawal.close_project(session, actor, project_id, body.reason, ctx.clock)
        return view_of(session, project, actor, ctx.clock)


def _common(session: Session, project: Project, actor: Actor, now: datetime) -> dict[str, object]:
    ready = _ready(session, project)
    return {
        "id": project.id,
        "title": project.title,
        "state": project.state,
        "lead": project.lead,
        "institution": project.institution,
        "providers": project.providers,
        "expires_at": project.expires_at,
        "extract_version": project.extract_version,
        "edition": ready.edition if ready else None,
        "tables": sorted((ready.result or {}).get("tables", {})) if ready else [],
        "members": [row.user for row in project.members],
        "allowed_actions": allowed(membership.checks(actor, project, now)),
    }


def _ready(session: Session, project: Project) -> Extract | None:
    rows = extracts_of(session, project.id)
    return next((row for row in rows if row.state == ExtractState.READY), None)


def _member(session: Session, project: Project, user: str, added_at: datetime, now: datetime) -> MemberView:
    row = get_user(session, user)
    return MemberView(
        name=row.id,
        full_name=row.full_name,
        added_at=added_at,
        trained=is_trained(row, now),
        is_lead=row.id == project.lead,
    )
