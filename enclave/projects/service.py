"""Use cases about data requests: write, submit, forward, decide, return, withdraw; approval makes the project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.agreements.service import record_data_use
from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.audit.revisions import check_seen, revision_of
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, Conflict, NotAllowed, Unprocessable
from enclave.core.ids import new_id
from enclave.people.model import User
from enclave.projects import form as forms
from enclave.projects import pathway, permissions, policies, store
from enclave.projects.access import LabAccess, lab_access
from enclave.projects.membership import create_or_extend
from enclave.projects.model import DataRequest, Project, ProviderDecision, RequestVersion
from enclave.projects.states import DECISION, REQUEST, RequestState, Verdict
from enclave.projects.store import get_project, get_request, is_member, members, projects_of

__all__ = [
    "LabAccess",
    "create",
    "decide",
    "edit",
    "forward",
    "get_project",
    "get_request",
    "is_member",
    "lab_access",
    "members",
    "projects_of",
    "return_by_office",
    "submit",
    "withdraw",
]
MONTH = timedelta(days=30)
SUBJECT = "data_request"


def create(
    session: Session, actor: Actor, document: dict[str, Any], clock: Clock, *, requester: str | None = None
) -> DataRequest:
    """A new draft. The operator names the requester; a person writes their own."""
    permissions.check_can_write_requests(actor)
    owner = requester or actor.name
    if actor.kind == "user" and owner != actor.name:
        raise NotAllowed("A request is written by its requester.", "Leave the requester out.")
    if session.get(User, owner) is None:
        raise BadInput("The requester is not known.", "Name a user of the enclave as the requester.")
    request = DataRequest(
        id=new_id("req"),
        state=RequestState.DRAFT.value,
        state_since=clock.now(),
        state_reason="",
        requester=owner,
        form=forms.check_draft(document),
        version=0,
        summary="",
        created_at=clock.now(),
    )
    session.add(request)
    record(session, actor, "request.created", "data_request", request.id, clock, requester=owner)
    return request


def edit(session: Session, actor: Actor, request_id: str, document: dict[str, Any], clock: Clock) -> DataRequest:
    """Replace a draft's form, or a returned request's."""
    request = get_request(session, request_id)
    checks(session, actor, request)["edit"]()
    request.form = forms.check_draft(document)
    record(session, actor, "request.edited", "data_request", request.id, clock)
    return request


def submit(session: Session, actor: Actor, request_id: str, clock: Clock) -> DataRequest:
    """Freeze a version and hand it to the office; refused when it is incomplete or an element has no pathway."""
    request = get_request(session, request_id)
    checks(session, actor, request)["submit"]()
    form = forms.parse(request.form)
    _check_team(session, request, form)
    _check_project_free(session, request, form)
    pathway.check_all_open(pathway.check_form(session, form, clock.now()))
    version = RequestVersion(
        id=new_id("rqv"),
        request_id=request.id,
        number=request.version + 1,
        form=form.model_dump(mode="json"),
        digest=sha256_hex(canonical_json(form.model_dump(mode="json"))),
        submitted_by=actor.label,
        submitted_at=clock.now(),
    )
    _move(session, request, RequestState.SUBMITTED, actor, clock, version=version.number, digest=version.digest)
    request.version = version.number
    request.versions.append(version)
    session.flush()
    return request


def forward(session: Session, actor: Actor, request_id: str, summary: str, clock: Clock) -> DataRequest:
    """The office sends the request to every provider that it names, with a neutral summary."""
    request = get_request(session, request_id)
    checks(session, actor, request)["forward"]()
    text = policies.check_reason(summary, least=20)
    version = store.current_version(request)
    providers = forms.parse(version.form).providers
    _move(session, request, RequestState.UNDER_REVIEW, actor, clock, providers=list(providers))
    request.summary = text
    for provider in providers:
        request.decisions.append(
            ProviderDecision(
                id=new_id("dec"),
                request_id=request.id,
                version=request.version,
                provider=provider,
                digest=version.digest,
                state=Verdict.PENDING.value,
                reason="",
                asked_at=clock.now(),
            )
        )
    session.flush()
    return request


def decide(
    session: Session,
    actor: Actor,
    request_id: str,
    verdict: Verdict,
    reason: str,
    digest: str,
    clock: Clock,
) -> DataRequest:
    """One provider's say, bound to the digest that was read. The last approval makes or extends the project."""
    request = get_request(session, request_id)
    provider = permissions.check_can_decide(session, actor, request)
    checks(session, actor, request)["decide"]()
    if verdict is Verdict.PENDING:
        raise BadInput("That is no decision.", "Approve, decline or return.")
    text = reason.strip()[:2000] if verdict is Verdict.APPROVED else policies.check_reason(reason)
    decision = _decision_of(request, provider)
    policies.check_decision_allowed(request, decision, digest)
    DECISION.move(session, decision, verdict, actor, clock, request=request.id, provider=provider, digest=digest)
    decision.reason, decision.decided_by, decision.decided_at = text, actor.name, clock.now()
    _conclude(session, request, verdict, f"{provider}: {text}", actor, clock)
    session.flush()
    return request


def return_by_office(session: Session, actor: Actor, request_id: str, reason: str, clock: Clock) -> DataRequest:
    """The office sends a request back to its requester."""
    request = get_request(session, request_id)
    checks(session, actor, request)["return"]()
    text = policies.check_reason(reason)
    _move(session, request, RequestState.RETURNED, actor, clock, reason=text)
    request.state_reason = text
    return request


def withdraw(session: Session, actor: Actor, request_id: str, reason: str, clock: Clock) -> DataRequest:
    """The requester takes the request back."""
    request = get_request(session, request_id)
    checks(session, actor, request)["withdraw"]()
    _move(session, request, RequestState.WITHDRAWN, actor, clock, reason=reason.strip()[:500])
    request.state_reason = reason.strip()[:500]
    return request


def checks(session: Session, actor: Actor, request: DataRequest) -> dict[str, Check]:
    """What is asked before each action about a request."""

    def edit() -> None:
        permissions.check_can_change_request(actor, request)
        policies.check_edit_allowed(request)

    def requester(to: RequestState) -> None:
        permissions.check_can_change_request(actor, request)
        REQUEST.check(request.state, to)

    def office(to: RequestState) -> None:
        permissions.check_can_forward(actor, request)
        REQUEST.check(request.state, to)

    def decide() -> None:
        provider = permissions.check_can_decide(session, actor, request)
        policies.check_pending(request, _decision_of(request, provider))

    return {
        "edit": edit,
        "submit": lambda: requester(RequestState.SUBMITTED),
        "withdraw": lambda: requester(RequestState.WITHDRAWN),
        "forward": lambda: office(RequestState.UNDER_REVIEW),
        "return": lambda: office(RequestState.RETURNED),
        "decide": decide,
    }


def check_revision(session: Session, request_id: str, seen: Sequence[str]) -> None:
    """Stale unless the request stands where its caller saw it; it stays locked until the transaction's end."""
    if seen:
        session.execute(select(DataRequest.id).where(DataRequest.id == request_id).with_for_update())
    check_seen(session, SUBJECT, request_id, seen)


def revision(session: Session, request_id: str) -> int:
    """How often the request was changed."""
    return revision_of(session, SUBJECT, request_id)


def differences(request: DataRequest) -> list[str]:
    """Fields that changed between the last two versions."""
    if len(request.versions) < 2:
        return []
    before, after = request.versions[-2].form, request.versions[-1].form
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _conclude(
    session: Session, request: DataRequest, verdict: Verdict, reason: str, actor: Actor, clock: Clock
) -> None:
    if verdict is Verdict.DECLINED:
        _move(session, request, RequestState.DECLINED, actor, clock, reason=reason)
        request.state_reason = reason
    elif verdict is Verdict.RETURNED:
        _move(session, request, RequestState.RETURNED, actor, clock, reason=reason)
        request.state_reason = reason
    elif all(decision.state == Verdict.APPROVED for decision in store.current_decisions(request)):
        _approve(session, request, actor, clock)


def _approve(session: Session, request: DataRequest, actor: Actor, clock: Clock) -> Project:
    version = store.current_version(request)
    form = forms.parse(version.form)
    pathway.check_all_open(pathway.check_form(session, form, clock.now()))
    _move(session, request, RequestState.APPROVED, actor, clock, digest=version.digest)
    request.state_reason = ""
    expires_at = clock.now() + form.duration_months * MONTH
    project = create_or_extend(session, request, version, form, expires_at, actor, clock)
    record_data_use(
        session,
        actor,
        clock,
        project=project.id,
        institution=form.institution,
        signatory=form.signatory,
        request=request.id,
        request_digest=version.digest,
        providers=list(form.providers),
        expires_at=expires_at,
    )
    return project


def _move(
    session: Session, request: DataRequest, target: RequestState, actor: Actor, clock: Clock, **details: Any
) -> None:
    REQUEST.move(session, request, target, actor, clock, **details)
    request.state_since = clock.now()


def _decision_of(request: DataRequest, provider: str) -> ProviderDecision:
    for decision in store.current_decisions(request):
        if decision.provider == provider:
            return decision
    raise Conflict("This request is not under review.", "Reload the page to see where it stands.")


def _check_team(session: Session, request: DataRequest, form: forms.RequestForm) -> None:
    unknown = sorted(name for name in set(form.team) if session.get(User, name) is None)
    if unknown:
        raise Unprocessable(
            f"These people have no account: {', '.join(unknown)}.", "Ask an administrator to add them first."
        )
    if request.requester not in form.team:
        raise Unprocessable("The requester is not on the team.", "Name yourself among the team.")


def _check_project_free(session: Session, request: DataRequest, form: forms.RequestForm) -> None:
    project = session.get(Project, form.project)
    if project is not None and project.lead != request.requester:
        raise Conflict(f"The short name “{form.project}” belongs to another project.", "Choose another short name.")
