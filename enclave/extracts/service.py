"""Use cases about extracts on the control side: queue, follow the build, revoke, destroy.

The builder runs in the research store and answers with counts, digests and risk. Whatever it answers, a version becomes
READY only if it is still BUILDING and its agreements still stand: a withdrawal during the build wins.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from enclave.agreements.service import providers_in_force
from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict
from enclave.core.ids import new_id
from enclave.extracts import store
from enclave.extracts.compile import compile_specification
from enclave.extracts.model import Extract
from enclave.extracts.permissions import check_can_manage_extracts
from enclave.extracts.states import BUILT, EXTRACT, GONE_NEXT, LIVE, ExtractState
from enclave.projects import store as projects
from enclave.projects.model import Project
from enclave.projects.states import ProjectState


def queue(
    session: Session,
    actor: Actor,
    project_id: str,
    clock: Clock,
    *,
    edition: str | None = None,
    without: frozenset[str] = frozenset(),
) -> Extract:
    """Queue the next version of the project's extract, compiled from its approval."""
    check_can_manage_extracts(actor)
    project = projects.get_project(session, project_id)
    if project.state != ProjectState.ACTIVE or clock.now() >= project.expires_at:
        raise Conflict("The project is not active.", "Resume or extend it first.")
    versions = store.extracts_of(session, project_id)
    if any(row.state in (ExtractState.QUEUED, ExtractState.BUILDING) for row in versions):
        raise Conflict("An extract of this project is on its way.", "Wait until it is ready.")
    number = 1 + max((row.version for row in versions), default=0)
    specification = compile_specification(session, project, number, clock.now(), edition=edition, without=without)
    extract = Extract(
        id=new_id("ext"),
        project=project_id,
        version=number,
        state=ExtractState.QUEUED.value,
        state_since=clock.now(),
        state_reason="",
        edition=specification.edition,
        providers=list(specification.providers),
        specification=specification.model_dump(mode="json"),
        specification_digest=specification.digest,
        requested_by=actor.label,
        created_at=clock.now(),
        result={},
    )
    session.add(extract)
    record(
        session, actor, "extract.queued", "extract", extract.id, clock,
        project=project_id, version=number, specification=specification.digest,
    )  # fmt: skip
    session.flush()
    return extract


def start_building(session: Session, actor: Actor, extract_id: str, clock: Clock) -> dict[str, Any]:
    """Take a queued extract, or take up one whose builder was killed; returns the specification."""
    extract = store.get_extract(session, extract_id)
    if extract.state != ExtractState.BUILDING:
        _move(session, extract, ExtractState.BUILDING, actor, clock)
    return extract.specification


def finish_building(session: Session, actor: Actor, extract_id: str, result: dict[str, Any], clock: Clock) -> Extract:
    """Take the builder's answer. READY supersedes the version before it and becomes the one that labs mount."""
    extract = store.get_extract(session, extract_id)
    if extract.state != ExtractState.BUILDING:
        return _too_late(extract)
    extract.result = result
    if result.get("state") != ExtractState.READY:
        reason = " ".join(result.get("problems", []))[:500]
        _move(session, extract, ExtractState.BLOCKED, actor, clock, problems=result.get("problems", []))
        extract.state_reason = reason
        return extract
    if not set(extract.providers) <= providers_in_force(session, clock.now()):
        _revoke(session, extract, actor, "an agreement ended while it was built", clock)
        return extract
    older = store.ready_extract(session, extract.project)
    if older is not None:
        _move(session, older, ExtractState.SUPERSEDED, actor, clock, by=extract.id)
    _move(session, extract, ExtractState.READY, actor, clock, manifest=result["manifest_digest"])
    project = projects.get_project(session, extract.project)
    project.extract_version, project.providers = extract.version, list(extract.providers)
    return extract


def fail_building(session: Session, actor: Actor, extract_id: str, reason: str, clock: Clock) -> Extract:
    """The build ended with an error; the reason is a sentence of ours, never a library's."""
    extract = store.get_extract(session, extract_id)
    if extract.state != ExtractState.BUILDING:
        return _too_late(extract)
    _move(session, extract, ExtractState.FAILED, actor, clock, reason=reason[:500])
    extract.state_reason = reason[:500]
    return extract


def revoke(session: Session, actor: Actor, extract_id: str, reason: str, clock: Clock) -> Extract:
    """Nobody may use this version any more; its files are removed next."""
    extract = store.get_extract(session, extract_id)
    checks(actor, extract)["revoke"]()
    if not reason.strip():
        raise BadInput("This needs a reason.", "Say in a sentence why; it stands in the audit.")
    _revoke(session, extract, actor, reason.strip(), clock)
    return extract


def revoke_provider(session: Session, actor: Actor, provider: str, reason: str, clock: Clock) -> list[Extract]:
    """Revoke every extract, ready or on the way, that holds this provider's data."""
    touched = store.live_extracts(session, provider)
    for extract in touched:
        _revoke(session, extract, actor, reason, clock)
    return touched


def revoke_project(session: Session, actor: Actor, project: str, reason: str, clock: Clock) -> list[Extract]:
    """Revoke what the project has, ready, on the way or stuck."""
    open_states = LIVE | {ExtractState.BLOCKED, ExtractState.FAILED}
    touched = [row for row in store.extracts_of(session, project) if row.state in open_states]
    for extract in touched:
        _revoke(session, extract, actor, reason, clock)
    return touched


def want_destroyed(session: Session, actor: Actor, extract_id: str, clock: Clock) -> Extract:
    """Ask the worker to remove the files of a version that is no longer in use."""
    extract = store.get_extract(session, extract_id)
    checks(actor, extract)["destroy"]()
    extract.destroy_wanted = True
    record(session, actor, "extract.destruction_ordered", "extract", extract.id, clock)
    return extract


def checks(actor: Actor, extract: Extract) -> dict[str, Check]:
    """What is asked before each action about a version."""

    def verify() -> None:
        check_can_manage_extracts(actor)
        if extract.state not in BUILT:
            raise Conflict("There is nothing to verify.", "Wait until it is ready; see what its state says.")

    def move(to: ExtractState) -> None:
        check_can_manage_extracts(actor)
        EXTRACT.check(extract.state, to)

    return {
        "verify": verify,
        "revoke": lambda: move(ExtractState.REVOKED),
        "destroy": lambda: move(ExtractState.DESTROYED),
    }


def finish_destroying(
    session: Session, actor: Actor, extract_id: str, certificate: dict[str, Any], clock: Clock
) -> Extract:
    """Keep the certificate and close the version."""
    extract = store.get_extract(session, extract_id)
    if extract.state == ExtractState.DESTROYED:
        return extract
    places = certificate["payload"]["places"]
    _move(session, extract, ExtractState.DESTROYED, actor, clock, places=[place["place"] for place in places])
    extract.certificate, extract.destroy_wanted = certificate, False
    return extract


def project_is_over(session: Session, project: str) -> bool:
    """Whether the pseudonym tables go with the last version: the project is closed and nothing else stands."""
    row = session.get(Project, project)
    return row is not None and row.state == ProjectState.CLOSED


def _revoke(session: Session, extract: Extract, actor: Actor, reason: str, clock: Clock) -> None:
    was_ready = extract.state == ExtractState.READY
    _move(session, extract, ExtractState.REVOKED, actor, clock, reason=reason[:500])
    extract.state_reason, extract.destroy_wanted = reason[:500], True
    if was_ready:
        projects.get_project(session, extract.project).extract_version = None


def _move(session: Session, extract: Extract, target: ExtractState, actor: Actor, clock: Clock, **details: Any) -> None:
    EXTRACT.move(session, extract, target, actor, clock, project=extract.project, version=extract.version, **details)
    extract.state_since = clock.now()


def _too_late(extract: Extract) -> Extract:
    """Revoked meanwhile: what was built is removed, whatever the builder says."""
    if extract.state in GONE_NEXT:
        extract.destroy_wanted = True
    return extract
