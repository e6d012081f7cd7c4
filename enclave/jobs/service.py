"""Use cases of jobs: ask for one, start, end, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import NotAllowed, TooMany
from enclave.core.ids import new_id
from enclave.jobs import permissions, store
from enclave.jobs.model import NotebookJob
from enclave.jobs.policies import MOST_WAITING, check_notebook, check_parameters
from enclave.jobs.states import JOB, JobState
from enclave.projects.access import lab_access

_STEM = 60


def request_job(
    session: Session, actor: Actor, project: str, notebook: str, parameters: Mapping[str, Any], clock: Clock
) -> NotebookJob:
    """Queue a notebook of one's own; whoever may open the lab may do it, and nobody else."""
    permissions.check_can_start(session, actor, project)
    word = lab_access(session, actor.name, project, clock.now())
    if not word.allowed:
        raise NotAllowed(word.reason, "See your projects.")
    path, values = check_notebook(notebook), check_parameters(parameters)
    if store.counts(session, project, actor.name)[JobState.QUEUED] >= MOST_WAITING:
        raise TooMany(f"{MOST_WAITING} jobs of yours wait already.", "Wait for some, or cancel what is not needed.")
    job = NotebookJob(
        id=new_id("job"), state=JobState.QUEUED.value, reason="", project=project, user=actor.name, notebook=path,
        parameters=values, output="", created_at=clock.now(),
    )  # fmt: skip
    job.output = f"jobs/{job.id}-{PurePosixPath(path).stem[:_STEM]}.ipynb"
    session.add(job)
    session.flush()
    record(
        session, actor, "job.requested", "job", job.id, clock,
        project=project, user=actor.name, notebook=path, parameters=sorted(values),
    )  # fmt: skip
    return job


def start(session: Session, actor: Actor, job: NotebookJob, clock: Clock) -> None:
    """Mark a job as RUNNING, before its sandbox is made: one that a killed worker left is found by this."""
    JOB.move(session, job, JobState.RUNNING, actor, clock, project=job.project, user=job.user)
    job.started_at = clock.now()


def end(session: Session, actor: Actor, job: NotebookJob, state: JobState, reason: str, clock: Clock) -> None:
    """It is over; `reason` is a sentence of ours."""
    JOB.move(session, job, state, actor, clock, project=job.project, user=job.user, reason=reason)
    job.reason, job.ended_at = reason[:300], clock.now()


def cancel(session: Session, actor: Actor, project: str, job_id: str, clock: Clock) -> NotebookJob:
    """Its researcher, or who manages sessions, ends a job; the worker removes what runs."""
    job = store.get_job(session, project, job_id)
    permissions.check_can_cancel(actor, job)
    by = "" if actor.name == job.user else f"Cancelled by {actor.name}."
    end(session, actor, job, JobState.CANCELLED, by, clock)
    return job


def note_seen(job: NotebookJob, clock: Clock) -> None:
    """Its sandbox runs; said once."""
    job.seen_at = job.seen_at or clock.now()


def note_cleared(job: NotebookJob, clock: Clock) -> None:
    """Its sandbox is gone."""
    job.cleared_at = job.cleared_at or clock.now()
