"""The use cases of the publication gate."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict, NotAllowed, NotFound
from enclave.core.ids import new_id
from enclave.projects import store as projects
from output_review import store as releases
from output_review.drafting import required_text
from output_review.publications import permissions
from output_review.publications.model import ProviderWord, Publication
from output_review.publications.states import LIFECYCLE, PublicationState
from output_review.states import ReleaseState

ENDINGS = (".pdf", ".docx", ".odt", ".tex", ".md", ".txt")
"""Of files that may be attached; readers get them as a download, never shown by the portal."""
_NAME = re.compile(r"[\w][\w .,()+=@-]{0,100}", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>\"']{3,480}")
_TEXT = 4000
_SUBJECT = "publication"


def announce(
    session: Session, actor: Actor, clock: Clock, project: str,
    *, title: str, venue: str, link: str, named: Collection[str],
) -> Publication:  # fmt: skip
    """A draft: what will be published where, and the releases that it rests on."""
    projects.get_project(session, project)
    permissions.check_is_member(actor, projects.members(session, project))
    row = Publication(
        id=new_id("pub"), project=project, author=actor.name, title=required_text(title, "title", 300),
        venue=required_text(venue, "venue", 200), link=_checked_link(link), releases=sorted(set(named)),
        providers=_providers(session, project, named), created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    record(session, actor, "publication.announced", _SUBJECT, row.id, clock, project=project, releases=row.releases)
    return row


def attach(session: Session, actor: Actor, clock: Clock, identity: str, name: str, sha256: str) -> Publication:
    """Add the manuscript's file to a draft, in the place of an earlier one."""
    row = _drafted(session, actor, identity)
    row.file_name, row.file_sha256 = check_file_name(name), sha256
    record(session, actor, "publication.file_attached", _SUBJECT, row.id, clock, project=row.project, sha256=sha256)
    return row


def send(session: Session, actor: Actor, clock: Clock, identity: str, days: int) -> Publication:
    """Give it to the providers; they have `days` days. The releases must still stand."""
    row = _drafted(session, actor, identity)
    if not _readable(row):
        raise Conflict("The providers have nothing to read.", "Give a link to the manuscript, or attach its file.")
    row.providers = _providers(session, row.project, row.releases)
    row.sent_at, row.due_at = clock.now(), clock.now() + timedelta(days=days)
    _move(session, row, PublicationState.OUT_FOR_COMMENT, actor, clock, days=days)
    return row


def sendable(session: Session, row: Publication) -> bool:
    """Whether a draft may go out: there is something to read, and its releases stand."""
    return _readable(row) and not revoked(session, row)


def _readable(row: Publication) -> bool:
    return bool(row.link or row.file_sha256)


def say(session: Session, actor: Actor, clock: Clock, identity: str, text: str) -> Publication:
    """A named provider's word, once; an empty text is "no comment"."""
    row = get(session, identity)
    provider = permissions.speaks_for(session, actor, row, projects.members(session, row.project))
    if provider is None:
        permissions.check_may_read(session, actor, row, projects.members(session, row.project))
        raise NotAllowed(
            "Your provider is not asked for a comment on this now.",
            "A named provider comments once, while the publication is out for comment.",
        )
    word = ProviderWord(
        id=new_id("wrd"), publication=row.id, provider=provider, said_by=actor.name,
        text=required_text(text, "comment", _TEXT) if text.strip() else "", said_at=clock.now(),
    )  # fmt: skip
    row.words.append(word)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("A colleague of yours spoke a moment ago.", "Reload the page to read it.") from problem
    record(
        session, actor, "publication.commented" if word.text else "publication.no_comment", _SUBJECT, row.id, clock,
        project=row.project, provider=provider, author=row.author,
    )  # fmt: skip
    return row


def answer(session: Session, actor: Actor, clock: Clock, identity: str, provider: str, text: str) -> Publication:
    """The author's answer to a provider's comment, also after the clearance; a later one replaces it."""
    row = get(session, identity)
    permissions.check_is_author(actor, row)
    word = next((each for each in row.words if each.provider == provider and each.text), None)
    if word is None or row.state == PublicationState.WITHDRAWN:
        raise Conflict("There is no comment of that provider to answer.", "Reload the page to see what was said.")
    word.answer, word.answered_at = required_text(text, "answer", _TEXT), clock.now()
    record(session, actor, "publication.answered", _SUBJECT, row.id, clock, project=row.project, provider=provider)
    return row


def withdraw(session: Session, actor: Actor, clock: Clock, identity: str) -> Publication:
    """The author does not publish it; final."""
    row = get(session, identity)
    permissions.check_is_author(actor, row)
    _move(session, row, PublicationState.WITHDRAWN, actor, clock)
    row.decided_at = clock.now()
    return row


def clear(session: Session, actor: Actor, clock: Clock, identity: str) -> Publication:
    """The worker's: the time is over or everybody has spoken, and every release still stands."""
    row = get(session, identity)
    if row.id not in ready_ids(session, clock.now()):
        raise Conflict(
            "The publication is not ready to be cleared.", "Wait for the providers, or for the day it is due."
        )
    _move(session, row, PublicationState.CLEARED, actor, clock, silent=row.silent, author=row.author)
    row.decided_at = clock.now()
    return row


def get(session: Session, identity: str) -> Publication:
    """The publication, fresh from the database; NotFound when there is none."""
    row = session.get(Publication, identity, populate_existing=True)
    if row is None:
        raise NotFound("There is no such publication.", "See the list of those that concern you.")
    return row


def listing(session: Session, limit: int | None = 200) -> list[Publication]:
    """The newest first; the caller leaves out what the reader may not see."""
    return list(session.scalars(select(Publication).order_by(Publication.id.desc()).limit(limit)))


def out(session: Session) -> list[Publication]:
    """What is with the providers, what is due first standing first."""
    query = select(Publication).where(Publication.state == PublicationState.OUT_FOR_COMMENT)
    return list(session.scalars(query.order_by(Publication.due_at)))


def ready_ids(session: Session, now: datetime) -> list[str]:
    """What the worker may clear. One that rests on a revoked release stays where it is."""
    return [
        row.id
        for row in out(session)
        if (not row.silent or (row.due_at is not None and row.due_at <= now)) and not revoked(session, row)
    ]


def revoked(session: Session, row: Publication) -> list[str]:
    """Releases that it rests on and that do not stand any more."""
    return [each for each in row.releases if releases.get(session, each).state != ReleaseState.RELEASED]


def check_file_name(name: str) -> str:
    """A plain name with an ending that is taken; else BadInput."""
    if not _NAME.fullmatch(name) or not name.lower().endswith(ENDINGS):
        raise BadInput(
            "This file cannot be attached.", f"Attach one with a plain name, ending in {', '.join(ENDINGS)}."
        )
    return name


def _checked_link(link: str) -> str:
    if link.strip() and not _LINK.fullmatch(link.strip()):
        raise BadInput("This is not a web address.", "Write it whole, beginning with https://, or leave it empty.")
    return link.strip()


def _providers(session: Session, project: str, named: Collection[str]) -> list[str]:
    if not named:
        raise BadInput("No release is named.", "Choose the releases whose numbers are in the publication.")
    found: set[str] = set()
    for identity in named:
        row = releases.get(session, identity)
        if row.project_id != project:
            raise NotFound("The project has no such release.", "Choose among the project's releases.")
        if row.state != ReleaseState.RELEASED:
            raise Conflict(f"{identity} is not released.", "Name releases that stand; leave this one out.")
        found.update(row.providers)
    return sorted(found)


def _drafted(session: Session, actor: Actor, identity: str) -> Publication:
    row = get(session, identity)
    permissions.check_is_author(actor, row)
    if row.state != PublicationState.DRAFT:
        raise Conflict("Only a draft can be changed or sent.", "Withdraw it and announce it again.")
    return row


def _move(
    session: Session, row: Publication, state: PublicationState, actor: Actor, clock: Clock, **details: object
) -> None:
    session.flush()
    # Providers who never had it before them are told of nothing.
    asked = row.providers if row.sent_at is not None else []
    LIFECYCLE.move(session, row, state, actor, clock, project=row.project, providers=asked, **details)
