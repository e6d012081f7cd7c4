"""Imports: what a project brings into its labs, and what of it waits for a decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import BadInput
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from output_review.imports import policies
from output_review.imports.kinds import ENDINGS
from output_review.imports.states import KIND_LABEL, ImportKind
from services.api import imports as api
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.web.pages import page, redirect
from services.web.stale import SeenImport
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/imports", include_in_schema=False)
Files = Annotated[list[UploadFile], File()]


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """What this person may decide about, and what came back to them."""
    readable = api.decidable(session, actor) if holds(actor, Permission.IMPORTS_DECIDE) else []
    decide = [
        Waiting(f"Decide about “{row.title}” for {row.project}", f"/imports/{row.id}", row.checked_at or row.created_at)
        for row in readable
    ]
    mend = [
        Waiting(f"Mend the import “{row.title}”", f"/imports/{row.id}", row.decided_at or row.created_at)
        for row in api.returned(session, actor)
    ]
    return [*decide, *mend]


@router.get("", permission=Permission.SIGNED_IN)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor, where: Page, project: str | None = None) -> Response:
    """What waits for this person's decision, and all imports that concern them."""
    found = api.list_imports(ctx, actor, where, project=project)
    with ctx.database.read() as session:
        decide = api.views(session, actor, api.decidable(session, actor))
    return page(
        request, "imports/list.html", title="Imports", actor=actor, found=found.imports, more=found.next,
        decide=decide, project=project, asks=bool(_own(ctx, actor)), decides=holds(actor, Permission.IMPORTS_DECIDE),
    )  # fmt: skip


@router.get("/new", permission=Permission.SIGNED_IN)
def new_page(request: Request, ctx: Ctx, actor: CurrentActor, project: str = "") -> Response:
    """The form of a new import."""
    return page(
        request, "imports/new.html", title="Bring files in", actor=actor, projects=_own(ctx, actor), chosen=project,
        kinds=KIND_LABEL, endings=_endings(),
    )  # fmt: skip


@router.post("", permission=Permission.SIGNED_IN)
def create(
    ctx: Ctx, actor: CurrentActor, project: Annotated[str, Form()], name: Annotated[str, Form()],
    kind: Annotated[str, Form()], title: Annotated[str, Form()], purpose: Annotated[str, Form()],
    description: Annotated[str, Form()] = "", source: Annotated[str, Form()] = "",
    licence: Annotated[str, Form()] = "", files: Files = [],  # noqa: B006  (FastAPI copies it)
) -> Response:  # fmt: skip
    """Make a draft; its files may come with it."""
    if kind not in set(ImportKind):
        raise BadInput("There is no such kind of import.", "Choose one of the list.")
    body = api.NewImport(
        project=project[:60], name=name.strip()[:60], kind=ImportKind(kind), **_words(title, purpose, description,
        source, licence),
    )  # fmt: skip
    made = api.create(ctx, actor, body)
    if any(file.filename for file in files):
        api.put_files(ctx, actor, made.id, files)
    return redirect(f"/imports/{made.id}", "The draft is made. Look at the findings, then submit it.")


@router.get("/{import_id}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, import_id: str, file: str = "") -> Response:
    """One import, and one of its files when it is asked for."""
    row = api.view(ctx, actor, import_id)
    shown = api.rendered(ctx, actor, import_id, file) if file else None
    return page(
        request, "imports/show.html", title=row.title, actor=actor, row=row, can=set(row.allowed_actions),
        reads=api.may_read(ctx, actor, import_id), shown=shown, opened=file, least=policies.LEAST_REASON,
        endings=", ".join(sorted(ENDINGS[ImportKind(row.kind)])),
    )  # fmt: skip


@router.post("/{import_id}/files", permission=Permission.SIGNED_IN)
def put_files(ctx: Ctx, actor: CurrentActor, import_id: SeenImport, files: Files = []) -> Response:  # noqa: B006
    """Add or replace files."""
    api.put_files(ctx, actor, import_id, files)
    return redirect(f"/imports/{import_id}", "The files are stored and checked.")


@router.post("/{import_id}/remove", permission=Permission.SIGNED_IN)
def remove_file(ctx: Ctx, actor: CurrentActor, import_id: SeenImport, file: Annotated[str, Form()]) -> Response:
    """Take a file out of a draft."""
    api.remove_file(ctx, actor, import_id, file)
    return redirect(f"/imports/{import_id}", "The file is out.")


@router.post("/{import_id}/words", permission=Permission.SIGNED_IN)
def describe(
    ctx: Ctx, actor: CurrentActor, import_id: SeenImport,
    title: Annotated[str, Form()], purpose: Annotated[str, Form()],
    description: Annotated[str, Form()] = "", source: Annotated[str, Form()] = "",
    licence: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Change what a draft says of itself."""
    api.describe(ctx, actor, import_id, api.WordsBody(**_words(title, purpose, description, source, licence)))
    return redirect(f"/imports/{import_id}", "Saved.")


@router.post("/{import_id}/submit", permission=Permission.SIGNED_IN)
def submit(ctx: Ctx, actor: CurrentActor, import_id: SeenImport) -> Response:
    """Hand it in."""
    api.submit(ctx, actor, import_id)
    return redirect(f"/imports/{import_id}", "It is handed in; this page says how it goes on.")


@router.post("/{import_id}/withdraw", permission=Permission.SIGNED_IN)
def withdraw(ctx: Ctx, actor: CurrentActor, import_id: SeenImport, reason: Annotated[str, Form()] = "") -> Response:
    """Take it back."""
    api.withdraw(ctx, actor, import_id, api.ReasonBody(reason=reason[:4000]))
    return redirect(f"/imports/{import_id}", "It is withdrawn; what was in the labs leaves them within seconds.")


@router.post("/{import_id}/decide", permission=Permission.IMPORTS_DECIDE, fresh=True)
def decide(
    ctx: Ctx, actor: CurrentActor, import_id: SeenImport,
    to: Annotated[str, Form()], digest: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Approve, return or refuse."""
    if to == "approve":
        made = api.approve(ctx, actor, import_id, api.ApprovalBody(digest=digest[:64], reason=reason[:4000]))
    else:
        body = api.ReasonBody(reason=reason[:4000])
        made = (api.refuse if to == "refuse" else api.give_back)(ctx, actor, import_id, body)
    return redirect(f"/imports/{import_id}", f"Done: {made.label.lower()}.")


def _own(ctx: Context, actor: Actor) -> list[dict[str, str]]:
    """The active projects of a person."""
    if actor.kind != "user":
        return []
    with ctx.database.read() as session:
        found = projects.projects_of(session, actor.name)
        return [{"id": each.id, "title": each.title} for each in found if is_live(each, ctx.clock.now())]


def _words(title: str, purpose: str, description: str, source: str, licence: str) -> dict[str, str]:
    return {"title": title[:400], "purpose": purpose[:4000], "description": description[:8000],
            "source": source[:1000], "licence": licence[:1000]}  # fmt: skip


def _endings() -> dict[str, str]:
    return {KIND_LABEL[kind]: ", ".join(sorted(found)) for kind, found in ENDINGS.items()}
