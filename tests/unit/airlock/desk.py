"""The portal with a project of rosa's and checkers' people: what tests of the airlock's doors submit and press."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from enclave.people.roles import Role
from tests.portal import BASE, Portal

API = f"{BASE}/api"
TABLE = b"district,n\nAlpine,120\nButte,240\nColusa,360\nTotal,720\n"
CONTEXT = b"table: t1.csv\nrows: [district]\nkind: frequency\ncounts: cells\ntotals: {rows: Total}\n"
SMALL = b"district,n\nAlpine,3\nButte,240\nTotal,243\n"
PEOPLE = {
    "chris": (Role.OUTPUT_CHECKER,),
    "dana": (Role.OUTPUT_CHECKER,),
    "erin": (Role.OUTPUT_CHECKER,),
    "sam": (Role.SENIOR_CHECKER,),
    "ada": (Role.ADMINISTRATOR,),
}


def submit(
    desk: Portal, data: bytes = TABLE, submit: bool = True, public: bool = False, name: str = "t1.csv"
) -> dict[str, Any]:
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs",
        data={"title": "Table 1", "purpose": "For the paper.", "public": str(public), "submit": str(submit)},
        files=[("files", (name, data)), ("sidecars", (f"{name.split('.')[0]}.context.yaml", CONTEXT))],
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def post(client: TestClient, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def approve(desk: Portal, identity: str) -> None:
    for name in ("chris", "dana"):
        shown = post(desk.operator(name), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    assert "approve" in shown["allowed_actions"]
    post(desk.operator("dana"), f"/releases/{identity}/approve")


def sequential(desk: Portal, data: bytes = TABLE) -> str:
    """A submitted request whose two readers see each other: a random tenth is read blind, and another is made then."""
    for _ in range(40):
        identity = str(submit(desk, data)["id"])
        if desk.operator("chris").get(f"{API}/releases/{identity}").json()["review_mode"] == "SEQUENTIAL":
            return identity
        post(desk.operator("rosa"), f"/releases/{identity}/withdraw")
    raise AssertionError("forty requests, and none is read by two who see each other")
