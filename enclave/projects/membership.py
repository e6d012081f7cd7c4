"""Use cases about projects: made by an approval, suspended, resumed, ended; people added and removed."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import Conflict
from enclave.people.service import get_user
from enclave.projects import permissions, policies, store
from enclave.projects.form import RequestForm
from enclave.projects.model import DataRequest, Project, ProjectMember, RequestVersion
from enclave.projects.states import PROJECT, ProjectState


def create_or_extend(
    session: Session,
    request: DataRequest,
    version: RequestVersion,
    form: RequestForm,
    expires_at: datetime,
    actor: Actor,
    clock: Clock,
) -> Project:
    """The project of an approved request: a new one, or the requester's own with the new approval."""
    project = session.get(Project, form.project)
    if project is None:
        project = Project(
            id=form.project,
            state=ProjectState.ACTIVE.value,
            state_reason="",
            lead=request.requester,
            created_at=clock.now(),
            request_id=request.id,
        )
        session.add(project)
        action = "project.created"
    else:
        _check_extensible(project, request)
        action = "project.extended"
    project.title, project.institution = form.title, form.institution
    project.request_id, project.request_version = request.id, version.number
    project.request_digest, project.form = version.digest, version.form
    project.providers, project.expires_at = list(form.providers), expires_at
    session.flush()
    for name in sorted(set(form.team) - set(store.members(session, project.id))):
        session.add(ProjectMember(project_id=project.id, user=name, added_at=clock.now()))
    session.flush()
    session.refresh(project, attribute_names=["members"])
    record(
        session, actor, action, "project", project.id, clock,
        request=request.id, version=version.number, members=len(project.members),
    )  # fmt: skip
    return project


def add_member(session: Session, actor: Actor, project_id: str, user: str, clock: Clock) -> Project:
    """Put a person on the project; training is asked for when they open the lab."""
    project = store.get_project(session, project_id)
    checks(actor, project, clock.now())["members"]()
    get_user(session, user)
    if store.is_member(session, project_id, user):
        raise Conflict(f"{user} is on the project already.", "Nothing is left to do.")
    session.add(ProjectMember(project_id=project_id, user=user, added_at=clock.now()))
    record(session, actor, "project.member_added", "project", project_id, clock, user=user)
    session.refresh(project, attribute_names=["members"])
    return project


def remove_member(session: Session, actor: Actor, project_id: str, user: str, clock: Clock) -> Project:
    """Take a person off the project; a running session of theirs ends within seconds."""
    project = store.get_project(session, project_id)
    checks(actor, project, clock.now())["members"]()
    if user == project.lead:
        raise Conflict("A project keeps its lead.", "Have the office name another lead by a new request.")
    row = session.get(ProjectMember, (project_id, user))
    if row is None:
        raise Conflict(f"{user} is not on the project.", "Nothing is left to do.")
    session.delete(row)
    record(session, actor, "project.member_removed", "project", project_id, clock, user=user)
    session.flush()
    session.refresh(project, attribute_names=["members"])
    return project


def suspend_project(session: Session, actor: Actor, project_id: str, reason: str, clock: Clock) -> Project:
    """Stop all work on the project until it is resumed."""
    return _move(session, actor, project_id, "suspend", reason, clock)


def resume_project(session: Session, actor: Actor, project_id: str, clock: Clock) -> Project:
    """Let work go on; a project whose time is over needs an extension first."""
    return _move(session, actor, project_id, "resume", "", clock)


def make_dormant(session: Session, actor: Actor, project_id: str, reason: str, clock: Clock) -> Project:
    """Seal the project for revise-and-resubmit; it can be reopened."""
    return _move(session, actor, project_id, "dormant", reason, clock)


def close_project(session: Session, actor: Actor, project_id: str, reason: str, clock: Clock) -> Project:
    """End the project for good. Its extracts are destroyed by ``enclave.extracts.withdrawal.close``."""
    return _move(session, actor, project_id, "close", reason, clock)


MOVES = {
    "close": ProjectState.CLOSED,
    "dormant": ProjectState.DORMANT,
    "resume": ProjectState.ACTIVE,
    "suspend": ProjectState.SUSPENDED,
}
"""What the office does with a project, and the state that follows."""


def checks(actor: Actor, project: Project, now: datetime) -> dict[str, Check]:
    """What is asked before each action about a project."""

    def move(to: ProjectState) -> None:
        permissions.check_can_manage_project(actor)
        if to is ProjectState.ACTIVE and now >= project.expires_at:
            raise Conflict("The project has expired.", "An approved request with a new duration extends it.")
        PROJECT.check(project.state, to)

    def members() -> None:
        permissions.check_can_change_members(actor, project)
        if project.state == ProjectState.CLOSED:
            raise Conflict("The project is closed.", "Write a new request.")

    return {**{name: partial(move, to) for name, to in MOVES.items()}, "members": members}


def _move(session: Session, actor: Actor, project_id: str, action: str, reason: str, clock: Clock) -> Project:
    project = store.get_project(session, project_id)
    checks(actor, project, clock.now())[action]()
    text = "" if action == "resume" else policies.check_reason(reason)
    PROJECT.move(session, project, MOVES[action], actor, clock, reason=text)
    project.state_reason = text[:500]
    return project


def _check_extensible(project: Project, request: DataRequest) -> None:
    if project.lead != request.requester or project.state == ProjectState.CLOSED:
        raise Conflict("This project cannot be extended by this request.", "Use another short name for the project.")
