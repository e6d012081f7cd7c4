"""Queries about jobs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.jobs.model import NotebookJob
from enclave.jobs.states import OPEN, JobState

PAGE = 50


@dataclass(frozen=True)
class Listing:
    """Some jobs of a project, newest first; `older` is where the next page begins."""

    jobs: list[NotebookJob]
    older: str | None


def get_job(session: Session, project: str, job_id: str) -> NotebookJob:
    """The project's job of that id, or NotFound."""
    found = session.get(NotebookJob, job_id)
    if found is None or found.project != project:
        raise NotFound("There is no such job.", "See the project's page “Jobs”.")
    return found


def listing(
    session: Session, project: str, before: str | None = None, user: str | None = None, limit: int = PAGE
) -> Listing:
    """A page of a project's jobs, or of one member's."""
    query = select(NotebookJob).where(NotebookJob.project == project)
    if before:
        query = query.where(NotebookJob.id < before)
    if user is not None:
        query = query.where(NotebookJob.user == user)
    rows = list(session.scalars(query.order_by(NotebookJob.id.desc()).limit(limit + 1)))
    return Listing(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def counts(session: Session, project: str, user: str | None = None) -> dict[JobState, int]:
    """How many jobs of a project, or of one of its members, are QUEUED and RUNNING."""
    query = select(NotebookJob.state, func.count()).where(NotebookJob.project == project, _open())
    if user is not None:
        query = query.where(NotebookJob.user == user)
    found = {row[0]: int(row[1]) for row in session.execute(query.group_by(NotebookJob.state))}
    return {state: found.get(state.value, 0) for state in OPEN}


def unsettled(session: Session) -> list[NotebookJob]:
    """Jobs that wait, run, or have ended while their sandbox may still be there; the oldest first."""
    leftover = and_(NotebookJob.started_at.is_not(None), NotebookJob.cleared_at.is_(None))
    return list(session.scalars(select(NotebookJob).where(or_(_open(), leftover)).order_by(NotebookJob.id)))


def runs(session: Session, job_id: str, project: str, user: str) -> bool:
    """Whether this job of this person runs at the moment."""
    row = session.get(NotebookJob, job_id)
    return row is not None and (row.project, row.user, row.state) == (project, user, JobState.RUNNING)


def _open() -> ColumnElement[bool]:
    return NotebookJob.state.in_([state.value for state in OPEN])
