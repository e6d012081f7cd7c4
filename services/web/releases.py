"""The author's pages about outputs on their way out: list, new request, one request with its findings, the download."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, UploadFile
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import NotFound
from enclave.notices import store as notices
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from output_review import answering, duty, queue, service, summaries, templates
from output_review.permissions import barred, is_checker
from output_review.policies import due_at, required_votes
from output_review.render.record_page import record_page
from output_review.revisions import revision
from output_review.states import ReleaseState
from services.airlock import check_draft, start_draft
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.api.release_access import act, check_member, opened, view
from services.api.release_bundles import bundle_response, paper, record
from services.api.release_files import add_files, render_files, take
from services.api.release_views import ReleaseView
from services.api.releases import list_all
from services.web.finding_links import linker
from services.web.menu import BASE
from services.web.pages import page, redirect
from services.web.stale import SeenId
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/releases", include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Drafts and returned requests of one's own; for checkers, what may be reviewed."""
    items = []
    if actor.kind != "user":
        return []
    for request in summaries.unfinished(session, actor.name):
        word = "was returned to you" if request.state == ReleaseState.RETURNED else "is a draft"
        since = request.decided_at or request.created_at
        items.append(Waiting(f"“{request.title}” {word}", f"/releases/{request.id}", since))
    if not is_checker(actor):
        return items
    own = {project.id for project in projects.projects_of(session, actor.name)}
    queued = summaries.queue(session)
    suggested = _suggested(session, clock.now(), queued)
    for request in queued:
        mine = actor.name in request.checkers
        if request.project_id in own or actor.name in barred(request, ()) or not request.under_review:
            continue
        if mine or len(request.checkers) < required_votes(request):
            since = request.submitted_at or request.created_at
            free = "is suggested to you" if suggested.get(request.id) == actor.name else "waits for a checker"
            text = f"Review “{request.title}”" if mine else f"“{request.title}” {free}"
            items.append(Waiting(text, f"/review/{request.id}", since, due_at(since)))
    return items


def _suggested(session: Session, now: datetime, waiting: list[summaries.Summary]) -> dict[str, str]:
    """Request → the colleague on duty to whom it is suggested."""
    present = duty.on_duty(session, now, lambda rows, names: notices.away(rows, names, now))
    if not present:
        return {}
    return duty.suggested(
        queue.in_order(waiting, now), present, projects.teams(session, {row.project_id for row in waiting})
    )


@router.get("", permission=Permission.SIGNED_IN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor, where: Page) -> Response:
    """My requests and those of my projects."""
    found = list_all(ctx, actor, where)
    return page(
        request, "releases/list.html", title="Outputs", actor=actor, found=found, projects=_projects(ctx, actor)
    )


@router.get("/new", permission=Permission.SIGNED_IN)
def new_page(request: Request, ctx: Ctx, actor: CurrentActor, project: str = "", template: str = "") -> Response:
    """The form of a new request; a template's adds its questions."""
    return page(
        request, "releases/new.html", title="Submit outputs", actor=actor,
        projects=_projects(ctx, actor), chosen=project, templates=templates.templates(),
        kind=templates.named(template),
    )  # fmt: skip


async def answers_of(request: Request) -> dict[str, str]:
    """What the form says to a template's questions: its fields `answer-<key>`."""
    form = await request.form()
    return {name.removeprefix("answer-"): text for name, text in form.multi_items()
            if name.startswith("answer-") and isinstance(text, str)}  # fmt: skip


@router.post("", permission=Permission.SIGNED_IN)
def create(
    ctx: Ctx,
    actor: CurrentActor,
    project: Annotated[str, Form()],
    title: Annotated[str, Form()],
    files: Annotated[list[UploadFile], File()],
    purpose: Annotated[str, Form()] = "",
    public: Annotated[bool, Form()] = False,
    template: Annotated[str, Form()] = "",
    answers: Annotated[dict[str, str] | None, Depends(answers_of)] = None,
) -> Response:
    """Make a draft of the chosen files and check them."""
    with ctx.database.read() as session:
        check_member(session, actor, project)
    uploads = take(ctx, files, [], [])
    kind = templates.named(template)
    identity = start_draft(
        ctx, actor, project, uploads, title=title, public=public, template=kind,
        purpose=templates.purpose_with(kind, purpose, answers or {}),
    )  # fmt: skip
    check_draft(ctx, actor, identity)
    return redirect(f"/releases/{identity}", "The files were checked. Read the findings, then submit.")


@router.get("/{release}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """One request: findings first, then what can be done."""
    with ctx.database.read() as session:
        whole, members = opened(session, actor, release)
        shown = ReleaseView.of(whole, actor, members, revision(session, whole.id))
        contents = render_files(ctx, actor, whole, members) if actor.name == shown.author else {}
    return page(
        request, "releases/show.html", title=shown.title, actor=actor, release=shown, contents=contents,
        may_read_record=shown.state in ("RELEASED", "REVOKED"), steps=steps(shown), linked=links(shown, "releases"),
    )  # fmt: skip


@router.post("/{release}/files", permission=Permission.SIGNED_IN)
def put_files(
    ctx: Ctx, actor: CurrentActor, release: str, files: Annotated[list[UploadFile], File()],
    supporting: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Add or replace files."""
    names = [str(file.filename) for file in files] if supporting else []
    add_files(ctx, actor, release, files, [], names)
    return redirect(f"/releases/{release}", "The files were stored and checked.")


@router.post("/{release}/files/withdraw", permission=Permission.SIGNED_IN)
def withdraw_file(ctx: Ctx, actor: CurrentActor, release: str, file: Annotated[str, Form()]) -> Response:
    """Take a file out."""
    act(ctx, actor, release, service.withdraw_file, file)
    return redirect(f"/releases/{release}", "The file was taken out; you can add it again.")


@router.post("/{release}/check", permission=Permission.SIGNED_IN)
def check(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Run the checks again where they are not complete."""
    if view(ctx, actor, release).author != actor.name:
        raise NotFound("There is no such draft of yours.", "See your list of requests.")
    check_draft(ctx, actor, release)
    return redirect(f"/releases/{release}", "The checks ran.")


@router.post("/{release}/describe", permission=Permission.SIGNED_IN)
def describe(
    ctx: Ctx, actor: CurrentActor, release: SeenId,
    title: Annotated[str, Form()], purpose: Annotated[str, Form()] = "", public: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Change title, purpose and whether it is to be public."""
    act(ctx, actor, release, service.describe, title=title, purpose=purpose, public=public)
    return redirect(f"/releases/{release}", "Saved.")


@router.post("/{release}/justify", permission=Permission.SIGNED_IN)
def justify(
    ctx: Ctx, actor: CurrentActor, release: SeenId,
    file: Annotated[str, Form()], rule: Annotated[str, Form()], justification: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """Ask for an exception."""
    act(ctx, actor, release, service.justify, file, rule=rule, justification=justification)
    return redirect(f"/releases/{release}", "Your justification goes to a senior checker with the request.")


@router.post("/{release}/answers", permission=Permission.SIGNED_IN)
def answer(
    ctx: Ctx, actor: CurrentActor, release: str, column: Annotated[str, Form()], role: Annotated[str, Form()],
    unit: Annotated[str, Form()] = "persons",
) -> Response:  # fmt: skip
    """Say what a column holds, once for all files of the request."""
    act(ctx, actor, release, answering.answer, {column: {"role": role, "unit": unit}})
    check_draft(ctx, actor, release)
    return redirect(f"/releases/{release}", "Your answer was kept, and the files were checked again.")


@router.post("/{release}/comment", permission=Permission.SIGNED_IN)
def comment(ctx: Ctx, actor: CurrentActor, release: SeenId, body: Annotated[str, Form()]) -> Response:
    """Say something to the checkers."""
    act(ctx, actor, release, service.comment, body)
    return redirect(f"/releases/{release}", "Your comment was added.")


@router.post("/{release}/submit", permission=Permission.SIGNED_IN)
def submit(ctx: Ctx, actor: CurrentActor, release: SeenId) -> Response:
    """Hand it to the checkers."""
    act(ctx, actor, release, service.submit)
    return redirect(f"/releases/{release}", "Submitted. The checkers have five working days.")


@router.post("/{release}/withdraw", permission=Permission.SIGNED_IN)
def withdraw(ctx: Ctx, actor: CurrentActor, release: SeenId) -> Response:
    """Take the request back for good."""
    act(ctx, actor, release, service.withdraw)
    return redirect(f"/releases/{release}", "The request was withdrawn.")


@router.get("/{release}/bundle", permission=Permission.SIGNED_IN)
def bundle(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Download the bundle."""
    return bundle_response(ctx, actor, release)


@router.get("/{release}/record.json", permission=Permission.SIGNED_IN)
def record_json(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Download the signed record."""
    return _attachment(canonical_json(record(ctx, actor, release)), "application/json", f"{release}-record.json")


@router.get("/{release}/record.html", permission=Permission.SIGNED_IN)
def record_html(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Download the readable record; a file of its own, which opens anywhere."""
    made = record_page(record(ctx, actor, release)["payload"])
    return _attachment(made.encode(), "text/html", f"{release}-record.html")


@router.get("/{release}/record.pdf", permission=Permission.SIGNED_IN)
def record_paper(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Download the record to read and print."""
    return paper(ctx, actor, release)


def steps(shown: ReleaseView) -> list[tuple[str, str]]:
    """The way of a request as (label, done | current | next), for the step indicator."""
    order = ["Draft and checks", "Review", "Decision", "Release"]
    at = {"DRAFT": 0, "RETURNED": 0, "SUBMITTED": 1, "PARTIALLY_REVIEWED": 1, "REVIEWED": 2, "REJECTED": 2,
          "WITHDRAWN": 0, "APPROVED": 3, "RELEASED": 4, "REVOKED": 4}[shown.state]  # fmt: skip
    return [(label, "done" if i < at else "current" if i == at else "next") for i, label in enumerate(order)]


def links(shown: ReleaseView, place: str) -> Callable[[str], Markup]:
    """The filter that makes links in findings, on a page of the authors (`releases`) or of the checkers (`review`)."""
    return linker({file.name: file.id for file in shown.files}, lambda release: f"{BASE}/{place}/{release}")


def _attachment(data: bytes, media: str, name: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _projects(ctx: Any, actor: Actor) -> list[dict[str, str]]:
    """Live projects of this person."""
    with ctx.database.read() as session:
        own = projects.projects_of(session, actor.name)
        return [{"id": each.id, "title": each.title} for each in own if is_live(each, ctx.clock.now())]
