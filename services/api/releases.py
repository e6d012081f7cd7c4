"""Outputs on their way out: the author's drafts, the checkers' desk, the bundle.

The author's routes exist twice: below `/releases/` for the portal, and below `/projects/{project}/outputs/` because a
sandbox reaches its own project only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, File, Form, Request, UploadFile
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.responses import FileResponse

from enclave.core.actors import Actor
from enclave.core.errors import BadInput, EnclaveError, NotFound
from enclave.people.permissions import Permission, holds
from enclave.people.roles import Role
from enclave.projects import store as projects
from output_review import answering, service, store, together
from output_review.airlock import Upload
from output_review.render import Html, render
from output_review.states import Visibility, VoteChoice
from output_review.visibility import Thing, can_see, check_can_see
from services.airlock import Incoming, airlock_of, check_draft, receive, start_draft
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.release_views import ReleaseView

router = GuardedRouter(tags=["releases"])
F = TypeVar("F", bound=Callable[..., Any])


class Row(BaseModel):
    """A request in a list."""

    id: str
    project: str
    title: str
    author: str
    state: str
    label: str
    status: str | None
    turn: int
    files: int
    submitted_at: str | None
    due_at: str | None
    checkers: list[str]
    allowed_actions: list[str]


class Listing(BaseModel):
    """Some requests and how to go on."""

    releases: list[Row]
    next_before: str | None


class PublicRelease(BaseModel):
    """What anybody may know of a release."""

    id: str
    title: str
    purpose: str
    project: str
    released_at: str
    files: list[dict[str, Any]]
    providers: list[str]
    policy: list[str]
    approvals: int
    manifest_sha256: str


class Ballot(BaseModel):
    """A vote on a file (its id or name); `seen` is the SHA-256 or the binding that was read."""

    file: str
    choice: VoteChoice
    seen: str | None = None


class Remark(BaseModel):
    """A comment."""

    body: str
    visibility: Visibility = Visibility.PUBLIC
    file: str | None = None


class Ticks(BaseModel):
    """Items of the checklist that hold."""

    items: list[str]


class Answer(BaseModel):
    """A senior checker's answer to a justification."""

    file: str
    rule: str
    grant: bool
    reason: str


class Justification(BaseModel):
    """Why a failing rule should not hold a file back."""

    file: str
    rule: str
    justification: str


class Note(BaseModel):
    """A word to the author."""

    note: str


class HandOver(BaseModel):
    """Whose place is given up; empty: one's own."""

    checker: str | None = None


class Description(BaseModel):
    """What a request says of itself."""

    title: str
    purpose: str = ""
    public: bool = False


class GroupText(BaseModel):
    """What the files of a group show, and what was done to protect people."""

    group: str = "outputs"
    context: str = ""
    controls: str = ""


def release_of(ctx: Ctx, request: Request) -> str:
    """The request's id in the path; below a project's address it must be that project's."""
    identity = str(request.path_params["release"])
    project = request.path_params.get("project")
    if project is not None:
        with ctx.database.read() as session:
            if store.get(session, identity).project_id != project:
                raise NotFound("The project has no such release request.", "See the project's list of outputs.")
    return identity


ReleaseId = Annotated[str, Depends(release_of)]


def _both(method: str, path: str, **options: Any) -> Callable[[F], F]:
    """Register a handler below `/releases/{release}` and below the project's own address."""

    def add(handler: F) -> F:
        for start in ("/releases/{release}", "/projects/{project}/outputs/{release}"):
            getattr(router, method)(f"{start}{path}", permission=Permission.SIGNED_IN, **options)(handler)
        return handler

    return add


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
) -> ReleaseView:
    """A draft of these files, checked at once. With `submit` it also goes to the checkers when no rule fails."""
    with ctx.database.read() as session:
        check_member(session, actor, project)
    uploads = take(ctx, files, sidecars, supporting)
    identity = start_draft(ctx, actor, project, uploads, title=title, purpose=purpose, public=public)
    status = check_draft(ctx, actor, identity)
    if submit and status != "fail":
        with ctx.database.write() as session:
            service.submit(airlock_of(ctx), session, actor, identity)
    return view(ctx, actor, identity)


@router.get("/projects/{project}/outputs", permission=Permission.SIGNED_IN)
def list_of_project(ctx: Ctx, actor: CurrentActor, project: str, before: str | None = None) -> Listing:
    """A project's requests, newest first."""
    with ctx.database.read() as session:
        found = store.listing(session, projects=[project], before=before)
        return listing(ctx, session, actor, found)


@router.get("/projects/{project}/outputs/released-statements", permission=Permission.SIGNED_IN)
def released_statements(ctx: Ctx, actor: CurrentActor, project: str) -> dict[str, Any]:
    """What the project's own releases say in numbers: a sandbox compares with it what it is about to submit."""
    with ctx.database.read() as session:
        check_member(session, actor, project)
        return {"sets": together.released_sets(session, project)}


@router.get("/releases", permission=Permission.SIGNED_IN)
def list_all(
    ctx: Ctx, actor: CurrentActor, scope: Literal["mine", "queue", "all"] = "mine", before: str | None = None
) -> Listing:
    """Mine (my own and my projects'), the checkers' queue (oldest first), or all for those who oversee."""
    with ctx.database.read() as session:
        return listing(ctx, session, actor, scoped(session, actor, scope, before))


@_both("get", "")
def show(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """One request, as far as the caller may see it."""
    return view(ctx, actor, release)


@_both("post", "/check")
def check(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Run the checks that are still to do."""
    _check_sees(ctx, actor, release, Thing.FINDINGS)
    check_draft(ctx, actor, release)
    return view(ctx, actor, release)


@_both("post", "/files")
def put_files(
    ctx: Ctx,
    actor: CurrentActor,
    release: ReleaseId,
    files: Annotated[list[UploadFile], File()],
    sidecars: Annotated[list[UploadFile], File()] = [],  # noqa: B006
    supporting: Annotated[list[str], Form()] = [],  # noqa: B006
) -> ReleaseView:
    """Add files, or replace those of the same name; then check them."""
    add_files(ctx, actor, release, files, sidecars, supporting)
    return view(ctx, actor, release)


@_both("delete", "/files/{file:path}")
def withdraw_file(ctx: Ctx, actor: CurrentActor, release: ReleaseId, file: str) -> ReleaseView:
    """Take a file (id or name) out of the request."""
    return act(ctx, actor, release, service.withdraw_file, file)


@_both("put", "")
def describe(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Description) -> ReleaseView:
    """Change title, purpose, and whether it is to be public."""
    return act(ctx, actor, release, service.describe, **body.model_dump())


@_both("put", "/groups")
def describe_group(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: GroupText) -> ReleaseView:
    """Say what a group of files shows and what was done to protect people."""
    return act(ctx, actor, release, service.describe_group, **body.model_dump())


@_both("post", "/justifications")
def justify(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Justification) -> ReleaseView:
    """Ask for an exception to a failing rule."""
    return act(ctx, actor, release, service.justify, body.file, rule=body.rule, justification=body.justification)


@_both("post", "/answers")
def answer(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: dict[str, Any]) -> ReleaseView:
    """Answer the checker's questions: `{"column": {"role": "count", "unit": "persons", "population": "…"}}`."""
    act(ctx, actor, release, answering.answer, body)
    return check(ctx, actor, release)


@_both("post", "/submit")
def submit(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Hand the request to the checkers."""
    return act(ctx, actor, release, service.submit)


@_both("post", "/withdraw")
def withdraw(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take the request back for good."""
    return act(ctx, actor, release, service.withdraw)


@_both("post", "/comments")
def comment(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Remark) -> ReleaseView:
    """Write a remark."""
    return act(ctx, actor, release, service.comment, body.body, visibility=body.visibility, file_id=body.file)


@router.post("/releases/{release}/claim", permission=Permission.REVIEW)
def claim(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take a place at the desk."""
    return act(ctx, actor, release, service.claim)


@router.post("/releases/{release}/hand-over", permission=Permission.REVIEW)
def hand_over(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: HandOver) -> ReleaseView:
    """Give up a place, so that a colleague can take it."""
    return act(ctx, actor, release, service.hand_over, body.checker)


@router.post("/releases/{release}/votes", permission=Permission.REVIEW)
def vote(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Ballot) -> ReleaseView:
    """Vote on a file as it was read."""
    return act(ctx, actor, release, service.vote, body.file, body.choice, body.seen)


@router.post("/releases/{release}/checklist", permission=Permission.REVIEW)
def tick(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Ticks) -> ReleaseView:
    """Set one's own checklist."""
    return act(ctx, actor, release, service.tick, body.items)


@router.post("/releases/{release}/exceptions", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def decide_exception(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Answer) -> ReleaseView:
    """Grant or refuse an exception."""
    return act(
        ctx, actor, release, service.decide_exception, body.file,
        rule=body.rule, grant=body.grant, reason=body.reason,
    )  # fmt: skip


@router.post("/releases/{release}/return", permission=Permission.REVIEW)
def return_to_author(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> ReleaseView:
    """Give the request back with what is to be mended."""
    return act(ctx, actor, release, service.return_to_author, body.note)


@router.post("/releases/{release}/approve", permission=Permission.REVIEW, fresh=True)
def approve(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Let the request leave; the worker releases it."""
    return act(ctx, actor, release, service.approve)


@router.post("/releases/{release}/reject", permission=Permission.REVIEW)
def reject(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> ReleaseView:
    """Refuse the request for good."""
    return act(ctx, actor, release, service.reject, body.note)


@router.post("/releases/{release}/release", permission=Permission.SIGNED_IN, fresh=True)
def release_now(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Release an approved request now, or try again after a failure."""
    service.release(airlock_of(ctx), ctx.database, actor, release, ctx.key)
    return view(ctx, actor, release)


@router.post("/releases/{release}/revoke", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def revoke(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> dict[str, Any]:
    """Take a release back after an incident; names who downloaded it."""
    with ctx.database.write() as session:
        told = service.revoke(airlock_of(ctx), session, actor, release, body.note)
    return {"id": release, "state": "REVOKED", "downloaded_by": told}


@router.get("/releases/{release}/files/{file:path}", permission=Permission.SIGNED_IN)
def content(ctx: Ctx, actor: CurrentActor, release: ReleaseId, file: str) -> dict[str, str]:
    """A file as it is shown to a checker: safe HTML, never the bytes that were uploaded."""
    return {"file": file, "html": rendered(ctx, actor, release)[file_id(ctx, release, file)]}


@router.get("/releases/{release}/record", permission=Permission.SIGNED_IN)
def record(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> dict[str, Any]:
    """The signed release record."""
    _check_sees(ctx, actor, release, Thing.RECORD)
    with ctx.database.read() as session:
        kept = store.record_of(session, release)
        if kept is None:
            raise NotFound("There is no release record.", "It is made when the request is released.")
        return dict(kept.envelope)


@router.get("/releases/{release}/bundle", permission=Permission.SIGNED_IN)
def bundle(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> FileResponse:
    """The bundle, for members of the project, once released."""
    return bundle_response(ctx, actor, release)


@router.get("/public/releases", public=True)
def list_public(ctx: Ctx, before: str | None = None) -> list[PublicRelease]:
    """What was released and marked public, newest first; no login."""
    return public_releases(ctx, before)


# ---------------------------------------------------------------- shared with the pages


def act(
    ctx: Context, actor: Actor, release: str, use_case: Callable[..., Any], *values: Any, **named: Any
) -> ReleaseView:
    """Do a use case in a transaction and show what became of the request."""
    with ctx.database.write() as session:
        use_case(airlock_of(ctx), session, actor, release, *values, **named)
    return view(ctx, actor, release)


def view(ctx: Context, actor: Actor, release: str) -> ReleaseView:
    """The request as this person may see it; NotFound for strangers."""
    with ctx.database.read() as session:
        request = store.get(session, release)
        members = projects.members(session, request.project_id)
        check_can_see(actor, request, members, Thing.METADATA)
        return ReleaseView.of(request, actor, members)


def check_member(session: Session, actor: Actor, project: str) -> None:
    """Asked before any byte of an upload is stored."""
    projects.get_project(session, project)
    if actor.kind == "user" and not projects.is_member(session, project, actor.name):
        raise NotFound("You do not belong to this project.", "Ask its lead to add you.")


def take(
    ctx: Context, files: Collection[UploadFile], sidecars: Collection[UploadFile], supporting: Collection[str]
) -> list[Upload]:
    """Store uploaded bytes; an empty choice of files is told so."""
    named = [file for file in (*files, *sidecars) if file.filename]
    if not named:
        raise BadInput("No file was sent.", "Choose at least one file.")
    return receive(airlock_of(ctx), [Incoming(str(f.filename), f.file, str(f.filename) in supporting) for f in named])


def add_files(
    ctx: Context, actor: Actor, release: str,
    files: Collection[UploadFile], sidecars: Collection[UploadFile], supporting: Collection[str],
) -> None:  # fmt: skip
    """Add or replace files of a draft, then check them."""
    with ctx.database.read() as session:
        if actor.name != store.get(session, release).author:
            raise NotFound("There is no such draft of yours.", "See your list of requests.")
    uploads = take(ctx, files, sidecars, supporting)
    airlock = airlock_of(ctx)
    with ctx.database.write() as session:
        for upload in uploads:
            service.put_file(airlock, session, actor, release, upload)
    check_draft(ctx, actor, release)


def scoped(session: Session, actor: Actor, scope: str, before: str | None) -> list[Any]:
    if scope == "queue":
        return store.queue(session) if holds(actor, Permission.REVIEW) or _oversees(actor) else []
    if scope == "all":
        return store.listing(session, everything=True, before=before) if _oversees(actor) else []
    own = [project.id for project in projects.projects_of(session, actor.name)] if actor.kind == "user" else []
    return store.listing(session, author=actor.name, projects=own, before=before)


def _oversees(actor: Actor) -> bool:
    return actor.kind == "operator" or actor.has(Role.ADMINISTRATOR, Role.AUDITOR, Role.SENIOR_CHECKER)


def listing(ctx: Context, session: Session, actor: Actor, found: list[Any]) -> Listing:
    """Rows for what this person may know of, out of these requests."""
    rows = []
    for request in found:
        members = projects.members(session, request.project_id)
        if not can_see(actor, request, members, Thing.METADATA):
            continue
        shown = ReleaseView.of(request, actor, members)
        rows.append(
            Row(
                **shown.model_dump(include=set(Row.model_fields) - {"files", "submitted_at", "due_at"}),
                files=len(request.present_files),
                submitted_at=shown.submitted_at.isoformat() if shown.submitted_at else None,
                due_at=shown.due_at.isoformat() if shown.due_at else None,
            )
        )
    return Listing(releases=rows, next_before=found[-1].id if len(found) >= store.PAGE else None)


def file_id(ctx: Context, release: str, file: str) -> str:
    with ctx.database.read() as session:
        found = store.get(session, release).file(file)
        if found is None or found.withdrawn:
            raise NotFound("The request has no such file.", "Reload the page; the author may have withdrawn it.")
        return found.id


def rendered(ctx: Context, actor: Actor, release: str) -> dict[str, Html]:
    """File id → safe HTML, for those who may see the content."""
    blobs = airlock_of(ctx).blobs
    with ctx.database.read() as session:
        request = store.get(session, release)
        check_can_see(actor, request, projects.members(session, request.project_id), Thing.CONTENT)
        shown: dict[str, Html] = {}
        for file in request.present_files:
            findings = file.report.findings if file.report else []
            try:
                shown[file.id] = render(file.name, blobs.read(file.sha256), findings)
            except EnclaveError as problem:
                shown[file.id] = render("problem.txt", f"{problem.message} {problem.advice}".encode())
        return shown


def bundle_response(ctx: Context, actor: Actor, release: str) -> FileResponse:
    """The zip as a download, written into the audit first."""
    with ctx.database.write() as session:
        path = service.download(airlock_of(ctx), session, actor, release)
    return FileResponse(path, media_type="application/zip", filename=f"{release}.zip")


def public_releases(ctx: Context, before: str | None = None) -> list[PublicRelease]:
    """What anybody may know, from the signed records."""
    with ctx.database.read() as session:
        found = [(request, store.record_of(session, request.id)) for request in store.public(session, before)]
        return [public_view(kept.envelope["payload"], kept.manifest_sha256) for _, kept in found if kept is not None]


def public_view(payload: dict[str, Any], manifest_sha256: str) -> PublicRelease:
    """No names of people: a public page says what was released and how it was checked."""
    leaving = [entry for entry in payload["files"] if entry["leaves"]]
    packs = {f"{e['check']['policy']['name']} {e['check']['policy']['version']}".strip() for e in leaving if e["check"]}
    return PublicRelease(
        id=payload["release"],
        title=payload["title"],
        purpose=payload["purpose"],
        project=payload["project"],
        released_at=payload["released_at"],
        files=[{"name": e["name"], "size": e["size"], "sha256": e["sha256"]} for e in leaving],
        providers=payload["lineage"]["providers"],
        policy=sorted(packs),
        approvals=payload["review"]["required_votes"],
        manifest_sha256=manifest_sha256,
    )


def _check_sees(ctx: Context, actor: Actor, release: str, thing: Thing) -> None:
    with ctx.database.read() as session:
        request = store.get(session, release)
        check_can_see(actor, request, projects.members(session, request.project_id), thing)
