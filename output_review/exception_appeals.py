"""Appeal of a refused exception: the author asks once that another senior checker looks at the same bytes.

The first refusal and its reason stay on the page. Who refused does not decide again; the second word is the last about
these bytes, while a repaired file can be justified anew. An appeal releases nothing: the request needs its votes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import Conflict
from output_review import store
from output_review.airlock import Airlock
from output_review.drafting import file_of, required_text
from output_review.model import Exception_, OutputFile, ReleaseRequest
from output_review.permissions import check_is_author
from output_review.states import UNDER_REVIEW, ExceptionState, ReleaseState

_OPEN = frozenset({*UNDER_REVIEW, ReleaseState.RETURNED})


def possible(request: ReleaseRequest) -> bool:
    """Whether the author can appeal any refusal now."""
    return request.state in _OPEN and any(
        item.appealable for file in request.votable_files for item in file.current_exceptions.values()
    )


def ask(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, file_id: str, *, rule: str, reason: str
) -> Exception_:  # fmt: skip
    """The author's appeal, once for a rule and the bytes as they are."""
    request = store.locked(session, request_id)
    check_is_author(actor, request)
    file = file_of(request, file_id)
    item = file.current_exceptions.get(rule)
    if request.state not in _OPEN or item is None or not item.appealable:
        raise Conflict(
            "There is no refusal here to appeal.",
            "A refused exception is appealed once, while the request is under review or returned.",
        )
    item.appeal = required_text(reason, "reason", 4000)
    item.refused_by, item.refusal = item.decided_by, item.reason
    item.state, item.asked_at = ExceptionState.REQUESTED.value, airlock.clock.now()
    item.decided_by, item.decided_at, item.reason = None, None, ""
    record(
        session, actor, "release.exception_appealed", "release_request", request.id, airlock.clock,
        file=file.id, rule=rule, sha256=file.sha256, binding=file.binding, refused_by=item.refused_by,
    )  # fmt: skip
    return item


def waiting(session: Session) -> list[tuple[ReleaseRequest, str | None, datetime]]:
    """Requests under review with an appealed exception that nobody decided: who refused it, and since when."""
    query = (
        select(OutputFile.request_id, Exception_.refused_by, Exception_.asked_at)
        .join(OutputFile, OutputFile.id == Exception_.file_id)
        .join(ReleaseRequest, ReleaseRequest.id == OutputFile.request_id)
        .where(
            Exception_.appeal != "", Exception_.state == ExceptionState.REQUESTED.value,
            Exception_.binding == OutputFile.binding, OutputFile.withdrawn.is_(False),
            ReleaseRequest.state.in_(UNDER_REVIEW),
        )
        .order_by(Exception_.asked_at)
    )  # fmt: skip
    return [(store.get(session, request), refused, since) for request, refused, since in session.execute(query)]
