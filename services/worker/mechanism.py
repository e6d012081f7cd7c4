"""The audit of the mechanism of private answers, once an edition."""

from __future__ import annotations

from datetime import timedelta

from enclave.core.actors import Actor
from enclave.dp import audits
from enclave.editions import store as editions
from services import transparency
from services.api.context import Context
from services.worker.app import Job

WORKER = Actor.service("worker")
WAIT = timedelta(hours=1)
"""After publication: the first extracts and bounded tables of an edition need the research store more."""
DRAWS = 60
"""Enough to tell half the noise from all of it, and less work for the research store than the office may ask for."""


def unaudited(ctx: Context) -> list[str]:
    """The open edition, some time after its publication, while no audit stands in the trail for it."""
    with ctx.database.read() as session:
        newest = editions.latest_published(session)
        if newest is None or newest.published_at is None or newest.published_at + WAIT > ctx.clock.now():
            return []
        return [newest.id] if audits.latest(session, newest.id) is None else []


def audit(ctx: Context, edition: str) -> None:
    """Audit the mechanism once an edition; what a crash cuts short is done again."""
    transparency.audit_mechanism(ctx, WORKER, edition, draws=DRAWS)


JOBS = (Job("audit of the mechanism", unaudited, audit, retry_after=timedelta(minutes=5), every=timedelta(minutes=1)),)
