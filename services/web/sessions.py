"""Pages about labs: open one's own, wait for it, enter it; administrators see and stop all."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from enclave.core.errors import Conflict
from enclave.people.permissions import Permission, holds
from services import lab_sessions
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/sessions", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN)
def show_sessions(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """One's own projects and labs; for who manages sessions everybody's labs too."""
    manages = holds(actor, Permission.SESSIONS_MANAGE)
    return page(
        request,
        "sessions/list.html",
        title="Sessions",
        actor=actor,
        projects=lab_sessions.own_projects(ctx, actor),
        labs=lab_sessions.visible_labs(ctx, actor) if manages else [],
        manages=manages,
    )


@router.post("/{project}/open", permission=Permission.SIGNED_IN)
def open_session(ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """Start the lab, then wait for it."""
    lab_sessions.open_lab(ctx, actor, project)
    return redirect(f"/sessions/{project}/wait")


@router.get("/{project}/wait", permission=Permission.SIGNED_IN)
def wait(request: Request, ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """A page that looks again every two seconds and enters the lab when it is ready; works without JavaScript.

    The browser enters by this page and not by the form's own redirect: the form's policy allows the portal only.
    """
    lab = lab_sessions.own_lab(ctx, actor, project)
    if lab is None:
        raise Conflict(
            "The lab did not start.", "Open it again from the page “Sessions”; if it fails, tell the office."
        )
    return page(request, "sessions/wait.html", title="Opening your lab", actor=actor, project=project, lab=lab)


@router.get("/{project}/enter", permission=Permission.SIGNED_IN)
def enter(ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """Go to the lab with a fresh ticket."""
    return RedirectResponse(lab_sessions.entry_address(ctx, actor, project), status_code=303)


@router.post("/{user}/{project}/stop", permission=Permission.SIGNED_IN)
def stop_session(ctx: Ctx, actor: CurrentActor, user: str, project: str) -> Response:
    """Stop a lab."""
    lab_sessions.stop_lab(ctx, actor, user, project)
    return redirect("/sessions", f"The lab of {project} is being stopped; saved files stay.")
