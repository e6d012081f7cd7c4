"""Release requests in lists: what a row shows, from two queries however many files there are.

A `Summary` has what permissions and visibility ask about (author, members, checkers, state), so the same rules decide
on it as on the whole request. It knows of files their number and the worst status of their present reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from output_review.model import CheckReport, Claim, OutputFile, ReleaseRequest
from output_review.states import EDITABLE, PHASE, UNDER_REVIEW, FindingStatus, ReleaseState, ReviewPhase
from output_review.store import newest

PAGE = 50
_COLUMNS = (
    "id", "project_id", "author", "title", "state", "review_mode", "tier", "turn", "public", "members", "created_at",
    "submitted_at", "decided_at", "decided_by",
)  # fmt: skip
_DECIDED = (ReleaseState.RELEASED, ReleaseState.REJECTED, ReleaseState.RETURNED, ReleaseState.REVOKED)
_BY_RANK = tuple(sorted(FindingStatus, key=lambda status: status.rank))


@dataclass(frozen=True)
class Summary:
    """One request, as a row of a list."""

    id: str
    project_id: str
    author: str
    title: str
    state: str
    review_mode: str
    tier: str
    turn: int
    public: bool
    members: list[str]
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    checkers: list[str]
    files: int
    status: FindingStatus

    @property
    def release_state(self) -> ReleaseState:
        return ReleaseState(self.state)

    @property
    def phase(self) -> ReviewPhase:
        return PHASE[self.release_state]

    @property
    def editable(self) -> bool:
        return self.release_state in EDITABLE

    @property
    def under_review(self) -> bool:
        return self.release_state in UNDER_REVIEW


def queue(session: Session) -> list[Summary]:
    """What waits for checkers, the oldest submission first."""
    waiting = ReleaseRequest.state.in_([*UNDER_REVIEW, ReleaseState.APPROVED])
    return _summaries(session, _rows().where(waiting).order_by(ReleaseRequest.submitted_at))


def listing(
    session: Session,
    *,
    author: str | None = None,
    projects: Collection[str] | None = None,
    everything: bool = False,
    before: str | None = None,
    limit: int = PAGE,
) -> list[Summary]:
    """Newest first: an author's own and those of these projects; `before` is the last id of the page before."""
    query = _rows().order_by(ReleaseRequest.id.desc()).limit(limit)
    if not everything:
        query = query.where(or_(ReleaseRequest.author == author, ReleaseRequest.project_id.in_(list(projects or ()))))
    return _summaries(session, query.where(ReleaseRequest.id < before) if before else query)


def unfinished(session: Session, author: str) -> list[Summary]:
    """An author's drafts and returned requests, newest first."""
    own = _rows().where(ReleaseRequest.author == author, ReleaseRequest.state.in_(EDITABLE))
    return _summaries(session, own.order_by(ReleaseRequest.id.desc()))


def open_of(session: Session, author: str, project: str) -> list[Summary]:
    """An author's requests of one project that are not decided."""
    states = ReleaseRequest.state.in_([*EDITABLE, *UNDER_REVIEW])
    return _summaries(
        session, _rows().where(ReleaseRequest.author == author, ReleaseRequest.project_id == project, states)
    )


def one(session: Session, request_id: str) -> Summary:
    """What rules about persons and states ask of a request, without its files' rows; NotFound when there is none."""
    found = of_ids(session, [request_id])
    if not found:
        raise NotFound("There is no such release request.", "Check the address, or see your list of requests.")
    return found[0]


def of_ids(session: Session, ids: Collection[str]) -> list[Summary]:
    """These requests, in no order."""
    return _summaries(session, _rows().where(ReleaseRequest.id.in_(sorted(ids))))


def decided(session: Session, limit: int = PAGE) -> list[Summary]:
    """What was decided last, for the checkers' list of precedents."""
    done = _rows().where(ReleaseRequest.state.in_(_DECIDED))
    return _summaries(session, done.order_by(ReleaseRequest.decided_at.desc()).limit(limit))


def _rows() -> Select[tuple[object, ...]]:
    return select(*(getattr(ReleaseRequest, name) for name in _COLUMNS))


def _summaries(session: Session, query: Select[tuple[object, ...]]) -> list[Summary]:
    rows = session.execute(query).mappings().all()
    ids = [str(row["id"]) for row in rows]
    seats, files = _seats(session, ids), _files(session, ids)
    return [
        Summary(**row, checkers=seats.get(str(row["id"]), []), files=files.get(str(row["id"]), _NONE)[0],
                status=files.get(str(row["id"]), _NONE)[1])
        for row in rows
    ]  # fmt: skip


_NONE = (0, FindingStatus.REVIEW)


def _seats(session: Session, ids: Iterable[str]) -> dict[str, list[str]]:
    """Request → its checkers in the order of their places."""
    found: dict[str, list[str]] = {}
    query = select(Claim.request_id, Claim.checker).where(Claim.request_id.in_(list(ids)))
    for request, checker in session.execute(query.order_by(Claim.request_id, Claim.slot)):
        found.setdefault(request, []).append(checker)
    return found


def _files(session: Session, ids: Iterable[str]) -> dict[str, tuple[int, FindingStatus]]:
    """Request → how many files it has, and the worst status of the newest reports about their present bytes."""
    known = {status.value: status.rank for status in FindingStatus}
    rank = case(known, value=newest(CheckReport.status), else_=FindingStatus.REVIEW.rank)
    query = (
        select(OutputFile.request_id, func.count(), func.max(rank))
        .where(OutputFile.request_id.in_(list(ids)), OutputFile.withdrawn.is_(False))
        .group_by(OutputFile.request_id)
    )
    return {request: (count, _BY_RANK[worst]) for request, count, worst in session.execute(query)}
