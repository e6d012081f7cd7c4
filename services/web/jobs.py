"""The page of a project's jobs."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.people.permissions import Permission
from services.api import jobs as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/projects", include_in_schema=False)


@router.get("/{project_id}/jobs", permission=Permission.SIGNED_IN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor, project_id: str, where: Page) -> Response:
    """The jobs, the newest first."""
    found = api.list_jobs(ctx, actor, project_id, where)
    return page(
        request, "projects/jobs.html", title="Jobs", actor=actor, project=project_id, found=found,
        further=where.place is not None, now=ctx.clock.now(),
    )  # fmt: skip


@router.post("/{project_id}/jobs/{job_id}/cancel", permission=Permission.SIGNED_IN)
def cancel(ctx: Ctx, actor: CurrentActor, project_id: str, job_id: str) -> Response:
    """End a job."""
    api.cancel_job(ctx, actor, project_id, job_id)
    return redirect(f"/projects/{project_id}/jobs", "The job is cancelled; what it has written stays.")
