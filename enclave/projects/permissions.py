"""Which person may do what to requests and projects."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission, check_holds, holds
from enclave.people.roles import Role
from enclave.people.service import get_user
from enclave.projects import store
from enclave.projects.model import DataRequest, Project
from enclave.projects.states import RequestState

_METADATA = (Role.MANAGING_ENTITY, Role.ADMINISTRATOR, Role.AUDITOR)


def on_request(actor: Actor, request: DataRequest) -> bool:
    """Whether the person asks for this request, or is named on its team in any version."""
    if actor.kind != "user":
        return False
    forms = [request.form, *(version.form for version in request.versions)]
    return actor.name == request.requester or any(actor.name in (form.get("team") or ()) for form in forms)


def check_can_write_requests(actor: Actor) -> None:
    """Researchers, project leads and research-agenda members write requests."""
    check_holds(actor, Permission.REQUESTS_WRITE)


def check_can_change_request(actor: Actor, request: DataRequest) -> None:
    """Its requester alone changes, submits and withdraws a request; the operator may on the host."""
    if actor.kind == "operator":
        return
    check_holds(actor, Permission.REQUESTS_WRITE)
    if actor.name != request.requester:
        raise NotAllowed("Only the requester may change this request.", f"Ask {request.requester}.")


def only_on_request(actor: Actor) -> bool:
    """Whether the person may read no requests but those that they are on."""
    return actor.kind == "user" and not actor.has(*_METADATA, Role.PROVIDER_REVIEWER)


def can_see_request(session: Session, actor: Actor, request: DataRequest) -> bool:
    """The team, the office, auditors, and from forwarding on the providers whose elements it names."""
    if actor.kind != "user" or actor.has(*_METADATA) or on_request(actor, request):
        return actor.kind in ("user", "operator", "service")
    if actor.has(Role.PROVIDER_REVIEWER):
        own = get_user(session, actor.name).provider
        return any(decision.provider == own for decision in request.decisions)
    return False


def check_can_see_request(session: Session, actor: Actor, request: DataRequest) -> None:
    """Raise NotAllowed unless the person may read this request."""
    if not can_see_request(session, actor, request):
        raise NotAllowed("This request is not yours to read.", "The public register shows what is public of it.")


def check_can_forward(actor: Actor, request: DataRequest) -> None:
    """The office forwards and returns; nobody acts for the office on a request of their own."""
    check_holds(actor, Permission.REQUESTS_FORWARD)
    if on_request(actor, request):
        raise NotAllowed("Nobody decides on their own request.", "Ask a colleague of the office.")


def check_can_decide(session: Session, actor: Actor, request: DataRequest) -> str:
    """The provider for which this person decides; NotAllowed for everybody else, members above all."""
    check_holds(actor, Permission.REQUESTS_DECIDE)
    if on_request(actor, request) or store.is_member(session, request.project, actor.name):
        raise NotAllowed("Nobody decides on their own project's request.", "Ask a colleague of your provider.")
    provider = get_user(session, actor.name).provider
    concerned = {decision.provider for decision in store.current_decisions(request)}
    if provider is None or (request.state == RequestState.UNDER_REVIEW and provider not in concerned):
        raise NotAllowed("This request names none of your provider's elements.", "See your own desk.")
    return provider


def can_see_project(session: Session, actor: Actor, project: Project) -> bool:
    """Members, the office, administrators, auditors and the providers of its data."""
    if actor.kind != "user":
        return actor.kind in ("operator", "service")
    if actor.has(*_METADATA) or store.is_member(session, project.id, actor.name):
        return True
    return actor.has(Role.PROVIDER_REVIEWER) and get_user(session, actor.name).provider in project.providers


def check_can_see_project(session: Session, actor: Actor, project: Project) -> None:
    """Raise NotAllowed unless the person may see this project."""
    if not can_see_project(session, actor, project):
        raise NotAllowed("You do not belong to this project.", "Ask its lead to add you.")


def check_can_manage_project(actor: Actor) -> None:
    """The office and administrators suspend, resume and close projects."""
    check_holds(actor, Permission.PROJECTS_MANAGE)


def check_can_change_members(actor: Actor, project: Project) -> None:
    """The project's lead, and who manages projects."""
    if holds(actor, Permission.PROJECTS_MANAGE) or (actor.kind == "user" and actor.name == project.lead):
        return
    raise NotAllowed("Only the project's lead changes its team.", f"Ask {project.lead}.")
