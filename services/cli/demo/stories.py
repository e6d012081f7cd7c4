"""What happens in the demonstration: requests in every state, projects with extracts, a released report.

Each story asks first how far it is, so that it can be told again after an interruption. People act as themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from services.cli.client import OperatorClient
from services.cli.demo.stages import stage, wait_for

_FORMS = Path(__file__).with_name("requests")
SUMMARY = (
    "The office has checked the request: it is complete, its purpose is permitted, and every element has a pathway."
)
EXTRACT_SECONDS = 900


def tell() -> None:
    """Every story of the demonstration."""
    with stage("Requests: two approved, the others submitted, under review, returned, declined, in draft"):
        _approved("college-going", "alice")
        _approved("promise-refresh", "rosa")
        _under_review("aid-and-persistence", "alice")
        _returned("early-earnings", "tomas")
        _declined("food-and-school", "ben")
        _submitted("new-teachers", "tomas")
        _draft("transfer-paths", "alice")
    with stage("Extracts of the approved projects"):
        for project in ("college-going", "college-report"):
            wait_for(lambda project=project: _has_extract(project), f"The extract of {project}", EXTRACT_SECONDS)  # type: ignore[misc]


def _approved(name: str, requester: str) -> None:
    request = _forwarded(name, requester)
    for decision in request["decisions"]:
        if decision["state"] == "PENDING":
            provider = decision["provider"]
            body = {"verdict": "APPROVED", "reason": "Fits our agreement.", "digest": request["digest"]}
            OperatorClient(f"{provider}-reviewer").post(f"/requests/{request['id']}/decide", body)


def _under_review(name: str, requester: str) -> None:
    _forwarded(name, requester)


def _returned(name: str, requester: str) -> None:
    request = _submitted(name, requester)
    if request["state"] == "SUBMITTED":
        reason = "Please say why county is needed for earnings, and how many quarters after completion you will read."
        OperatorClient("maria").post(f"/requests/{request['id']}/return", {"reason": reason})


def _declined(name: str, requester: str) -> None:
    request = _forwarded(name, requester)
    if request["state"] == "UNDER_REVIEW":
        reason = "Months of assistance by county and year can be asked for as a table; records are not needed for this."
        body = {"verdict": "DECLINED", "reason": reason, "digest": request["digest"]}
        OperatorClient("cdss-reviewer").post(f"/requests/{request['id']}/decide", body)


def _draft(name: str, requester: str) -> dict[str, Any]:
    operator, form = OperatorClient(), _form(name)
    for known in operator.get("/requests"):
        if known["project"] == form["project"] and known["requester"] == requester:
            return dict(operator.get(f"/requests/{known['id']}"))
    return dict(OperatorClient(requester).post("/requests", {"form": form}))


def _submitted(name: str, requester: str) -> dict[str, Any]:
    request = _draft(name, requester)
    if request["state"] == "DRAFT":
        request = OperatorClient(requester).post(f"/requests/{request['id']}/submit")
    return request


def _forwarded(name: str, requester: str) -> dict[str, Any]:
    request = _submitted(name, requester)
    if request["state"] == "SUBMITTED":
        request = OperatorClient("maria").post(f"/requests/{request['id']}/forward", {"summary": SUMMARY})
    return request


def _has_extract(project: str) -> bool | None:
    return OperatorClient().get(f"/projects/{project}")["extract_version"] is not None or None


def _form(name: str) -> dict[str, Any]:
    form: dict[str, Any] = yaml.safe_load((_FORMS / f"{name}.yaml").read_text(encoding="utf-8"))
    return form
