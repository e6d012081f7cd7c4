"""Labs whose reason has gone: a suspended person, a closed project, too many bytes sent. Stopped within seconds.

The gateway has shut the door by then (it asks every few seconds by itself); this ends what still computes inside.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import EnclaveError, NotFound
from enclave.projects.access import lab_access
from enclave.sandboxes.hub_client import Lab
from enclave.traffic.store import to_stop
from services.api.context import Context
from services.lab_sessions import hub_of
from services.worker.app import Job

WORKER = Actor.service("worker")
EVERY = timedelta(seconds=10)


def pending(ctx: Context) -> list[str]:
    """`user/project` of the labs that may not run any longer; none while the hub does not answer."""
    try:
        labs = [lab for lab in hub_of(ctx).labs() if lab.state != "stopping"]
    except EnclaveError:
        return []
    with ctx.database.read() as session:
        now = ctx.clock.now()
        cut = {(row.user, row.project): row.stopped_at for row in to_stop(session)}
        return [
            f"{lab.user}/{lab.project}"
            for lab in labs
            if not lab_access(session, lab.user, lab.project, now).allowed or _was_cut(lab, cut)
        ]


def _was_cut(lab: Lab, cut: dict[tuple[str, str], datetime | None]) -> bool:
    """Whether this very run of a lab has sent too much; the portal stops it itself, unless the hub was away."""
    when = cut.get((lab.user, lab.project))
    return when is not None and lab.started is not None and lab.started < when


def run(ctx: Context, item: str) -> None:
    """Stop one lab; one that has stopped meanwhile is no error."""
    user, _, project = item.partition("/")
    try:
        hub_of(ctx).stop(user, project)
    except NotFound:
        return
    with ctx.database.write() as session:
        record(session, WORKER, "lab.stopped", "project", project, ctx.clock, user=user)


JOBS = (Job("labs without access", pending, run, every=EVERY),)
