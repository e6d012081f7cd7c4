"""Labs that nobody uses are stopped after `lab_idle_minutes`; the lab's page says so a quarter of an hour before.

A lab that computes, or that cannot be asked, is left alone; what was saved stays in the workspace.
"""

from __future__ import annotations

import time

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import EnclaveError, NotFound
from enclave.sandboxes.hub_client import Lab
from services.api.context import Context
from services.lab_idle import Idleness, idleness
from services.lab_sessions import hub_of
from services.worker.app import Job

WORKER = Actor.service("worker")
EVERY = 60.0


class Rounds:
    """Asks about every running lab at most every `EVERY` seconds."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def pending(self, ctx: Context) -> list[str]:
        """`user/project` of the labs whose idle time is over; none while the hub does not answer."""
        if time.monotonic() - self._last < EVERY:
            return []
        self._last = time.monotonic()
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


JOBS = (Job("idle labs", Rounds().pending, run),)


def _idle(ctx: Context, lab: Lab) -> Idleness:
    try:
        return idleness(ctx, lab)
    except EnclaveError:
        return Idleness()
