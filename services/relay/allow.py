"""What a sandbox may call, as a table that a reviewer can read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from enclave.core.errors import NotAllowed


class Target(StrEnum):
    """Which service a call goes to."""

    HUB = "hub"
    PORTAL = "portal"


@dataclass(frozen=True)
class Call:
    """A call that may pass; `{user}` and `{project}` stand for the sandbox's own."""

    target: Target
    methods: frozenset[str]
    path: str
    why: str


CALLS = (
    Call(Target.HUB, frozenset({"GET"}), r"/hub/api/?", "the server checks the hub's version"),
    Call(Target.HUB, frozenset({"GET"}), r"/hub/api/user", "whose token a browser brings"),
    Call(Target.HUB, frozenset({"POST"}), r"/hub/api/oauth2/token", "second half of the lab's own login"),
    Call(Target.HUB, frozenset({"POST"}), r"/hub/api/users/{user}/activity", "the lab is in use"),
    Call(
        Target.PORTAL,
        frozenset({"GET", "POST", "PUT", "DELETE"}),
        r"/services/portal/api/projects/{project}/.+",
        "the project's own part of the portal's API",
    ),
)


def target_of(method: str, path: str, user: str, project: str) -> Target:
    """Where a call goes, or NotAllowed. `path` is decoded and holds no dot segments."""
    for call in CALLS:
        pattern = call.path.replace("{user}", re.escape(user)).replace("{project}", re.escape(project))
        if method in call.methods and re.fullmatch(pattern, path):
            return call.target
    raise NotAllowed("A sandbox may not call this.", "Use the functions of the c2c library.")
