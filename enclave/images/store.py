"""Queries about packages and images."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit.model import AuditEvent
from enclave.core.errors import NotFound
from enclave.images.model import PackageRequest, ProjectImage
from enclave.images.permissions import can_see
from enclave.images.states import LISTED, PackageState


def get(session: Session, request: str) -> PackageRequest:
    """One request."""
    row = session.get(PackageRequest, request)
    if row is None:
        raise NotFound("There is no such request for a package.", "See `c2c image list`, or the page “Packages”.")
    return row


def visible(
    session: Session, actor: Actor, project: str | None = None, limit: int | None = 500
) -> list[PackageRequest]:
    """What the person may see, newest first; of one project or all."""
    query = select(PackageRequest).order_by(PackageRequest.id.desc()).limit(limit)
    if project is not None:
        query = query.where(PackageRequest.project == project)
    return [row for row in session.scalars(query) if can_see(session, actor, row)]


def waiting(session: Session) -> list[PackageRequest]:
    """Requests that nobody has decided on, oldest first."""
    query = select(PackageRequest).where(PackageRequest.state == PackageState.REQUESTED.value)
    return list(session.scalars(query.order_by(PackageRequest.id)))


def approved(session: Session) -> list[PackageRequest]:
    """The approved list: every package that an image may be built with, oldest first."""
    states = [state.value for state in LISTED]
    query = select(PackageRequest).where(PackageRequest.state.in_(states)).order_by(PackageRequest.id)
    return list(session.scalars(query))


def of_project(session: Session, project: str, package: str) -> list[PackageRequest]:
    """A project's requests for a package."""
    query = select(PackageRequest).where(PackageRequest.project == project, PackageRequest.package == package)
    return list(session.scalars(query))


def is_noted(session: Session, image: str) -> bool:
    """Whether the audit knows of the image."""
    query = select(AuditEvent.seq).where(AuditEvent.action == "image.built", AuditEvent.subject_id == image)
    return session.scalars(query.limit(1)).first() is not None


def pin_of(session: Session, project: str) -> ProjectImage | None:
    """The project's image; None before its first start."""
    return session.get(ProjectImage, project)


def pins(session: Session) -> list[ProjectImage]:
    """Every project's image."""
    return list(session.scalars(select(ProjectImage).order_by(ProjectImage.project)))
