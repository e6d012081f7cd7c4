"""The page around a lab: a slim bar of the portal, and below it the lab in a frame of another origin.

Why a frame: a script in a lab's page could send its own tab elsewhere and put data into the address. In this frame it
cannot: the page's policy lets the frame show the lab's origin only, and the frame may not move the page around it.
The page says in words what keeps the lab from being shown; `static/c2c/lab.js` looks again every few seconds.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import Request
from starlette.responses import JSONResponse, Response

from enclave.people.permissions import Permission
from enclave.people.web_sessions import session_id
from services import lab_sessions
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.headers import POLICY
from services.api.identity import SESSION_COOKIE
from services.lab_bar import bar_of, state_of
from services.web.pages import page

router = GuardedRouter(prefix="/lab/{project}", include_in_schema=False)
#: What the lab in the frame may ask of the browser: nothing.
POWERS = (
    "camera", "microphone", "display-capture", "geolocation", "clipboard-read", "clipboard-write", "fullscreen", "usb",
    "serial", "hid", "payment", "publickey-credentials-get", "identity-credentials-get",
)  # fmt: skip


@router.get("", permission=Permission.SIGNED_IN)
def frame(request: Request, ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """The bar with the lab below, or what keeps it from being shown and what to do."""
    state = state_of(ctx, actor, project)
    lab = ctx.settings.lab_url(actor.name)
    login = session_id(request.cookies.get(SESSION_COOKIE, ""))
    answer = page(
        request,
        "lab/frame.html",
        title=f"Lab of {project}",
        actor=actor,
        project=project,
        bar=bar_of(ctx, actor, project),
        state=state,
        source=lab_sessions.entry_address(ctx, actor, project, login) if state.name == "ready" else "",
        powers="; ".join(f"{power} 'none'" for power in POWERS),
    )
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src {lab}"
    answer.headers["Permissions-Policy"] = ", ".join(f"{power}=()" for power in POWERS)
    return answer


@router.get("/state", permission=Permission.SIGNED_IN)
def state(ctx: Ctx, actor: CurrentActor, project: str) -> Response:
    """What the page asks again and again: whether the lab still stands, and what to say when not."""
    return JSONResponse(asdict(state_of(ctx, actor, project)))
