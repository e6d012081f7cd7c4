"""Settling of ledger entries that nobody waits for: the portal or the data service was stopped meanwhile."""

from __future__ import annotations

from enclave.core.actors import Actor
from services import private_answers
from services.api.context import Context
from services.data_client import DataClient
from services.worker.app import Job

WORKER = Actor.service("worker")


def pending(ctx: Context) -> list[str]:
    """Entries that have been reserved for longer than any caller waits."""
    return private_answers.orphans(ctx.database, _client(ctx))


def run(ctx: Context, entry_id: str) -> None:
    """Ask the data service what became of one entry, and settle it. Doing it again changes nothing."""
    private_answers.settle_entry(ctx.database, _client(ctx), WORKER, entry_id)


def _client(ctx: Context) -> DataClient:
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)


JOBS = (Job("private answers left open", pending, run),)
