"""Which person may do what to extracts."""

from __future__ import annotations

from enclave.core.actors import Actor
from enclave.people.permissions import Permission, check_holds


def check_can_manage_extracts(actor: Actor) -> None:
    """The office and data stewards build, revoke and destroy; the operator may on the host."""
    if actor.kind == "service":
        return
    check_holds(actor, Permission.EXTRACTS_MANAGE)
