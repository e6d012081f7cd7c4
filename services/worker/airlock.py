"""The worker's part of the airlock: checks that are still to do, and releases that were approved.

Both may be killed anywhere and are taken up again: a check belongs to the bytes that it read, and a release becomes
RELEASED only after its bundle stands.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from enclave.core.actors import Actor
from enclave.core.errors import Unavailable
from output_review import handing, old_releases, repairing, service, store, together
from services.airlock import airlock_of, checker_of, checking, look_for_repairs
from services.api.context import Context
from services.contributors import contributor_findings, forget, forgettable
from services.worker.app import Job

WORKER = Actor.service("worker")


def unchecked(ctx: Context) -> list[str]:
    """Requests with a file that has no complete report, or that were compared with something else than stands now."""
    with ctx.database.read() as session:
        return sorted({*store.unchecked_ids(session), *together.stale_ids(session)})


def check(ctx: Context, request_id: str) -> None:
    """Check one request. A checker that is away is waited for without a new report at each try."""
    checker = checker_of(ctx)
    if not checker.socket.is_socket():
        raise Unavailable("The checker does not answer.", "Start the checker; the checks are then repeated.")
    sets = partial(contributor_findings, ctx)
    service.run_checks(checking(ctx), ctx.database, checker, WORKER, request_id, sets)
    if request_id in unchecked(ctx):
        raise Unavailable("Some checks are not complete.", "They are repeated by themselves.")


def unrepaired(ctx: Context) -> list[str]:
    """Files of drafts (request/file) that do not pass and for which nobody looked for repairs yet."""
    with ctx.database.read() as session:
        return [f"{request_id}/{file_id}" for request_id, file_id in repairing.unsearched(session)]


def repair(ctx: Context, item: str) -> None:
    """Look for one file's repairs, so that they are there when its author opens the page."""
    request_id, _, file_id = item.partition("/")
    look_for_repairs(ctx, WORKER, request_id, file_id)


def silent(ctx: Context) -> list[str]:
    """Files of old releases that never said what they hold in numbers."""
    with ctx.database.read() as session:
        return old_releases.to_read(session)


def read_again(ctx: Context, file_id: str) -> None:
    """Read one of them, so that later requests are compared with it."""
    old_releases.read(checking(ctx), ctx.database, checker_of(ctx), WORKER, file_id)


def approved(ctx: Context) -> list[str]:
    """Requests that wait for their release."""
    with ctx.database.read() as session:
        return store.approved_ids(session)


def release(ctx: Context, request_id: str) -> None:
    """Release one request; doing it again changes nothing."""
    service.release(airlock_of(ctx), ctx.database, WORKER, request_id, ctx.key)


def unused(ctx: Context) -> list[str]:
    """Places at the desk (request/checker) that nobody has used for days."""
    with ctx.database.read() as session:
        return handing.idle(session, ctx.clock.now())


def free(ctx: Context, item: str) -> None:
    """Free one for the colleagues; a vote a moment before wins."""
    request_id, _, checker = item.partition("/")
    with ctx.database.write() as session:
        handing.expire(airlock_of(ctx), session, WORKER, request_id, checker)


JOBS = (
    Job("release checks", unchecked, check),
    Job("old releases", silent, read_again),
    Job("repairs", unrepaired, repair),
    Job("releases", approved, release),
    Job("contributor sets", forgettable, forget),
    Job("unused places", unused, free, every=timedelta(minutes=10)),
)
