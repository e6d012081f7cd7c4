"""Queries about requests and projects."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.projects.model import DataRequest, Project, ProjectMember, ProviderDecision, RequestVersion
from enclave.projects.states import RequestState


def get_request(session: Session, request_id: str) -> DataRequest:
    """The request of that id, or NotFound."""
    found = session.get(DataRequest, request_id)
    if found is None:
        raise NotFound("There is no such request.", "See the list of requests.")
    return found


def list_requests(session: Session) -> list[DataRequest]:
    """All requests, the newest first."""
    return list(session.scalars(select(DataRequest).order_by(DataRequest.id.desc())))


def requests_naming(session: Session, user: str) -> list[DataRequest]:
    """The requests that somebody asked for, or whose forms have this word anywhere; the newest first.

    Wider than the person's own: who is on the team is decided on the forms that this finds.
    """
    word = f'"{user}"'
    of_version = exists().where(
        RequestVersion.request_id == DataRequest.id, cast(RequestVersion.form, String).contains(word, autoescape=True)
    )
    own = or_(DataRequest.requester == user, cast(DataRequest.form, String).contains(word, autoescape=True), of_version)
    return list(session.scalars(select(DataRequest).where(own).order_by(DataRequest.id.desc())))


def public_requests(session: Session) -> list[DataRequest]:
    """The public register: every request that was ever submitted."""
    submitted = select(DataRequest).where(DataRequest.version > 0, DataRequest.state != RequestState.DRAFT.value)
    return list(session.scalars(submitted.order_by(DataRequest.id.desc())))


def current_version(request: DataRequest) -> RequestVersion:
    """What was submitted last, or NotFound."""
    if not request.versions:
        raise NotFound("This request was never submitted.", "Submit it first.")
    return request.versions[-1]


def current_decisions(request: DataRequest) -> list[ProviderDecision]:
    """The decisions on the version that was submitted last."""
    return [decision for decision in request.decisions if decision.version == request.version]


def get_project(session: Session, project: str) -> Project:
    """The project of that short name, or NotFound."""
    found = session.get(Project, project)
    if found is None:
        raise NotFound(f"There is no project “{project[:30]}”.", "See the list of projects.")
    return found


def list_projects(session: Session) -> list[Project]:
    """All projects by short name."""
    return list(session.scalars(select(Project).order_by(Project.id)))


def projects_of(session: Session, user: str) -> list[Project]:
    """The projects that a person belongs to."""
    query = select(Project).join(ProjectMember).where(ProjectMember.user == user).order_by(Project.id)
    return list(session.scalars(query))


def members(session: Session, project: str) -> list[str]:
    """Login names of a project's members."""
    query = select(ProjectMember.user).where(ProjectMember.project_id == project).order_by(ProjectMember.user)
    return list(session.scalars(query))


def teams(session: Session, projects: Collection[str]) -> dict[str, list[str]]:
    """Project → login names of its members, for several projects in one query."""
    found: dict[str, list[str]] = {project: [] for project in projects}
    query = select(ProjectMember.project_id, ProjectMember.user).where(ProjectMember.project_id.in_(found))
    for project, user in session.execute(query.order_by(ProjectMember.user)):
        found[project].append(user)
    return found


def is_member(session: Session, project: str, user: str) -> bool:
    """Whether the person belongs to the project."""
    return session.get(ProjectMember, (project, user)) is not None
