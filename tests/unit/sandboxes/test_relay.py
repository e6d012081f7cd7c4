"""What a sandbox may call, as a numbered table."""

from __future__ import annotations

import pytest

from enclave.core.errors import NotAllowed
from services.relay.allow import check_call

OWN = "/services/portal/api/projects/promise"

# number, method, path, passes; the sandbox is one of the project promise
CALLS: list[tuple[int, str, str, bool]] = [
    (1, "GET", OWN, True),
    (2, "GET", f"{OWN}/status", True),
    (3, "GET", f"{OWN}/dp/datasets", True),
    (4, "GET", f"{OWN}/dp/budget", True),
    (5, "GET", f"{OWN}/extracts", True),
    (6, "POST", f"{OWN}/dp/cost", True),
    (7, "POST", f"{OWN}/dp/queries", True),
    (8, "POST", f"{OWN}/outputs", True),
    (9, "GET", f"{OWN}/outputs/rel_1", True),
    (10, "PUT", f"{OWN}/outputs/rel_1", True),
    (11, "POST", f"{OWN}/outputs/rel_1/submit", True),
    (12, "DELETE", f"{OWN}/outputs/rel_1/files/a.csv", True),
    (13, "POST", f"{OWN}/members", False),
    (14, "DELETE", f"{OWN}/members/eve", False),
    (15, "POST", f"{OWN}/suspend", False),
    (16, "POST", f"{OWN}/resume", False),
    (17, "POST", f"{OWN}/close", False),
    (18, "POST", f"{OWN}/dp/grants", False),
    (19, "POST", f"{OWN}/extracts", False),
    (20, "PATCH", f"{OWN}/outputs", False),
    (21, "POST", OWN, False),
    (22, "GET", "/services/portal/api/projects/other/dp/ledger", False),
    (23, "GET", f"{OWN}-two/dp/ledger", False),
    (24, "GET", "/services/portal/api/projects", False),
    (25, "GET", "/services/portal/api/users", False),
    (26, "POST", "/services/portal/api/releases/rel_1/votes", False),
    (27, "POST", "/services/portal/api/sessions/promise/open", False),
    (28, "GET", "/services/portal/", False),
    (29, "GET", "/services/portal/lab/promise", False),
    (30, "POST", "/internal/spawn", False),
    (31, "GET", "/internal/lab-access", False),
    (32, "GET", "/hub/api", False),
    (33, "GET", "/hub/api/user", False),
    (34, "GET", "/hub/api/users", False),
    (35, "POST", "/hub/api/users/rosa/activity", False),
    (36, "POST", "/hub/api/users/rosa/tokens", False),
    (37, "POST", "/hub/api/users/rosa/servers/other", False),
    (38, "POST", "/hub/api/oauth2/token", False),
    (39, "GET", "/hub/login", False),
    (40, "GET", "/", False),
    (41, "GET", f"{OWN}/jobs", True),
    (42, "POST", f"{OWN}/jobs", True),
    (43, "POST", f"{OWN}/jobs/job_1/cancel", True),
    (44, "POST", f"{OWN}/jobs/job_1", False),
    (45, "DELETE", f"{OWN}/jobs/job_1", False),
    (46, "POST", f"{OWN}/jobs/../members/cancel", False),
    (47, "POST", f"{OWN}/snapshots", False),
]

# number, method, path, passes; the sandbox is a job of the project promise
CALLS_OF_A_JOB = [
    (1, "GET", f"{OWN}/jobs", True),
    (2, "POST", f"{OWN}/dp/queries", True),
    (3, "POST", f"{OWN}/outputs", True),
    (4, "POST", f"{OWN}/jobs", False),
    (5, "POST", f"{OWN}/jobs/job_1/cancel", False),
]


@pytest.mark.parametrize(("number", "method", "path", "passes"), CALLS)
def test_a_sandbox_calls_its_own_project_and_nothing_else(number: int, method: str, path: str, passes: bool) -> None:
    if passes:
        check_call(method, path, "promise")
        return
    with pytest.raises(NotAllowed):
        check_call(method, path, "promise")


@pytest.mark.parametrize(("number", "method", "path", "passes"), CALLS_OF_A_JOB)
def test_a_job_starts_and_ends_no_other(number: int, method: str, path: str, passes: bool) -> None:
    if passes:
        check_call(method, path, "promise", "job_1")
        return
    with pytest.raises(NotAllowed):
        check_call(method, path, "promise", "job_1")


def test_names_are_no_patterns() -> None:
    with pytest.raises(NotAllowed):
        check_call("GET", "/services/portal/api/projects/axb/x", "a.b")
