"""What a sandbox may call, as a numbered table."""

from __future__ import annotations

import pytest

from enclave.core.errors import NotAllowed
from services.relay.allow import Target, target_of

# number, method, path, target or None (refused); the sandbox is rosa's in the project promise
CALLS: list[tuple[int, str, str, Target | None]] = [
    (1, "GET", "/hub/api", Target.HUB),
    (2, "GET", "/hub/api/user", Target.HUB),
    (3, "POST", "/hub/api/oauth2/token", Target.HUB),
    (4, "POST", "/hub/api/users/rosa/activity", Target.HUB),
    (5, "GET", "/services/portal/api/projects/promise/dp/ledger", Target.PORTAL),
    (6, "POST", "/services/portal/api/projects/promise/outputs", Target.PORTAL),
    (7, "POST", "/hub/api/users/eve/activity", None),
    (8, "GET", "/hub/api/users", None),
    (9, "POST", "/hub/api/users/rosa/servers/other", None),
    (10, "POST", "/hub/api/users/rosa/tokens", None),
    (11, "GET", "/hub/api/users/rosa", None),
    (12, "DELETE", "/hub/api/user", None),
    (13, "GET", "/hub/login", None),
    (14, "GET", "/services/portal/api/projects/other/dp/ledger", None),
    (15, "GET", "/services/portal/api/projects/promise-two/dp/ledger", None),
    (16, "GET", "/services/portal/api/projects", None),
    (17, "POST", "/services/portal/api/releases/rel_1/votes", None),
    (18, "GET", "/services/portal/", None),
    (19, "POST", "/internal/spawn", None),
    (20, "GET", "/internal/lab-access", None),
    (21, "PATCH", "/services/portal/api/projects/promise/outputs", None),
    (22, "GET", "/", None),
]


@pytest.mark.parametrize(("number", "method", "path", "target"), CALLS)
def test_a_sandbox_calls_its_own_project_and_nothing_else(
    number: int, method: str, path: str, target: Target | None
) -> None:
    if target is None:
        with pytest.raises(NotAllowed):
            target_of(method, path, "rosa", "promise")
    else:
        assert target_of(method, path, "rosa", "promise") is target


def test_names_are_no_patterns() -> None:
    with pytest.raises(NotAllowed):
        target_of("GET", "/services/portal/api/projects/axb/x", "rosa", "a.b")
