"""Which person may do what about an import."""

from __future__ import annotations

from collections.abc import Collection

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed, NotFound
from enclave.people.permissions import Permission, holds
from enclave.people.roles import Role
from output_review.imports.model import ImportRequest
from output_review.imports.policies import holds_data
from output_review.imports.states import ImportState

CODE_READERS = (Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER)
DATA_READERS = (Role.DATA_STEWARD,)


def check_can_ask(actor: Actor, members: Collection[str]) -> None:
    """Members bring files into their project, as persons."""
    if actor.kind != "user" or actor.name not in members:
        raise NotAllowed("Files are brought in by members of the project.", "Ask its lead to add you.")


def is_submitter(actor: Actor, row: ImportRequest) -> bool:
    return actor.kind == "user" and actor.name == row.submitter


def check_is_submitter(actor: Actor, row: ImportRequest, members: Collection[str]) -> None:
    """Only who made it changes it, as long as they belong to the project."""
    if not is_submitter(actor, row) or actor.name not in members:
        raise NotAllowed("Only the person who made this import changes it.", f"Ask {row.submitter}.")


def readers_of(row: ImportRequest) -> tuple[Role, ...]:
    """The roles that decide: data stewards about data, output checkers about code."""
    return DATA_READERS if holds_data(row) else CODE_READERS


def may_decide(actor: Actor, row: ImportRequest, members: Collection[str]) -> bool:
    """A person with the role, who neither made it nor belongs to the project. Never the operator or a service."""
    if actor.kind != "user" or actor.name == row.submitter or actor.name in members:
        return False
    return actor.has(*readers_of(row))


def check_can_decide(actor: Actor, row: ImportRequest, members: Collection[str]) -> None:
    if actor.kind == "user" and (actor.name == row.submitter or actor.name in members):
        raise NotAllowed("Nobody decides about an import of their own project.", "Somebody else reads it.")
    if not may_decide(actor, row, members):
        who = "A data steward" if holds_data(row) else "An output checker"
        raise NotAllowed(f"{who} decides about this import.", "See the list of those that wait for you.")


def may_withdraw(actor: Actor, row: ImportRequest, members: Collection[str]) -> bool:
    """Its submitter at any time; once approved a data steward too, who does not belong to the project."""
    if is_submitter(actor, row):
        return True
    accepted = row.state in (ImportState.APPROVED, ImportState.DELIVERED)
    return accepted and actor.kind == "user" and actor.has(*DATA_READERS) and actor.name not in members


def check_can_withdraw(actor: Actor, row: ImportRequest, members: Collection[str]) -> None:
    if not may_withdraw(actor, row, members):
        raise NotAllowed(
            "This import is taken back by who made it, and after its approval by a data steward too.",
            f"Ask {row.submitter}, or a data steward.",
        )


def may_see(actor: Actor, row: ImportRequest, members: Collection[str]) -> bool:
    """The project, who may decide about imports once it was submitted, auditors, and the operator."""
    if actor.kind != "user":
        return actor.kind in ("operator", "service")
    if actor.name in members or holds(actor, Permission.AUDIT_READ):
        return True
    return row.submitted_at is not None and holds(actor, Permission.IMPORTS_DECIDE)


def check_may_see(actor: Actor, row: ImportRequest, members: Collection[str]) -> None:
    """NotFound for whoever may not even know of it."""
    if not may_see(actor, row, members):
        raise NotFound("There is no such import.", "See the list of those that concern you.")


def may_read_files(actor: Actor, row: ImportRequest, members: Collection[str]) -> bool:
    """The contents: the project, and who may decide. Not administrators and auditors."""
    if actor.kind != "user":
        return False
    return actor.name in members or (row.submitted_at is not None and actor.has(*readers_of(row)))
