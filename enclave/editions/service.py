"""Mirroring what the vault reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput
from enclave.editions.events import Event, TableOfEvent, parse
from enclave.editions.model import ContributionNotice, Edition, EditionTable, MatchRunNotice, VaultEvent
from enclave.editions.states import EDITION, ContributionState, EditionState, MatchRunState

VAULT = Actor("vault", kind="vault")
_EDITION_ID = re.compile(r"^(\d{4})r(\d+)$")


def ingest_event(session: Session, payload: dict[str, Any], clock: Clock) -> bool:
    """Mirror one event of the vault and audit it; False when it was ingested before.

    The caller has verified the signature. Everything happens in the caller's transaction, so an event is mirrored
    and audited wholly or not at all. Raises BadInput for an event that has not the form.
    """
    event = parse(payload)
    if session.get(VaultEvent, event.id) is not None:
        return False
    session.add(VaultEvent(id=event.id, type=event.type, subject=event.subject, ingested_at=clock.now()))
    _HANDLERS[event.subject_type](session, event, clock)
    return True


def _contribution(session: Session, event: Event, clock: Clock) -> None:
    state = ContributionState(event.happened.upper())
    provider, year = event.provider, event.year
    if provider is None or year is None:
        raise BadInput("A contribution event names a provider and a year.", "Look at the vault's version.")
    row = session.get(ContributionNotice, event.subject)
    if row is None:
        row = ContributionNotice(id=event.subject, provider=provider, year=year, counts={}, digests={})
        session.add(row)
    row.state, row.updated_at = state.value, clock.now()
    row.counts, row.digests = row.counts | event.counts, row.digests | event.digests
    _audit(session, event, clock)


def _match_run(session: Session, event: Event, clock: Clock) -> None:
    if event.year is None or event.happened.upper() not in MatchRunState.__members__:
        raise BadInput("A match run event names a year and a known state.", "Look at the vault's version.")
    row = session.get(MatchRunNotice, event.subject)
    if row is None:
        row = MatchRunNotice(id=event.subject, year=event.year, runner="", accepted_by="", counts={}, quality={})
        session.add(row)
    row.state, row.updated_at = event.happened.upper(), clock.now()
    row.runner, row.accepted_by = event.runner or row.runner, event.accepted_by or row.accepted_by
    row.counts, row.quality = row.counts | event.counts, event.quality or row.quality
    _audit(session, event, clock)


def _edition(session: Session, event: Event, clock: Clock) -> None:
    match event.happened:
        case "published":
            _publish(session, event, clock)
        case "withdrawn" | "superseded" as happened:
            row = session.get(Edition, event.subject)
            if row is not None:
                EDITION.move(session, row, EditionState(happened.upper()), VAULT, clock, event=event.id)
        case _:
            raise BadInput("An edition event tells of something unknown.", "Look at the vault's version.")


def _publish(session: Session, event: Event, clock: Clock) -> None:
    name = _EDITION_ID.match(event.subject)
    if name is None:
        raise BadInput("An edition is named by year and revision.", "Look at the vault's version.")
    if session.get(Edition, event.subject) is not None:
        return  # told twice by a publication that was killed in between
    row = Edition(
        id=event.subject, year=int(name[1]), revision=int(name[2]), state=EditionState.DRAFT.value,
        published_at=clock.now(), manifest_digest=event.digests.get("manifest", ""),
        persons=int(event.counts.get("persons", 0)), quality=event.quality, lineage=event.lineage,
        tables=[_table(event.subject, table) for table in event.tables],
    )  # fmt: skip
    session.add(row)
    session.flush()
    EDITION.move(session, row, EditionState.PUBLISHED, VAULT, clock, event=event.id, manifest=row.manifest_digest)
    for older in event.supersedes:
        superseded = session.get(Edition, older)
        if superseded is not None and superseded.state == EditionState.PUBLISHED:
            EDITION.move(session, superseded, EditionState.SUPERSEDED, VAULT, clock, by=row.id)


def _table(edition_id: str, table: TableOfEvent) -> EditionTable:
    return EditionTable(
        id=f"{edition_id}/{table.provider}/{table.name}", provider=table.provider, name=table.name,
        description=table.description, rows=table.rows, persons=table.persons, digest=table.digest,
        columns=[column.model_dump(mode="json") for column in table.columns],
    )  # fmt: skip


def _audit(session: Session, event: Event, clock: Clock) -> None:
    record(
        session, VAULT, event.type, event.subject_type, event.subject, clock,
        event=event.id, counts=event.counts, digests=event.digests,
        **({"accepted_by": event.accepted_by} if event.accepted_by else {}),
        **({"runner": event.runner} if event.runner else {}),
    )  # fmt: skip


_HANDLERS: dict[str, Callable[[Session, Event, Clock], None]] = {
    "contribution": _contribution,
    "match_run": _match_run,
    "edition": _edition,
}
