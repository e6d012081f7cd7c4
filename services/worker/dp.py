"""Settling of ledger entries that nobody waits for (portal or data service was stopped), and preparing editions."""

from __future__ import annotations

from enclave.core.actors import Actor
from enclave.editions import store as editions
from enclave.editions.states import EditionState
from services import private_answers
from services.api.context import Context
from services.data_client import DataClient
from services.worker.app import Job

WORKER = Actor.service("worker")
BUILD_TIMEOUT = 1800.0
_PREPARED: set[str] = set()


def pending(ctx: Context) -> list[str]:
    """Entries that have been reserved for longer than any caller waits."""
    return private_answers.orphans(ctx.database, _client(ctx))


def run(ctx: Context, entry_id: str) -> None:
    """Ask the data service what became of one entry, and settle it. Doing it again changes nothing."""
    private_answers.settle_entry(ctx.database, _client(ctx), WORKER, entry_id)


def unprepared(ctx: Context) -> list[str]:
    """Published editions that this process has not asked the data service to prepare; it does each once."""
    with ctx.database.read() as session:
        published = [row.id for row in editions.list_editions(session) if row.state == EditionState.PUBLISHED]
    return [edition for edition in published if edition not in _PREPARED]


def prepare(ctx: Context, edition: str) -> None:
    """Have an edition's bounded tables built before the first question. Those that stand are left alone."""
    _client(ctx).call("dp.prepare", timeout=BUILD_TIMEOUT, edition=edition)
    _PREPARED.add(edition)


def _client(ctx: Context) -> DataClient:
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)


JOBS = (
    Job("private answers left open", pending, run),
    Job("bounded tables", unprepared, prepare),
)
