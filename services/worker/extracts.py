"""The worker's part of extracts: hand queued builds to the data service, remove what is revoked, keep the certificates.

A build is asked for again after a kill of either side: the data service answers for a version that stands, and clears
what was left of one that does not.
"""

from __future__ import annotations

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, Unavailable
from enclave.extracts import service, store
from enclave.extracts.states import GONE_NEXT, ExtractState
from enclave.extracts.withdrawal import expire_agreements
from services.api.context import Context
from services.data_client import DataClient
from services.worker.app import Job

WORKER = Actor.service("worker")
BUILD_SECONDS = 4 * 3600.0


def pending(ctx: Context) -> list[str]:
    """Extracts to build or to remove."""
    with ctx.database.read() as session:
        return store.waiting(session)


def run(ctx: Context, extract_id: str) -> None:
    """One step for one extract; may be called again at any time."""
    with ctx.database.read() as session:
        state = ExtractState(store.get_extract(session, extract_id).state)
    if state in (ExtractState.QUEUED, ExtractState.BUILDING):
        _build(ctx, extract_id)
    elif state in GONE_NEXT:
        _destroy(ctx, extract_id)


def due(ctx: Context) -> list[str]:
    """Agreements whose time is over (the ids serve only to say that there are some)."""
    from enclave.agreements.store import STANDING, list_agreements

    with ctx.database.read() as session:
        rows = list_agreements(session)
        return [row.id for row in rows if row.state in STANDING and ctx.clock.now() >= row.expires_at][:1]


def expire(ctx: Context, _agreement: str) -> None:
    """End what is due, with all that hangs on it, in one transaction."""
    with ctx.database.write() as session:
        expire_agreements(session, ctx.clock)


def data_client(ctx: Context) -> DataClient:
    """The way to the research store."""
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)


def _build(ctx: Context, extract_id: str) -> None:
    with ctx.database.write() as session:
        specification = service.start_building(session, WORKER, extract_id, ctx.clock)
    try:
        result = data_client(ctx).call("extract.build", timeout=BUILD_SECONDS, specification=specification)
    except Unavailable:
        raise  # it stays BUILDING, and is asked for again when the data service is back
    except EnclaveError as error:
        with ctx.database.write() as session:
            service.fail_building(session, WORKER, extract_id, f"{error.message} {error.advice}".strip(), ctx.clock)
        return
    with ctx.database.write() as session:
        service.finish_building(session, WORKER, extract_id, result, ctx.clock)


def _destroy(ctx: Context, extract_id: str) -> None:
    with ctx.database.read() as session:
        extract = store.get_extract(session, extract_id)
        project, version = extract.project, extract.version
        over = service.project_is_over(session, project)
    answer = data_client(ctx).call(
        "extract.destroy", timeout=600.0, project=project, versions=[version], with_pseudonyms=over
    )
    with ctx.database.write() as session:
        service.finish_destroying(session, WORKER, extract_id, answer["certificate"], ctx.clock)


JOBS = (Job("agreements that end", due, expire), Job("extracts", pending, run))
