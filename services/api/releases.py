"""Release requests as a whole: the lists, a new draft, one request, its submission and withdrawal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from fastapi import File, Form, UploadFile
from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.people.permissions import Permission, holds
from enclave.people.roles import Role
from enclave.projects import store as projects
from output_review import duty, pack_decisions, policies, queue, service, store, summaries, templates, tiers, together
from output_review.permissions import barred, check_can_review
from output_review.policies import check_checkable, check_under_review
from output_review.queue import Pick
from output_review.states import LABEL
from output_review.summaries import Summary
from output_review.visibility import Thing, can_see
from services.airlock import airlock_of, check_draft, start_draft
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page, Paging
from services.api.release_access import ReleaseId, act, both, check_member, opened, view
from services.api.release_files import take
from services.api.release_templates import read_answers
from services.api.release_views import ReleaseView, allowed_actions, can_review
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class Row(BaseModel):
    """A request in a list."""

    id: str
    project: str
    title: str
    author: str
    state: str
    label: str
    tier: str
    tier_title: str
    status: str | None
    turn: int
    files: int
    submitted_at: str | None
    due_at: str | None
    checkers: list[str]
    suggested: str | None = None
    """The colleague on duty to whom the queue suggests it; nobody is bound by it."""
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: Summary, actor: Actor, members: Collection[str]) -> Row:
        """The row of a request, as far as this person may know it."""

        def approvable() -> bool:
            whole = store.get(session, row.id)
            return not policies.missing_for_approval(whole, barred(whole, members))

        due = policies.due_at(row.submitted_at) if row.under_review and row.submitted_at else None
        seats = can_review(actor, row, members) or actor.has(Role.ADMINISTRATOR, Role.AUDITOR)
        return cls(
            id=row.id, project=row.project_id, title=row.title, author=row.author, state=row.state,
            label=LABEL[row.release_state], tier=row.tier, tier_title=tiers.tier_named(row.tier).title,
            turn=row.turn, files=row.files,
            status=row.status.value if can_see(actor, row, members, Thing.FINDINGS) else None,
            submitted_at=row.submitted_at.isoformat() if row.submitted_at else None,
            due_at=due.isoformat() if due else None, checkers=row.checkers if seats else [],
            allowed_actions=allowed_actions(row, actor, members, approvable),
        )  # fmt: skip


class Listing(BaseModel):
    """Some requests and how to go on."""

    releases: list[Row]
    next: str | None


class Description(BaseModel):
    """What a request says of itself."""

    title: str
    purpose: str = ""
    public: bool = False


@router.post("/projects/{project}/outputs", permission=Permission.SIGNED_IN, status_code=201)
def create(
    ctx: Ctx,
    actor: CurrentActor,
    project: str,
    title: Annotated[str, Form()],
    files: Annotated[list[UploadFile], File()],
    purpose: Annotated[str, Form()] = "",
    public: Annotated[bool, Form()] = False,
    sidecars: Annotated[list[UploadFile], File()] = [],  # noqa: B006  (FastAPI copies it)
    supporting: Annotated[list[str], Form()] = [],  # noqa: B006
    submit: Annotated[bool, Form()] = False,
    template: Annotated[str, Form()] = "",
    answers: Annotated[str, Form()] = "",
) -> ReleaseView:
    """A draft of these files, checked at once. With `submit` it also goes to the checkers when no rule fails.

    `template` is a kind of request (`/releases/templates`), and `answers` a JSON object of what its questions are told.
    """
    with ctx.database.read() as session:
        check_member(session, actor, project)
    uploads = take(ctx, files, sidecars, supporting)
    kind = templates.named(template)
    identity = start_draft(
        ctx, actor, project, uploads, title=title, public=public, template=kind,
        purpose=templates.purpose_with(kind, purpose, read_answers(answers)),
    )  # fmt: skip
    status = check_draft(ctx, actor, identity)
    if submit and status != "fail":
        with ctx.database.write() as session:
            service.submit(airlock_of(ctx), session, actor, identity)
    return view(ctx, actor, identity)


@router.get("/projects/{project}/outputs", permission=Permission.SIGNED_IN)
def list_of_project(ctx: Ctx, actor: CurrentActor, project: str, page: Page) -> Listing:
    """A project's requests, newest first."""
    with ctx.database.read() as session:
        found = summaries.listing(session, projects=[project], before=page.before(), limit=page.limit + 1)
        return listing(session, actor, *page.take(found, lambda row: row.id))


@router.get("/projects/{project}/outputs/released-statements", permission=Permission.SIGNED_IN)
def released_statements(ctx: Ctx, actor: CurrentActor, project: str) -> dict[str, Any]:
    """What the project's own releases say in numbers, and the pack in force: a sandbox checks with both."""
    with ctx.database.read() as session:
        check_member(session, actor, project)
        pack = pack_decisions.in_force(session, airlock_of(ctx).policy.pack)
        return {"sets": together.released_sets(session, project), "pack": pack}


@router.get("/releases", permission=Permission.SIGNED_IN)
def list_all(
    ctx: Ctx, actor: CurrentActor, page: Page, scope: Literal["mine", "queue", "all"] = "mine", pick: Pick = Pick.ALL,
) -> Listing:  # fmt: skip
    """Mine (my own and my projects'), the checkers' queue (overdue first, then by risk and age; `pick` says which part
    of it: where I have a place, where one is free), or all for those who oversee."""
    with ctx.database.read() as session:
        if scope != "queue":
            return listing(session, actor, *page.take(scoped(session, actor, scope, page), lambda row: row.id))
        waiting = summaries.queue(session) if holds(actor, Permission.REVIEW) or _oversees(actor) else []
        found, now = pick_of_queue(session, actor, waiting)[pick], ctx.clock.now()
        cut, following = page.cut(found, lambda row: (*queue.place(row, now), row.id))
        return listing(session, actor, cut, following, suggestions(ctx, session, queue.in_order(waiting, now)))


def suggestions(ctx: Context, session: Session, waiting: list[Summary]) -> dict[str, str]:
    """Request of the queue → the colleague on duty to whom it is suggested; nothing when nobody is on duty."""
    present = duty.on_duty(session, ctx.clock.now(), airlock_of(ctx).absent)
    return duty.suggested(waiting, present, _members(session, waiting)) if present else {}


def pick_of_queue(session: Session, actor: Actor, found: list[Summary]) -> dict[Pick, list[Summary]]:
    """The queue's parts, as far as this person may know of the requests."""
    members = _members(session, found)
    seen = [row for row in found if can_see(actor, row, members[row.project_id], Thing.METADATA)]
    return {
        pick: [row for row in seen if queue.picked(row, pick, actor.name, members[row.project_id])] for pick in Pick
    }


@both(router, "get", "")
def show(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """One request, as far as the caller may see it."""
    return view(ctx, actor, release)


@both(router, "post", "/check")
def check(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Run the checks that are still to do; for its author, and for checkers under review."""
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        if actor.name != request.author:
            check_can_review(actor, request, members)
            check_under_review(request)
        check_checkable(request)
    check_draft(ctx, actor, release)
    return view(ctx, actor, release)


@both(router, "put", "")
def describe(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Description) -> ReleaseView:
    """Change title, purpose, and whether it is to be public."""
    return act(ctx, actor, release, service.describe, **body.model_dump())


@both(router, "post", "/submit")
def submit(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Hand the request to the checkers."""
    return act(ctx, actor, release, service.submit)


@both(router, "post", "/withdraw")
def withdraw(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take the request back for good."""
    return act(ctx, actor, release, service.withdraw)


def scoped(session: Session, actor: Actor, scope: str, page: Paging) -> list[Summary]:
    before, limit = page.before(), page.limit + 1
    if scope == "all":
        return summaries.listing(session, everything=True, before=before, limit=limit) if _oversees(actor) else []
    own = [project.id for project in projects.projects_of(session, actor.name)] if actor.kind == "user" else []
    return summaries.listing(session, author=actor.name, projects=own, before=before, limit=limit)


def _oversees(actor: Actor) -> bool:
    return actor.kind == "operator" or actor.has(Role.ADMINISTRATOR, Role.AUDITOR, Role.SENIOR_CHECKER)


def listing(
    session: Session, actor: Actor, found: list[Summary], following: str | None = None,
    suggested: Mapping[str, str] | None = None,
) -> Listing:  # fmt: skip
    """Rows for what this person may know of, out of these requests; checkers see to whom one is suggested."""
    of_project = _members(session, found)
    rows = [
        Row.of(session, row, actor, of_project[row.project_id])
        for row in found
        if can_see(actor, row, of_project[row.project_id], Thing.METADATA)
    ]
    for row in rows:
        row.suggested = (suggested or {}).get(row.id) if "claim" in row.allowed_actions else None
    return Listing(releases=rows, next=following)


def _members(session: Session, found: list[Summary]) -> dict[str, Collection[str]]:
    """Project → who belongs to it now."""
    return dict(projects.teams(session, {row.project_id for row in found}))
