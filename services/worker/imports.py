"""The worker's part of the import lane: checks, and the folders of the labs made to follow the database.

A folder holds what is approved while its project is active, and nothing else: a suspended project's folder is empty
(the bytes stay sealed in the airlock) and filled again when it goes on; what was withdrawn leaves. Every step may be
done again after a kill.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import Unavailable
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from output_review.imports import service, store
from output_review.imports.states import ACCEPTED, ImportState
from services.api.context import Context
from services.imports import check, deliver, shelf_of
from services.worker.app import Job

WORKER = Actor.service("worker")
EVERY = timedelta(seconds=1)


def submitted(ctx: Context) -> list[str]:
    """Imports whose checks are to be completed."""
    with ctx.database.read() as session:
        return [row.id for row in store.in_state(session, ImportState.SUBMITTED)]


def complete(ctx: Context, identity: str) -> None:
    """Check one and pass it on. A checker that is away is waited for."""
    if not check(ctx, WORKER, identity):
        raise Unavailable("Some checks are not complete.", "They are repeated by themselves.")
    with ctx.database.write() as session:
        service.finish_checking(session, WORKER, ctx.clock, identity)


def out_of_place(ctx: Context) -> list[str]:
    """Imports to deliver (their ids), and folders to empty (`project/name`)."""
    found = shelf_of(ctx).standing()
    with ctx.database.read() as session:
        wanted = _wanted(ctx, session)
    missing = [identity for place, (identity, new) in wanted.items() if new or found.get(place) != identity]
    surplus = [f"{project}/{name}" for project, name in found if (project, name) not in wanted]
    return [*surplus, *missing]


def put_in_place(ctx: Context, item: str) -> None:
    """Deliver one import, or take one folder out of the labs."""
    project, _, name = item.rpartition("/")
    if project:
        shelf_of(ctx).remove(project, name)
    else:
        deliver(ctx, WORKER, item)


def _wanted(ctx: Context, session: Session) -> dict[tuple[str, str], tuple[str, bool]]:
    """(project, name) → the import that is to lie there, and whether it was never delivered; active projects only."""
    rows = store.in_state(session, *ACCEPTED)
    live = {
        project
        for project in {row.project for row in rows}
        if is_live(projects.get_project(session, project), ctx.clock.now())
    }
    return {(row.project, row.name): (row.id, row.state == ImportState.APPROVED) for row in rows if row.project in live}


JOBS = (
    Job("import checks", submitted, complete, retry_after=timedelta(seconds=5), every=EVERY),
    Job("import deliveries", out_of_place, put_in_place, retry_after=timedelta(seconds=5), every=EVERY),
)
