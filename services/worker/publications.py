"""The worker's part of the publication gate: what is cleared, by the clock or because everybody has spoken."""

from __future__ import annotations

from datetime import timedelta

from enclave.core.actors import Actor
from output_review.publications import service
from services.api.context import Context
from services.worker.app import Job

WORKER = Actor.service("worker")


def ready(ctx: Context) -> list[str]:
    """Publications whose time is over, or on which every named provider has spoken."""
    with ctx.database.read() as session:
        return service.ready_ids(session, ctx.clock.now())


def clear(ctx: Context, identity: str) -> None:
    """Clear one; a withdrawal a moment before wins."""
    with ctx.database.write() as session:
        service.clear(session, WORKER, ctx.clock, identity)


JOBS = (Job("publications", ready, clear, every=timedelta(seconds=5)),)
