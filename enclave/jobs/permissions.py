"""Who may start, see and cancel jobs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.jobs.model import NotebookJob
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects


def check_can_start(session: Session, actor: Actor, project: str) -> None:
    """Members, each in a workspace of their own; nobody else has one."""
    if actor.kind != "user" or not projects.is_member(session, project, actor.name):
        raise NotAllowed("Jobs are started by members of the project.", "Ask its lead to add you.")


def can_see(session: Session, actor: Actor, project: str) -> bool:
    """Members see the project's jobs, because they share its room; who manages sessions sees all."""
    return holds(actor, Permission.SESSIONS_MANAGE) or (
        actor.kind == "user" and projects.is_member(session, project, actor.name)
    )


def check_can_see(session: Session, actor: Actor, project: str) -> None:
    """Raise NotAllowed unless the actor may see the project's jobs."""
    if not can_see(session, actor, project):
        raise NotAllowed("These jobs are of a project that you do not belong to.", "Ask the project's lead.")


def can_cancel(actor: Actor, job: NotebookJob) -> bool:
    """Its researcher, and who manages sessions."""
    return holds(actor, Permission.SESSIONS_MANAGE) or (actor.kind == "user" and actor.name == job.user)


def check_can_cancel(actor: Actor, job: NotebookJob) -> None:
    """Raise NotAllowed unless the actor may cancel this job."""
    if not can_cancel(actor, job):
        raise NotAllowed("Only its researcher cancels a job.", f"Ask {job.user}.")


def sees_parameters(actor: Actor, job: NotebookJob) -> bool:
    """What somebody typed for their own notebook is theirs."""
    return actor.kind == "user" and actor.name == job.user
