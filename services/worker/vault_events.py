"""The worker's ear at the vault: signed event files become mirrored rows and audit events.

An event is ingested once, by its id, however often the worker is killed. Files stay where they are: they are the
vault's own trail. A file whose signature does not hold is left alone and reported again and again, never believed.
"""

from __future__ import annotations

import json

from sqlalchemy import select

from enclave.core.errors import BadInput
from enclave.core.signing import open_envelope
from enclave.editions import service
from enclave.editions.model import VaultEvent
from services.api.context import Context
from services.worker.app import Job

KIND, ISSUER = "vault.event", "vault"


def pending(ctx: Context) -> list[str]:
    """Ids of event files that were not ingested, oldest first."""
    folder = ctx.settings.paths.events
    names = sorted(path.stem for path in folder.glob("evt_*.json")) if folder.is_dir() else []
    if not names:
        return []
    with ctx.database.read() as session:
        known = set(session.scalars(select(VaultEvent.id)))
    return [name for name in names if name not in known]


def run(ctx: Context, event_id: str) -> None:
    """Verify and mirror one event; doing it again changes nothing."""
    path = ctx.settings.paths.events / f"{event_id}.json"
    try:
        envelope = json.loads(path.read_bytes())
    except ValueError as problem:
        raise BadInput("A vault event cannot be read.", "Look at the file in the folder of events.") from problem
    payload = open_envelope(envelope, ctx.keyring, KIND, ctx.clock, {ISSUER})
    if payload.get("id") != event_id:
        raise BadInput("A vault event does not bear its own name.", "Look at the file in the folder of events.")
    with ctx.database.write() as session:
        service.ingest_event(session, payload, ctx.clock)


JOBS = (Job("vault events", pending, run),)
