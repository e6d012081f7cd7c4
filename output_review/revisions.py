"""The revision of a release request, a publication, an import or a saved reply: how many changes to it the audit trail
holds, as people can see them.

Every use case writes its audit row in the transaction of its change, so the count cannot be forgotten, and the same
rows say what happened since somebody last looked. What changes nothing on anybody's screen is not counted. The number
tells that something happened, never what; sentences about the checkers' work are for checkers, and for nobody while a
request is read blind.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.core.audit.revisions import tags
from enclave.core.errors import Stale
from output_review import store

_QUIET = ("release.downloaded", "release.repairs_sought", "release.checklist", "release.statements_read")
RELEASE = "release_request"
NAMES = {RELEASE: "request", "publication": "publication", "import": "import", "saved_reply": "reply"}
"""What has revisions, by the subject of its audit events, and how a person calls it."""
_AT_THE_DESK = "The checkers went on with it."
SENTENCES = {
    "release.described": "Title or purpose was changed.",
    "release.group_described": "The words about a group of files were changed.",
    "release.file_added": "A file was added.",
    "release.file_replaced": "A file was replaced.",
    "release.file_withdrawn": "A file was taken out.",
    "release.repair_taken": "A file was repaired.",
    "release.repair_undone": "A repair was undone.",
    "release.answered": "A question of the check was answered.",
    "release.checked": "The checks ran.",
    "release.compared": "The files were compared with others.",
    "release.exception_requested": "A failing rule was justified.",
    "release.exception_appealed": "The refusal of an exception was appealed.",
    "release.blind_asked": "Two independent readers were asked for.",
    "release.submitted": "The request was submitted.",
    "release.resubmitted": "The request was submitted again.",
    "release.returned": "The request went back to its author.",
    "release.approved": "The release was approved.",
    "release.held": "Named providers may refuse the approved release for some days.",
    "release.rejected": "The request was rejected.",
    "release.appealed": "The rejection was appealed.",
    "release.reopened": "An appeal gave the request back to its author.",
    "release.withdrawn": "The request was withdrawn.",
    "release.failed": "A try to release it failed.",
    "release.released": "The request was released.",
    "release.revoked": "The release was revoked.",
    "publication.file_attached": "The manuscript was attached.",
    "publication.sent": "It went to the providers.",
    "publication.commented": "A provider commented.",
    "publication.no_comment": "A provider has no comment.",
    "publication.answered": "The author answered a comment.",
    "publication.cleared": "It was cleared.",
    "publication.withdrawn": "It was withdrawn.",
    "import.described": "What it says of itself was changed.",
    "import.file_put": "A file was added or replaced.",
    "import.file_removed": "A file was taken out.",
    "import.submitted": "It was handed in.",
    "import.checked": "The checks are complete.",
    "import.approved": "It was approved.",
    "import.returned": "It went back to who submitted it.",
    "import.refused": "It was refused.",
    "import.delivered": "It arrived in the labs.",
    "import.withdrawn": "It was withdrawn.",
}
"""What everybody who knows of the request may be told; any other event is the checkers' work."""

AT_THE_DESK = {
    "release.appeal_taken": "A senior checker took the appeal.",
    "release.claimed": "A checker took a place.",
    "release.handed_over": "A checker gave up a place.",
    "release.handed_to": "A checker handed a place to a colleague.",
    "release.handed_back": "A checker took a place back.",
    "release.place_expired": "A place that nobody used was freed.",
    "release.voted": "A checker voted.",
    "release.commented": "A comment was written.",
    "release.exception_granted": "An exception was granted.",
    "release.exception_refused": "An exception was refused.",
}


class Asked(str):
    """The id of a request as its caller sent it: with the revisions that the caller saw, none where any will do."""

    seen: tuple[str, ...]

    def __new__(cls, identity: str, seen: Sequence[str] = ()) -> Asked:
        made = super().__new__(cls, identity)
        made.seen = tuple(seen)
        return made

    @classmethod
    def by_header(cls, identity: str, if_match: str) -> Asked:
        """`If-Match: "7"`, several with commas between them, or `*`, which any revision fits (RFC 9110, 13.1.1)."""
        return cls(identity, tags(if_match))


def revision(session: Session, identity: str, subject: str = RELEASE) -> int:
    """How often the thing was changed; 0 for one that the trail does not know."""
    return session.scalar(select(func.count()).select_from(AuditEvent).where(*_changes(identity, subject))) or 0


def revisions_of(session: Session, identities: Collection[str], subject: str) -> dict[str, int]:
    """The same of many, in one query."""
    query = (
        select(AuditEvent.subject_id, func.count())
        .where(
            AuditEvent.subject_type == subject, AuditEvent.subject_id.in_(list(identities)),
            AuditEvent.action.not_in(_QUIET),
        )
        .group_by(AuditEvent.subject_id)
    )  # fmt: skip
    found = dict.fromkeys(identities, 0)
    for identity, count in session.execute(query):
        found[identity] = count
    return found


def check_revision(session: Session, request_id: str) -> None:
    """Stale unless the request stands where its caller saw it; it stays locked until the transaction's end."""
    if not isinstance(request_id, Asked) or not request_id.seen:
        return
    store.locked(session, request_id)
    check_seen(session, request_id, RELEASE)


def check_seen(session: Session, identity: str, subject: str) -> None:
    """The same of any kind of thing, whose row the caller has locked."""
    if not isinstance(identity, Asked) or not identity.seen:
        return
    now = revision(session, identity, subject)
    if str(now) not in identity.seen:
        raise Stale(
            f"The {NAMES[subject]} was changed since you read it.",
            f"Read it again, then decide; its revision is now {now}.",
        )


def changes_since(
    session: Session, identity: str, seen: int, at_the_desk: bool, subject: str = RELEASE
) -> list[str]:  # fmt: skip
    """What happened after that revision, each sentence once, the oldest first."""
    query = select(AuditEvent.action).where(*_changes(identity, subject)).order_by(AuditEvent.seq).offset(max(0, seen))
    told = SENTENCES | (AT_THE_DESK if at_the_desk else {})
    other = _AT_THE_DESK if subject == RELEASE else "It went on."
    return list(dict.fromkeys(told.get(action, other) for action in session.scalars(query)))


def _changes(identity: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AuditEvent.subject_type == subject,
        AuditEvent.subject_id == str(identity),
        AuditEvent.action.not_in(_QUIET),
    )
