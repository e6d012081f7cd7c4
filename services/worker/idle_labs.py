"""Labs that nobody uses are stopped after `lab_idle_minutes`; the lab's page says so a quarter of an hour before.

A lab that computes, or that cannot be asked, is left alone; what was saved stays in the workspace, and jobs go on.
"""

from __future__ import annotations

from datetime import timedelta

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import EnclaveError, NotFound
from enclave.sandboxes.hub_client import Lab
from services.api.context import Context
from services.lab_idle import Idleness, idleness
from services.lab_sessions import hub_of
from services.worker.app import Job

WORKER = Actor.service("worker")
EVERY = timedelta(seconds=20)


def pending(ctx: Context) -> list[str]:
    """`user/project` of the labs whose idle time is over; none while the hub does not answer."""
    try:
        labs = [lab for lab in hub_of(ctx).labs() if lab.state == "ready"]
    except EnclaveError:
        return []
    return [f"{lab.user}/{lab.project}" for lab in labs if _idle(ctx, lab).is_over(ctx.clock.now())]


def run(ctx: Context, item: str) -> None:
    """Stop one lab, unless somebody came back meanwhile."""
    user, _, project = item.partition("/")
    lab = next((each for each in hub_of(ctx).labs_of(user) if each.project == project), None)
    if lab is None or not (idle := _idle(ctx, lab)).is_over(ctx.clock.now()) or idle.idle_since is None:
        return
    try:
        hub_of(ctx).stop(user, project)
    except NotFound:
        return
    with ctx.database.write() as session:
        since = idle.idle_since.isoformat()
        record(session, WORKER, "lab.stopped_idle", "project", project, ctx.clock, user=user, idle_since=since)


JOBS = (Job("idle labs", pending, run, every=EVERY),)


def _idle(ctx: Context, lab: Lab) -> Idleness:
    try:
        return idleness(ctx, lab)
    except EnclaveError:
        return Idleness()
