"""Which person may do what about packages and images."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.images.model import PackageRequest
from enclave.people.permissions import Permission, check_holds, holds
from enclave.projects.permissions import check_can_see_project
from enclave.projects.store import get_project, is_member


def check_can_ask(session: Session, actor: Actor, project: str) -> None:
    """A member of the project, as a person."""
    if actor.kind != "user" or not is_member(session, project, actor.name):
        raise NotAllowed("A package is asked for by a member of the project.", "Ask its lead to add you.")


def check_asked(actor: Actor, row: PackageRequest) -> None:
    """Only who asked takes it back."""
    if actor.kind != "user" or actor.name != row.requested_by:
        raise NotAllowed("Only the person who asked takes this back.", f"Ask {row.requested_by}.")


def check_can_decide(session: Session, actor: Actor, row: PackageRequest) -> None:
    """Administrators, data stewards and the operator; nobody about their own request or their own project's."""
    check_can_manage(session, actor, row.project)
    if actor.kind == "user" and actor.name == row.requested_by:
        raise NotAllowed("Nobody approves what they asked for themselves.", "Ask another administrator or steward.")


def check_can_manage(session: Session, actor: Actor, project: str) -> None:
    """Who moves a project's pin: the same, and no member of the project."""
    check_holds(actor, Permission.IMAGES_MANAGE)
    if actor.kind == "user" and is_member(session, project, actor.name):
        raise NotAllowed("Nobody decides about their own project.", "Ask another administrator or steward.")


def can_see(session: Session, actor: Actor, row: PackageRequest) -> bool:
    """Members of the project, who decides, and auditors."""
    if any(holds(actor, each) for each in (Permission.IMAGES_MANAGE, Permission.AUDIT_READ)):
        return True
    return actor.kind == "user" and is_member(session, row.project, actor.name)


def check_can_see(session: Session, actor: Actor, row: PackageRequest) -> None:
    """Raise NotAllowed unless the person may read this request."""
    if not can_see(session, actor, row):
        raise NotAllowed("This request belongs to another project.", "See the page “Packages” of your own.")


def check_can_see_image(session: Session, actor: Actor, project: str) -> None:
    """Who sees the project, and who manages images, who see nothing else of it."""
    if not holds(actor, Permission.IMAGES_MANAGE):
        check_can_see_project(session, actor, get_project(session, project))
