"""What is done with a provider's data: the log, and the disclosure log as a file.

A provider's reviewer sees the log of their own provider; the office and auditors see everybody's.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from enclave.people.service import get_user
from services import uses
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page, newest
from services.uses import DISCLOSURES, Kind, Use

router = GuardedRouter(prefix="/providers", tags=["providers"])


class CsvFile(Response):
    """A table as a download."""

    media_type = "text/csv"


_COLUMNS = {
    "since": "date", "kind": "kind", "id": "reference", "project": "project", "title": "title",
    "parties": "parties", "institution": "institution", "interest": "legitimate interest", "basis": "legal basis",
    "elements": "elements", "years": "years of data", "outcome": "outcome", "until": "ended",
}  # fmt: skip
_ORDER = newest("since", "kind", "id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class UseView(BaseModel):
    """One line of the log."""

    kind: Kind
    since: datetime
    id: str
    project: str
    title: str
    parties: list[str]
    institution: str
    interest: str
    basis: str
    elements: list[str]
    years: str
    outcome: str
    until: datetime | None
    path: str

    @classmethod
    def of(cls, use: Use) -> UseView:
        return cls(**{name: getattr(use, name) for name in cls.model_fields})


class UsesView(BaseModel):
    """A page of the log; `total` counts all of its kinds, `readable` the extracts that can be read now."""

    provider: str
    total: int
    readable: int
    uses: list[UseView]
    next: str | None


@router.get("/{provider}/uses", permission=Permission.USES_READ)
def list_uses(ctx: Ctx, actor: CurrentActor, provider: str, page: Page, kind: Kind | None = None) -> UsesView:
    """The log, newest first."""
    with ctx.database.read() as session:
        check_may_read(session, actor, provider)
        found = uses.uses_of(session, provider)
    chosen = [use for use in found if kind is None or use.kind is kind]
    rows, following = page.cut(chosen, _ORDER.key, down=True)
    return UsesView(
        provider=provider, total=len(chosen), readable=len(uses.readers_now(found)),
        uses=[UseView.of(use) for use in rows], next=following,
    )  # fmt: skip


@router.get("/{provider}/disclosures.csv", permission=Permission.USES_READ, response_class=CsvFile)
def disclosure_log(ctx: Ctx, actor: CurrentActor, provider: str) -> CsvFile:
    """The record of requests and disclosures that 34 CFR 99.32 asks the provider to keep, oldest first."""
    with ctx.database.write() as session:
        check_may_read(session, actor, provider)
        found = uses.uses_of(session, provider, DISCLOSURES)
        record(session, actor, "provider.disclosures_exported", "provider", provider, ctx.clock, lines=len(found))
    name = f"disclosures-{provider}-{ctx.clock.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return CsvFile(_as_csv(list(reversed(found))), headers=headers)


def check_may_read(session: Session, actor: Actor, provider: str) -> None:
    """Raise NotAllowed unless this is the reviewer's own provider, or the person oversees all."""
    if actor.kind == "operator" or actor.has(Role.MANAGING_ENTITY, Role.AUDITOR):
        return
    if get_user(session, actor.name).provider != provider:
        raise NotAllowed("This is another provider's log.", "You can see your own provider's.")


def _as_csv(found: list[Use]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS.values())
    for use in found:
        row = use.row()
        writer.writerow([_safe(row[name]) for name in _COLUMNS])
    return text.getvalue()


def _safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
