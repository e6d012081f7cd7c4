"""The worker's ear at the guard: what it did and refused becomes part of the audit trail, each event once.

A file whose signature does not hold is left alone and reported again, never believed.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.audit.model import AuditEvent
from enclave.core.errors import BadInput
from enclave.core.signing import open_envelope
from services.api.context import Context
from services.worker.app import Job

KIND, ISSUER, SUBJECT = "guard.event", "guard", "sandbox_event"
GUARD = Actor.service("guard")
EVERY = timedelta(seconds=3)


def pending(ctx: Context) -> list[str]:
    """Ids of event files that are not in the audit, oldest first."""
    names = sorted(path.stem for path in ctx.settings.paths.events.glob("guard_*.json"))
    if not names:
        return []
    with ctx.database.read() as session:
        query = select(AuditEvent.subject_id).where(AuditEvent.subject_type == SUBJECT)
        known = set(session.scalars(query))
    return [name for name in names if name not in known]


def run(ctx: Context, event_id: str) -> None:
    """Verify one event and append it; doing it again changes nothing."""
    payload = _payload(ctx, event_id)
    with ctx.database.write() as session:
        query = select(AuditEvent.seq).where(AuditEvent.subject_type == SUBJECT, AuditEvent.subject_id == event_id)
        if session.scalar(query) is None:
            details = {"sandbox": payload["subject"], **payload["details"]}
            record(session, GUARD, str(payload["type"]), SUBJECT, event_id, ctx.clock, **details)


JOBS = (Job("guard events", pending, run, every=EVERY),)


def _payload(ctx: Context, event_id: str) -> dict[str, Any]:
    try:
        envelope = json.loads((ctx.settings.paths.events / f"{event_id}.json").read_bytes())
    except ValueError as problem:
        raise BadInput("A guard event cannot be read.", "Look at the file in the folder of events.") from problem
    payload = open_envelope(envelope, ctx.keyring, KIND, ctx.clock, {ISSUER})
    if payload.get("id") != event_id or not isinstance(payload.get("details"), dict):
        raise BadInput("A guard event does not bear its own name.", "Look at the file in the folder of events.")
    return payload
