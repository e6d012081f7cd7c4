"""Saved replies: sentences that checkers write again and again, one's own or shared with all checkers.

Own ones are seen and removed by their owner alone. Shared ones are seen by every checker; who shared one, or a senior
checker, removes it. A reply is a draft: it is put into a text that a person reads before sending it.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, NotAllowed, NotFound, TooMany
from enclave.core.ids import new_id
from enclave.people.roles import Role
from output_review.model import SavedReply
from output_review.permissions import is_checker

MOST = 100
LONGEST_TITLE = 80
LONGEST = 4000


def replies(session: Session, actor: Actor) -> list[SavedReply]:
    """One's own and the shared ones, by title."""
    _check_checker(actor)
    seen = or_(SavedReply.owner == actor.name, SavedReply.shared.is_(True))
    return list(session.scalars(select(SavedReply).where(seen).order_by(SavedReply.title, SavedReply.id)))


def save(session: Session, actor: Actor, clock: Clock, *, title: str, body: str, shared: bool = False) -> SavedReply:
    """Keep a reply."""
    _check_checker(actor)
    owned = session.scalar(select(func.count()).select_from(SavedReply).where(SavedReply.owner == actor.name)) or 0
    if owned >= MOST:
        raise TooMany(f"You keep {MOST} replies already.", "Remove one that you do not use.")
    row = SavedReply(
        id=new_id("rpl"), owner=actor.name, shared=shared, title=_text(title, "title", LONGEST_TITLE),
        body=_text(body, "text", LONGEST), saved_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    record(session, actor, "review.reply_saved", "saved_reply", row.id, clock, title=row.title, shared=shared)
    return row


def change(
    session: Session, actor: Actor, clock: Clock, reply: str, *, title: str, body: str, shared: bool
) -> SavedReply:  # fmt: skip
    """Write a reply anew: one's own, or as a senior checker a shared one."""
    row = _removable(session, actor, reply)
    row.title, row.body = _text(title, "title", LONGEST_TITLE), _text(body, "text", LONGEST)
    row.shared, row.saved_at = shared, clock.now()
    record(session, actor, "review.reply_changed", "saved_reply", row.id, clock, title=row.title, shared=shared)
    return row


def remove(session: Session, actor: Actor, clock: Clock, reply: str) -> None:
    """Take a reply away; NotFound for other people's own ones."""
    row = _removable(session, actor, reply)
    session.delete(row)
    record(session, actor, "review.reply_removed", "saved_reply", row.id, clock, title=row.title)


def _removable(session: Session, actor: Actor, reply: str) -> SavedReply:
    _check_checker(actor)
    row = session.get(SavedReply, str(reply), populate_existing=True)
    if row is None or (row.owner != actor.name and not row.shared):
        raise NotFound("There is no such reply.", "See the list of saved replies.")
    if row.owner != actor.name and not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed("A shared reply is changed and removed by who shared it.", "Ask them, or a senior checker.")
    return row


def _check_checker(actor: Actor) -> None:
    if not is_checker(actor):
        raise NotAllowed("Saved replies are for output checkers.", "Write your comment without one.")


def _text(value: str, what: str, longest: int) -> str:
    text = value.strip()
    if not text or len(text) > longest:
        raise BadInput(f"The {what} of a reply has 1 to {longest} letters.", "Shorten it, or write something.")
    return text
