"""The use cases of the import lane: each takes a session, an actor and plain values, and writes its audit row."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict, NotFound
from enclave.core.ids import check_slug, new_id
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from output_review.drafting import required_text
from output_review.imports import permissions, policies, store
from output_review.imports.kinds import check_file_name
from output_review.imports.model import ImportFile, ImportRequest
from output_review.imports.states import ACCEPTED, LIFECYCLE, ImportKind, ImportState
from output_review.policies import ReviewPolicy
from output_review.states import FindingStatus

_LINK = re.compile(r"https?://[^\s<>\"']{3,480}")
_SUBJECT = "import"


@dataclass(frozen=True)
class Said:
    """What an import says of itself. `licence` is an SPDX expression, “own work”, or terms in words."""

    title: str
    purpose: str
    description: str = ""
    source: str = ""
    licence: str = ""

    def cleaned(self) -> Said:
        """The same without blanks around it; BadInput where something is missing, too long, or no address."""
        source = self.source.strip()
        if source and not _LINK.fullmatch(source):
            raise BadInput("The source is not a web address.", "Write it whole, beginning with https://.")
        return Said(
            required_text(self.title, "title", 200), required_text(self.purpose, "purpose", 2000),
            _short(self.description, "description", 4000), source, _short(self.licence, "licence", 500),
        )  # fmt: skip


def create(
    session: Session, actor: Actor, clock: Clock, project: str, *, kind: ImportKind, name: str, said: Said
) -> ImportRequest:
    """An empty draft. Its name is the folder in the labs and is taken once a project at a time."""
    owner = projects.get_project(session, project)
    permissions.check_can_ask(actor, projects.members(session, project))
    if not is_live(owner, clock.now()):
        raise Conflict("The project is not open, so nothing comes in.", "Ask the office.")
    check_slug(name)
    row = ImportRequest(
        id=new_id("imp"), state=ImportState.DRAFT.value, project=project, submitter=actor.name, kind=kind.value,
        name=name, place=name, created_at=clock.now(), reason="", digest="", **vars(said.cleaned()),
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict(
            f"The project has an import called “{name}” already.", "Take another name, or withdraw the other one."
        ) from problem
    record(session, actor, "import.drafted", _SUBJECT, row.id, clock, **_named(row))
    return row


def describe(session: Session, actor: Actor, clock: Clock, identity: str, said: Said) -> ImportRequest:
    """Change what it says of itself, as long as it may be changed."""
    row = _drafted(session, actor, identity)
    for field, value in vars(said.cleaned()).items():
        setattr(row, field, value)
    record(session, actor, "import.described", _SUBJECT, row.id, clock, content=row.content, **_named(row))
    return row


def put_file(
    session: Session, actor: Actor, clock: Clock, identity: str, policy: ReviewPolicy,
    *, name: str, sha256: str, size: int,
) -> ImportFile:  # fmt: skip
    """Add a file whose bytes are stored, or replace the one of this name; other bytes have no report yet."""
    row = _drafted(session, actor, identity)
    name = check_file_name(name, ImportKind(row.kind))
    policies.check_size(policy, row, name, size)
    file = row.file(name)
    if file is None:
        _check_no_twin(row, name)
        file = ImportFile(id=new_id("fil"), name=name, findings=[], tried=0, checked_sha256="", policy="")
        row.files.append(file)
    if file.sha256 != sha256:
        file.tried, file.findings, file.status = 0, [], FindingStatus.REVIEW.value
    file.sha256, file.size, file.added_at = sha256, size, clock.now()
    record(session, actor, "import.file_put", _SUBJECT, row.id, clock, file=file.id, sha256=sha256, size=size,
           **_named(row))  # fmt: skip
    return file


def remove_file(session: Session, actor: Actor, clock: Clock, identity: str, name: str) -> ImportRequest:
    """Take a file (id or name) out of a draft."""
    row = _drafted(session, actor, identity)
    file = file_of(row, name)
    record(session, actor, "import.file_removed", _SUBJECT, row.id, clock, file=file.id, sha256=file.sha256,
           **_named(row))  # fmt: skip
    row.files.remove(file)
    return row


def submit(session: Session, actor: Actor, clock: Clock, identity: str) -> ImportRequest:
    """Hand it in; the worker completes the checks, then somebody outside the project decides."""
    row = store.locked(session, identity)
    permissions.check_is_submitter(actor, row, projects.members(session, row.project))
    LIFECYCLE.check(row.state, ImportState.SUBMITTED)
    _check_live(session, row, clock)
    policies.check_can_submit(row)
    row.submitted_at, row.decided_by, row.decided_at, row.reason = clock.now(), None, None, ""
    _move(session, row, ImportState.SUBMITTED, actor, clock, content=row.content)
    return row


def finish_checking(session: Session, actor: Actor, clock: Clock, identity: str) -> ImportRequest:
    """The worker's, when every file is checked: on to a person, or back where something cannot come in."""
    row = store.locked(session, identity)
    if not all(file.checked for file in row.files):
        raise Conflict("Not every file is checked.", "The checks are repeated by themselves.")
    row.checked_at = clock.now()
    if bad := list(policies.barriers(row)):
        row.reason = f"It cannot come in: {'; '.join(bad)}."[:2000]
        _move(session, row, ImportState.RETURNED, actor, clock)
    else:
        _move(session, row, ImportState.CHECKED, actor, clock, open=len(policies.open_points(row)))
    return row


def approve(session: Session, actor: Actor, clock: Clock, identity: str, digest: str, reason: str) -> ImportRequest:
    """It comes in, as it was read: `digest` is that of what the person saw. The worker delivers it."""
    row = _decidable(session, actor, identity, ImportState.APPROVED)
    _check_live(session, row, clock)
    policies.check_can_approve(row, digest, reason)
    row.digest = digest
    return _decided(session, actor, clock, row, ImportState.APPROVED, reason.strip()[:2000])


def give_back(session: Session, actor: Actor, clock: Clock, identity: str, reason: str) -> ImportRequest:
    """Back to its submitter, who reads what to mend."""
    row = _decidable(session, actor, identity, ImportState.RETURNED)
    return _decided(session, actor, clock, row, ImportState.RETURNED, policies.check_reason(reason))


def refuse(session: Session, actor: Actor, clock: Clock, identity: str, reason: str) -> ImportRequest:
    """It does not come in; final."""
    row = _decidable(session, actor, identity, ImportState.REFUSED)
    row.place = None
    return _decided(session, actor, clock, row, ImportState.REFUSED, policies.check_reason(reason))


def withdraw(session: Session, actor: Actor, clock: Clock, identity: str, reason: str = "") -> ImportRequest:
    """Take it back; what was delivered leaves the labs. Whoever takes back another's says why."""
    row = store.locked(session, identity)
    members = projects.members(session, row.project)
    permissions.check_can_withdraw(actor, row, members)
    text = reason.strip()[:2000] if permissions.is_submitter(actor, row) else policies.check_reason(reason)
    return _withdraw(session, actor, clock, row, text, members if row.state in ACCEPTED else ())


def close(session: Session, actor: Actor, clock: Clock, project: str) -> None:
    """The worker's, when a project is closed: nothing of it waits any more, and its places are destroyed."""
    for row in store.unfinished(session, project):
        _withdraw(session, actor, clock, row, "The project was closed.", ())


def note_delivered(session: Session, actor: Actor, clock: Clock, identity: str) -> ImportRequest:
    """The worker's, when the files lie in the project's folder."""
    row = store.locked(session, identity)
    row.delivered_at = clock.now()
    _move(session, row, ImportState.DELIVERED, actor, clock, digest=row.digest)
    return row


def file_of(row: ImportRequest, name: str) -> ImportFile:
    """A file by id or name; NotFound when there is none."""
    file = row.file(name)
    if file is None:
        raise NotFound("The import has no such file.", "Reload the page; it may have been removed.")
    return file


def _drafted(session: Session, actor: Actor, identity: str) -> ImportRequest:
    row = store.locked(session, identity)
    permissions.check_is_submitter(actor, row, projects.members(session, row.project))
    policies.check_editable(row)
    return row


def _decidable(session: Session, actor: Actor, identity: str, to: ImportState) -> ImportRequest:
    row = store.locked(session, identity)
    permissions.check_can_decide(actor, row, projects.members(session, row.project))
    if row.state != ImportState.CHECKED:
        LIFECYCLE.check(row.state, to)
        raise Conflict("Nobody decides about this import now.", "Reload the page to see where it stands.")
    return row


def _decided(
    session: Session, actor: Actor, clock: Clock, row: ImportRequest, to: ImportState, reason: str
) -> ImportRequest:
    row.decided_by, row.decided_at, row.reason = actor.name, clock.now(), reason
    _move(session, row, to, actor, clock, content=row.content)
    return row


def _withdraw(
    session: Session, actor: Actor, clock: Clock, row: ImportRequest, reason: str, told: Collection[str]
) -> ImportRequest:
    row.place = None
    row.reason = reason or row.reason
    _move(session, row, ImportState.WITHDRAWN, actor, clock, told=sorted(told))
    return row


def _check_live(session: Session, row: ImportRequest, clock: Clock) -> None:
    if not is_live(projects.get_project(session, row.project), clock.now()):
        raise Conflict("The project is not active, so nothing comes in.", "Ask the office to reopen it.")


def _check_no_twin(row: ImportRequest, name: str) -> None:
    """Two names that differ in case only are one on some machines; a file cannot be a folder as well."""
    for other in row.files:
        one, two = other.name.lower(), name.lower()
        if one == two or one.startswith(f"{two}/") or two.startswith(f"{one}/"):
            raise BadInput(f"“{name}” and “{other.name}” cannot stand beside each other.", "Name one of them anew.")


def _move(session: Session, row: ImportRequest, to: ImportState, actor: Actor, clock: Clock, **details: object) -> None:
    session.flush()
    LIFECYCLE.move(session, row, to, actor, clock, **_named(row), **details)


def _named(row: ImportRequest) -> dict[str, str]:
    """What every audit row about an import says; no title, no text."""
    return {"project": row.project, "kind": row.kind, "name": row.name, "submitter": row.submitter}


def _short(text: str, what: str, limit: int) -> str:
    return required_text(text, what, limit) if text.strip() else ""
