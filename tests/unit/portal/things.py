"""One of each kind of thing in each state that the API can bring it to, and the call behind each of its actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from enclave.core.db import Session
from enclave.people.service import actor_for
from enclave.reports import service as reports
from enclave.reports.model import ReportRun
from enclave.workspaces.model import Snapshot
from services.worker import airlock as jobs
from tests.approved import approved_project, form
from tests.portal import BASE
from tests.property.town import Town
from tests.unit.airlock.desk import SMALL, TABLE, submit

API = f"{BASE}/api"
WORDS = "This is a reason that somebody can act on."


@dataclass(frozen=True)
class Call:
    """A call on a thing: method, the end of its address, and its body (made of the thing as its caller reads it)."""

    method: str
    path: str
    body: Any = None
    made: Callable[[Any], Any] | None = None
    files: Any = None

    def send(self, client: TestClient, address: str, shown: Any) -> Any:
        body = self.made(shown) if self.made else self.body
        named: dict[str, Any] = {"files": self.files} if self.files else {"json": body} if body is not None else {}
        return client.request(self.method, f"{address}{self.path}", **named)


def _reason(path: str, name: str = "reason") -> Call:
    return Call("POST", path, {name: WORDS})


def _first_file(shown: Any) -> str:
    return str(shown["files"][0]["name"]) if shown and shown.get("files") else "t1.csv"


def _failing(shown: Any) -> dict[str, str]:
    """A file and a rule that fails on it, where there is one."""
    for file in (shown or {}).get("files", []):
        for finding in file["findings"]:
            if finding["status"] == "fail":
                return {"file": file["name"], "rule": finding["rule"]}
    return {"file": _first_file(shown), "rule": "min_cell"}


def _place(shown: Any) -> dict[str, str]:
    """The place of somebody else at the desk; a name that has none, where there is no other."""
    taken = (shown or {}).get("checkers")
    return {"checker": taken[0] if taken and "claim" in shown["allowed_actions"] else "nobody"}


_LINK = {"link": "https://example.org/p"}
_PDF = [("file", ("paper.txt", b"Text."))]
_CODE = [("files", ("t1.py", b"x = 1\n"))]
_TABLES = [("files", ("t9.csv", TABLE))]

ACTIONS: dict[str, dict[str, Call]] = {
    "releases": {
        "edit": Call("PUT", "", {"title": "New title", "purpose": "New."}),
        "check": Call("POST", "/check"),
        "justify": Call("POST", "/justifications", made=lambda shown: _failing(shown) | {"justification": WORDS}),
        "submit": Call("POST", "/submit"),
        "comment": Call("POST", "/comments", {"body": WORDS}),
        "withdraw": Call("POST", "/withdraw"),
        "download": Call("GET", "/bundle"),
        "vote": Call("POST", "/votes", made=lambda shown: {"file": _first_file(shown), "choice": "APPROVED"}),
        "return": _reason("/return", "note"),
        "reject": _reason("/reject", "note"),
        "claim": Call("POST", "/claim"),
        "hand_over": Call("POST", "/hand-over", {}),
        "free_place": Call("POST", "/hand-over", made=_place),
        "approve": Call("POST", "/approve"),
        "release": Call("POST", "/release"),
        "revoke": _reason("/revoke", "note"),
        "ask_blind": Call("POST", "/blind"),
        "take_second_look": Call("POST", "/second-look/take"),
        "close_second_look": Call("POST", "/second-look", {"incident": False}),
        "appeal": _reason("/appeal"),
        "take_appeal": Call("POST", "/appeal/take"),
        "decide_appeal": Call("POST", "/appeal/decision", {"reopen": True, "reason": WORDS}),
        "contest_veto": _reason("/contest"),
        "hand_to": Call("POST", "/hand-to", {"colleague": "the-output-checker", "note": WORDS}),
        "take_back": Call("POST", "/take-back"),
        "appeal_exception": Call("POST", "/exception-appeals", {"file": "t3.csv", "rule": "min_cell", "reason": WORDS}),
        "decide_exception": Call(
            "POST", "/exceptions", {"file": "t3.csv", "rule": "min_cell", "grant": True, "reason": WORDS}
        ),
    },
    "requests": {
        "edit": Call("PUT", "", {"form": form(project="fourth")}),
        "submit": Call("POST", "/submit"),
        "withdraw": _reason("/withdraw"),
        "forward": Call("POST", "/forward", {"summary": "A neutral summary of what is asked for."}),
        "return": _reason("/return"),
        "decide": Call(
            "POST", "/decide", made=lambda shown: {"verdict": "APPROVED", "digest": (shown or {}).get("digest") or "x"}
        ),
    },
    "projects": {
        "suspend": _reason("/suspend"),
        "resume": Call("POST", "/resume"),
        "dormant": _reason("/dormant"),
        "close": _reason("/close"),
        "members": Call("POST", "/members", {"user": "the-output-checker"}),
    },
    "imports": {
        "describe": Call("PUT", "", {"title": "T", "purpose": "P", "licence": "MIT"}),
        "files": Call("POST", "/files", files=_CODE),
        "submit": Call("POST", "/submit"),
        "withdraw": _reason("/withdraw"),
        "approve": Call("POST", "/approve", made=lambda shown: {"digest": (shown or {}).get("digest", "x")}),
        "return": _reason("/return"),
        "refuse": _reason("/refuse"),
    },
    "publications": {
        "attach": Call("PUT", "/file", files=_PDF),
        "send": Call("POST", "/send"),
        "withdraw": Call("POST", "/withdraw"),
        "comment": Call("POST", "/comments", {"text": "Name the years."}),
        "answer": Call("POST", "/answers", {"provider": "cde", "text": "Done."}),
    },
    "extracts": {
        "verify": Call("POST", "/verify"),
        "revoke": _reason("/revoke"),
        "destroy": Call("POST", "/destroy"),
    },
    "agreements": {
        "activate": Call("POST", "/activate"),
        "suspend": _reason("/suspend"),
        "terminate": _reason("/terminate"),
    },
    "packages": {
        "approve": Call("POST", "/approve", {}),
        "refuse": _reason("/refuse"),
        "withdraw": Call("POST", "/withdraw"),
    },
    "assistance": {
        "consent": Call("POST", "/consent"),
        "refuse": Call("POST", "/refuse"),
        "withdraw": Call("POST", "/withdraw"),
        "overrule": _reason("/overrule", "why"),
        "look": Call("POST", "/look"),
        "end": Call("POST", "/end"),
    },
    "users": {
        "suspend": _reason("/suspend"),
        "reinstate": Call("POST", "/reinstate"),
        "training": Call(
            "POST",
            "/training",
            {"course": "C", "completed_at": "2026-01-01T00:00:00Z", "expires_at": "2027-01-01T00:00:00Z"},
        ),
        "setup-link": Call("POST", "/setup-link"),
        "remove_second_factor": _reason("/second-factor/remove"),
    },
    "reports/runs": {"cancel": Call("POST", "/cancel")},
    "jobs": {"cancel": Call("POST", "/cancel")},
    "snapshots": {"restore": Call("POST", "/restore")},
}
"""Kind → action → the call that does it."""


def things(town: Town) -> dict[str, list[str]]:
    """Kind → addresses of things, in as many states as there are ways to them."""
    gone = _sleeping(town)
    found = {
        "releases": [f"{API}/releases/{each}" for each in _releases(town)],
        "requests": [f"{API}/requests/{each}" for each in _requests(town)],
        "imports": [f"{API}/imports/{each}" for each in _imports(town)],
        "publications": [f"{API}/publications/{each}" for each in _publications(town)],
        "extracts": [f"{API}/extracts/{each}" for each in (*town.known["extract_id"], gone)],
        "agreements": [f"{API}/agreements/{each}" for each in _agreements(town)],
        "packages": [f"{API}/packages/{each}" for each in _packages(town)],
        "assistance": [f"{API}/assistance/{each}" for each in _asks(town)],
        "users": [f"{API}/users/{each}" for each in _users(town)],
        "jobs": [f"{API}/projects/promise/jobs/{each}" for each in _jobs(town)],
        "reports/runs": [f"{API}/reports/runs/{each}" for each in _runs(town)],
        "projects": [f"{API}/projects/promise", f"{API}/projects/sleeping"],
    }
    _snapshot(town)
    return found


def _sleeping(town: Town) -> str:
    """A second project, suspended, with a version of its extract that was revoked."""
    clock = town.portal.context.clock
    with town.portal.context.database.write() as session:
        names = {"rosa": "rosa", "office": "office", "cde": "reviewer-cde", "edd": "reviewer-edd"}
        cast = {name: actor_for(session, user) for name, user in names.items()}
        approved_project(session, cast, clock, project="sleeping")
    (version,) = town.portal.operator().get(f"{API}/projects/sleeping/extracts").json()
    _post(town, "office", f"/extracts/{version['id']}/revoke", {"reason": WORDS})
    _post(town, "office", "/projects/sleeping/suspend", {"reason": WORDS})
    return str(version["id"])


def _post(town: Town, who: str | None, path: str, body: Any = None, status: int = 200) -> Any:
    answer = town.portal.operator(who).post(f"{API}{path}", json=body)
    assert answer.status_code == status, f"{path}: {answer.text}"
    return answer.json()


def _vote(town: Town, release: str, *names: str) -> None:
    for name in names:
        _post(town, name, f"/releases/{release}/votes", {"file": "t1.csv", "choice": "APPROVED"})


def run_worker(town: Town) -> None:
    for job in jobs.JOBS:
        for item in job.pending(town.portal.context):
            job.run(town.portal.context, item)


def _releases(town: Town) -> list[str]:
    revoked = _submitted(town, 0)
    _vote(town, revoked, "chris", "dana")
    _post(town, "dana", f"/releases/{revoked}/approve")
    run_worker(town)
    _post(town, "the-senior-checker", f"/releases/{revoked}/revoke", {"note": WORDS})
    partly, reviewed, approved, returned, rejected, appealed, taken = (_submitted(town, each) for each in range(1, 8))
    _vote(town, partly, "chris")
    for each in (reviewed, approved):
        _vote(town, each, "chris", "dana")
    _post(town, "dana", f"/releases/{approved}/approve")
    _post(town, "chris", f"/releases/{returned}/return", {"note": WORDS})
    for each in (rejected, appealed, taken):
        _post(town, "chris", f"/releases/{each}/reject", {"note": WORDS})
    for each in (appealed, taken):
        _post(town, "rosa", f"/releases/{each}/appeal", {"reason": WORDS})
    _post(town, "the-senior-checker", f"/releases/{taken}/appeal/take")
    failing = str(submit(town.portal, SMALL, submit=False, name="t3.csv")["id"])
    said = {"file": "t3.csv", "rule": "min_cell", "justification": WORDS}
    _post(town, "rosa", f"/releases/{failing}/justifications", said)
    _post(town, "rosa", f"/releases/{failing}/submit")
    made = [revoked, partly, reviewed, approved, returned, rejected, appealed, taken, failing]
    return [*town.known["release"], *made]


def _submitted(town: Town, number: int) -> str:
    """A table of places of its own."""
    rows = [f"{place}{number},{120 + 10 * number + step}" for step, place in enumerate(("Alpine", "Butte", "Colusa"))]
    total = sum(int(row.split(",")[1]) for row in rows)
    shown = submit(town.portal, "\n".join(["district,n", *rows, f"Total,{total}", ""]).encode())
    assert shown["state"] == "SUBMITTED", shown["files"]
    return str(shown["id"])


def _requests(town: Town) -> list[str]:
    drafted = _post(town, "rosa", "/requests", {"form": form(project="fifth")}, 201)["id"]
    _post(town, "rosa", f"/requests/{drafted}/withdraw", {"reason": WORDS})
    back = _post(town, "rosa", "/requests", {"form": form(project="sixth")}, 201)["id"]
    _post(town, "rosa", f"/requests/{back}/submit")
    _post(town, "office", f"/requests/{back}/return", {"reason": WORDS})
    half = _post(town, "rosa", "/requests", {"form": form(project="seventh")}, 201)["id"]
    _post(town, "rosa", f"/requests/{half}/submit")
    shown = _post(town, "office", f"/requests/{half}/forward", {"summary": "A neutral summary of this request."})
    said = {"verdict": "APPROVED", "digest": shown["digest"]}
    _post(town, "reviewer-cde", f"/requests/{half}/decide", said)
    return [*town.known["request_id"], drafted, back, half]


def _imports(town: Town) -> list[str]:
    made = []
    for name in ("given-back", "said-no", "taken-back"):
        said = {"project": "promise", "name": name, "kind": "CODE", "title": name, "purpose": name, "licence": "MIT"}
        made.append(_post(town, "rosa", "/imports", said, 201)["id"])
        town.portal.operator("rosa").post(f"{API}/imports/{made[-1]}/files", files=_CODE)
        _post(town, "rosa", f"/imports/{made[-1]}/submit")
    from services.worker import imports

    for job in imports.JOBS[:1]:
        for item in job.pending(town.portal.context):
            job.run(town.portal.context, item)
    _post(town, "chris", f"/imports/{made[0]}/return", {"reason": WORDS})
    _post(town, "chris", f"/imports/{made[1]}/refuse", {"reason": WORDS})
    _post(town, "rosa", f"/imports/{made[2]}/withdraw", {"reason": WORDS})
    return [*town.known["import_id"], *made]


def _publications(town: Town) -> list[str]:
    said = {"project": "promise", "title": "A paper", "venue": "A journal", "releases": town.known["release"][:1]}
    drafts = [_post(town, "rosa", "/publications", said | link, 201)["id"] for link in ({}, _LINK)]
    made = [_post(town, "rosa", "/publications", said | _LINK, 201)["id"] for _ in range(3)]
    for identity in made:
        _post(town, "rosa", f"/publications/{identity}/send")
    _post(town, "reviewer-cde", f"/publications/{made[1]}/comments", {"text": "Name the years."})
    _post(town, "rosa", f"/publications/{made[2]}/withdraw")
    return [*drafts, *made]


def _agreements(town: Town) -> list[str]:
    drafted = _post(town, "office", "/agreements", {"usual": "csac"}, 201)["id"]
    over = _post(town, "office", "/agreements", {"usual": "csac", "expires_at": "2026-08-03T10:00:00Z"}, 201)["id"]
    suspended = next(row for row in town.portal.operator().get(f"{API}/agreements").json() if row["provider"] == "csu")
    _post(town, "office", f"/agreements/{suspended['id']}/suspend", {"reason": WORDS})
    return [town.known["agreement_id"][0], drafted, over, suspended["id"]]


def _packages(town: Town) -> list[str]:
    made = [
        _post(town, "rosa", "/packages", {"project": "promise", "package": name, "purpose": WORDS}, 201)["id"]
        for name in ("one-lib", "two-lib", "three-lib", "four-lib")
    ]
    _post(town, "the-administrator", f"/packages/{made[1]}/approve", {})
    _post(town, "the-administrator", f"/packages/{made[2]}/refuse", {"reason": WORDS})
    _post(town, "rosa", f"/packages/{made[3]}/withdraw")
    return made


def _asks(town: Town) -> list[str]:
    """A member can have one ask at a time: three members."""
    made = []
    for number, member in enumerate(("rosa", "the-researcher", "the-project-lead")):
        if member != "rosa":
            _post(town, "office", "/projects/promise/members", {"user": member})
        said = {"project": "promise", "member": member, "reason": WORDS, "urgent": number == 2}
        made.append(_post(town, "the-administrator", "/assistance", said, 201)["id"])
    _post(town, "rosa", f"/assistance/{made[0]}/consent")
    return made


def _users(town: Town) -> list[str]:
    _post(town, "the-administrator", "/users/dana/suspend", {"reason": WORDS})
    return ["rosa", "dana", "the-administrator"]


def _jobs(town: Town) -> list[str]:
    made = [
        _post(town, "rosa", "/projects/promise/jobs", {"notebook": f"n{each}.ipynb"}, 201)["id"] for each in range(2)
    ]
    _post(town, "rosa", f"/projects/promise/jobs/{made[1]}/cancel")
    return made


def _runs(town: Town) -> list[str]:
    context = town.portal.context
    with context.database.write() as session:
        rows = [_run(session, town, number) for number in range(2)]
    _post(town, None, f"/reports/runs/{rows[1]}/cancel")
    return rows


def _run(session: Session, town: Town, number: int) -> str:
    from enclave.reports.states import RunState

    row = ReportRun(
        id=f"run_{number}", state=RunState.QUEUED.value, reason="", template="t", notebook_digest="0" * 64,
        project="promise", author=actor_for(session, "the-research-agenda").name, extract_version=1, parameters={},
        created_at=town.portal.context.clock.now(), outputs={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    assert reports.run_json(row, actor_for(session, "rosa"))["allowed_actions"] == []
    return row.id


def _snapshot(town: Town) -> None:
    with town.portal.context.database.write() as session:
        row = Snapshot(id="snap_kept", state="KEPT", project="promise", user="rosa", note="", bytes=1)
        row.made_at = town.portal.context.clock.now()
        session.add(row)
