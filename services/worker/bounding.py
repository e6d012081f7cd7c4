"""The report of the rows that bounding cut, for each table of the open edition: reserved, told, settled; once."""

from __future__ import annotations

from datetime import timedelta

from enclave.core.actors import Actor
from enclave.dp import bounding, service
from enclave.dp.states import EntryState
from services.api.context import Context
from services.data_client import DataClient
from services.worker.app import Job

WORKER = Actor.service("worker")
TIMEOUT = 1_800.0


def unreported(ctx: Context) -> list[str]:
    """Edition and table of each report that is missing."""
    with ctx.database.read() as session:
        return ["/".join(each) for each in bounding.unreported(session, ctx.clock)]


def report(ctx: Context, item: str) -> None:
    """Charge first, then ask the research store; a crash in between is settled when this is done again."""
    edition, table = item.split("/")
    with ctx.database.write() as session:
        entry = bounding.reserve(session, WORKER, ctx.clock, edition, table)
    if entry.state != EntryState.RESERVED:
        return
    client = DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)
    reply = client.call("dp.bounding", timeout=TIMEOUT, **service.job_of(entry))
    with ctx.database.write() as session:
        service.settle(session, WORKER, ctx.clock, entry.id, reply)


JOBS = (
    Job("share of rows cut", unreported, report, retry_after=timedelta(minutes=5), every=timedelta(seconds=30)),
)  # fmt: skip
