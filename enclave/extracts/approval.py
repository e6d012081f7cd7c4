"""The last approval of a request orders the extract: one transaction from the decision to the queue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import Conflict, Unprocessable
from enclave.extracts import service
from enclave.projects import service as projects
from enclave.projects.model import DataRequest
from enclave.projects.states import RequestState, Verdict


def decide(
    session: Session, actor: Actor, request_id: str, verdict: Verdict, reason: str, digest: str, clock: Clock
) -> DataRequest:
    """A provider's decision; when it was the last approval, the project's extract is queued.

    Without a published edition, or while another version is on its way, the approval stands and the office queues the
    extract later.
    """
    request = projects.decide(session, actor, request_id, verdict, reason, digest, clock)
    if request.state == RequestState.APPROVED:
        session.flush()
        try:
            service.queue(session, Actor.service("portal"), request.project, clock)
        except (Conflict, Unprocessable):
            return request
    return request
