"""Use cases of reports: ask for a run, start, end, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actions import Check, allowed
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import Conflict
from enclave.core.ids import new_id
from enclave.projects import store as projects
from enclave.projects.model import Project
from enclave.projects.policies import is_live
from enclave.reports import permissions, store
from enclave.reports.catalogue import template
from enclave.reports.model import ReportRun
from enclave.reports.parameters import validate
from enclave.reports.states import RUN, RunState


def request_run(
    session: Session, actor: Actor, clock: Clock, name: str, project: str | None, given: Mapping[str, Any]
) -> ReportRun:
    """Queue a run of a registered report for a project (None: the actor's only one)."""
    found = template(name)
    row = projects.get_project(session, project) if project else _only_project(session, actor)
    author = permissions.check_can_run(session, actor, row.id)
    parameters = validate(found.parameters, given)
    version = _extract_of(row, clock)
    run = ReportRun(
        id=new_id("run"),
        state=RunState.QUEUED.value,
        reason="",
        template=found.name,
        notebook_digest=found.notebook_digest,
        project=row.id,
        author=author,
        extract_version=version,
        parameters=parameters,
        created_at=clock.now(),
        outputs={},
    )
    session.add(run)
    record(
        session, actor, "report.requested", "report_run", run.id, clock,
        template=found.name, notebook=found.notebook_digest, project=row.id, extract=version, author=author,
        parameters=parameters,
    )  # fmt: skip
    return run


def start(session: Session, actor: Actor, clock: Clock, run_id: str) -> ReportRun:
    """Mark a run as RUNNING; one that a killed worker left is taken up as it is."""
    run = store.get_run(session, run_id)
    if run.state == RunState.QUEUED:
        RUN.move(session, run, RunState.RUNNING, actor, clock)
        run.started_at = clock.now()
    return run


def succeed(
    session: Session, actor: Actor, clock: Clock, run_id: str, outputs: Mapping[str, str], release: str
) -> ReportRun:
    """The outputs stand in a draft release request."""
    run = store.get_run(session, run_id)
    RUN.move(session, run, RunState.SUCCEEDED, actor, clock, release=release, outputs=dict(outputs))
    run.outputs, run.release, run.ended_at = dict(outputs), release, clock.now()
    return run


def fail(session: Session, actor: Actor, clock: Clock, run_id: str, reason: str) -> ReportRun:
    """The run ended without outputs; the reason is a sentence of ours, never text of the notebook."""
    run = store.get_run(session, run_id)
    RUN.move(session, run, RunState.FAILED, actor, clock, reason=reason)
    run.reason, run.ended_at = reason[:500], clock.now()
    return run


def cancel(session: Session, actor: Actor, clock: Clock, run_id: str) -> ReportRun:
    """Its author or the operator stops a run; the worker removes what is running."""
    run = store.get_run(session, run_id)
    checks(actor, run)["cancel"]()
    RUN.move(session, run, RunState.CANCELLED, actor, clock)
    run.ended_at = clock.now()
    return run


def checks(actor: Actor, run: ReportRun) -> dict[str, Check]:
    """What is asked before each action about a run."""

    def cancel() -> None:
        permissions.check_can_cancel(actor, run)
        RUN.check(run.state, RunState.CANCELLED)

    return {"cancel": cancel}


def run_json(run: ReportRun, actor: Actor) -> dict[str, Any]:
    """A run as API, pages and command show it to this person."""
    return {
        "id": run.id,
        "state": run.state,
        "reason": run.reason,
        "report": run.template,
        "notebook_digest": run.notebook_digest,
        "project": run.project,
        "author": run.author,
        "extract_version": run.extract_version,
        "parameters": run.parameters,
        "created_at": run.created_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "outputs": run.outputs,
        "release": run.release,
        "allowed_actions": allowed(checks(actor, run)),
    }


def _extract_of(project: Project, clock: Clock) -> int:
    if not is_live(project, clock.now()):
        raise Conflict("The project is not active.", "Its lead can ask the office for an extension.")
    if project.extract_version is None:
        raise Conflict("The project has no extract that is ready.", "See the project page for where it stands.")
    return project.extract_version


def _only_project(session: Session, actor: Actor) -> Project:
    rows = projects.list_projects(session) if actor.kind != "user" else projects.projects_of(session, actor.name)
    ready = [row for row in rows if row.extract_version is not None]
    if len(ready) != 1:
        raise Conflict("Say for which project the report runs.", "Name it with --project.")
    return ready[0]
