"""What somebody may do with a thing now, from the very checks that refuse it otherwise.

A domain has a table, name of an action → its check: what of persons and states is asked before the action is done. A
use case begins with its own check, and an answer's `allowed_actions` are the names whose check refuses nothing: so the
two cannot disagree. What is written into the action (a reason, a date) is no part of the check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from enclave.core.errors import Conflict, NotAllowed, NotFound

Check = Callable[[], object]


def allowed(checks: Mapping[str, Check]) -> list[str]:
    """The names of the actions that would not be refused, in the table's order."""
    return [name for name, check in checks.items() if _passes(check)]


def _passes(check: Check) -> bool:
    try:
        check()
    except (NotAllowed, NotFound, Conflict):
        return False
    return True
