"""Who is concerned by an event: functions from the event to login names."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.extracts.model import Extract
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.people.states import UserState
from enclave.projects import store as projects
from enclave.projects.model import DataRequest, Project
from enclave.reports.model import ReportRun
from output_review.imports.model import ImportRequest
from output_review.imports.permissions import readers_of
from output_review.model import ReleaseRequest

Recipients = Callable[[Session, AuditEvent], set[str]]


def the_person(_session: Session, event: AuditEvent) -> set[str]:
    """Whose account the event is about."""
    return {event.subject_id}


def named(key: str) -> Recipients:
    """Who is named in the event's details under `key`: a login name or a list of them."""

    def found(_session: Session, event: AuditEvent) -> set[str]:
        value = event.details.get(key) or []
        return {value} if isinstance(value, str) else {str(each) for each in value}

    return found


def holders(*roles: Role) -> Recipients:
    """Everybody active with one of the roles."""

    def found(session: Session, _event: AuditEvent) -> set[str]:
        rows = session.execute(select(User.id, User.roles).where(User.state == UserState.ACTIVE.value))
        return {name for name, theirs in rows if set(roles) & {Role(role) for role in theirs}}

    return found


def requester(session: Session, event: AuditEvent) -> set[str]:
    """Who wrote the data request that the event is about, or that it names."""
    row = session.get(DataRequest, str(event.details.get("request", event.subject_id)))
    return {row.requester} if row is not None else set()


def asked_reviewers(session: Session, event: AuditEvent) -> set[str]:
    """The reviewers of the providers whose decision a data request needs."""
    row = session.get(DataRequest, event.subject_id)
    providers = {each.provider for each in projects.current_decisions(row)} if row is not None else set()
    query = select(User.id).where(User.provider.in_(providers), User.state == UserState.ACTIVE.value)
    return set(session.scalars(query))


def reviewers_of_provider(session: Session, event: AuditEvent) -> set[str]:
    """The reviewers of the provider that the event names."""
    return set(session.scalars(select(User.id).where(User.provider == str(event.details.get("provider", "")))))


def reviewers_of_providers(session: Session, event: AuditEvent) -> set[str]:
    """The reviewers of all providers that the event names."""
    named = [str(each) for each in event.details.get("providers") or []]
    query = select(User.id).where(User.provider.in_(named), User.state == UserState.ACTIVE.value)
    return set(session.scalars(query))


def author(session: Session, event: AuditEvent) -> set[str]:
    """Who submitted the release request."""
    row = session.get(ReleaseRequest, event.subject_id)
    return {row.author} if row is not None else set()


def desk(session: Session, event: AuditEvent) -> set[str]:
    """The checkers who have a place at the release request's desk."""
    row = session.get(ReleaseRequest, event.subject_id)
    return set(row.checkers) if row is not None else set()


def desk_of_release(session: Session, event: AuditEvent) -> set[str]:
    """The same of the release request that the event names."""
    row = session.get(ReleaseRequest, str(event.details.get("release", "")))
    return set(row.checkers) if row is not None else set()


def free_checkers(session: Session, event: AuditEvent) -> set[str]:
    """Checkers who may take a release request that has nobody yet; members of its project may not."""
    row = session.get(ReleaseRequest, event.subject_id)
    if row is None or row.checkers:
        return set()
    barred = {row.author, *row.members, *projects.members(session, row.project_id)}
    return holders(Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER)(session, event) - barred


def second_lookers(session: Session, event: AuditEvent) -> set[str]:
    """Checkers who neither reviewed the release nor belong to its project."""
    row = session.get(ReleaseRequest, event.subject_id)
    if row is None:
        return set()
    barred = {row.author, *row.members, *row.checkers, *projects.members(session, row.project_id)}
    return holders(Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER)(session, event) - barred


def appeal_readers(session: Session, event: AuditEvent) -> set[str]:
    """Senior checkers who may decide on an appeal: they neither voted nor rejected, nor belong to the project."""
    row = session.get(ReleaseRequest, event.subject_id)
    if row is None:
        return set()
    voted = {vote.checker for file in row.files for vote in file.votes}
    barred = {row.author, row.decided_by, *row.members, *voted, *projects.members(session, row.project_id)}
    return holders(Role.SENIOR_CHECKER)(session, event) - barred


def exception_appeal_readers(session: Session, event: AuditEvent) -> set[str]:
    """Senior checkers who may decide on the appeal of a refused exception: not who refused it, nor the project's."""
    row = session.get(ReleaseRequest, event.subject_id)
    if row is None:
        return set()
    barred = {row.author, *row.members, *projects.members(session, row.project_id), event.details.get("refused_by")}
    return holders(Role.SENIOR_CHECKER)(session, event) - barred


def runner(session: Session, event: AuditEvent) -> set[str]:
    """The member in whose name a report ran."""
    row = session.get(ReportRun, event.subject_id)
    return {row.author} if row is not None else set()


def import_readers(session: Session, event: AuditEvent) -> set[str]:
    """Who may decide about the import: output checkers or data stewards who do not belong to its project."""
    row = session.get(ImportRequest, event.subject_id)
    if row is None:
        return set()
    barred = {row.submitter, *projects.members(session, row.project)}
    return holders(*readers_of(row))(session, event) - barred


def members(session: Session, event: AuditEvent) -> set[str]:
    """The members of the project that the event is about, or that it names."""
    return set(projects.members(session, project_of(session, event)))


def project_of(session: Session, event: AuditEvent) -> str:
    """The project that the event is about: its subject, the one that its subject belongs to, or the one it names."""
    if event.subject_type == "project":
        return event.subject_id
    if event.subject_type == "extract":
        row = session.get(Extract, event.subject_id)
        return row.project if row is not None else ""
    if event.subject_type == "release_request":
        release = session.get(ReleaseRequest, event.subject_id)
        return release.project_id if release is not None else ""
    return str(event.details.get("project", ""))


def leads_with_provider(session: Session, event: AuditEvent) -> set[str]:
    """The leads of projects that use the provider named in the event."""
    provider = event.details.get("provider")
    return {row.lead for row in session.scalars(select(Project)) if provider in row.providers}
