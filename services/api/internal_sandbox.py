"""What hub and gateway ask the portal, each call signed: a login, a start, and whether a lab may stay open."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.people import service as people
from enclave.people.web_sessions import is_open
from enclave.projects import store
from enclave.projects.access import lab_access
from enclave.sandboxes.grants import Grant, seal_grant
from services.api.deps import Ctx, GuardedRouter

internal = GuardedRouter(tags=["internal"], include_in_schema=False)


class Login(BaseModel):
    """A name and a password, as typed."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class Start(BaseModel):
    """Whose lab of which project."""

    user: str = Field(max_length=60)
    project: str = Field(max_length=60)


class Word(BaseModel):
    """Yes or no, and the sentence for the person when it is no."""

    allowed: bool
    reason: str = ""


class StartWord(Word):
    """With a yes comes the grant that the guard asks for."""

    spawn: dict[str, Any] = Field(default_factory=dict)


@internal.post("/authenticate", issuers={"hub"})
def authenticate(ctx: Ctx, body: Login) -> Word:
    """Whether this is the password of an active person; failures are counted."""
    with ctx.database.write() as session:
        user = people.authenticate(session, ctx.clock, body.username, body.password)
        return Word(allowed=user is not None)


@internal.get("/lab-access", issuers={"gateway"})
def access(ctx: Ctx, user: str, project: str, login: str) -> Word:
    """Whether the person may be in the project's lab now; `login` names the session at the portal they came from."""
    with ctx.database.read() as session:
        if not is_open(session, user, login, ctx.clock.now()):
            return Word(allowed=False, reason="Your session has ended. Log in to the portal again.")
        word = lab_access(session, user, project, ctx.clock.now())
        return Word(allowed=word.allowed, reason=word.reason)


@internal.post("/spawn", issuers={"hub"})
def spawn(ctx: Ctx, body: Start) -> StartWord:
    """The grant for a lab, with the project's present extract; or the reason why there is none."""
    with ctx.database.write() as session:
        word = lab_access(session, body.user, body.project, ctx.clock.now())
        if not word.allowed:
            return StartWord(allowed=False, reason=word.reason)
        version = store.get_project(session, body.project).extract_version
        extract = "" if version is None else str(version)
        grant = seal_grant(Grant("lab", body.user, body.project, extract), ctx.key, ctx.clock)
        record(
            session,
            Actor.service("hub"),
            "lab.granted",
            "project",
            body.project,
            ctx.clock,
            user=body.user,
            extract=extract,
        )
    return StartWord(allowed=True, spawn={"grant": grant})
