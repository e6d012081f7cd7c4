"""Running labs: list, open, stop."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.people.permissions import Permission
from enclave.sandboxes.hub_client import Lab
from enclave.traffic import store as traffic
from enclave.traffic.model import LabTraffic
from services import lab_sessions
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by, newest

router = GuardedRouter(prefix="/sessions", tags=["sessions"])


class LabView(BaseModel):
    """A lab: whose, of which project, and how long it has run."""

    user: str
    project: str
    state: str
    started: datetime | None
    last_activity: datetime | None
    allowed_actions: list[str]

    @classmethod
    def of(cls, lab: Lab, actor: Actor) -> LabView:
        return cls(
            user=lab.user,
            project=lab.project,
            state=lab.state,
            started=lab.started,
            last_activity=lab.last_activity,
            allowed_actions=allowed(lab_sessions.checks(actor, lab.user)),
        )


class TrafficView(BaseModel):
    """What one run of a lab sent to a browser, in bytes by kind; `state` is open, alerted, stopped or ended."""

    id: str
    user: str
    project: str
    state: str
    first_at: datetime
    last_at: datetime
    alerted_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    contents: int
    kernel: int
    other: int
    static: int
    up: int
    files: int

    @classmethod
    def of(cls, row: LabTraffic) -> TrafficView:
        names = [name for name in cls.model_fields if name not in ("state", "files")]
        return cls(**{name: getattr(row, name) for name in names}, state=_state(row), files=len(row.reads))


class ReadView(BaseModel):
    """A path of the workspace that was read; an empty one stands for all beyond the list."""

    path: str
    count: int
    bytes: int


class TrafficRecord(TrafficView):
    """The same with what was read: paths, never contents."""

    reads: list[ReadView] = []

    @classmethod
    def whole(cls, row: LabTraffic) -> TrafficRecord:
        most = sorted(row.reads.items(), key=lambda item: -item[1][1])
        reads = [ReadView(path=path, count=count, bytes=size) for path, (count, size) in most]
        return cls(**TrafficView.of(row).model_dump(), reads=reads)


def _state(row: LabTraffic) -> str:
    moments = {"stopped": row.stopped_at, "ended": row.ended_at, "alerted": row.alerted_at}
    return next((name for name, moment in moments.items() if moment is not None), "open")


@router.get("/traffic", permission=Permission.AUDIT_READ, order=newest("first_at", "id"))
def list_traffic(ctx: Ctx) -> list[TrafficView]:
    """Sessions, the newest first."""
    with ctx.database.read() as session:
        return [TrafficView.of(row) for row in traffic.recent(session, limit=None)]


@router.get("/traffic/{run}", permission=Permission.AUDIT_READ)
def show_traffic(ctx: Ctx, run: str) -> TrafficRecord:
    """One session with what was read."""
    with ctx.database.read() as session:
        return TrafficRecord.whole(traffic.get_traffic(session, run))


@router.get("", permission=Permission.SIGNED_IN, order=by("user", "project"))
def list_sessions(ctx: Ctx, actor: CurrentActor) -> list[LabView]:
    """Every lab for who manages sessions, else one's own."""
    return [LabView.of(lab, actor) for lab in lab_sessions.visible_labs(ctx, actor)]


@router.post("/{project}/open", permission=Permission.SIGNED_IN, status_code=202)
def open_session(ctx: Ctx, actor: CurrentActor, project: str) -> LabView | None:
    """Start one's own lab; it is ready when the list says so."""
    lab = lab_sessions.open_lab(ctx, actor, project)
    return LabView.of(lab, actor) if lab else None


@router.post("/{user}/{project}/stop", permission=Permission.SIGNED_IN, status_code=202)
def stop_session(ctx: Ctx, actor: CurrentActor, user: str, project: str) -> dict[str, str]:
    """Stop a lab."""
    lab_sessions.stop_lab(ctx, actor, user, project)
    return {"user": user, "project": project, "state": "stopping"}
