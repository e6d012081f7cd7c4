"""What a file is compared with on the desk: its version of the last turn, else the same name in the last release.

The second is for work that is run again (a report refreshed with new data): the checker then reads what changed. Both
are of the same project. Who may read the present request may read what it is compared with: the older version was
theirs to read a turn ago, or has left the enclave already.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_review.model import OutputFile, ReleaseRequest
from output_review.states import FileKind, ReleaseState


@dataclass(frozen=True)
class Earlier:
    """An older version of a file: its bytes' digest, and where it stood."""

    sha256: str
    turn: int = 0
    release: str = ""

    @property
    def words(self) -> str:
        return f"turn {self.turn}" if self.turn else f"release {self.release}"


def earlier(session: Session, request: ReleaseRequest) -> dict[str, Earlier]:
    """File id → the version it is compared with; files that are new have none."""
    found = {}
    for file in request.present_files:
        version = _last_turn(request, file) or _last_release(session, request, file.name)
        if version is not None:
            found[file.id] = version
    return found


def _last_turn(request: ReleaseRequest, file: OutputFile) -> Earlier | None:
    """The bytes of the turn before, as its check read them."""
    before = next((turn for turn in request.turns if turn.number == request.turn - 1), None)
    binding = before.manifest.get(file.name) if before is not None else None
    if before is None or binding is None:
        return None
    if binding == file.binding:
        return Earlier(file.sha256, before.number)
    return next((Earlier(each.sha256, before.number) for each in file.reports if each.binding == binding), None)


def _last_release(session: Session, request: ReleaseRequest, name: str) -> Earlier | None:
    query = (
        select(OutputFile.sha256, ReleaseRequest.id)
        .join(ReleaseRequest, OutputFile.request_id == ReleaseRequest.id)
        .where(
            ReleaseRequest.project_id == request.project_id,
            ReleaseRequest.state == ReleaseState.RELEASED,
            ReleaseRequest.id != request.id,
            OutputFile.name == name,
            OutputFile.kind != FileKind.SUPPORTING,
            OutputFile.withdrawn.is_(False),
        )
        .order_by(ReleaseRequest.decided_at.desc(), ReleaseRequest.id.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return Earlier(row[0], release=row[1]) if row is not None else None
