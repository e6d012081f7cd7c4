"""From the audit trail to inboxes, from inboxes to the outbox, and one message a working day about what is due.

Reading goes on where it stopped: notices and the place reached are one transaction. A message is a file named by what
it says, so a kill between writing it and noting it writes the same file again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.core.clock import Clock
from enclave.notices import service, store
from enclave.notices.model import Notice, NoticeWish, ReadSoFar
from enclave.notices.states import MailWish, Weight
from enclave.people.model import User
from enclave.people.service import actor_for
from enclave.people.states import UserState
from services.api.context import Context
from services.news.mail import Letter, digest, letter_of, post
from services.news.table import TABLE, told_by
from services.web.waiting import Waiting, waiting_for
from services.worker.app import Job

BATCH = 500
SOON = timedelta(days=1)


def unread_trail(ctx: Context) -> list[str]:
    """One item when the trail has grown since the last look."""
    with ctx.database.read() as session:
        head = session.scalar(select(func.max(AuditEvent.seq))) or 0
        return ["trail"] if head > _reached(session) else []


def tell(ctx: Context, _item: str) -> None:
    """Turn the next events into notices."""
    with ctx.database.write() as session:
        row = session.get(ReadSoFar, 1)
        if row is None:
            row = ReadSoFar(id=1, seq=0)
            session.add(row)
        query = select(AuditEvent).where(AuditEvent.seq > row.seq).order_by(AuditEvent.seq).limit(BATCH)
        for event in list(session.scalars(query)):
            row.seq = event.seq
            for told in told_by(session, event) if event.action in TABLE else ():
                service.tell(session, ctx.clock, told.user, event.seq, told.text, told.path, told.weight)


def unmailed(ctx: Context) -> list[str]:
    """Ids of notices that wait for no daily message."""
    with ctx.database.read() as session:
        return store.unmailed(session)


def mail(ctx: Context, notice_id: str) -> None:
    """Put one notice into the outbox, unless its person wants none; then it counts as mailed."""
    with ctx.database.write() as session:
        row = session.get(Notice, notice_id)
        if row is None or row.mailed_at is not None:
            return
        person = session.get(User, row.user_id)
        wanted = row.weight == Weight.SECURITY or store.wish_of(session, row.user_id) is not MailWish.NEVER
        if wanted and row.read_at is None and person is not None:
            post(ctx.settings, letter_of(ctx.settings, row, person.full_name, person.email))
        row.mailed_at = ctx.clock.now()


def due_digests(ctx: Context) -> list[str]:
    """Who gets a message today: nobody at weekends, nobody before the hour, nobody twice, nobody who wants none."""
    now = ctx.clock.now()
    if now.weekday() >= 5 or now.hour < ctx.settings.digest_hour:
        return []
    with ctx.database.read() as session:
        wishes = {row.user_id: row for row in session.scalars(select(NoticeWish))}
        people = session.scalars(select(User.id).where(User.state == UserState.ACTIVE.value).order_by(User.id))
        return [name for name in people if _wants_today(wishes.get(name), now)]


def send_digest(ctx: Context, user: str) -> None:
    """One person's message of the day; none when there is nothing to say."""
    now = ctx.clock.now()
    with ctx.database.write() as session:
        person = session.get(User, user)
        if person is None:
            return
        letter = _digest(ctx, session, person, now)
        if letter is not None:
            post(ctx.settings, letter)
        row = session.get(NoticeWish, user)
        if row is None:
            row = NoticeWish(user_id=user, mail=MailWish.AT_ONCE.value)
            session.add(row)
        row.digest_at = now


JOBS = (
    Job("notices", unread_trail, tell),
    Job("mail", unmailed, mail, retry_after=timedelta(minutes=1)),
    Job("digests", due_digests, send_digest, retry_after=timedelta(minutes=5), every=timedelta(minutes=1)),
)


def _reached(session: Session) -> int:
    row = session.get(ReadSoFar, 1)
    return row.seq if row is not None else 0


def _wants_today(wish: NoticeWish | None, now: datetime) -> bool:
    if wish is None:
        return True
    return wish.mail != MailWish.NEVER and (wish.digest_at is None or wish.digest_at.date() < now.date())


def _digest(ctx: Context, session: Session, person: User, now: datetime) -> Letter | None:
    """For DAILY everything that is new or waits; for AT_ONCE a reminder of what is due within a day or overdue."""
    news: list[Notice] = []
    items = _waiting(session, person, ctx.clock)
    if store.wish_of(session, person.id) is MailWish.DAILY:
        query = select(Notice).where(Notice.user_id == person.id, Notice.mailed_at.is_(None)).order_by(Notice.id)
        news = [row for row in session.scalars(query) if row.weight != Weight.SECURITY]
        for row in news:
            row.mailed_at = now
        news = [row for row in news if row.read_at is None]
    else:
        items = [item for item in items if item.due is not None and item.due < now + SOON]
    if not news and not items:
        return None
    return digest(ctx.settings, now, person.id, person.full_name, person.email, news, items)


def _waiting(session: Session, person: User, clock: Clock) -> list[Waiting]:
    return waiting_for(session, actor_for(session, person.id), clock)
