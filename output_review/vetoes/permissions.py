"""Who may say something about a veto, read what it is about, contest it and overrule it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed, NotFound
from enclave.people.roles import Role
from enclave.people.service import provider_of
from output_review.model import ReleaseRequest, Veto

OVERSEERS = (Role.MANAGING_ENTITY, Role.AUDITOR)


def is_outside(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> bool:
    """Nobody refuses, waives or overrules about a project that they belong to."""
    return actor.name not in {request.author, *request.members, *members}


def speaks_for(
    session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, members: Collection[str]
) -> bool:  # fmt: skip
    """Whether the person is a reviewer of the veto's provider, and outside the project."""
    return provider_of(session, actor) == veto.provider and is_outside(actor, request, members)


def may_decide(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> bool:
    """The office, as a person outside the project."""
    return actor.kind == "user" and actor.has(Role.MANAGING_ENTITY) and is_outside(actor, request, members)


def may_read(
    session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, members: Collection[str]
) -> bool:  # fmt: skip
    """The provider's reviewers, the author, the checkers at the desk, and those who oversee. What would leave is shown
    to the provider's reviewers alone."""
    if actor.kind == "operator" or actor.has(*OVERSEERS):
        return True
    return actor.name in (request.author, *request.checkers) or speaks_for(session, actor, veto, request, members)


def check_may_read(
    session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, members: Collection[str]
) -> None:
    if not may_read(session, actor, veto, request, members):
        raise NotFound("There is no such veto.", "See the list of those that concern you.")


def check_speaks_for(
    session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, members: Collection[str]
) -> None:
    check_may_read(session, actor, veto, request, members)
    if not speaks_for(session, actor, veto, request, members):
        raise NotAllowed(
            "Only a reviewer of the named provider who does not belong to the project says this.",
            "Leave it to a colleague of that provider.",
        )
