"""What hub and gateway ask the portal, each call signed: a login, a start, and whether a lab may stay open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import NotAllowed
from enclave.people import login
from enclave.people import service as people
from enclave.people.states import UserState
from enclave.people.web_sessions import is_open, sessions_of
from enclave.projects.access import lab_access
from enclave.sandboxes.grants import seal_grant
from services.api.deps import Ctx, GuardedRouter
from services.starts import grant_for

internal = GuardedRouter(tags=["internal"], include_in_schema=False)


class Login(BaseModel):
    """A name, a password and a second factor's code, as typed."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)
    code: str = Field("", max_length=100)


class Vouched(BaseModel):
    """For whom an identity provider vouches."""

    email: str = Field(max_length=200)


class Person(BaseModel):
    """The login name of an active person; empty when there is none."""

    name: str = ""


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
    """Whether password and second factor are those of an active person; failures are counted."""
    with ctx.database.write() as session:
        user = login.authenticate(session, ctx.clock, ctx.secrets, body.username, body.password, body.code)
        return Word(allowed=user is not None)


@internal.post("/vouched", issuers={"hub"})
def vouched(ctx: Ctx, body: Vouched) -> Person:
    """The active person with an e-mail address for which the identity provider vouches."""
    if not ctx.settings.oidc_issuer:
        raise NotAllowed("People log in with passwords here.", "Set C2C_OIDC_ISSUER to use an identity provider.")
    with ctx.database.write() as session:
        user = login.vouched(session, ctx.clock, body.email)
        return Person(name=user.id if user else "")


@internal.post("/present", issuers={"hub"})
def present(ctx: Ctx, body: Person) -> Word:
    """Whether the person still has an open session here; without one the hub forgets its own login too."""
    idle = timedelta(minutes=ctx.settings.session_idle_minutes)
    with ctx.database.read() as session:
        active = people.get_user(session, body.name).state == UserState.ACTIVE
        return Word(allowed=active and bool(sessions_of(session, body.name, ctx.clock.now(), idle)))


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
        lab = grant_for(ctx, session, Actor.service("hub"), "lab", body.user, body.project)
        grant = seal_grant(lab, ctx.key, ctx.clock)
        record(
            session,
            Actor.service("hub"),
            "lab.granted",
            "project",
            body.project,
            ctx.clock,
            user=body.user,
            extract=lab.extract,
            image=lab.image,
        )
    return StartWord(allowed=True, spawn={"grant": grant})
