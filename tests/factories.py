"""Builds any object at any status through the real services.

One section a domain; a factory takes what matters to a test by keyword and fills in the rest.
"""

from __future__ import annotations

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.db import Session
from enclave.people import service as people
from enclave.people.model import User
from enclave.people.passwords import hash_password
from enclave.people.roles import Role

SERVICES = ("portal", "worker", "hub", "gateway", "guard", "data", "vault", "checker")
OPERATOR = Actor("operator", kind="operator")

# ---------------------------------------------------------------- people


def make_user(
    session: Session, clock: Clock, name: str, *roles: Role, provider: str | None = None, password: str | None = None
) -> User:
    """A person with these roles."""
    return people.add_user(
        session,
        OPERATOR,
        clock,
        name=name,
        full_name=name.title(),
        email=f"{name}@example.org",
        roles=roles or (Role.RESEARCHER,),
        provider=provider,
        password=password,
    )


def give_password(session: Session, name: str, password: str) -> None:
    """Let a person log in with this password, as a set-up link would."""
    people.get_user(session, name).password_hash = hash_password(password)


def make_actor(session: Session, clock: Clock, name: str, *roles: Role, provider: str | None = None) -> Actor:
    """The same person, as an actor."""
    make_user(session, clock, name, *roles, provider=provider)
    return people.actor_for(session, name)
