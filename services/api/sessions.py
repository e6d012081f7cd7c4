"""Running labs: list, open, stop."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from enclave.people.permissions import Permission
from enclave.sandboxes.hub_client import Lab
from services import lab_sessions
from services.api.deps import Ctx, CurrentActor, GuardedRouter

router = GuardedRouter(prefix="/sessions", tags=["sessions"])


class LabView(BaseModel):
    """A lab: whose, of which project, and how long it has run."""

    user: str
    project: str
    state: str
    started: datetime | None
    last_activity: datetime | None

    @classmethod
    def of(cls, lab: Lab) -> LabView:
        return cls(
            user=lab.user,
            project=lab.project,
            state=lab.state,
            started=lab.started,
            last_activity=lab.last_activity,
        )


@router.get("", permission=Permission.SIGNED_IN)
def list_sessions(ctx: Ctx, actor: CurrentActor) -> list[LabView]:
    """Every lab for who manages sessions, else one's own."""
    return [LabView.of(lab) for lab in lab_sessions.visible_labs(ctx, actor)]


@router.post("/{project}/open", permission=Permission.SIGNED_IN, status_code=202)
def open_session(ctx: Ctx, actor: CurrentActor, project: str) -> LabView | None:
    """Start one's own lab; it is ready when the list says so."""
    lab = lab_sessions.open_lab(ctx, actor, project)
    return LabView.of(lab) if lab else None


@router.post("/{user}/{project}/stop", permission=Permission.SIGNED_IN, status_code=202)
def stop_session(ctx: Ctx, actor: CurrentActor, user: str, project: str) -> dict[str, str]:
    """Stop a lab."""
    lab_sessions.stop_lab(ctx, actor, user, project)
    return {"user": user, "project": project, "state": "stopping"}
