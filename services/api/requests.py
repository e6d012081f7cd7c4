"""Data requests: write, submit, forward, decide, return, withdraw; the public register."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.core.audit.revisions import tags
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Unprocessable
from enclave.extracts import approval
from enclave.people.permissions import Permission
from enclave.projects import form as forms
from enclave.projects import pathway, permissions, service, store
from enclave.projects.model import DataRequest
from enclave.projects.states import NEXT_OWNER, RequestState, Verdict
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by, newest
from services.api.routing import Revised

router = GuardedRouter(tags=["requests"], answers=Revised)


async def seen_revisions(request: Request) -> list[str]:
    """The revisions that the caller saw; none where any will do."""
    return tags(request.headers.get("If-Match", ""))


Seen = Annotated[list[str], Depends(seen_revisions)]


class DecisionView(BaseModel):
    """One provider's say on the version that stands."""

    provider: str
    state: str
    reason: str
    decided_by: str | None
    asked_at: datetime
    decided_at: datetime | None


class RegisterEntry(BaseModel):
    """What the public sees of a request."""

    id: str
    title: str
    institution: str
    abstract: str
    state: str
    since: datetime
    providers: list[str]


class RequestSummary(BaseModel):
    """A request in a list."""

    id: str
    title: str
    project: str
    requester: str
    state: str
    since: datetime
    days: int
    next_owner: str
    version: int
    allowed_actions: list[str]


class RequestView(RequestSummary):
    """A whole request, with what the caller may do next; `revision` counts its changes and is the answer's `ETag`."""

    revision: int
    form: dict[str, Any]
    digest: str | None
    summary: str
    reason: str
    decisions: list[DecisionView]
    changed: list[str]


class NewRequest(BaseModel):
    """A draft; the operator names its requester."""

    form: dict[str, Any]
    requester: str | None = None


class FormBody(BaseModel):
    """The form, as a whole."""

    form: dict[str, Any]


class SummaryBody(BaseModel):
    """The office's neutral summary."""

    summary: str


class ReasonBody(BaseModel):
    """Why."""

    reason: str = ""


class DecisionBody(BaseModel):
    """A provider's decision on the version with this digest."""

    verdict: Verdict
    reason: str = ""
    digest: str


def summary_of(session: Session, request: DataRequest, actor: Actor, clock: Clock) -> RequestSummary:
    """The list entry of a request."""
    return RequestSummary(**_common(session, request, actor, clock))


def view_of(session: Session, request: DataRequest, actor: Actor, clock: Clock) -> RequestView:
    """The request as this person may see it."""
    return RequestView(
        **_common(session, request, actor, clock),
        revision=service.revision(session, request.id),
        form=request.form,
        digest=request.versions[-1].digest if request.versions else None,
        summary=request.summary,
        reason=request.state_reason,
        decisions=[
            DecisionView(
                provider=row.provider,
                state=row.state,
                reason=row.reason,
                decided_by=row.decided_by,
                asked_at=row.asked_at,
                decided_at=row.decided_at,
            )
            for row in store.current_decisions(request)
        ],
        changed=service.differences(request),
    )


def allowed_actions(session: Session, request: DataRequest, actor: Actor) -> list[str]:
    """What this person may do with the request in its present state."""
    return allowed(service.checks(session, actor, request))


def visible(session: Session, actor: Actor) -> list[DataRequest]:
    """The requests that this person may read, the newest first."""
    named = permissions.only_on_request(actor)
    rows = store.requests_naming(session, actor.name) if named else store.list_requests(session)
    return [row for row in rows if permissions.can_see_request(session, actor, row)]


def pathway_of(session: Session, document: dict[str, Any], now: datetime) -> list[pathway.ElementPathway]:
    """The way of each element of a draft, as far as its selections can be read; the rest may be unfinished."""
    try:
        return pathway.check_form(session, forms.parse(document), now)
    except Unprocessable:
        selections = [_readable(each) for each in document.get("selections") or []]
        elements = sorted(
            {(each.provider, each.table_name, column) for each in selections if each for column in each.columns}
        )
        return pathway.check_elements(session, elements, _years(document.get("years"), now), now)


@router.get("/register", public=True, order=newest("id"))
def register(ctx: Ctx) -> list[RegisterEntry]:
    """The public register: every request that was ever submitted, with its status."""
    with ctx.database.read() as session:
        return register_entries(session)


def register_entries(session: Session) -> list[RegisterEntry]:
    """What is public of the submitted requests; the text is that of the version that was submitted last."""
    return [
        RegisterEntry(
            id=row.id,
            title=str(version.form["title"]),
            institution=str(version.form["institution"]),
            abstract=str(version.form["abstract"]),
            state=row.state,
            since=row.state_since,
            providers=list(forms.parse(version.form).providers),
        )
        for row in store.public_requests(session)
        for version in (store.current_version(row),)
    ]


@router.get("/requests", permission=Permission.SIGNED_IN, order=newest("id"))
def list_requests(ctx: Ctx, actor: CurrentActor) -> list[RequestSummary]:
    """The requests that the caller may read."""
    with ctx.database.read() as session:
        return [summary_of(session, row, actor, ctx.clock) for row in visible(session, actor)]


@router.post("/requests", permission=Permission.REQUESTS_WRITE, status_code=201)
def create_request(ctx: Ctx, actor: CurrentActor, body: NewRequest) -> RequestView:
    """A new draft."""
    with ctx.database.write() as session:
        request = service.create(session, actor, body.form, ctx.clock, requester=body.requester)
        session.flush()
        return view_of(session, request, actor, ctx.clock)


@router.get("/requests/{request_id}", permission=Permission.SIGNED_IN)
def show_request(ctx: Ctx, actor: CurrentActor, request_id: str) -> RequestView:
    """One request."""
    with ctx.database.read() as session:
        request = store.get_request(session, request_id)
        permissions.check_can_see_request(session, actor, request)
        return view_of(session, request, actor, ctx.clock)


@router.get("/requests/{request_id}/pathway", permission=Permission.SIGNED_IN, order=by("element"))
def show_pathway(ctx: Ctx, actor: CurrentActor, request_id: str) -> list[dict[str, Any]]:
    """Each element's legal basis, instrument and reviewing body, or what is missing."""
    with ctx.database.read() as session:
        request = store.get_request(session, request_id)
        permissions.check_can_see_request(session, actor, request)
        return [way.as_json() for way in pathway_of(session, request.form, ctx.clock.now())]


@router.put("/requests/{request_id}", permission=Permission.REQUESTS_WRITE)
def edit_request(ctx: Ctx, actor: CurrentActor, request_id: str, body: FormBody, seen: Seen) -> RequestView:
    """Replace the form of a draft or a returned request."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        request = service.edit(session, actor, request_id, body.form, ctx.clock)
        return view_of(session, request, actor, ctx.clock)


@router.post("/requests/{request_id}/submit", permission=Permission.REQUESTS_WRITE)
def submit_request(ctx: Ctx, actor: CurrentActor, request_id: str, seen: Seen) -> RequestView:
    """Hand it to the office; refused when incomplete or when an element has no pathway."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        return view_of(session, service.submit(session, actor, request_id, ctx.clock), actor, ctx.clock)


@router.post("/requests/{request_id}/forward", permission=Permission.REQUESTS_FORWARD)
def forward_request(ctx: Ctx, actor: CurrentActor, request_id: str, body: SummaryBody, seen: Seen) -> RequestView:
    """The office sends it to the providers that it names."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        request = service.forward(session, actor, request_id, body.summary, ctx.clock)
        return view_of(session, request, actor, ctx.clock)


@router.post("/requests/{request_id}/return", permission=Permission.REQUESTS_FORWARD)
def return_request(ctx: Ctx, actor: CurrentActor, request_id: str, body: ReasonBody, seen: Seen) -> RequestView:
    """The office sends it back to its requester."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        request = service.return_by_office(session, actor, request_id, body.reason, ctx.clock)
        return view_of(session, request, actor, ctx.clock)


@router.post("/requests/{request_id}/decide", permission=Permission.REQUESTS_DECIDE, fresh=True)
def decide_request(ctx: Ctx, actor: CurrentActor, request_id: str, body: DecisionBody, seen: Seen) -> RequestView:
    """One provider approves, declines or returns its own elements."""
    if body.verdict is Verdict.PENDING:
        raise BadInput("That is no decision.", "Approve, decline or return.")
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        request = approval.decide(session, actor, request_id, body.verdict, body.reason, body.digest, ctx.clock)
        return view_of(session, request, actor, ctx.clock)


@router.post("/requests/{request_id}/withdraw", permission=Permission.REQUESTS_WRITE)
def withdraw_request(ctx: Ctx, actor: CurrentActor, request_id: str, body: ReasonBody, seen: Seen) -> RequestView:
    """The requester takes it back."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, seen)
        request = service.withdraw(session, actor, request_id, body.reason, ctx.clock)
        return view_of(session, request, actor, ctx.clock)


def _common(session: Session, request: DataRequest, actor: Actor, clock: Clock) -> dict[str, Any]:
    return {
        "id": request.id,
        "title": request.title,
        "project": request.project,
        "requester": request.requester,
        "state": request.state,
        "since": request.state_since,
        "days": max(0, (clock.now() - request.state_since).days),
        "next_owner": NEXT_OWNER[RequestState(request.state)],
        "version": request.version,
        "allowed_actions": allowed_actions(session, request, actor),
    }


def _readable(selection: Any) -> forms.Selection | None:
    try:
        return forms.Selection.model_validate({**selection, "justification": "not asked for here"})
    except (ValueError, TypeError):
        return None


def _years(value: Any, now: datetime) -> tuple[int, int]:
    match value:
        case [int(first), int(last)]:
            return first, last
        case _:
            return now.year, now.year
