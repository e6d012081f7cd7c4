"""Pages about data requests: list, form with element picker, one request with all desks on it, public register."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import Unprocessable
from enclave.extracts import approval
from enclave.people.permissions import Permission, holds
from enclave.projects import form as forms
from enclave.projects import permissions, policies, service, store
from enclave.projects.states import RequestState, Verdict
from services.api.deps import Ctx, CurrentActor, GuardedRouter, MaybeActor
from services.api.requests import allowed_actions, pathway_of, register_entries, summary_of, view_of, visible
from services.web.pages import page, redirect
from services.web.request_form import cohort_text, document_of, picker
from services.web.waiting import Waiting

router = GuardedRouter(include_in_schema=False)


async def _fields(request: Request) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]

_SENTENCES = {
    "edit": "needs your answer: “{}”",
    "forward": "waits to be checked and forwarded: “{}”",
    "decide": "waits for your provider's decision: “{}”",
}


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Requests that this person must write on, forward or decide."""
    items = []
    for row in visible(session, actor) if actor.kind == "user" else []:
        actions = allowed_actions(session, row, actor)
        for action, sentence in _SENTENCES.items():
            if action in actions:
                text = "A data request " + sentence.format(row.title)
                items.append(Waiting(text, f"/requests/{row.id}", row.state_since))
    return items


@router.get("/register", public=True)
def register_page(request: Request, ctx: Ctx, actor: MaybeActor) -> Response:
    """The public register of requests."""
    with ctx.database.read() as session:
        entries = register_entries(session)
    return page(request, "requests/register.html", title="Register of data requests", actor=actor, entries=entries)


@router.get("/requests", permission=Permission.SIGNED_IN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The requests that the person may read, with the clock and whose turn it is."""
    with ctx.database.read() as session:
        rows = [summary_of(session, row, actor, ctx.clock) for row in visible(session, actor)]
    return page(
        request, "requests/list.html", title="Data requests", actor=actor, requests=rows,
        may_write=holds(actor, Permission.REQUESTS_WRITE),
    )  # fmt: skip


@router.get("/requests/new", permission=Permission.REQUESTS_WRITE)
def new_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """An empty form."""
    return _form_page(request, ctx, actor, {"team": [actor.name]}, "/requests", "New data request")


@router.post("/requests", permission=Permission.REQUESTS_WRITE)
def create(ctx: Ctx, actor: CurrentActor, fields: Fields) -> Response:
    """Keep the draft, and submit it when that was asked for and is possible."""
    with ctx.database.write() as session:
        made = service.create(session, actor, document_of(fields), ctx.clock)
        session.flush()
        request_id = made.id
    return _after_saving(ctx, actor, request_id, submit=fields.get("then") == "submit")


@router.get("/requests/{request_id}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, request_id: str) -> Response:
    """One request: its text by the Five Safes, the pathway, the decisions, and what this person can do."""
    with ctx.database.read() as session:
        row = store.get_request(session, request_id)
        permissions.check_can_see_request(session, actor, row)
        view = view_of(session, row, actor, ctx.clock)
        ways = pathway_of(session, row.form, ctx.clock.now())
    return page(
        request, "requests/show.html", title=view.title, actor=actor, item=view, ways=ways,
        safes=_safes(view.form), cohort=cohort_text(view.form.get("cohort") or []),
        hindrance=_hindrance(view.form) if "submit" in view.allowed_actions else "",
        has_project=view.state == RequestState.APPROVED,
    )  # fmt: skip


@router.get("/requests/{request_id}/edit", permission=Permission.REQUESTS_WRITE)
def edit_page(request: Request, ctx: Ctx, actor: CurrentActor, request_id: str) -> Response:
    """The form with what is written."""
    with ctx.database.read() as session:
        row = store.get_request(session, request_id)
        permissions.check_can_change_request(actor, row)
        policies.check_edit_allowed(row)
        document, title, revision = row.form, row.title, service.revision(session, request_id)
    target = f"/requests/{request_id}/edit"
    return _form_page(request, ctx, actor, document, target, f"Edit: {title}", revision)


@router.post("/requests/{request_id}/edit", permission=Permission.REQUESTS_WRITE)
def edit(ctx: Ctx, actor: CurrentActor, request_id: str, fields: Fields) -> Response:
    """Keep the changes, and submit when that was asked for and is possible."""
    with ctx.database.write() as session:
        service.check_revision(session, request_id, [text] if (text := str(fields.get("revision", ""))) else [])
        service.edit(session, actor, request_id, document_of(fields), ctx.clock)
    return _after_saving(ctx, actor, request_id, submit=fields.get("then") == "submit")


@router.post("/requests/{request_id}/submit", permission=Permission.REQUESTS_WRITE)
def submit(ctx: Ctx, actor: CurrentActor, request_id: str) -> Response:
    """Hand it to the office."""
    with ctx.database.write() as session:
        service.submit(session, actor, request_id, ctx.clock)
    return redirect(f"/requests/{request_id}", "Submitted. The office checks it next.")


@router.post("/requests/{request_id}/withdraw", permission=Permission.REQUESTS_WRITE)
def withdraw(ctx: Ctx, actor: CurrentActor, request_id: str, reason: Annotated[str, Form()] = "") -> Response:
    """Take it back."""
    with ctx.database.write() as session:
        service.withdraw(session, actor, request_id, reason, ctx.clock)
    return redirect(f"/requests/{request_id}", "Withdrawn.")


@router.post("/requests/{request_id}/forward", permission=Permission.REQUESTS_FORWARD)
def forward(ctx: Ctx, actor: CurrentActor, request_id: str, summary: Annotated[str, Form()] = "") -> Response:
    """Send it to the providers."""
    with ctx.database.write() as session:
        service.forward(session, actor, request_id, summary, ctx.clock)
    return redirect(f"/requests/{request_id}", "Forwarded to the providers that it names.")


@router.post("/requests/{request_id}/return", permission=Permission.REQUESTS_FORWARD)
def return_to_requester(
    ctx: Ctx, actor: CurrentActor, request_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Send it back to its requester."""
    with ctx.database.write() as session:
        service.return_by_office(session, actor, request_id, reason, ctx.clock)
    return redirect(f"/requests/{request_id}", "Returned to the requester.")


@router.post("/requests/{request_id}/decide", permission=Permission.REQUESTS_DECIDE, fresh=True)
def decide(
    ctx: Ctx,
    actor: CurrentActor,
    request_id: str,
    verdict: Annotated[Verdict, Form()],
    digest: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A provider's decision on the version that was on the page."""
    with ctx.database.write() as session:
        row = approval.decide(session, actor, request_id, verdict, reason, digest, ctx.clock)
        done = row.state == RequestState.APPROVED
    notice = "Every provider has approved; the extract is being built." if done else "Your decision is recorded."
    return redirect(f"/requests/{request_id}", notice)


def _after_saving(ctx: Ctx, actor: Actor, request_id: str, *, submit: bool) -> Response:
    """Saving never fails for what is missing: the text is kept, and the request's page says what is left."""
    if not submit:
        return redirect(f"/requests/{request_id}", "Saved.")
    try:
        with ctx.database.write() as session:
            service.submit(session, actor, request_id, ctx.clock)
    except Unprocessable as error:
        return redirect(f"/requests/{request_id}", f"Saved, not submitted. {error.message}"[:200])
    return redirect(f"/requests/{request_id}", "Submitted. The office checks it next.")


def _form_page(
    request: Request, ctx: Ctx, actor: Actor, document: dict[str, Any], target: str, title: str,
    revision: int | None = None,
) -> Response:  # fmt: skip
    with ctx.database.read() as session:
        tables = picker(session, document)
    years = document.get("years") or ["", ""]
    return page(
        request, "requests/form.html", title=title, actor=actor, form=document, tables=tables, target=target,
        revision=revision, years=years,
        team=", ".join(document.get("team") or []), cohort=cohort_text(document.get("cohort") or []),
    )  # fmt: skip


def _safes(document: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The form's answers under the headings of the Five Safes; elements and cohort have tables of their own."""
    shown = []
    for heading, names in forms.FIVE_SAFES.items():
        facts = [
            (name.replace("_", " ").capitalize(), _words(document.get(name)))
            for name in names
            if name not in ("selections", "cohort")
        ]
        shown.append((heading, facts))
    return shown


def _words(value: Any) -> str:
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(each, int) for each in value):
            return f"{value[0]} to {value[1]}"
        return ", ".join(str(each) for each in value) or "—"
    return str(value) if value not in (None, "") else "—"


def _hindrance(document: dict[str, Any]) -> str:
    try:
        forms.parse(document)
    except Unprocessable as error:
        return f"{error.message} {error.advice}"
    return ""
