"""The publication gate: announce, attach, send, comment, answer, withdraw, read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import File, UploadFile
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from enclave.people.permissions import Permission
from enclave.projects import store as projects
from output_review.publications import permissions, service
from output_review.publications.model import ProviderWord, Publication
from output_review.publications.states import LABEL, PublicationState
from output_review.revisions import check_seen, revision, revisions_of
from services.airlock import airlock_of
from services.api.asked import PublicationId
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.api.routing import Revised

router = GuardedRouter(prefix="/publications", tags=["publications"], answers=Revised)


class WordView(BaseModel):
    """What a provider said; an empty text is "no comment"."""

    provider: str
    said_by: str
    text: str
    said_at: datetime
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, word: ProviderWord) -> WordView:
        return cls(**{name: getattr(word, name) for name in cls.model_fields})


class PublicationView(BaseModel):
    """A publication as this person may act on it. `revoked`: releases that do not stand any more and hold it up;
    `revision` counts its changes and is the answer's `ETag`."""

    id: str
    revision: int
    state: str
    label: str
    project: str
    author: str
    title: str
    venue: str
    link: str
    file_name: str
    releases: list[str]
    providers: list[str]
    silent: list[str]
    revoked: list[str]
    words: list[WordView]
    created_at: datetime
    sent_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: Publication, actor: Actor, number: int) -> PublicationView:
        plain = ("id", "state", "project", "author", "title", "venue", "link", "file_name", "releases", "providers",
                 "silent", "created_at", "sent_at", "due_at", "decided_at")  # fmt: skip
        return cls(
            **{name: getattr(row, name) for name in plain}, label=LABEL[PublicationState(row.state)],
            revision=number,
            revoked=service.revoked(session, row), words=[WordView.of(word) for word in row.words],
            allowed_actions=_actions(session, row, actor),
        )  # fmt: skip


class Announcement(BaseModel):
    """What is to be published: `releases` are ids of the project's releases that it rests on."""

    project: str
    title: str
    venue: str
    releases: list[str]
    link: str = ""


class Said(BaseModel):
    """A provider's comment; empty: no comment."""

    text: str = ""


class Reply(BaseModel):
    """The author's answer to one provider."""

    provider: str
    text: str


@router.get("", permission=Permission.PUBLICATIONS, order=newest("id"))
def list_publications(ctx: Ctx, actor: CurrentActor) -> list[PublicationView]:
    """Those that the caller may read, the newest first."""
    with ctx.database.read() as session:
        found = service.listing(session, limit=None)
        members = {project: projects.members(session, project) for project in {row.project for row in found}}
        numbers = revisions_of(session, [row.id for row in found], "publication")
        return [
            PublicationView.of(session, row, actor, numbers[row.id])
            for row in found
            if permissions.may_read(session, actor, row, members[row.project])
        ]


@router.post("", permission=Permission.PUBLICATIONS, status_code=201)
def announce(ctx: Ctx, actor: CurrentActor, body: Announcement) -> PublicationView:
    """A draft of a publication that rests on releases."""
    with ctx.database.write() as session:
        row = service.announce(
            session, actor, ctx.clock, body.project, title=body.title, venue=body.venue, link=body.link,
            named=body.releases,
        )  # fmt: skip
        session.flush()
        identity = row.id
    return view(ctx, actor, identity)


@router.get("/{publication}", permission=Permission.PUBLICATIONS)
def show(ctx: Ctx, actor: CurrentActor, publication: PublicationId) -> PublicationView:
    """One publication with what was said of it."""
    return view(ctx, actor, publication)


@router.put("/{publication}/file", permission=Permission.PUBLICATIONS)
def attach(
    ctx: Ctx, actor: CurrentActor, publication: PublicationId, file: Annotated[UploadFile, File()]
) -> PublicationView:
    """Attach the manuscript to a draft."""
    with ctx.database.read() as session:
        permissions.check_is_author(actor, service.get(session, publication))
    name = service.check_file_name(str(file.filename))
    airlock = airlock_of(ctx)
    sha256, _ = airlock.blobs.put(file.file, airlock.policy.max_file_bytes)
    return act(ctx, actor, publication, service.attach, name, sha256)


@router.get("/{publication}/file", permission=Permission.PUBLICATIONS)
def download(ctx: Ctx, actor: CurrentActor, publication: PublicationId) -> Response:
    """The manuscript as a download; the portal never shows it itself."""
    with ctx.database.read() as session:
        row = service.get(session, publication)
        permissions.check_may_read(session, actor, row, projects.members(session, row.project))
        if not row.file_sha256:
            raise NotFound("No file is attached.", "Follow the link instead.")
        name, data = row.file_name, airlock_of(ctx).blobs.read(row.file_sha256)
    return Response(
        data, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/{publication}/send", permission=Permission.PUBLICATIONS)
def send(ctx: Ctx, actor: CurrentActor, publication: PublicationId) -> PublicationView:
    """Give it to the named providers for comment."""
    return act(ctx, actor, publication, service.send, ctx.settings.publication_days)


@router.post("/{publication}/comments", permission=Permission.PUBLICATIONS)
def say(ctx: Ctx, actor: CurrentActor, publication: PublicationId, body: Said) -> PublicationView:
    """A named provider's word, once."""
    return act(ctx, actor, publication, service.say, body.text)


@router.post("/{publication}/answers", permission=Permission.PUBLICATIONS)
def answer(ctx: Ctx, actor: CurrentActor, publication: PublicationId, body: Reply) -> PublicationView:
    """The author's answer to a comment."""
    return act(ctx, actor, publication, service.answer, body.provider, body.text)


@router.post("/{publication}/withdraw", permission=Permission.PUBLICATIONS)
def withdraw(ctx: Ctx, actor: CurrentActor, publication: PublicationId) -> PublicationView:
    """It will not be published."""
    return act(ctx, actor, publication, service.withdraw)


def act(
    ctx: Context, actor: Actor, publication: str, use_case: Callable[..., Any], *values: Any
) -> PublicationView:  # fmt: skip
    """Do a use case in a transaction and show what became of it."""
    view(ctx, actor, publication)
    with ctx.database.write() as session:
        session.execute(select(Publication.id).where(Publication.id == str(publication)).with_for_update())
        check_seen(session, publication, "publication")
        use_case(session, actor, ctx.clock, str(publication), *values)
    return view(ctx, actor, publication)


def view(ctx: Context, actor: Actor, publication: str) -> PublicationView:
    """The publication for those who may read it; NotFound for others."""
    with ctx.database.read() as session:
        row = service.get(session, publication)
        permissions.check_may_read(session, actor, row, projects.members(session, row.project))
        return PublicationView.of(session, row, actor, revision(session, row.id, "publication"))


def _actions(session: Session, row: Publication, actor: Actor) -> list[str]:
    found: list[str] = []
    if actor.kind == "user" and actor.name == row.author:
        found += ["attach"] if row.state == PublicationState.DRAFT else []
        found += ["send"] if row.state == PublicationState.DRAFT and service.sendable(session, row) else []
        found += ["withdraw"] if row.state in (PublicationState.DRAFT, PublicationState.OUT_FOR_COMMENT) else []
        found += ["answer"] if row.state != PublicationState.WITHDRAWN and any(word.text for word in row.words) else []
    if permissions.speaks_for(session, actor, row, projects.members(session, row.project)):
        found.append("comment")
    return found
