"""Jobs: starts what waits when there is room, follows what runs, ends what may not go on, removes what has ended.

The row is moved first and the sandbox follows, so a worker that is killed at any moment finds what it was doing: a job
that is RUNNING and was never seen gets its sandbox, one that was seen is taken up again as it stands. Nothing waits
here: a look costs one question to the guard, however many jobs run.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import Conflict, EnclaveError, NotFound
from enclave.jobs import service, store
from enclave.jobs.model import NotebookJob
from enclave.jobs.policies import Room, startable
from enclave.jobs.runner import VANISHED, command_of, meaning
from enclave.jobs.states import OPEN, JobState
from enclave.projects.access import lab_access
from enclave.sandboxes.sizes import SizeName, size_of
from enclave.workspaces.store import size_name
from services.api.context import Context
from services.engine_client import EngineClient, Sight
from services.starts import grant_for
from services.worker.app import Job

WORKER = Actor.service("worker")
EVERY = timedelta(seconds=1)


def pending(ctx: Context) -> list[str]:
    """Ids of jobs with which something is to be done now."""
    with ctx.database.read() as session:
        jobs = store.unsettled(session)
        over = {job.id for job in jobs if job.state in OPEN and _why_over(ctx, session, job)}
        ready = set(_startable(ctx, session, [job for job in jobs if job.id not in over]))
        session.expunge_all()  # the rows are read after the session's end
    changed = _changed(ctx, [job for job in jobs if job.state == JobState.RUNNING])
    ended = {job.id for job in jobs if job.state not in OPEN}
    return [job.id for job in jobs if job.id in over | ready | changed | ended]


def run(ctx: Context, job_id: str) -> None:
    """Bring one job a step on. A guard that is away is waited for; a refusal of the guard ends the job."""
    with ctx.database.read() as session:
        job = session.get_one(NotebookJob, job_id)
        why = _why_over(ctx, session, job) if job.state in OPEN else ""
        session.expunge_all()
    if why:
        job = _end(ctx, job_id, JobState.STOPPED, why)
    elif job.state == JobState.QUEUED:
        with ctx.database.write() as session:
            job = session.get_one(NotebookJob, job_id)
            service.start(session, WORKER, job, ctx.clock)
        job = _make(ctx, job)
    elif job.state == JobState.RUNNING:
        job = _follow(ctx, job)
    if job.state not in OPEN and job.started_at is not None and job.cleared_at is None:
        _clear(ctx, job)


JOBS = (Job("jobs", pending, run, every=EVERY),)


def _startable(ctx: Context, session: Session, jobs: list[NotebookJob]) -> list[str]:
    waiting = [(job.id, job.project) for job in jobs if job.state == JobState.QUEUED]
    taken = [job.project for job in jobs if job.state != JobState.QUEUED]
    most = {
        project: size_of(SizeName(size_name(session, project)), ctx.settings).jobs for project in dict(waiting).values()
    }
    return startable(waiting, taken, Room(most, ctx.settings.jobs_at_once))


def _why_over(ctx: Context, session: Session, job: NotebookJob) -> str:
    """Why a job may not wait or run any longer; empty when it may."""
    now, hours = ctx.clock.now(), ctx.settings.job_hours
    word = lab_access(session, job.user, job.project, now)
    if not word.allowed:
        return word.reason
    late = job.started_at is not None and now >= job.started_at + timedelta(hours=hours)
    return f"It ran longer than the {hours} hours that a job may." if late else ""


def _changed(ctx: Context, jobs: list[NotebookJob]) -> set[str]:
    """Which RUNNING jobs the engine does not run, or runs unseen; none while the guard does not answer."""
    if not jobs:
        return set()
    try:
        alive = _engine(ctx).running()
    except EnclaveError:
        return set()
    return {job.id for job in jobs if job.seen_at is None or _name(ctx, job) not in alive}


def _make(ctx: Context, job: NotebookJob) -> NotebookJob:
    """Make and start the sandbox of a job."""
    engine, name = _engine(ctx), _name(ctx, job)
    with ctx.database.write() as session:
        grant = grant_for(ctx, session, WORKER, "job", job.user, job.project, job.id, command_of(job))
    try:
        engine.create(name, grant)
        engine.start(name)
    except (Conflict, NotFound) as problem:
        return _end(ctx, job.id, JobState.FAILED, f"{problem.message} {problem.advice}")
    return _seen(ctx, job.id)


def _follow(ctx: Context, job: NotebookJob) -> NotebookJob:
    """What became of a job that runs, as the engine sees its sandbox."""
    engine, name = _engine(ctx), _name(ctx, job)
    sight = engine.look(name)
    if sight is not None and sight.waits:  # killed between making and starting: its folders may be closed since
        engine.remove(name)
        sight = None
    if sight is None and job.seen_at is None:
        return _make(ctx, job)
    if sight is None:
        return _end(ctx, job.id, JobState.FAILED, VANISHED)
    return _seen(ctx, job.id) if sight.runs else _settle(ctx, job, sight)


def _settle(ctx: Context, job: NotebookJob, sight: Sight) -> NotebookJob:
    reason = meaning(sight.exit_code, sight.out_of_memory)
    return _end(ctx, job.id, JobState.FAILED if reason else JobState.FINISHED, reason)


def _seen(ctx: Context, job_id: str) -> NotebookJob:
    with ctx.database.write() as session:
        job = session.get_one(NotebookJob, job_id)
        service.note_seen(job, ctx.clock)
        return job


def _end(ctx: Context, job_id: str, state: JobState, reason: str) -> NotebookJob:
    with ctx.database.write() as session:
        job = session.get_one(NotebookJob, job_id)
        service.end(session, WORKER, job, state, reason, ctx.clock)
        return job


def _clear(ctx: Context, job: NotebookJob) -> None:
    _engine(ctx).remove(_name(ctx, job))
    with ctx.database.write() as session:
        service.note_cleared(session.get_one(NotebookJob, job.id), ctx.clock)


def _engine(ctx: Context) -> EngineClient:
    return EngineClient(ctx.settings, ctx.key, ctx.clock)


def _name(ctx: Context, job: NotebookJob) -> str:
    return _engine(ctx).name_of(job.user, job.project, job.id)
