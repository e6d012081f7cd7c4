"""Forms that remember what their page showed: a stale one comes back with everything typed, and what changed meanwhile.

The hidden field `revision` is the revision that the page showed. What only adds words may be sent anyway with one
click; a decision is made on the page as it is now, so its words are shown for copying.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, NotFound, Stale
from enclave.projects import store as projects
from output_review import replies, revisions, store
from output_review.imports import store as imports
from output_review.imports.permissions import check_may_see
from output_review.publications import service as publications
from output_review.publications.permissions import check_may_read
from output_review.visibility import Thing, can_see, check_can_see, is_blind
from services.api.context import Context
from services.web.pages import error_page, page

TYPED = {
    "title": "Title",
    "purpose": "Purpose",
    "note": "Note to the author",
    "body": "Comment",
    "justification": "Justification",
    "reason": "Reason",
    "text": "Text",
    "description": "Description",
    "source": "Source",
    "licence": "Licence",
}
"""Fields that a person types, with the words above them; all others are carried on unseen."""

ADDS_WORDS = frozenset(
    {"describe", "justify", "comment", "return", "hand-to", "exception-appeal", "template", "answer", "words", "change"}
)
"""Forms that may be sent anyway; all others decide on what was read."""


class Seen(revisions.Asked):
    """The id of a thing with the revision in the form, and the form itself."""

    fields: list[tuple[str, str]]
    subject: str


def seen(parameter: str, subject: str) -> Callable[[Request], Awaitable[Seen]]:
    """A dependency: the thing that a form is about; a form without a revision is taken as it is."""

    async def found(request: Request) -> Seen:
        form = await request.form()
        stated = str(form.get("revision", ""))
        made = Seen(str(request.path_params[parameter]), [stated] if stated else [])
        made.fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str)]
        made.subject = subject
        request.state.seen = made
        return made

    return found


SeenId = Annotated[str, Depends(seen("release", revisions.RELEASE))]
SeenPublication = Annotated[str, Depends(seen("publication", "publication"))]
SeenImport = Annotated[str, Depends(seen("import_id", "import"))]
SeenReply = Annotated[str, Depends(seen("reply", "saved_reply"))]


@dataclass(frozen=True)
class Meanwhile:
    """Where a thing stands now for this person, and what happened since they read it."""

    revision: int
    sentences: list[str]


def stale_page(
    request: Request, error: EnclaveError, ctx: Context, actor: Actor | None, typed: list[tuple[str, str]] | None = None
) -> Response:
    """The page that a stale form gets: status 412, nothing done, nothing typed lost."""
    found = getattr(request.state, "seen", None)
    if not isinstance(found, Seen) or actor is None:
        return error_page(request, error, actor, typed)
    now = meanwhile(ctx, actor, found)
    action = request.url.path.rstrip("/").rsplit("/", 1)[-1]
    return page(
        request, "errors/stale.html", title="This changed while you were writing", actor=actor, status=Stale.status,
        now=now, action=request.url.path, again=action in ADDS_WORDS,
        present=_present(request.url.path, action, found),
        typed=[(name, TYPED[name], text) for name, text in found.fields if name in TYPED],
        carried=[(name, text) for name, text in found.fields if name not in {*TYPED, "csrf", "revision"}],
    )  # fmt: skip


def _present(path: str, action: str, found: Seen) -> str:
    """Where the thing is read; a saved reply has no page of its own."""
    return path.removesuffix(f"/{action}" if found.subject != "saved_reply" else f"/{found}/{action}")


def meanwhile(ctx: Context, actor: Actor, found: Seen) -> Meanwhile:
    """NotFound for whoever may not know of it."""
    with ctx.database.read() as session:
        desk = _READERS[found.subject](session, actor, str(found))
        since = int(found.seen[0]) if found.seen and found.seen[0].isascii() and found.seen[0].isdigit() else 0
        return Meanwhile(
            revisions.revision(session, found, found.subject),
            revisions.changes_since(session, found, min(since, 10**9), desk, found.subject),
        )


def _reads_release(session: Session, actor: Actor, identity: str) -> bool:
    """Whether they may also be told what the checkers do."""
    row = store.get(session, identity)
    members = projects.members(session, row.project_id)
    check_can_see(actor, row, members, Thing.METADATA)
    return can_see(actor, row, members, Thing.PRIVATE_COMMENTS) and not is_blind(row)


def _reads_publication(session: Session, actor: Actor, identity: str) -> bool:
    row = publications.get(session, identity)
    check_may_read(session, actor, row, projects.members(session, row.project))
    return False


def _reads_import(session: Session, actor: Actor, identity: str) -> bool:
    row = imports.get(session, identity)
    check_may_see(actor, row, projects.members(session, row.project))
    return False


def _reads_reply(session: Session, actor: Actor, identity: str) -> bool:
    if identity not in {row.id for row in replies.replies(session, actor)}:
        raise NotFound("There is no such reply.", "See the list of saved replies.")
    return False


_READERS: dict[str, Callable[[Session, Actor, str], bool]] = {
    revisions.RELEASE: _reads_release,
    "publication": _reads_publication,
    "import": _reads_import,
    "saved_reply": _reads_reply,
}
"""For each kind of thing, who may be told of it."""
