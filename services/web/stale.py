"""Forms that remember what their page showed: a stale one comes back with everything typed, and what changed meanwhile.

The hidden field `revision` is the revision that the page showed. What only adds words may be sent anyway with one
click; a decision is made on the page as it is now, so its words are shown for copying.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, Stale
from enclave.projects import store as projects
from output_review import revisions, store
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
}
"""Fields that a person types, with the words above them; all others are carried on unseen."""

ADDS_WORDS = frozenset({"describe", "justify", "comment", "return", "hand-to", "exception-appeal", "template"})
"""Forms that may be sent anyway; all others decide on what was read."""


class SeenRelease(revisions.Asked):
    """The id of a request with the revision in the form, and the form itself."""

    fields: list[tuple[str, str]]


async def seen_release(request: Request) -> SeenRelease:
    """The request that a form is about; a form without a revision is taken as it is."""
    form = await request.form()
    stated = str(form.get("revision", ""))
    found = SeenRelease(str(request.path_params["release"]), [stated] if stated else [])
    found.fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str)]
    request.state.seen_release = found
    return found


SeenId = Annotated[str, Depends(seen_release)]


@dataclass(frozen=True)
class Meanwhile:
    """Where a request stands now for this person, and what happened since they read it."""

    revision: int
    sentences: list[str]


def stale_page(request: Request, error: EnclaveError, ctx: Context, actor: Actor | None) -> Response:
    """The page that a stale form gets: status 412, nothing done, nothing typed lost."""
    found = getattr(request.state, "seen_release", None)
    if not isinstance(found, SeenRelease) or actor is None:
        return error_page(request, error, actor)
    now = meanwhile(ctx, actor, found)
    action = request.url.path.rstrip("/").rsplit("/", 1)[-1]
    return page(
        request, "errors/stale.html", title="This changed while you were writing", actor=actor, status=Stale.status,
        now=now, action=request.url.path, again=action in ADDS_WORDS,
        present=request.url.path.removesuffix(f"/{action}"),
        typed=[(name, TYPED[name], text) for name, text in found.fields if name in TYPED],
        carried=[(name, text) for name, text in found.fields if name not in {*TYPED, "csrf", "revision"}],
    )  # fmt: skip


def meanwhile(ctx: Context, actor: Actor, seen: SeenRelease) -> Meanwhile:
    """NotFound for whoever may not know of the request."""
    with ctx.database.read() as session:
        row = store.get(session, seen)
        members = projects.members(session, row.project_id)
        check_can_see(actor, row, members, Thing.METADATA)
        desk = can_see(actor, row, members, Thing.PRIVATE_COMMENTS) and not is_blind(row)
        since = int(seen.seen[0]) if seen.seen and seen.seen[0].isascii() and seen.seen[0].isdigit() else 0
        return Meanwhile(
            revisions.revision(session, row.id), revisions.changes_since(session, row.id, min(since, 10**9), desk)
        )
