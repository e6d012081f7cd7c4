"""Lifecycles of a data request, of a provider's decision on it, and of the project that it makes."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class RequestState(StrEnum):
    """Where a data request stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"


class Verdict(StrEnum):
    """What a provider says about its own elements."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    RETURNED = "RETURNED"


class ProjectState(StrEnum):
    """Whether a project may be worked on."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DORMANT = "DORMANT"
    CLOSED = "CLOSED"


_SUBMIT = Move("requester", "request.submitted")
_WITHDRAW = Move("requester", "request.withdrawn")
_OFFICE_RETURNS = Move("managing entity", "request.returned")

REQUEST = Lifecycle(
    "data request",
    RequestState,
    {
        RequestState.DRAFT: {RequestState.SUBMITTED: _SUBMIT, RequestState.WITHDRAWN: _WITHDRAW},
        RequestState.SUBMITTED: {
            RequestState.UNDER_REVIEW: Move("managing entity", "request.forwarded"),
            RequestState.RETURNED: _OFFICE_RETURNS,
            RequestState.WITHDRAWN: _WITHDRAW,
        },
        RequestState.UNDER_REVIEW: {
            RequestState.APPROVED: Move("providers", "request.approved"),
            RequestState.DECLINED: Move("a provider", "request.declined"),
            RequestState.RETURNED: Move("a provider or the managing entity", "request.returned"),
            RequestState.WITHDRAWN: _WITHDRAW,
        },
        RequestState.RETURNED: {RequestState.SUBMITTED: _SUBMIT, RequestState.WITHDRAWN: _WITHDRAW},
        RequestState.APPROVED: {},
        RequestState.DECLINED: {},
        RequestState.WITHDRAWN: {},
    },
)

DECISION = Lifecycle(
    "provider decision",
    Verdict,
    {
        Verdict.PENDING: {
            Verdict.APPROVED: Move("provider reviewer", "request.provider_approved"),
            Verdict.DECLINED: Move("provider reviewer", "request.provider_declined"),
            Verdict.RETURNED: Move("provider reviewer", "request.provider_returned"),
        },
        Verdict.APPROVED: {},
        Verdict.DECLINED: {},
        Verdict.RETURNED: {},
    },
)

_SLEEP = Move("managing entity", "project.made_dormant")
_CLOSE = Move("managing entity", "project.closed")
PROJECT = Lifecycle(
    "project",
    ProjectState,
    {
        ProjectState.ACTIVE: {
            ProjectState.SUSPENDED: Move("managing entity", "project.suspended"),
            ProjectState.DORMANT: _SLEEP,
            ProjectState.CLOSED: _CLOSE,
        },
        ProjectState.SUSPENDED: {
            ProjectState.ACTIVE: Move("managing entity", "project.resumed"),
            ProjectState.DORMANT: _SLEEP,
            ProjectState.CLOSED: _CLOSE,
        },
        ProjectState.DORMANT: {
            ProjectState.ACTIVE: Move("managing entity", "project.reopened"),
            ProjectState.CLOSED: _CLOSE,
        },
        ProjectState.CLOSED: {},
    },
)

#: Whose turn it is, in words for the person who waits.
NEXT_OWNER: dict[RequestState, str] = {
    RequestState.DRAFT: "the requester, to submit it",
    RequestState.SUBMITTED: "the office, to check and forward it",
    RequestState.UNDER_REVIEW: "the providers, to decide on their elements",
    RequestState.RETURNED: "the requester, to answer and submit again",
    RequestState.APPROVED: "nobody; the project can begin",
    RequestState.DECLINED: "nobody; a new request can take up the reasons",
    RequestState.WITHDRAWN: "nobody",
}
EDITABLE = frozenset({RequestState.DRAFT, RequestState.RETURNED})
OPEN = frozenset({RequestState.SUBMITTED, RequestState.UNDER_REVIEW})
