"""Outputs in the demonstration: registered reports run in real sandboxes; one is released, one waits, one came back."""

from __future__ import annotations

from typing import Any

from services.cli.client import OperatorClient
from services.cli.demo.stages import stage, wait_for

AUTHOR, PROJECT, REPORT = "rosa", "college-report", "college-going"
CHECKERS = ("olivia", "omar")
RUN_SECONDS = 300
CHECK_SECONDS = 900
JUSTIFICATION = "The registered report suppresses small cells and what would give them away."
PUBLIC = "College-going by family income, class of 2021"
WAITING = "College-going by gender, class of 2021"
RETURNED = "College-going by county, class of 2021"


def tell() -> None:
    """Run the reports that have not been run, and take each as far as its story goes."""
    known = {row["title"]: row["id"] for row in OperatorClient().get("/releases", scope="all")["releases"]}
    for title, column in ((PUBLIC, "economically_disadvantaged"), (WAITING, "gender"), (RETURNED, "county_code")):
        if title not in known:
            with stage(f"Report: {title}"):
                known[title] = _run(title, column)
    with stage("Output review: one released, one waiting, one returned"):
        for title in (PUBLIC, WAITING, RETURNED):
            _submit(known[title])
        _release(known[PUBLIC])
        _return(known[RETURNED])


def _run(title: str, column: str) -> str:
    client = OperatorClient(AUTHOR)
    parameters = {"cohort_year": "2021", "by": column}
    run = client.post(f"/reports/{REPORT}/runs", {"project": PROJECT, "parameters": parameters})
    release = wait_for(lambda: _finished(run["id"]), f"The report “{title}”", RUN_SECONDS)
    purpose = "Yearly college-going report of the research agenda."
    client.put(f"/releases/{release}", {"title": title, "purpose": purpose, "public": True})
    return release


def _finished(run: str) -> str | None:
    found = OperatorClient(AUTHOR).get(f"/reports/runs/{run}")
    return str(found["release"]) if found["release"] else None


def _submit(identity: str) -> None:
    if _state(identity) != "DRAFT":
        return
    author = OperatorClient(AUTHOR)
    shown = wait_for(lambda: _checked(identity), "The checks of the report", CHECK_SECONDS)
    for file in shown["files"]:
        for rule in file["unjustified"]:
            text = "The registered report suppresses small cells and what would give them away."
            author.post(
                f"/releases/{identity}/justifications", {"file": file["name"], "rule": rule, "justification": text}
            )
    author.post(f"/releases/{identity}/submit")


def _checked(identity: str) -> dict[str, Any] | None:
    shown: dict[str, Any] = OperatorClient(AUTHOR).get(f"/releases/{identity}")
    return shown if all(file["checked"] for file in shown["files"]) else None


def _release(identity: str) -> None:
    for checker in CHECKERS if _state(identity) != "RELEASED" else ():
        client = OperatorClient(checker)
        shown = client.get(f"/releases/{identity}")
        if "claim" in shown["allowed_actions"]:
            shown = client.post(f"/releases/{identity}/claim")
        shown = _vote(client, shown)
        if "approve" in shown["allowed_actions"]:
            client.post(f"/releases/{identity}/approve")
    wait_for(lambda: _state(identity) == "RELEASED" or None, "The release", 240)


def _vote(client: OperatorClient, shown: dict[str, Any]) -> dict[str, Any]:
    for file in shown["files"]:
        if "vote" in shown["allowed_actions"] and file["votable"] and not file["my_vote"]:
            ballot = {"file": file["name"], "choice": "APPROVED", "seen": file["binding"]}
            shown = client.post(f"/releases/{shown['id']}/votes", ballot)
    return shown


def _return(identity: str) -> None:
    if _state(identity) != "SUBMITTED":
        return
    client = OperatorClient(CHECKERS[0])
    shown = client.get(f"/releases/{identity}")
    if "claim" in shown["allowed_actions"]:
        shown = client.post(f"/releases/{identity}/claim")
    if "return" in shown["allowed_actions"]:
        note = "Most counties are hidden. Please merge small counties into regions, as the earlier reports did."
        client.post(f"/releases/{identity}/return", {"note": note})


def _state(identity: str) -> str:
    return str(OperatorClient().get(f"/releases/{identity}")["state"])
