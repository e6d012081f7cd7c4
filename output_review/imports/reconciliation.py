"""Do the rows and bytes of imports still say what the audit trail says? Every difference is named.

As for releases (`output_review.reconciliation`): the chain proves the trail, this proves what stands beside it. It
sees a changed state, submitter, decider, file or word of what was handed in or approved, a row that is gone, and
changed bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit import AuditEvent
from output_review.blobs import BlobStore
from output_review.imports.model import ImportRequest
from output_review.imports.states import OVER, ImportState
from output_review.reconciliation import Difference

_HANDED_IN = frozenset(
    {ImportState.SUBMITTED, ImportState.CHECKED, ImportState.APPROVED, ImportState.DELIVERED, ImportState.REFUSED}
)
_DECISIONS = ("import.approved", "import.refused")


def differences(session: Session, blobs: Callable[[str], BlobStore]) -> Iterator[Difference]:
    """Compare every import with the trail; `blobs` gives a project's store. Reads every blob of what is not over."""
    events: dict[str, list[AuditEvent]] = {}
    for event in session.scalars(
        select(AuditEvent).where(AuditEvent.subject_type == "import").order_by(AuditEvent.seq)
    ):
        events.setdefault(event.subject_id, []).append(event)
    rows = {row.id: row for row in session.scalars(select(ImportRequest))}
    yield from (Difference(gone, "the import is gone") for gone in sorted(set(events) - set(rows)))
    for identity, row in sorted(rows.items()):
        problems = [*_row(row, events.get(identity, [])), *_bytes(row, blobs)]
        yield from (Difference(identity, what) for what in problems)


def _row(row: ImportRequest, events: Sequence[AuditEvent]) -> Iterator[str]:
    if not events:
        yield "the trail knows no such import"
        return
    state = _last(events, "to") or ImportState.DRAFT.value
    if row.state != state:
        yield f"the import's state is {row.state}, the trail says {state}"
    if (row.submitter, row.project) != (_last(events, "submitter"), _last(events, "project")):
        yield "the import's submitter or project is another"
    if row.state in _HANDED_IN and row.content != _last(events, "content"):
        yield "its files or words are not those that were handed in"
    decided = [event.actor for event in events if event.action in _DECISIONS]
    if decided and decided[-1] != f"user:{row.decided_by}":
        yield "the trail knows another decider"


def _bytes(row: ImportRequest, blobs: Callable[[str], BlobStore]) -> Iterator[str]:
    if row.state in OVER:
        return
    yield from (
        f"{file.name}: the stored bytes are gone or changed"
        for file in row.files
        if not blobs(row.project).holds(file.sha256)
    )


def _last(events: Sequence[AuditEvent], key: str) -> str:
    return str(next((event.details[key] for event in reversed(events) if key in event.details), ""))
