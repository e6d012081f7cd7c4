"""What a sandbox may call, as a table that a reviewer can read: its own project's part of the portal's API.

Not the hub: the lab's server needs none. Of the project's part, reading, questions with differential privacy and
outputs; what decides about a project (members, suspension, budgets, extracts) is done in the portal by a person, never
by code that runs in the name of one. A new call of the library that changes something needs a line here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from enclave.core.errors import NotAllowed

_OWN = "/services/portal/api/projects/{project}"


@dataclass(frozen=True)
class Call:
    """A call of the portal that may pass; `{project}` stands for the sandbox's own."""

    methods: frozenset[str]
    path: str
    why: str
    lab_only: bool = False
    """Not for jobs and report runs: what runs without a person starts nothing."""


def _call(methods: str, path: str, why: str, *, lab_only: bool = False) -> Call:
    return Call(frozenset(methods.split()), _OWN + path, why, lab_only)


CALLS = (
    _call("GET", r"(/.+)?", "the project, its extract, budget, ledger and outputs"),
    _call("POST", r"/dp/(cost|queries)", "the price of a private question, and the question"),
    _call("POST", r"/outputs", "a release request"),
    _call("POST PUT DELETE", r"/outputs/.+", "work on one's own release request"),
    _call("POST", r"/jobs(/[a-z0-9_]+/cancel)?", "a notebook as a job, and its end", lab_only=True),
)


def check_call(method: str, path: str, project: str, run: str = "") -> None:
    """Raise NotAllowed unless the table has the call. `path` is decoded and holds no dot segments.

    `run` is the sandbox's job or report run; empty for a lab.
    """
    for call in CALLS:
        if call.lab_only and run:
            continue
        if method in call.methods and re.fullmatch(call.path.replace("{project}", re.escape(project)), path):
            return
    raise NotAllowed("A sandbox may not call this.", "Use the functions of the c2c library, or do it in the portal.")
