"""The import lane: make an import, add files, submit, read, decide, withdraw. A sandbox reaches none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import File, Query, UploadFile
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import BadInput, EnclaveError, NotAllowed
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects
from output_review.imports import permissions, policies, service, store
from output_review.imports.model import ImportFile, ImportRequest
from output_review.imports.service import Said
from output_review.imports.states import KIND_LABEL, LABEL, NEXT, ImportKind, ImportState
from output_review.render import Html, render
from output_review.revisions import check_seen, revision, revisions_of
from services.api.asked import ImportId
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.api.routing import Revised
from services.imports import add_file, blobs_of, check

router = GuardedRouter(prefix="/imports", tags=["imports"], answers=Revised)


class WordsBody(BaseModel):
    """What an import says of itself: `licence` is an SPDX expression, “own work”, or terms in words."""

    title: str = Field(max_length=400)
    purpose: str = Field(max_length=4000)
    description: str = Field("", max_length=8000)
    source: str = Field("", max_length=1000)
    licence: str = Field("", max_length=1000)

    def said(self) -> Said:
        return Said(self.title, self.purpose, self.description, self.source, self.licence)


class NewImport(WordsBody):
    """A new import: `name` is its folder below /imports in the project's labs."""

    project: str = Field(max_length=60)
    name: str = Field(max_length=60)
    kind: ImportKind


class ApprovalBody(BaseModel):
    """`digest` is the import's as it was read; a reason where something about it is open."""

    digest: str = Field(max_length=64)
    reason: str = Field("", max_length=4000)


class ReasonBody(BaseModel):
    """What to mend, why not, or why it is taken back."""

    reason: str = Field("", max_length=4000)


class ImportFileView(BaseModel):
    """A file with what the checker says of it; only what is about coming in."""

    id: str
    name: str
    sha256: str
    size: int
    checked: bool
    status: str
    policy: str
    findings: list[dict[str, Any]]

    @classmethod
    def of(cls, file: ImportFile) -> ImportFileView:
        return cls(**{name: getattr(file, name) for name in cls.model_fields})


class ImportView(BaseModel):
    """An import as this person may act on it. `open`: what an approval must answer; `barriers`: what cannot come in."""

    id: str
    state: str
    revision: int
    label: str
    next_step: str
    project: str
    submitter: str
    kind: str
    kind_label: str
    name: str
    folder: str
    title: str
    description: str
    purpose: str
    source: str
    licence: str
    digest: str
    open: list[str]
    barriers: list[str]
    decides: list[str]
    created_at: datetime
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    delivered_at: datetime | None
    files: list[ImportFileView]
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: ImportRequest, actor: Actor, number: int) -> ImportView:
        state = ImportState(row.state)
        plain = ("id", "state", "project", "submitter", "kind", "name", "title", "description", "purpose", "source",
                 "licence", "created_at", "submitted_at", "decided_by", "decided_at", "reason",
                 "delivered_at")  # fmt: skip
        return cls(
            **{name: getattr(row, name) for name in plain}, label=LABEL[state], next_step=NEXT[state],
            revision=number,
            kind_label=KIND_LABEL[ImportKind(row.kind)], folder=f"/imports/{row.name}", digest=row.content,
            open=policies.open_points(row), barriers=list(policies.barriers(row)),
            decides=[str(role) for role in permissions.readers_of(row)],
            files=[ImportFileView.of(file) for file in row.files], allowed_actions=_actions(session, row, actor),
        )  # fmt: skip


class ImportPage(BaseModel):
    """Some imports, and how to go on."""

    imports: list[ImportView]
    next: str | None


@router.get("", permission=Permission.SIGNED_IN)
def list_imports(
    ctx: Ctx,
    actor: CurrentActor,
    page: Page,
    project: Annotated[str | None, Query(max_length=60)] = None,
    waiting: bool = False,
) -> ImportPage:
    """Those that concern the caller, or of one project; `waiting`: only those that the caller may decide about now."""
    with ctx.database.read() as session:
        if waiting:
            waits, following = page.cut(decidable(session, actor), lambda row: (row.id,))
            return ImportPage(imports=views(session, actor, waits), next=following)
        mine = [each.id for each in projects.projects_of(session, actor.name)] if actor.kind == "user" else []
        everything = actor.kind != "user" or holds(actor, Permission.AUDIT_READ)
        asked = ([project] if project is not None else None) if everything else mine
        if project is not None and not everything:
            asked = [each for each in mine if each == project]
        others = holds(actor, Permission.IMPORTS_DECIDE) and project is None
        found = store.listing(session, projects=asked, others_too=others, before=page.before(), limit=page.limit + 1)
        rows, following = page.take(found, lambda row: row.id)
        seen = views(session, actor, rows)
    return ImportPage(imports=seen, next=following)


@router.post("", permission=Permission.SIGNED_IN, status_code=201)
def create(ctx: Ctx, actor: CurrentActor, body: NewImport) -> ImportView:
    """A draft; its files come next."""
    with ctx.database.write() as session:
        row = service.create(
            session, actor, ctx.clock, body.project, kind=body.kind, name=body.name, said=body.said()
        )  # fmt: skip
        identity = row.id
    return view(ctx, actor, identity)


@router.get("/{import_id}", permission=Permission.SIGNED_IN)
def show(ctx: Ctx, actor: CurrentActor, import_id: ImportId) -> ImportView:
    """One import with its files and findings."""
    return view(ctx, actor, import_id)


@router.put("/{import_id}", permission=Permission.SIGNED_IN)
def describe(ctx: Ctx, actor: CurrentActor, import_id: ImportId, body: WordsBody) -> ImportView:
    """Change what a draft says of itself."""
    return act(ctx, actor, import_id, service.describe, body.said())


@router.post("/{import_id}/files", permission=Permission.SIGNED_IN)
def put_files(
    ctx: Ctx, actor: CurrentActor, import_id: ImportId, files: Annotated[list[UploadFile], File()]
) -> ImportView:
    """Add files to a draft, or replace those of the same name, and check them."""
    named = [file for file in files if file.filename]
    if not named:
        raise BadInput("No file was sent.", "Choose at least one file.")
    with ctx.database.read() as session:
        check_seen(session, import_id, "import")
    for file in named:
        add_file(ctx, actor, str(import_id), str(file.filename), file.file)
    check(ctx, actor, str(import_id))
    return view(ctx, actor, import_id)


@router.delete("/{import_id}/files/{file:path}", permission=Permission.SIGNED_IN)
def remove_file(ctx: Ctx, actor: CurrentActor, import_id: ImportId, file: str) -> ImportView:
    """Take a file (id or name) out of a draft."""
    return act(ctx, actor, import_id, service.remove_file, file)


@router.get("/{import_id}/files/{file:path}", permission=Permission.SIGNED_IN)
def content(ctx: Ctx, actor: CurrentActor, import_id: ImportId, file: str) -> dict[str, str]:
    """A file as whoever decides reads it: safe HTML, never the bytes that were uploaded."""
    return {"file": file, "html": rendered(ctx, actor, import_id, file)}


@router.post("/{import_id}/submit", permission=Permission.SIGNED_IN)
def submit(ctx: Ctx, actor: CurrentActor, import_id: ImportId) -> ImportView:
    """Hand it in."""
    return act(ctx, actor, import_id, service.submit)


@router.post("/{import_id}/withdraw", permission=Permission.SIGNED_IN)
def withdraw(ctx: Ctx, actor: CurrentActor, import_id: ImportId, body: ReasonBody) -> ImportView:
    """Take it back; what was delivered leaves the labs. A steward says why."""
    return act(ctx, actor, import_id, service.withdraw, body.reason)


@router.post("/{import_id}/approve", permission=Permission.IMPORTS_DECIDE, fresh=True)
def approve(ctx: Ctx, actor: CurrentActor, import_id: ImportId, body: ApprovalBody) -> ImportView:
    """Let it in, as it was read."""
    return act(ctx, actor, import_id, service.approve, body.digest, body.reason)


@router.post("/{import_id}/return", permission=Permission.IMPORTS_DECIDE)
def give_back(ctx: Ctx, actor: CurrentActor, import_id: ImportId, body: ReasonBody) -> ImportView:
    """Send it back with what to mend."""
    return act(ctx, actor, import_id, service.give_back, body.reason)


@router.post("/{import_id}/refuse", permission=Permission.IMPORTS_DECIDE)
def refuse(ctx: Ctx, actor: CurrentActor, import_id: ImportId, body: ReasonBody) -> ImportView:
    """Say no; final."""
    return act(ctx, actor, import_id, service.refuse, body.reason)


def act(ctx: Context, actor: Actor, import_id: str, use_case: Callable[..., Any], *values: Any) -> ImportView:
    """Do a use case in a transaction and show what became of it; NotFound for whoever may not know of it."""
    view(ctx, actor, import_id)
    with ctx.database.write() as session:
        check_unchanged(session, import_id)
        use_case(session, actor, ctx.clock, str(import_id), *values)
    return view(ctx, actor, import_id)


def views(session: Session, actor: Actor, rows: Sequence[ImportRequest]) -> list[ImportView]:
    """These imports with their revisions, in one query more."""
    numbers = revisions_of(session, [row.id for row in rows], "import")
    return [ImportView.of(session, row, actor, numbers[row.id]) for row in rows]


def check_unchanged(session: Session, import_id: str) -> None:
    """Stale unless the import stands where its caller saw it; it stays locked until the transaction's end."""
    session.execute(select(ImportRequest.id).where(ImportRequest.id == str(import_id)).with_for_update())
    check_seen(session, import_id, "import")


def view(ctx: Context, actor: Actor, import_id: str) -> ImportView:
    """The import for those who may know of it."""
    with ctx.database.read() as session:
        row = store.get(session, import_id)
        permissions.check_may_see(actor, row, projects.members(session, row.project))
        return ImportView.of(session, row, actor, revision(session, row.id, "import"))


def decidable(session: Session, actor: Actor) -> list[ImportRequest]:
    """What waits for this person's decision, the oldest first."""
    return [
        row
        for row in store.in_state(session, ImportState.CHECKED)
        if permissions.may_decide(actor, row, projects.members(session, row.project))
    ]


def rendered(ctx: Context, actor: Actor, import_id: str, file: str) -> Html:
    """One file as safe HTML, for the project and for whoever may decide."""
    with ctx.database.read() as session:
        row = store.get(session, import_id)
        members = projects.members(session, row.project)
        permissions.check_may_see(actor, row, members)
        if not permissions.may_read_files(actor, row, members):
            raise NotAllowed("You may see what this import is, not its files.", "Ask whoever decides about it.")
        found = service.file_of(row, file)
        name, sha256, findings, project = found.name, found.sha256, list(found.findings), row.project
    try:
        return render(name, blobs_of(ctx, project).read(sha256), findings)
    except EnclaveError as problem:
        return render("problem.txt", f"{problem.message} {problem.advice}".encode())


def _actions(session: Session, row: ImportRequest, actor: Actor) -> list[str]:
    members = projects.members(session, row.project)
    found: list[str] = []
    if permissions.is_submitter(actor, row) and actor.name in members and row.editable:
        found += ["describe", "files", *(["submit"] if row.files else [])]
    if row.state == ImportState.CHECKED and permissions.may_decide(actor, row, members):
        found += ["approve", "return", "refuse"]
    over = row.state in (ImportState.REFUSED, ImportState.WITHDRAWN)
    if not over and permissions.may_withdraw(actor, row, members):
        found.append("withdraw")
    return found


def returned(session: Session, actor: Actor) -> list[ImportRequest]:
    """What came back to this person."""
    rows = store.in_state(session, ImportState.RETURNED)
    return [row for row in rows if permissions.is_submitter(actor, row)]


def may_read(ctx: Context, actor: Actor, import_id: str) -> bool:
    """Whether this person may open the files."""
    with ctx.database.read() as session:
        row = store.get(session, import_id)
        return permissions.may_read_files(actor, row, projects.members(session, row.project))
