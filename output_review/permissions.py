"""May this *person* do it? Nobody reviews a project that they belong to, and nobody votes for somebody else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.people.roles import Role
from output_review.model import ReleaseRequest


class Asked(Protocol):
    """What rules about persons ask of a request, whole or in a list."""

    @property
    def author(self) -> str: ...

    @property
    def members(self) -> list[str]: ...


CHECKERS = frozenset({Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER})


def is_checker(actor: Actor) -> bool:
    return actor.kind == "user" and actor.has(*CHECKERS)


def barred(request: Asked, members: Collection[str]) -> frozenset[str]:
    """Whose votes never count: the author, who belonged to the project at submission, who belongs to it now."""
    return frozenset({request.author, *request.members, *members})


def check_can_submit_for(actor: Actor, members: Collection[str]) -> None:
    if actor.kind == "user" and actor.name not in members:
        raise NotAllowed(
            "Outputs are submitted by members of the project.", "Ask the project lead to make you a member."
        )


def check_is_author(actor: Actor, request: ReleaseRequest) -> None:
    if actor.kind != "user" or actor.name != request.author:
        raise NotAllowed("Only the author may change this request.", "Start a request of your own for your outputs.")


def check_can_review(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> None:
    if not is_checker(actor):
        raise NotAllowed(
            "Reviewing outputs needs the role of an output checker, held by a person.",
            "Ask an administrator if you think that you should have it.",
        )
    if actor.name in barred(request, members):
        raise NotAllowed(
            "Nobody reviews a project that they belong to.", "Leave this request to another output checker."
        )


def check_can_grant(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> None:
    check_can_review(actor, request, members)
    if not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed("Exceptions are granted by a senior checker.", "Ask a senior checker to look at this file.")


def check_can_revoke(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> None:
    check_can_review(actor, request, members)
    if not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed("A release is revoked by a senior checker.", "Tell a senior checker what happened.")


def check_can_release(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> None:
    """The release itself is a job; a checker, or the operator on the host, may start it again when it failed."""
    if actor.kind in ("service", "operator"):
        return
    check_can_review(actor, request, members)


def check_can_download(actor: Actor, members: Collection[str]) -> None:
    if actor.kind != "user" or actor.name not in members:
        raise NotAllowed(
            "The bundle is for the members of the project.", "Ask a member, or see the public page of releases."
        )
