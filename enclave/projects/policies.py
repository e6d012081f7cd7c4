"""What the state of a request or project allows, whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from enclave.core.errors import BadInput, Conflict
from enclave.projects.model import DataRequest, Project, ProviderDecision
from enclave.projects.states import EDITABLE, ProjectState, RequestState, Verdict


def check_edit_allowed(request: DataRequest) -> None:
    """A request can be changed while it is the requester's turn."""
    if RequestState(request.state) not in EDITABLE:
        raise Conflict("This request cannot be changed now.", "Withdraw it, or wait until it is returned.")


def check_reason(reason: str, least: int = 10) -> str:
    """A decision that stops somebody needs a sentence that they can act on."""
    text = reason.strip()
    if len(text) < least:
        raise BadInput("This needs a reason.", "Say in a sentence what is wrong and what would help.")
    return text[:2000]


def check_pending(request: DataRequest, decision: ProviderDecision) -> None:
    """A provider decides once, while the request is under review."""
    if request.state != RequestState.UNDER_REVIEW:
        raise Conflict("This request is not under review.", "Reload the page to see where it stands.")
    if decision.state != Verdict.PENDING:
        raise Conflict("Your provider has decided on this version.", "A new version asks again.")


def check_decision_allowed(request: DataRequest, decision: ProviderDecision, digest: str) -> None:
    """The same, on the version that was read."""
    check_pending(request, decision)
    if decision.digest != digest:
        raise Conflict("The request has changed since you read it.", "Reload the page and read it again.")


def is_live(project: Project, now: datetime) -> bool:
    """Whether the project may be worked on."""
    return project.state == ProjectState.ACTIVE and now < project.expires_at


NOTICE_DAYS = (1, 7, 30)
"""How many days before a project's end its people are told, again each time it comes nearer."""


def notice_of_end(project: Project, now: datetime) -> tuple[str, datetime] | None:
    """The sentence about a live project that ends soon, and since when it is due; None while there is time."""
    left = project.expires_at - now
    days = next((days for days in NOTICE_DAYS if left <= timedelta(days=days)), None)
    if days is None or not is_live(project, now):
        return None
    when = "within a day" if days == 1 else f"in {left.days} days"
    sentence = f"{project.id} ends {when}: submit the last outputs, or let its lead ask for an extension"
    return sentence, project.expires_at - timedelta(days=days)
