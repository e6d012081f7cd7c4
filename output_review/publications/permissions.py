"""Who may announce, read, comment on and answer about a publication."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed, NotFound
from enclave.people.roles import Role
from enclave.people.service import provider_of
from output_review.publications.model import Publication
from output_review.publications.states import PublicationState

OVERSEERS = (Role.MANAGING_ENTITY, Role.AUDITOR, Role.ADMINISTRATOR)


def check_is_member(actor: Actor, members: Collection[str]) -> None:
    if actor.kind != "user" or actor.name not in members:
        raise NotAllowed("Publications are announced by members of the project.", "Ask the project's lead.")


def check_is_author(actor: Actor, row: Publication) -> None:
    if actor.kind != "user" or actor.name != row.author:
        raise NotAllowed("Only its author may do this.", "Ask the author, or announce a publication of your own.")


def speaks_for(session: Session, actor: Actor, row: Publication, members: Collection[str]) -> str | None:
    """The named provider for which the person may say something now; None for everybody else, members above all."""
    provider = provider_of(session, actor)
    waits = row.state == PublicationState.OUT_FOR_COMMENT and provider in row.silent
    return provider if waits and actor.name not in members and actor.name != row.author else None


def may_read(session: Session, actor: Actor, row: Publication, members: Collection[str]) -> bool:
    """The project, overseers, and once it was sent the named providers' reviewers."""
    if actor.kind == "operator" or actor.name == row.author or actor.name in members or actor.has(*OVERSEERS):
        return True
    return row.sent_at is not None and provider_of(session, actor) in row.providers


def check_may_read(session: Session, actor: Actor, row: Publication, members: Collection[str]) -> None:
    if not may_read(session, actor, row, members):
        raise NotFound("There is no such publication.", "See the list of those that concern you.")
