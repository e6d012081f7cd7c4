"""People: add, show, change, suspend, reinstate, train."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.people import second_factor, setup_links, store
from enclave.people import service as people
from enclave.people.model import User
from enclave.people.permissions import Permission
from enclave.people.web_sessions import close_sessions_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.inputs import Moment
from services.api.paging import by

router = GuardedRouter(prefix="/users", tags=["people"])


class TrainingView(BaseModel):
    """A certificate."""

    course: str
    completed_at: Moment
    expires_at: Moment


class UserView(BaseModel):
    """A person as administrators see them."""

    name: str
    full_name: str
    email: str
    roles: list[str]
    state: str
    provider: str | None
    trainings: list[TrainingView]
    second_factor: bool
    allowed_actions: list[str]

    @classmethod
    def of(cls, user: User, actor: Actor, second_factor: bool = False) -> UserView:
        return cls(
            name=user.id,
            full_name=user.full_name,
            email=user.email,
            roles=user.roles,
            state=user.state,
            provider=user.provider,
            trainings=[
                TrainingView(course=each.course, completed_at=each.completed_at, expires_at=each.expires_at)
                for each in user.trainings
            ],
            second_factor=second_factor,
            allowed_actions=allowed(people.checks(actor, user)),
        )


class NewUser(BaseModel):
    """Who is to be added."""

    name: str
    full_name: str
    email: str
    roles: list[str]
    provider: str | None = None
    password: str | None = None


class Reason(BaseModel):
    """Why."""

    reason: str


class Link(BaseModel):
    """Where the person sets a password; shown this once."""

    url: str
    expires_at: datetime


def views(session: Session, users: list[User], actor: Actor) -> list[UserView]:
    """People as administrators see them."""
    enrolled = store.with_second_factor(session)
    return [UserView.of(user, actor, user.id in enrolled) for user in users]


@router.get("", permission=Permission.PEOPLE_READ, order=by("name"))
def list_users(ctx: Ctx, actor: CurrentActor, search: str = "") -> list[UserView]:
    """Everybody, by name."""
    with ctx.database.read() as session:
        return views(session, store.list_users(session, search), actor)


@router.get("/{name}", permission=Permission.PEOPLE_READ)
def show_user(ctx: Ctx, actor: CurrentActor, name: str) -> UserView:
    """One person."""
    with ctx.database.read() as session:
        return views(session, [people.get_user(session, name)], actor)[0]


@router.post("", permission=Permission.PEOPLE_MANAGE, status_code=201, fresh=True)
def add_user(ctx: Ctx, actor: CurrentActor, body: NewUser) -> UserView:
    """Add a person."""
    with ctx.database.write() as session:
        known = ctx.settings.demo
        return UserView.of(people.add_user(session, actor, ctx.clock, **body.model_dump(), known_password=known), actor)


@router.post("/{name}/suspend", permission=Permission.PEOPLE_MANAGE, fresh=True)
def suspend(ctx: Ctx, actor: CurrentActor, name: str, body: Reason) -> UserView:
    """Suspend an account; its browser sessions end with it."""
    with ctx.database.write() as session:
        user = people.suspend(session, actor, ctx.clock, name, body.reason)
        close_sessions_of(session, name)
        return UserView.of(user, actor)


@router.post("/{name}/reinstate", permission=Permission.PEOPLE_MANAGE)
def reinstate(ctx: Ctx, actor: CurrentActor, name: str) -> UserView:
    """Lift a suspension."""
    with ctx.database.write() as session:
        return UserView.of(people.reinstate(session, actor, ctx.clock, name), actor)


@router.post("/{name}/training", permission=Permission.PEOPLE_MANAGE)
def train(ctx: Ctx, actor: CurrentActor, name: str, body: TrainingView) -> UserView:
    """Record a certificate."""
    with ctx.database.write() as session:
        people.add_training(session, actor, ctx.clock, name, **body.model_dump())
        session.expire_all()
        return UserView.of(people.get_user(session, name), actor)


@router.post("/{name}/setup-link", permission=Permission.PEOPLE_MANAGE, status_code=201, fresh=True)
def setup_link(ctx: Ctx, actor: CurrentActor, name: str) -> Link:
    """A link by which the person sets a first or a new password; it works once."""
    with ctx.database.write() as session:
        secret = setup_links.make_link(session, actor, ctx.clock, name)
    address = f"{ctx.settings.public_url}/services/portal/welcome/{secret}"
    return Link(url=address, expires_at=ctx.clock.now() + setup_links.LIFE)


@router.post("/{name}/second-factor/remove", permission=Permission.PEOPLE_MANAGE, fresh=True)
def remove_second_factor(ctx: Ctx, actor: CurrentActor, name: str, body: Reason) -> UserView:
    """Take a lost second factor away; the person's sessions end, and they enrol anew."""
    with ctx.database.write() as session:
        user = people.get_user(session, name)
        second_factor.remove(session, actor, ctx.clock, name, body.reason)
        close_sessions_of(session, name)
        return UserView.of(user, actor)
