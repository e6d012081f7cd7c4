"""Packages in the demonstration: two requests that wait; and pins that follow the release, so that a change is seen.

Outside the demonstration a pin moves only when somebody moves it.
"""

from __future__ import annotations

from services.cli.client import OperatorClient
from services.cli.demo.stages import stage

_ASKED = (
    ("alice", "college-going", "linearmodels", "Panel models with two-way fixed effects for the second paper."),
    ("alice", "college-going", "lets-plot", "Charts in the grammar of graphics for the report's appendix."),
)
_RELEASED = ("sandbox", "sandbox-r")


def tell() -> None:
    """Ask for packages once, and give projects on an older release the present one."""
    with stage("Packages that are asked for"):
        for user, project, package, purpose in _ASKED:
            client = OperatorClient(user)
            if not any(row["package"] == package for row in client.get("/packages", project=project)):
                client.post("/packages", {"project": project, "package": package, "purpose": purpose})
        operator = OperatorClient()
        for project in operator.get("/projects"):
            found = operator.get(f"/projects/{project['id']}/image")
            if found["pinned_at"] and found["newer"] and found["name"] in _RELEASED:
                body = {"image": found["newer"], "reason": "The demonstration follows the release."}
                operator.post(f"/projects/{project['id']}/image", body)
