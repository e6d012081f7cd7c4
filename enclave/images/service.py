"""Use cases: ask for a package, decide, note what was built; pin a project's image and move the pin.

A `Pin` is the image by plain values; the register of images (`enclave.sandboxes.registry`) is the operator's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict
from enclave.core.ids import new_id
from enclave.images import permissions, store
from enclave.images.model import PackageRequest, ProjectImage
from enclave.images.names import package_name, package_version, pinned
from enclave.images.states import PACKAGE, UNFINISHED, PackageState
from enclave.projects.policies import is_live
from enclave.projects.store import get_project

LEAST_REASON = 10


@dataclass(frozen=True)
class Pin:
    """An image by its engine's id, its name and its tag."""

    image: str
    name: str
    tag: str


def ask(
    session: Session, actor: Actor, project: str, package: str, purpose: str, clock: Clock,
    *, version: str = "", licence: str = "",
) -> PackageRequest:  # fmt: skip
    """Ask for a package; a project asks for the same one once at a time."""
    owner = get_project(session, project)
    permissions.check_can_ask(session, actor, project)
    name, exact = package_name(package), package_version(version)
    if not is_live(owner, clock.now()):
        raise Conflict("The project is not open.", "Ask the office.")
    if any(row.state in UNFINISHED for row in store.of_project(session, project, name)):
        raise Conflict(f"{name} is asked for already.", "See where it stands on the project's page “Packages”.")
    row = PackageRequest(
        id=new_id("pkg"),
        state=PackageState.REQUESTED.value,
        project=project,
        requested_by=actor.name,
        requested_at=clock.now(),
        package=name,
        version=exact,
        purpose=_sentence(purpose, "Say what the package is for.")[:1000],
        licence=licence.strip()[:200],
        reason="",
        image="",
    )
    session.add(row)
    session.flush()
    record(session, actor, "package.requested", "package_request", row.id, clock, **_named(row))
    return row


def withdraw(session: Session, actor: Actor, request: str, clock: Clock) -> PackageRequest:
    """Who asked needs it no longer."""
    row = store.get(session, request)
    checks(session, actor, row)["withdraw"]()
    PACKAGE.move(session, row, PackageState.WITHDRAWN, actor, clock, **_named(row))
    return row


def approve(session: Session, actor: Actor, request: str, clock: Clock, reason: str = "") -> PackageRequest:
    """Put it on the approved list; the next image that is built holds it."""
    row = store.get(session, request)
    checks(session, actor, row)["approve"]()
    return _decide(session, actor, row, PackageState.APPROVED, reason.strip(), clock)


def refuse(session: Session, actor: Actor, request: str, reason: str, clock: Clock) -> PackageRequest:
    """Say no, or take it off the approved list before it is built; the person reads the reason."""
    row = store.get(session, request)
    checks(session, actor, row)["refuse"]()
    return _decide(session, actor, row, PackageState.REFUSED, _sentence(reason, "This needs a reason."), clock)


def checks(session: Session, actor: Actor, row: PackageRequest) -> dict[str, Check]:
    """What is asked before each action about a request."""

    def decide(to: PackageState) -> None:
        permissions.check_can_decide(session, actor, row)
        PACKAGE.check(row.state, to)

    def withdraw() -> None:
        permissions.check_asked(actor, row)
        PACKAGE.check(row.state, PackageState.WITHDRAWN)

    return {
        "approve": lambda: decide(PackageState.APPROVED),
        "refuse": lambda: decide(PackageState.REFUSED),
        "withdraw": withdraw,
    }


def note_built(
    session: Session, actor: Actor, pin: Pin, requests: Sequence[str], added: Sequence[str], clock: Clock
) -> None:
    """Put a finished image into the audit, once, and move the requests whose packages it is the first to hold."""
    if not store.is_noted(session, pin.image):
        named = {"name": pin.name, "tag": pin.tag, "packages": list(added)}
        record(session, actor, "image.built", "image", pin.image, clock, **named)
    for row in [store.get(session, each) for each in requests]:
        if row.state == PackageState.APPROVED:
            row.image = pin.image
            session.flush()
            PACKAGE.move(session, row, PackageState.BUILT, actor, clock, **_named(row), image=pin.tag)


def first_pin(session: Session, actor: Actor, project: str, pin: Pin, clock: Clock) -> ProjectImage:
    """The project's image; when it has none yet, this one, for life."""
    row = store.pin_of(session, project)
    return row or _pin(session, actor, project, pin, "first start", clock)


def move_pin(session: Session, actor: Actor, project: str, pin: Pin, reason: str, clock: Clock) -> ProjectImage:
    """Give a project another image; a lab that runs keeps its own until its next start."""
    get_project(session, project)
    permissions.check_can_manage(session, actor, project)
    row = store.pin_of(session, project)
    if row is not None and row.image == pin.image:
        raise Conflict(f"{project} has this image already.", "Nothing is left to do.")
    return _pin(session, actor, project, pin, _sentence(reason, "This needs a reason."), clock)


def _pin(session: Session, actor: Actor, project: str, pin: Pin, reason: str, clock: Clock) -> ProjectImage:
    row = store.pin_of(session, project)
    before = row.tag if row else ""
    if row is None:
        row = ProjectImage(project=project)
        session.add(row)
    row.image, row.name, row.tag = pin.image, pin.name, pin.tag
    row.pinned_at, row.pinned_by, row.reason = clock.now(), actor.label, reason[:500]
    session.flush()
    record(
        session, actor, "project.image_pinned", "project", project, clock,
        **{"from": before, "to": pin.tag, "image": pin.image, "reason": row.reason},
    )  # fmt: skip
    return row


def _decide(
    session: Session, actor: Actor, row: PackageRequest, state: PackageState, reason: str, clock: Clock
) -> PackageRequest:
    row.decided_by = actor.name if actor.kind == "user" else actor.label
    row.decided_at, row.reason = clock.now(), reason[:1000]
    session.flush()
    PACKAGE.move(session, row, state, actor, clock, **_named(row), reason=row.reason)
    return row


def _sentence(text: str, message: str) -> str:
    found = text.strip()
    if len(found) < LEAST_REASON:
        raise BadInput(message, "Write a sentence that the other side can act on.")
    return found


def _named(row: PackageRequest) -> dict[str, str]:
    """What every audit row about a request says."""
    return {"project": row.project, "package": pinned(row.package, row.version), "requested_by": row.requested_by}
