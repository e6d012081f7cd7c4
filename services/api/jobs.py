"""A project's jobs: start, list, show, cancel. The library in the lab calls the same routes through its relay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.jobs import permissions, service, store
from enclave.jobs.model import NotebookJob
from enclave.jobs.states import OPEN, JobState
from enclave.people.permissions import Permission
from enclave.projects.store import get_project
from enclave.sandboxes.sizes import SizeName, size_of
from enclave.workspaces.store import size_name
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page, Paging

router = GuardedRouter(prefix="/projects", tags=["jobs"])


class NewJob(BaseModel):
    """Which notebook, with which parameters."""

    notebook: str = Field(max_length=300)
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=50)


class JobView(BaseModel):
    """A job as the caller may see it; `parameters` are its researcher's alone."""

    id: str
    state: str
    reason: str
    project: str
    user: str
    notebook: str
    parameters: dict[str, Any] | None
    output: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: NotebookJob, actor: Actor) -> JobView:
        stops = row.state in OPEN and permissions.can_cancel(actor, row)
        return cls(
            id=row.id, state=row.state, reason=row.reason, project=row.project, user=row.user, notebook=row.notebook,
            parameters=row.parameters if permissions.sees_parameters(actor, row) else None, output=row.output,
            created_at=row.created_at, started_at=row.started_at, ended_at=row.ended_at,
            allowed_actions=["cancel"] if stops else [],
        )  # fmt: skip


class JobsView(BaseModel):
    """A page of jobs. `at_once` of the project run at a time."""

    jobs: list[JobView]
    running: int
    waiting: int
    at_once: int
    hours: int
    next: str | None


def jobs_view(ctx: Context, session: Session, actor: Actor, project: str, page: Paging, mine: bool = False) -> JobsView:
    """The jobs of a project for somebody who may see them."""
    get_project(session, project)
    permissions.check_can_see(session, actor, project)
    found = store.listing(session, project, page.before(), actor.name if mine else None, page.limit + 1)
    rows, following = page.take(found.jobs, lambda row: row.id)
    count = store.counts(session, project)
    return JobsView(
        jobs=[JobView.of(row, actor) for row in rows],
        running=count[JobState.RUNNING],
        waiting=count[JobState.QUEUED],
        at_once=size_of(SizeName(size_name(session, project)), ctx.settings).jobs,
        hours=ctx.settings.job_hours,
        next=following,
    )


@router.get("/{project_id}/jobs", permission=Permission.SIGNED_IN)
def list_jobs(ctx: Ctx, actor: CurrentActor, project_id: str, page: Page, mine: bool = False) -> JobsView:
    """A project's jobs, the newest first."""
    with ctx.database.read() as session:
        return jobs_view(ctx, session, actor, project_id, page, mine)


@router.post("/{project_id}/jobs", permission=Permission.SIGNED_IN, status_code=201)
def start_job(ctx: Ctx, actor: CurrentActor, project_id: str, body: NewJob) -> JobView:
    """Queue a notebook of one's own workspace; it starts when there is room."""
    with ctx.database.write() as session:
        get_project(session, project_id)
        job = service.request_job(session, actor, project_id, body.notebook, body.parameters, ctx.clock)
        return JobView.of(job, actor)


@router.get("/{project_id}/jobs/{job_id}", permission=Permission.SIGNED_IN)
def show_job(ctx: Ctx, actor: CurrentActor, project_id: str, job_id: str) -> JobView:
    """One job."""
    with ctx.database.read() as session:
        permissions.check_can_see(session, actor, project_id)
        return JobView.of(store.get_job(session, project_id, job_id), actor)


@router.post("/{project_id}/jobs/{job_id}/cancel", permission=Permission.SIGNED_IN)
def cancel_job(ctx: Ctx, actor: CurrentActor, project_id: str, job_id: str) -> JobView:
    """End a job that waits or runs."""
    with ctx.database.write() as session:
        permissions.check_can_see(session, actor, project_id)
        return JobView.of(service.cancel(session, actor, project_id, job_id, ctx.clock), actor)
