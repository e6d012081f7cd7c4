"""Pages of registered reports: the catalogue with a form each, and the runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from enclave.people.permissions import Permission
from enclave.projects import store as projects
from enclave.reports import permissions, service, store
from enclave.reports.catalogue import load_catalogue, template
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/reports", include_in_schema=False)


async def _form(request: Request) -> FormData:
    return await request.form()


Form = Annotated[FormData, Depends(_form)]


@router.get("", permission=Permission.REPORTS_RUN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The catalogue and the latest runs."""
    with ctx.database.read() as session:
        found = [run for run in store.list_runs(session) if permissions.can_see(session, actor, run)]
        runs = [service.run_json(run, actor) for run in found]
    return page(
        request, "reports/list.html", title="Reports", actor=actor, reports=list(load_catalogue().values()), runs=runs
    )


@router.get("/runs/{run_id}", permission=Permission.SIGNED_IN)
def run_page(request: Request, ctx: Ctx, actor: CurrentActor, run_id: str) -> Response:
    """One run: what was asked, where it stands, what it made."""
    with ctx.database.read() as session:
        run = store.get_run(session, run_id)
        permissions.check_can_see(session, actor, run)
        view = service.run_json(run, actor)
    return page(request, "reports/run.html", title=f"Report run {run_id}", actor=actor, run=view)


@router.get("/{name}", permission=Permission.REPORTS_RUN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, name: str) -> Response:
    """One report with the form that runs it."""
    with ctx.database.read() as session:
        rows = projects.projects_of(session, actor.name) if actor.kind == "user" else projects.list_projects(session)
        names = [row.id for row in rows if row.extract_version is not None]
    found = template(name)
    return page(request, "reports/show.html", title=found.title, actor=actor, report=found, projects=names)


@router.post("/{name}", permission=Permission.REPORTS_RUN)
def run_it(ctx: Ctx, actor: CurrentActor, name: str, form: Form) -> Response:
    """Queue a run from the form."""
    given = {key: str(value) for key, value in form.items() if key not in ("csrf", "project")}
    with ctx.database.write() as session:
        run = service.request_run(session, actor, ctx.clock, name, str(form.get("project") or "") or None, given)
    return redirect(f"/reports/runs/{run.id}", "The run is queued.")


@router.post("/runs/{run_id}/cancel", permission=Permission.REPORTS_RUN)
def cancel(ctx: Ctx, actor: CurrentActor, run_id: str) -> Response:
    """Stop a run."""
    with ctx.database.write() as session:
        service.cancel(session, actor, ctx.clock, run_id)
    return redirect(f"/reports/runs/{run_id}", "The run was cancelled.")
