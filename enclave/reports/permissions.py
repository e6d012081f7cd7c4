"""Who may run reports and see runs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission, check_holds, holds
from enclave.projects import store as projects
from enclave.reports.model import ReportRun


def check_can_run(session: Session, actor: Actor, project: str) -> str:
    """Research-agenda members in their own projects, and the operator for a project's lead; returns the author."""
    check_holds(actor, Permission.REPORTS_RUN)
    if actor.kind == "operator":
        return projects.get_project(session, project).lead
    if not projects.is_member(session, project, actor.name):
        raise NotAllowed("Reports are run by members of the project.", "Ask its lead to add you.")
    return actor.name


def can_see(session: Session, actor: Actor, run: ReportRun) -> bool:
    """Its author, members of its project, and the operator."""
    return actor.kind != "user" or actor.name == run.author or projects.is_member(session, run.project, actor.name)


def check_can_see(session: Session, actor: Actor, run: ReportRun) -> None:
    """Raise NotAllowed unless the actor may see the run."""
    if not can_see(session, actor, run):
        raise NotAllowed("This run is of a project that you do not belong to.", "Ask the project's lead.")


def check_can_cancel(actor: Actor, run: ReportRun) -> None:
    """Its author, and the operator."""
    if actor.kind == "user" and not (holds(actor, Permission.REPORTS_RUN) and actor.name == run.author):
        raise NotAllowed("Only its author cancels a run.", f"Ask {run.author}.")
