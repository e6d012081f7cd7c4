"""Registered reports: the catalogue, runs, cancelling."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from enclave.people.permissions import Permission
from enclave.reports import permissions, service, store
from enclave.reports.catalogue import load_catalogue, template
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import AS_IT_STANDS, newest

router = GuardedRouter(prefix="/reports", tags=["reports"])


class NewRun(BaseModel):
    """Which project, with which parameters."""

    project: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=50)


@router.get("", permission=Permission.REPORTS_RUN, order=AS_IT_STANDS)
def catalogue(actor: CurrentActor) -> list[dict[str, Any]]:
    """Every registered report with its parameters."""
    return [each.model_dump(mode="json") for each in load_catalogue().values()]


@router.get("/runs", permission=Permission.SIGNED_IN, order=newest("id"))
def runs(ctx: Ctx, actor: CurrentActor) -> list[dict[str, Any]]:
    """Runs of the projects that the actor belongs to, the newest first."""
    with ctx.database.read() as session:
        found = store.list_runs(session, limit=None)
        return [service.run_json(run, actor) for run in found if permissions.can_see(session, actor, run)]


@router.get("/runs/{run_id}", permission=Permission.SIGNED_IN)
def show_run(ctx: Ctx, actor: CurrentActor, run_id: str) -> dict[str, Any]:
    """One run."""
    with ctx.database.read() as session:
        run = store.get_run(session, run_id)
        permissions.check_can_see(session, actor, run)
        return service.run_json(run, actor)


@router.post("/runs/{run_id}/cancel", permission=Permission.REPORTS_RUN)
def cancel(ctx: Ctx, actor: CurrentActor, run_id: str) -> dict[str, Any]:
    """Stop a run that waits or runs."""
    with ctx.database.write() as session:
        return service.run_json(service.cancel(session, actor, ctx.clock, run_id), actor)


@router.get("/{name}", permission=Permission.REPORTS_RUN)
def show(actor: CurrentActor, name: str) -> dict[str, Any]:
    """One registered report with its parameters."""
    return template(name).model_dump(mode="json")


@router.post("/{name}/runs", permission=Permission.REPORTS_RUN, status_code=201)
def run(ctx: Ctx, actor: CurrentActor, name: str, body: NewRun) -> dict[str, Any]:
    """Queue a run; its outputs become a draft release request."""
    with ctx.database.write() as session:
        found = service.request_run(session, actor, ctx.clock, name, body.project, body.parameters)
        return service.run_json(found, actor)
