"""Who may change agreements."""

from __future__ import annotations

from enclave.core.actors import Actor
from enclave.people.permissions import Permission, check_holds


def check_can_manage_agreements(actor: Actor) -> None:
    """The managing entity keeps the agreements; the operator may do it on the host."""
    check_holds(actor, Permission.AGREEMENTS_MANAGE)
