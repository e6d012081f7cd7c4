"""The worker's part of providers' vetoes: those whose days are over lapse, and the release goes on."""

from __future__ import annotations

from datetime import timedelta

from enclave.core.actors import Actor
from output_review.vetoes import service
from services.airlock import airlock_of
from services.api.context import Context
from services.worker.app import Job

WORKER = Actor.service("worker")


def due(ctx: Context) -> list[str]:
    """Open vetoes whose days are over."""
    with ctx.database.read() as session:
        return service.due_ids(session, ctx.clock.now())


def lapse(ctx: Context, identity: str) -> None:
    """Silence proceeds; whoever returned the request a moment before wins."""
    with ctx.database.write() as session:
        service.lapse(airlock_of(ctx), session, WORKER, identity)


JOBS = (Job("vetoes", due, lapse, every=timedelta(seconds=5)),)
