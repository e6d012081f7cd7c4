"""One private question from reservation to answer, and the settling of those that a crash left behind.

Joins `enclave.dp` (which charges) with the data service (which computes): reserve and commit, send, settle.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from enclave.core.actors import Actor
from enclave.core.db import Database
from enclave.core.errors import EnclaveError, Unprocessable
from enclave.dp import service, store
from enclave.dp.model import LedgerEntry
from enclave.dp.specification import Request
from enclave.dp.states import EntryState
from services.data_client import JOB_LIFE, DataClient

ANSWER_TIMEOUT = 120.0
ORPHAN_AFTER = JOB_LIFE + timedelta(seconds=ANSWER_TIMEOUT)
"""An entry that waits longer than this has no caller any more."""


def answer_question(
    database: Database, client: DataClient, actor: Actor, project: str, request: Request
) -> dict[str, Any]:
    """The answer to a question, new or kept. Raises the one constant error when there is none after data access."""
    with database.write() as session:
        entry, new = service.ask(session, actor, client.clock, project, request)
    if entry.state == EntryState.RESERVED:
        entry = _run(database, client, actor, entry)
    with database.read() as session:
        return service.answer_json(session, entry, cached=not new)


def settle_entry(database: Database, client: DataClient, actor: Actor, entry_id: str) -> LedgerEntry:
    """Ask the data service what became of an entry and write it down. Unavailable: ask again later."""
    replies = client.call("dp.settle", entries=[entry_id])["entries"]
    with database.write() as session:
        return service.settle(session, actor, client.clock, entry_id, replies[entry_id])


def orphans(database: Database, client: DataClient) -> list[str]:
    """Entries that nobody waits for any more."""
    with database.read() as session:
        return store.orphans(session, client.clock.now() - ORPHAN_AFTER)


def _run(database: Database, client: DataClient, actor: Actor, entry: LedgerEntry) -> LedgerEntry:
    try:
        reply = client.call("dp.query", timeout=ANSWER_TIMEOUT, **service.job_of(entry))
    except EnclaveError:
        raise service.no_answer(entry.id) from None
    with database.write() as session:
        settled = service.settle(session, actor, client.clock, entry.id, reply)
    if settled.state == EntryState.VOIDED and "error" in reply:
        raise Unprocessable(reply["error"]["message"], reply["error"]["advice"])
    return settled
