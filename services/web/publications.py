"""Publications: what is announced, with whom it is, what was said; and what of it waits for somebody."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review import store as releases
from output_review.drafting import required_text
from output_review.publications import permissions, service
from services.api import publications as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect
from services.web.stale import SeenPublication
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/publications", include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """For a provider's reviewers, what waits for their comment."""
    return [
        Waiting(f"Comment on “{row.title}”", f"/publications/{row.id}", row.sent_at or row.created_at, row.due_at)
        for row in service.out(session)
        if permissions.speaks_for(session, actor, row, projects.members(session, row.project))
    ]


@router.get("", permission=Permission.PUBLICATIONS)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """What concerns this person, and the form of a new one."""
    found = api.list_publications(ctx, actor)
    with ctx.database.read() as session:
        own = projects.projects_of(session, actor.name) if actor.kind == "user" else []
        choices = [
            {"project": project.id, "title": project.title,
             "releases": [{"id": row.id, "title": row.title, "at": row.decided_at}
                          for row in releases.released_before(session, project.id)]}
            for project in own
        ]  # fmt: skip
    return page(
        request, "publications/list.html", title="Publications", actor=actor, found=found,
        choices=[each for each in choices if each["releases"]], days=ctx.settings.publication_days,
        endings=service.ENDINGS,
    )  # fmt: skip


@router.post("", permission=Permission.PUBLICATIONS)
def announce(
    ctx: Ctx, actor: CurrentActor, project: Annotated[str, Form()], title: Annotated[str, Form()],
    venue: Annotated[str, Form()], link: Annotated[str, Form()] = "",
    releases: Annotated[list[str], Form()] = [],  # noqa: B006  (FastAPI copies it)
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Announce a publication; its file can come with it."""
    if file is not None and file.filename:
        service.check_file_name(str(file.filename))
    body = api.Announcement(project=project, title=title, venue=venue, link=link, releases=releases)
    made = api.announce(ctx, actor, body)
    if file is not None and file.filename:
        api.attach(ctx, actor, made.id, file)
    return redirect(f"/publications/{made.id}", "The draft is made. Send it when it is as you want it read.")


@router.get("/{publication}", permission=Permission.PUBLICATIONS)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, publication: str) -> Response:
    """One publication."""
    shown = api.view(ctx, actor, publication)
    return page(
        request, "publications/show.html", title=shown.title, actor=actor, row=shown, can=set(shown.allowed_actions),
        days=ctx.settings.publication_days,
    )  # fmt: skip


@router.get("/{publication}/file", permission=Permission.PUBLICATIONS)
def download(ctx: Ctx, actor: CurrentActor, publication: str) -> Response:
    """The manuscript as a download."""
    return api.download(ctx, actor, publication)


@router.post("/{publication}/file", permission=Permission.PUBLICATIONS)
def attach(
    ctx: Ctx, actor: CurrentActor, publication: SeenPublication, file: Annotated[UploadFile, File()]
) -> Response:
    """Attach or replace the manuscript of a draft."""
    api.attach(ctx, actor, publication, file)
    return redirect(f"/publications/{publication}", "The file is attached.")


@router.post("/{publication}/send", permission=Permission.PUBLICATIONS)
def send(ctx: Ctx, actor: CurrentActor, publication: SeenPublication) -> Response:
    """Give it to the providers."""
    api.send(ctx, actor, publication)
    return redirect(f"/publications/{publication}", "The providers were told.")


@router.post("/{publication}/comment", permission=Permission.PUBLICATIONS)
def comment(ctx: Ctx, actor: CurrentActor, publication: SeenPublication, text: Annotated[str, Form()]) -> Response:
    """A provider's comment; the button for no comment is another."""
    api.say(ctx, actor, publication, api.Said(text=required_text(text, "comment", 4000)))
    return redirect(f"/publications/{publication}", "Your comment is kept; the author was told.")


@router.post("/{publication}/no-comment", permission=Permission.PUBLICATIONS)
def no_comment(ctx: Ctx, actor: CurrentActor, publication: SeenPublication) -> Response:
    """The provider has nothing to say."""
    api.say(ctx, actor, publication, api.Said())
    return redirect(f"/publications/{publication}", "Kept: no comment.")


@router.post("/{publication}/answer", permission=Permission.PUBLICATIONS)
def answer(
    ctx: Ctx,
    actor: CurrentActor,
    publication: SeenPublication,
    provider: Annotated[str, Form()],
    text: Annotated[str, Form()],
) -> Response:
    """The author's answer."""
    api.answer(ctx, actor, publication, api.Reply(provider=provider, text=text))
    return redirect(f"/publications/{publication}", "Your answer is kept.")


@router.post("/{publication}/withdraw", permission=Permission.PUBLICATIONS)
def withdraw(ctx: Ctx, actor: CurrentActor, publication: SeenPublication) -> Response:
    """It will not be published."""
    api.withdraw(ctx, actor, publication)
    return redirect(f"/publications/{publication}", "Withdrawn.")
