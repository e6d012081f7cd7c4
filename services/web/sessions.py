"""Pages about labs: open and stop one's own; administrators see and stop all. The lab itself is shown by `lab`."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.people.permissions import Permission, holds
from services import lab_sessions
from services.api import sessions as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/sessions", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN)
def show_sessions(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """One's own projects and labs; for who manages sessions everybody's labs too."""
    manages = holds(actor, Permission.SESSIONS_MANAGE)
    watches = holds(actor, Permission.AUDIT_READ)
    return page(
        request,
        "sessions/list.html",
        title="Sessions",
        actor=actor,
        projects=lab_sessions.own_projects(ctx, actor),
        labs=lab_sessions.visible_labs(ctx, actor) if manages else [],
        manages=manages,
        watches=watches,
        traffic=api.list_traffic(ctx) if watches else [],
    )


@router.get("/record/{run}", permission=Permission.AUDIT_READ)
def show_record(request: Request, ctx: Ctx, actor: CurrentActor, run: str) -> Response:
    """What one session sent to a browser: how much, and which files were read."""
    found = api.show_traffic(ctx, run)
    return page(request, "sessions/record.html", title="What a lab sent", actor=actor, record=found)


@router.post("/{project}/open", permission=Permission.SIGNED_IN)
def open_session(request: Request, ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """Start the lab and go to its page, which waits for it; or offer to stop the one that is open."""
    try:
        lab_sessions.open_lab(ctx, actor, project)
    except lab_sessions.AnotherLabOpen as problem:
        return page(
            request, "sessions/other.html", title="Another lab is open", actor=actor, status=problem.status,
            problem=problem, project=project,
        )  # fmt: skip
    return redirect(f"/lab/{project}")


@router.post("/{project}/switch", permission=Permission.SIGNED_IN)
def switch_session(ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """Stop the lab of another project and start this one."""
    lab_sessions.switch_lab(ctx, actor, project)
    return redirect(f"/lab/{project}")


@router.post("/{user}/{project}/stop", permission=Permission.SIGNED_IN)
def stop_session(ctx: Ctx, actor: CurrentActor, user: str, project: str) -> Response:
    """Stop a lab."""
    lab_sessions.stop_lab(ctx, actor, user, project)
    return redirect("/sessions", f"The lab of {project} is being stopped; saved files stay.")
