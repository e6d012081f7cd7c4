"""How one's own lab of a project stands: running or not, idle since when, stopped when, how full its workspace."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from enclave.core.errors import Unavailable
from enclave.people.permissions import Permission
from enclave.projects import permissions
from enclave.projects.store import get_project
from services import lab_sessions
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.workspaces import UsageView, room_view
from services.lab_bar import state_of
from services.lab_idle import Idleness, idleness

router = GuardedRouter(prefix="/projects", tags=["projects"])


class LabStanding(BaseModel):
    """A lab's state; `idle_since` and `stops_at` are empty while it computes, does not run, or cannot be asked."""

    state: str
    sentence: str
    notice: str
    idle_since: datetime | None
    stops_at: datetime | None
    expires_at: datetime
    workspace: list[UsageView]


@router.get("/{project_id}/lab", permission=Permission.SIGNED_IN)
def show_lab(ctx: Ctx, actor: CurrentActor, project_id: str) -> LabStanding:
    """One's own lab of a project."""
    with ctx.database.read() as session:
        project = get_project(session, project_id)
        permissions.check_can_see_project(session, actor, project)
        expires = project.expires_at
        state = state_of(ctx, actor, project_id)
        runs = state.name == "ready"
        usage = room_view(ctx, session, project_id, actor.name).usage if runs else []
    lab = lab_sessions.own_lab(ctx, actor, project_id) if runs else None
    try:
        idle = idleness(ctx, lab) if lab else Idleness()
    except Unavailable:
        idle = Idleness()
    return LabStanding(
        state=state.name, sentence=state.sentence, notice=state.notice,
        idle_since=idle.idle_since, stops_at=idle.stops_at, expires_at=expires, workspace=usage,
    )  # fmt: skip
