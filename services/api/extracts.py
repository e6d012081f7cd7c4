"""Extracts: build, show, verify, revoke, destroy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.extracts import service, store
from enclave.extracts.model import Extract
from enclave.extracts.states import EXTRACT, NEXT_STEP, ExtractState
from enclave.people.permissions import Permission, holds
from enclave.projects import permissions
from enclave.projects import store as projects
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.data_client import DataClient

router = GuardedRouter(tags=["extracts"])
VERIFY_SECONDS = 1800.0


class TableRisk(BaseModel):
    """Measured re-identification risk of one table; all counts are of persons."""

    table: str
    rows: int
    persons: int
    k: int | None
    uniques: int
    below: int
    quasi_identifiers: list[str]


class ExtractView(BaseModel):
    """One version of a project's extract: counts, digests and risk, never data."""

    id: str
    project: str
    version: int
    state: str
    since: datetime
    reason: str
    next_step: str
    edition: str
    providers: list[str]
    specification_digest: str
    tables: dict[str, Any]
    risk: list[TableRisk]
    files: dict[str, Any]
    problems: list[str]
    persons: int | None
    manifest_digest: str | None
    certificate: dict[str, Any] | None
    allowed_states: list[str]
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Extract, actor: Actor) -> ExtractView:
        result = row.result or {}
        return cls(
            id=row.id,
            project=row.project,
            version=row.version,
            state=row.state,
            since=row.state_since,
            reason=row.state_reason,
            next_step=NEXT_STEP[ExtractState(row.state)],
            edition=row.edition,
            providers=row.providers,
            specification_digest=row.specification_digest,
            tables=result.get("tables", {}),
            risk=[TableRisk(table=table, **found) for table, found in sorted(result.get("risk", {}).items())],
            files=result.get("files", {}),
            problems=result.get("problems", []),
            persons=result.get("persons"),
            manifest_digest=result.get("manifest_digest"),
            certificate=row.certificate,
            allowed_states=sorted(EXTRACT.allowed(row.state)),
            allowed_actions=allowed(service.checks(actor, row)),
        )


class BuildBody(BaseModel):
    """Which edition; the newest published one when none is named."""

    edition: str | None = None


class ReasonBody(BaseModel):
    """Why."""

    reason: str


@router.get("/projects/{project_id}/extracts", permission=Permission.SIGNED_IN, order=newest("version"))
def list_extracts(ctx: Ctx, actor: CurrentActor, project_id: str) -> list[ExtractView]:
    """All versions of a project's extract, the newest first."""
    with ctx.database.read() as session:
        _check_may_read(session, actor, project_id)
        return [ExtractView.of(row, actor) for row in store.extracts_of(session, project_id)]


@router.post("/projects/{project_id}/extracts", permission=Permission.EXTRACTS_MANAGE, status_code=201)
def build_extract(ctx: Ctx, actor: CurrentActor, project_id: str, body: BuildBody) -> ExtractView:
    """Queue the next version, compiled from the project's approval."""
    with ctx.database.write() as session:
        return ExtractView.of(service.queue(session, actor, project_id, ctx.clock, edition=body.edition), actor)


@router.get("/extracts/{extract_id}", permission=Permission.SIGNED_IN)
def show_extract(ctx: Ctx, actor: CurrentActor, extract_id: str) -> ExtractView:
    """One version."""
    with ctx.database.read() as session:
        row = store.get_extract(session, extract_id)
        _check_may_read(session, actor, row.project)
        return ExtractView.of(row, actor)


@router.post("/extracts/{extract_id}/verify", permission=Permission.EXTRACTS_MANAGE)
def verify_extract(ctx: Ctx, actor: CurrentActor, extract_id: str) -> dict[str, Any]:
    """Have the research store check signature, digests, columns, patterns and risk again."""
    with ctx.database.read() as session:
        row = store.get_extract(session, extract_id)
        service.checks(actor, row)["verify"]()
        project, version = row.project, row.version
    return data_client(ctx).call("extract.verify", timeout=VERIFY_SECONDS, project=project, version=version)


@router.post("/extracts/{extract_id}/revoke", permission=Permission.EXTRACTS_MANAGE, fresh=True)
def revoke_extract(ctx: Ctx, actor: CurrentActor, extract_id: str, body: ReasonBody) -> ExtractView:
    """Nobody may use this version any more."""
    with ctx.database.write() as session:
        return ExtractView.of(service.revoke(session, actor, extract_id, body.reason, ctx.clock), actor)


@router.post("/extracts/{extract_id}/destroy", permission=Permission.EXTRACTS_MANAGE, fresh=True)
def destroy_extract(ctx: Ctx, actor: CurrentActor, extract_id: str) -> ExtractView:
    """Order the removal of a version that is no longer in use; the certificate follows."""
    with ctx.database.write() as session:
        return ExtractView.of(service.want_destroyed(session, actor, extract_id, ctx.clock), actor)


def _check_may_read(session: Session, actor: Actor, project: str) -> None:
    """Who sees the project, and who manages extracts, who see nothing else of it."""
    found = projects.get_project(session, project)
    if not holds(actor, Permission.EXTRACTS_MANAGE):
        permissions.check_can_see_project(session, actor, found)


def data_client(ctx: Context) -> DataClient:
    """The way to the research store."""
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)
