"""Beginning, finishing and dropping a call under a key; each in a transaction of its own."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from enclave.core.clock import Clock
from enclave.core.db import Database
from enclave.core.kept_answers.model import KeptAnswer

LIFE = timedelta(hours=24)


def begin(database: Database, clock: Clock, identity: str, asked: str, runner: str) -> KeptAnswer | None:
    """Take the key, or give what stands under it. Of two calls at once one takes it. What is past its day goes."""
    try:
        with database.write() as session:
            session.execute(delete(KeptAnswer).where(KeptAnswer.started_at < clock.now() - LIFE))
            found = session.get(KeptAnswer, identity)
            if found is None:
                session.add(KeptAnswer(id=identity, asked=asked, runner=runner, started_at=clock.now()))
            return found
    except IntegrityError:
        with database.read() as session:
            return session.get_one(KeptAnswer, identity)


def finish(database: Database, identity: str, status: int, body: str | None) -> None:
    """Keep the answer."""
    with database.write() as session:
        session.execute(update(KeptAnswer).where(KeptAnswer.id == identity).values(status=status, body=body))


def drop(database: Database, identity: str) -> None:
    """Free the key of a call that was refused at the door."""
    with database.write() as session:
        session.execute(delete(KeptAnswer).where(KeptAnswer.id == identity))
