"""Use cases about people: add, change, suspend, train."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict, NotAllowed, NotFound
from enclave.core.ids import check_slug, new_id
from enclave.people.model import Training, User
from enclave.people.passwords import check_password, hash_password, password_fits
from enclave.people.permissions import check_can_manage_people
from enclave.people.roles import Role
from enclave.people.states import USER, UserState


def get_user(session: Session, name: str) -> User:
    """The user of that name, or NotFound."""
    user = session.get(User, name)
    if user is None:
        raise NotFound(f"There is no user “{name[:40]}”.", "See `c2c user show` for the names that exist.")
    return user


def provider_of(session: Session, actor: Actor) -> str | None:
    """The provider for which a reviewer speaks; None for everybody else."""
    if actor.kind != "user" or not actor.has(Role.PROVIDER_REVIEWER):
        return None
    return get_user(session, actor.name).provider


def actor_for(session: Session, name: str) -> Actor:
    """The person as an actor; a suspended person cannot act."""
    user = get_user(session, name)
    if user.state != UserState.ACTIVE:
        raise NotAllowed("This account is suspended.", "Ask an administrator of the enclave.")
    return Actor(user.id, frozenset(user.roles))


def add_user(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    name: str,
    full_name: str,
    email: str,
    roles: Collection[str],
    provider: str | None = None,
    password: str | None = None,
    known_password: bool = False,
) -> User:
    """Add a person. A provider reviewer needs a provider; nobody else has one.

    Without a password the person sets one by a set-up link. `known_password` is the demo's: it may be guessed.
    """
    check_can_manage_people(actor)
    check_slug(name)
    if password and not known_password:
        check_password(password, (name, full_name, email))
    wanted = _roles(roles, provider)
    if session.get(User, name) is not None:
        raise Conflict(f"There is a user “{name}” already.", "Choose another login name.")
    user = User(
        id=name,
        full_name=full_name.strip(),
        email=email.strip().lower(),
        roles=wanted,
        state=UserState.ACTIVE.value,
        provider=provider,
        password_hash=hash_password(password) if password else None,
        created_at=clock.now(),
    )
    session.add(user)
    record(session, actor, "user.added", "user", name, clock, roles=wanted, provider=provider)
    return user


def set_roles(session: Session, actor: Actor, clock: Clock, name: str, roles: Collection[str]) -> User:
    """Replace a person's roles."""
    check_can_manage_people(actor)
    user = get_user(session, name)
    before, user.roles = user.roles, _roles(roles, user.provider)
    record(session, actor, "user.roles_changed", "user", name, clock, before=before, after=user.roles)
    return user


def change_password(session: Session, actor: Actor, clock: Clock, current: str, password: str) -> None:
    """Replace one's own password; the present one has to be typed."""
    user = get_user(session, actor.name)
    if not password_fits(user, current, clock.now()):
        raise NotAllowed("The present password does not fit.", "Type it again; an administrator can send a new link.")
    check_password(password, (user.id, user.full_name, user.email))
    user.password_hash = hash_password(password)
    record(session, actor, "user.password_set", "user", user.id, clock, by="the person")


def suspend(session: Session, actor: Actor, clock: Clock, name: str, reason: str) -> User:
    """Suspend an account: no login, no action, open sessions end."""
    check_can_manage_people(actor)
    user = get_user(session, name)
    checks(actor, user)["suspend"]()
    if not reason.strip():
        raise BadInput("A suspension needs a reason.", "Say in a sentence why; it stands in the audit.")
    USER.move(session, user, UserState.SUSPENDED, actor, clock, reason=reason.strip())
    return user


def checks(actor: Actor, user: User) -> dict[str, Check]:
    """What is asked before each action about an account."""

    def suspend() -> None:
        check_can_manage_people(actor)
        if actor.kind == "user" and actor.name == user.id:
            raise NotAllowed("Nobody suspends their own account.", "Ask another administrator.")
        USER.check(user.state, UserState.SUSPENDED)

    def reinstate() -> None:
        check_can_manage_people(actor)
        USER.check(user.state, UserState.ACTIVE)

    def manage() -> None:
        check_can_manage_people(actor)

    return {
        "suspend": suspend, "reinstate": reinstate, "training": manage, "setup-link": manage,
        "remove_second_factor": manage,
    }  # fmt: skip


def reinstate(session: Session, actor: Actor, clock: Clock, name: str) -> User:
    """Lift a suspension."""
    check_can_manage_people(actor)
    user = get_user(session, name)
    checks(actor, user)["reinstate"]()
    USER.move(session, user, UserState.ACTIVE, actor, clock)
    return user


def add_training(
    session: Session,
    actor: Actor,
    clock: Clock,
    name: str,
    *,
    course: str,
    completed_at: datetime,
    expires_at: datetime,
) -> Training:
    """Record a completed course; it must expire after it was completed."""
    check_can_manage_people(actor)
    get_user(session, name)
    if expires_at <= completed_at:
        raise BadInput("The certificate expires before it was earned.", "Check the two dates.")
    training = Training(id=new_id("trn"), user_id=name, course=course, completed_at=completed_at, expires_at=expires_at)
    session.add(training)
    record(session, actor, "user.trained", "user", name, clock, course=course, expires_at=expires_at.isoformat())
    return training


def is_trained(user: User, now: datetime) -> bool:
    """Whether at least one certificate counts today."""
    return any(training.completed_at <= now < training.expires_at for training in user.trainings)


def _roles(roles: Collection[str], provider: str | None) -> list[str]:
    known = {role.value for role in Role}
    unknown = sorted(set(roles) - known)
    if unknown:
        raise BadInput(f"There is no role {', '.join(unknown)}.", f"Roles are: {', '.join(sorted(known))}.")
    if (Role.PROVIDER_REVIEWER in roles) != (provider is not None):
        raise BadInput(
            "A provider reviewer belongs to one provider, and only a provider reviewer does.",
            "Name the provider together with the role provider_reviewer.",
        )
    return sorted(set(roles))
