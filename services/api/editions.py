"""The data catalogue: editions, their tables and columns, linkage quality, contributions and match runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from enclave.editions import store
from enclave.editions.model import ContributionNotice, Edition, EditionTable, MatchRunNotice
from enclave.people.permissions import Permission
from services.api.deps import Ctx, GuardedRouter
from services.api.inputs import Year
from services.api.paging import newest

router = GuardedRouter(prefix="/editions", tags=["editions"])


class ColumnView(BaseModel):
    """A column of the codebook."""

    name: str
    type: str
    description: str
    missing: str = ""
    codes: dict[str, str] = {}
    kind: str = "attribute"
    max_route: str = "extract"


class TableView(BaseModel):
    """A table of an edition."""

    provider: str
    name: str
    description: str
    rows: int
    persons: int
    digest: str
    columns: list[ColumnView]

    @classmethod
    def of(cls, row: EditionTable) -> TableView:
        return cls(
            provider=row.provider, name=row.name, description=row.description, rows=row.rows, persons=row.persons,
            digest=row.digest, columns=[ColumnView.model_validate(column) for column in row.columns],
        )  # fmt: skip


class EditionSummary(BaseModel):
    """An edition in a list."""

    id: str
    year: int
    revision: int
    state: str
    published_at: datetime | None
    persons: int
    rows: int
    providers: list[str]

    @classmethod
    def of(cls, row: Edition) -> EditionSummary:
        return cls(
            id=row.id, year=row.year, revision=row.revision, state=row.state, published_at=row.published_at,
            persons=row.persons, rows=sum(table.rows for table in row.tables),
            providers=sorted({table.provider for table in row.tables}),
        )  # fmt: skip


class EditionView(EditionSummary):
    """An edition with its tables and its linkage quality."""

    manifest_digest: str
    quality: dict[str, Any]
    lineage: dict[str, Any]
    tables: list[TableView]

    @classmethod
    def of(cls, row: Edition) -> EditionView:
        return cls(
            **EditionSummary.of(row).model_dump(), manifest_digest=row.manifest_digest, quality=row.quality,
            lineage=row.lineage, tables=[TableView.of(table) for table in row.tables],
        )  # fmt: skip


class ContributionView(BaseModel):
    """A contribution as the vault last reported it."""

    id: str
    provider: str
    year: int
    state: str
    counts: dict[str, Any]
    updated_at: datetime

    @classmethod
    def of(cls, row: ContributionNotice) -> ContributionView:
        return cls(
            id=row.id, provider=row.provider, year=row.year, state=row.state, counts=row.counts,
            updated_at=row.updated_at,
        )  # fmt: skip


class MatchRunView(BaseModel):
    """A match run as the vault last reported it."""

    id: str
    year: int
    state: str
    runner: str
    accepted_by: str
    counts: dict[str, Any]
    quality: dict[str, Any]
    updated_at: datetime

    @classmethod
    def of(cls, row: MatchRunNotice) -> MatchRunView:
        return cls(
            id=row.id, year=row.year, state=row.state, runner=row.runner, accepted_by=row.accepted_by,
            counts=row.counts, quality=row.quality, updated_at=row.updated_at,
        )  # fmt: skip


@router.get("", permission=Permission.CATALOGUE_READ, order=newest("year", "revision", "id"))
def list_all(ctx: Ctx) -> list[EditionSummary]:
    """All editions, newest first."""
    with ctx.database.read() as session:
        return [EditionSummary.of(row) for row in store.list_editions(session)]


@router.get("/contributions", permission=Permission.CATALOGUE_READ, order=newest("year", "provider", "id"))
def list_contributions(ctx: Ctx, year: Year = None) -> list[ContributionView]:
    """What the vault reported of contributions."""
    with ctx.database.read() as session:
        return [ContributionView.of(row) for row in store.contributions(session, year)]


@router.get("/matches", permission=Permission.CATALOGUE_READ, order=newest("year", "id"))
def list_matches(ctx: Ctx) -> list[MatchRunView]:
    """What the vault reported of match runs, with their linkage quality."""
    with ctx.database.read() as session:
        return [MatchRunView.of(row) for row in store.match_runs(session)]


@router.get("/{edition_id}", permission=Permission.CATALOGUE_READ)
def show(ctx: Ctx, edition_id: str) -> EditionView:
    """One edition with its codebook and its linkage quality."""
    with ctx.database.read() as session:
        return EditionView.of(store.edition(session, edition_id))
