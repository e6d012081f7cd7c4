"""The worker's note that time has ended an assistance; reading is refused from that moment on, noted or not."""

from __future__ import annotations

from enclave.assistance import service, store
from enclave.core.actors import Actor
from services.api.context import Context
from services.worker.app import Job

WORKER = Actor.service("worker")


def pending(ctx: Context) -> list[str]:
    """Ids whose time is over."""
    with ctx.database.read() as session:
        return store.overdue(session, ctx.clock.now())


def run(ctx: Context, ask: str) -> None:
    """Note the end of one."""
    with ctx.database.write() as session:
        service.note_end(session, WORKER, ask, ctx.clock)


JOBS = (Job("assistance that is over", pending, run),)
