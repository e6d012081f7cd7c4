"""When a provider or a project ends: one transaction, and no use after it.

Suspending or terminating an agreement revokes every extract with the provider's elements in the same transaction;
access to the lab is refused from then on, because ``lab_access`` asks the agreement and the extract.  Where the rest of
the project can stand alone, a version without the provider is queued at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from enclave.agreements import service as agreements
from enclave.agreements.model import ParticipationAgreement
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import Conflict, Unprocessable
from enclave.extracts import service, store
from enclave.extracts.model import Extract
from enclave.extracts.states import GONE_NEXT
from enclave.projects import membership
from enclave.projects.model import Project


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did: versions revoked, versions queued without the provider, projects that now wait."""

    agreement: ParticipationAgreement
    revoked: tuple[Extract, ...]
    rebuilt: tuple[Extract, ...]
    stopped: tuple[str, ...]


def suspend_agreement(session: Session, actor: Actor, agreement_id: str, reason: str, clock: Clock) -> Withdrawal:
    """Suspend an agreement and all that hangs on it."""
    agreement = agreements.suspend(session, actor, agreement_id, reason, clock)
    return _follow(session, agreement, actor, f"agreement suspended: {reason.strip()}", clock)


def terminate_agreement(session: Session, actor: Actor, agreement_id: str, reason: str, clock: Clock) -> Withdrawal:
    """Terminate an agreement and all that hangs on it."""
    agreement = agreements.terminate(session, actor, agreement_id, reason, clock)
    return _follow(session, agreement, actor, f"agreement terminated: {reason.strip()}", clock)


def expire_agreements(session: Session, clock: Clock) -> list[Withdrawal]:
    """What the worker does every day: agreements whose time is over end, with all that hangs on them."""
    actor = Actor.service("worker")
    return [
        _follow(session, agreement, actor, "agreement expired", clock)
        for agreement in agreements.expire_due(session, actor, clock)
    ]


def close_project(session: Session, actor: Actor, project: str, reason: str, clock: Clock) -> Project:
    """End a project: its extracts are revoked and destroyed, with its pseudonym tables."""
    row = membership.close_project(session, actor, project, reason, clock)
    service.revoke_project(session, actor, project, f"project closed: {reason.strip()}", clock)
    for extract in store.extracts_of(session, project):
        if extract.state in GONE_NEXT:
            extract.destroy_wanted = True
    return row


def _follow(session: Session, agreement: ParticipationAgreement, actor: Actor, reason: str, clock: Clock) -> Withdrawal:
    session.flush()
    revoked = service.revoke_provider(session, actor, agreement.provider, reason, clock)
    session.flush()
    rebuilt, stopped = [], []
    for project in sorted({extract.project for extract in revoked}):
        gone = frozenset({agreement.provider}) | _gone(session, project, clock)
        try:
            rebuilt.append(service.queue(session, Actor.service("portal"), project, clock, without=gone))
        except (Conflict, Unprocessable):
            stopped.append(project)
    return Withdrawal(agreement, tuple(revoked), tuple(rebuilt), tuple(stopped))


def _gone(session: Session, project: str, clock: Clock) -> frozenset[str]:
    """Providers of the project's approval whose agreement is not in force any more."""
    row = session.get(Project, project)
    named = {str(entry["table"]).split(".")[0] for entry in row.form["selections"]} if row else set()
    return frozenset(named - agreements.providers_in_force(session, clock.now()))
