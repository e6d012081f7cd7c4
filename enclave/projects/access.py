"""May this person open this project's lab now? Asked at every start, and every few seconds of a running session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from enclave.agreements import store as agreements
from enclave.agreements.service import providers_in_force
from enclave.agreements.states import AgreementState
from enclave.people.model import User
from enclave.people.service import is_trained
from enclave.people.states import UserState
from enclave.projects import store
from enclave.projects.model import Project
from enclave.projects.policies import is_live
from enclave.projects.states import ProjectState


@dataclass(frozen=True)
class LabAccess:
    """The answer, and when it is no, the sentence that the person reads."""

    allowed: bool
    reason: str = ""


def lab_access(session: Session, user: str, project: str, now: datetime) -> LabAccess:
    """Every condition of access at once: person, membership, training, project, agreements, extract."""
    person, row = session.get(User, user), session.get(Project, project)
    if person is None or person.state != UserState.ACTIVE:
        return LabAccess(False, "Your account is suspended. Ask an administrator of the enclave.")
    if row is None or not store.is_member(session, project, user):
        return LabAccess(False, "You do not belong to this project. Ask its lead to add you.")
    reason = _person(person, now) or _project(row, now) or _agreements(session, row, now) or _extract(row)
    return LabAccess(not reason, reason)


def _person(person: User, now: datetime) -> str:
    if is_trained(person, now):
        return ""
    return "Your training has expired or is missing. Complete the course and send the certificate to the office."


def _project(project: Project, now: datetime) -> str:
    if is_live(project, now):
        return ""
    if project.state == ProjectState.ACTIVE:
        return "The project has expired. Its lead can ask the office for an extension."
    return f"The project is {project.state.lower()}. Ask the office."


def _agreements(session: Session, project: Project, now: datetime) -> str:
    use = agreements.data_use_of(session, project.id)
    if use is None or use.state != AgreementState.ACTIVE or now >= use.expires_at:
        return "The project's data use agreement is not in force. Its lead can ask the office."
    missing = sorted(set(project.providers) - providers_in_force(session, now))
    if missing:
        return f"The agreement with {', '.join(missing)} is not in force. The office will tell you what follows."
    return ""


def _extract(project: Project) -> str:
    if project.extract_version is not None:
        return ""
    return "The project has no extract that is ready. See the project page for where it stands."
