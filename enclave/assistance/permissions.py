"""Which person may do what with an ask for assistance."""

from __future__ import annotations

from enclave.assistance.model import Assistance
from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission, check_holds, holds


def can_see(actor: Actor, row: Assistance) -> bool:
    """The two sides, who may overrule, auditors, and the operator, whom the audit trail is open to anyway."""
    if actor.kind != "user":
        return actor.kind == "operator"
    return actor.name in (row.asked_by, row.member) or any(
        holds(actor, each) for each in (Permission.ASSISTANCE_OVERRULE, Permission.AUDIT_READ)
    )


def check_can_see(actor: Actor, row: Assistance) -> None:
    """Raise NotAllowed unless the person may read about this ask."""
    if not can_see(actor, row):
        raise NotAllowed("This is between two other persons.", "See what concerns you on the page “Assistance”.")


def check_can_ask(actor: Actor, member: str) -> None:
    """Administrators, as persons, about somebody else."""
    check_holds(actor, Permission.ASSISTANCE_ASK)
    if actor.kind != "user" or actor.name == member:
        raise NotAllowed("You have your own workspace in your lab.", "Open the lab.")


def check_is_member(actor: Actor, row: Assistance) -> None:
    """Consent is the member's own, never given by another or by a service."""
    if actor.kind != "user" or actor.name != row.member:
        raise NotAllowed("Only the member whose workspace it is answers this.", f"Wait for {row.member}.")


def check_asked(actor: Actor, row: Assistance) -> None:
    """Only who asked looks, and only while an administrator."""
    check_holds(actor, Permission.ASSISTANCE_ASK)
    if actor.kind != "user" or actor.name != row.asked_by:
        raise NotAllowed("Only the person who asked may do this.", "Ask the member yourself.")


def check_can_overrule(actor: Actor, row: Assistance) -> None:
    """A second person, of the managing entity; neither of the two sides."""
    check_holds(actor, Permission.ASSISTANCE_OVERRULE)
    if actor.kind != "user" or actor.name in (row.asked_by, row.member):
        raise NotAllowed("This needs a second person.", "Ask a colleague of the managing entity.")


def check_can_end(actor: Actor, row: Assistance) -> None:
    """Who asked; the member who consented; the managing entity. What was opened without consent the member sees."""
    if actor.kind == "user":
        if actor.name == row.asked_by or (actor.name == row.member and row.overruled_by is None):
            return
        if holds(actor, Permission.ASSISTANCE_OVERRULE):
            return
    raise NotAllowed("You cannot end this.", "Ask the managing entity; it ends by itself at the time it names.")
