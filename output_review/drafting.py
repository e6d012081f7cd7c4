"""The author's use cases: a draft, its files, what they say of them, the submission, the withdrawal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, Conflict, NotFound
from enclave.core.ids import new_id
from output_review import policies, store, templates, tiers
from output_review.airlock import Airlock, Submission, Upload
from output_review.model import Exception_, FileGroup, OutputFile, ReleaseRequest, Turn, binding_of
from output_review.permissions import check_can_submit_for, check_is_author
from output_review.states import (
    LIFECYCLE,
    ExceptionState,
    FileKind,
    ReleaseState,
    VoteChoice,
)

_TEXT = 4000
_SUBJECT = "release_request"
AIRLOCK = Actor.service("airlock")


def create_draft(
    airlock: Airlock, session: Session, actor: Actor, submission: Submission,
    *, title: str, purpose: str = "", public: bool = False, author: str | None = None,
) -> ReleaseRequest:  # fmt: skip
    """A new, empty request. A service (a report run) names the `author` it submits for, who must be a member."""
    check_can_submit_for(actor, submission.project_members)
    name = actor.name if actor.kind == "user" or author is None else author
    if name not in submission.project_members:
        raise BadInput("The author is not a member of the project.", "Name a member as the author.")
    request = ReleaseRequest(
        id=new_id("rel"),
        project_id=submission.project_id,
        author=name,
        title=required_text(title, "title", 200),
        purpose=purpose.strip()[:_TEXT],
        public=public,
        state=ReleaseState.DRAFT.value,
        turn=0,
        providers=sorted(submission.providers),
        lineage=dict(submission.lineage),
        members=sorted(submission.project_members),
        created_at=airlock.clock.now(),
    )
    session.add(request)
    record(
        session, actor, "release.drafted", _SUBJECT, request.id, airlock.clock,
        project=submission.project_id, author=name, public=public, words=words_of(request), members=request.members,
    )  # fmt: skip
    return request


def put_file(airlock: Airlock, session: Session, actor: Actor, request_id: str, upload: Upload) -> OutputFile:
    """Add a file, replace one of the same name, or bring back a withdrawn one.

    Other bytes, sidecars or kind make another binding, so votes, checks and exceptions on the old one stop counting.
    Bytes that this project released before are refused: they are out already.
    """
    request = _drafted(session, actor, request_id)
    name = policies.check_name(upload.name)
    policies.check_sizes(airlock.policy, request, name, upload.size)
    airlock.blobs.check(upload.sha256)
    twin = store.released_twin(session, request.project_id, upload.sha256)
    if twin and upload.kind is not FileKind.SUPPORTING:
        raise Conflict(
            f"“{name}” was released before, in {twin}, byte for byte.", "Take it from that release's bundle."
        )
    sidecars = dict(sorted(upload.sidecars.items()))
    file = request.file(name)
    known = file is not None and not file.withdrawn
    if file is None:
        file = OutputFile(id=new_id("fil"), name=name, withdrawn=False)
        request.files.append(file)
    file.group = _group(request, upload.group)
    file.kind, file.sha256, file.size = upload.kind.value, upload.sha256, upload.size
    file.sidecars, file.withdrawn, file.added_at = sidecars, False, airlock.clock.now()
    before, file.binding = file.binding, binding_of(name, file.kind, file.sha256, sidecars)
    record(
        session, actor, "release.file_replaced" if known else "release.file_added", _SUBJECT, request.id,
        airlock.clock, file=file.id, sha256=file.sha256, size=file.size, kind=file.kind,
        changed=before != file.binding, binding=file.binding,
    )  # fmt: skip
    return file


def withdraw_file(airlock: Airlock, session: Session, actor: Actor, request_id: str, file_id: str) -> None:
    """Take a file out of the request; its history stays."""
    request = _drafted(session, actor, request_id)
    file = file_of(request, file_id)
    file.withdrawn = True
    record(
        session, actor, "release.file_withdrawn", _SUBJECT, request.id, airlock.clock,
        file=file.id, sha256=file.sha256,
    )  # fmt: skip


def describe(
    airlock: Airlock, session: Session, actor: Actor, request_id: str,
    *, title: str, purpose: str, public: bool,
) -> ReleaseRequest:  # fmt: skip
    """Change what the request says of itself."""
    request = _drafted(session, actor, request_id)
    request.title, request.public = required_text(title, "title", 200), public
    request.purpose = purpose.strip()[:_TEXT]
    record(
        session, actor, "release.described", _SUBJECT, request.id, airlock.clock,
        public=public, words=words_of(request),
    )  # fmt: skip
    return request


def change_template(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, *, template: str, answers: Mapping[str, str]
) -> ReleaseRequest:
    """Make a draft or returned request one of another kind ("": of none). What was written stays; the questions of
    the new kind must be answered, and its files be of those that it takes."""
    request = _drafted(session, actor, request_id)
    kind = templates.named(template)
    templates.check_kinds(kind, [file.name for file in request.votable_files])
    request.purpose = templates.purpose_changed(kind, request.purpose, answers)
    rest = {key: value for key, value in request.lineage.items() if key != templates.LINEAGE_KEY}
    request.lineage = {**rest, **({templates.LINEAGE_KEY: kind.name} if kind else {})}
    record(
        session, actor, "release.described", _SUBJECT, request.id, airlock.clock,
        public=request.public, words=words_of(request), template=template,
    )  # fmt: skip
    return request


def describe_group(
    airlock: Airlock, session: Session, actor: Actor, request_id: str,
    *, group: str, context: str, controls: str,
) -> FileGroup:  # fmt: skip
    """Say what a group's files show and what was done to protect people."""
    request = _drafted(session, actor, request_id)
    row = _group(request, group)
    row.context, row.controls = context.strip()[:_TEXT], controls.strip()[:_TEXT]
    record(session, actor, "release.group_described", _SUBJECT, request.id, airlock.clock, group=row.name)
    return row


def justify(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, file_id: str,
    *, rule: str, justification: str,
) -> Exception_:  # fmt: skip
    """Ask that a failing rule should not hold this file back; a senior checker will answer."""
    request = _drafted(session, actor, request_id)
    file = file_of(request, file_id)
    if rule not in file.failing_rules:
        raise BadInput("That rule does not fail on this file.", "Justify only what the findings mark as FAIL.")
    text = required_text(justification, "justification", _TEXT)
    item = file.current_exceptions.get(rule)
    if item is not None and item.appeal:
        raise Conflict(
            "This exception was appealed; a second senior checker's word is the last about these bytes.",
            "Repair and replace the file; then it can be justified anew.",
        )
    if item is None:
        item = Exception_(id=new_id("exc"), binding=file.binding, rule=rule)
        file.exceptions.append(item)
    item.justification, item.state = text, ExceptionState.REQUESTED.value
    item.asked_at, item.decided_by, item.decided_at, item.reason = airlock.clock.now(), None, None, ""
    record(
        session, actor, "release.exception_requested", _SUBJECT, request.id, airlock.clock,
        file=file.id, rule=rule, sha256=file.sha256, binding=file.binding,
    )  # fmt: skip
    return item


def submit(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    """Hand the request to the checkers; a new turn begins.

    Approvals of unchanged bytes keep counting; a wish for changes becomes UNDECIDED, so that its checker looks again.
    """
    request = store.locked(session, request_id)
    check_is_author(actor, request)
    LIFECYCLE.check(request.state, ReleaseState.SUBMITTED)
    policies.check_can_submit(request)
    templates.check_kinds(templates.template_of(request), [file.name for file in request.votable_files])
    now = airlock.clock.now()
    request.turn += 1
    tier = tiers.decide(airlock, session, request)
    request.submitted_at = now
    request.members = sorted({*request.members, *airlock.members_of(session, request)})
    request.turns.append(
        Turn(
            id=new_id("trn"),
            number=request.turn,
            manifest={file.name: file.binding for file in request.present_files},
            submitted_at=now,
        )
    )
    for vote in (vote for file in request.present_files for vote in file.current_votes):
        if vote.choice == VoteChoice.CHANGES_REQUESTED:
            vote.choice = VoteChoice.UNDECIDED.value
    session.flush()
    LIFECYCLE.move(
        session, request, ReleaseState.SUBMITTED, actor, airlock.clock, members=request.members,
        turn=request.turn, files={file.id: file.sha256 for file in request.present_files},
        tier=tier.name, mode=request.review_mode,
    )  # fmt: skip
    advance(airlock, session, AIRLOCK, request)
    return request


def withdraw(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    """The author takes the whole request back; final."""
    request = store.locked(session, request_id)
    check_is_author(actor, request)
    LIFECYCLE.move(session, request, ReleaseState.WITHDRAWN, actor, airlock.clock)
    request.decided_at, request.decided_by = airlock.clock.now(), actor.name
    return request


def advance(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    """Let the state follow the votes; it never goes back inside a turn."""
    target = policies.derived_state(request, airlock.barred(session, request))
    order = (ReleaseState.SUBMITTED, ReleaseState.PARTIALLY_REVIEWED, ReleaseState.REVIEWED)
    if order.index(target) > order.index(request.release_state):
        LIFECYCLE.move(session, request, target, actor, airlock.clock, turn=request.turn)


def file_of(request: ReleaseRequest, file_id: str) -> OutputFile:
    """A present file by id or name."""
    file = request.file(file_id)
    if file is None or file.withdrawn:
        raise NotFound("The request has no such file.", "Reload the page; the author may have withdrawn it.")
    return file


def required_text(text: str, what: str, limit: int) -> str:
    """The text without its surrounding blanks; BadInput when empty or too long."""
    cleaned = text.strip()
    if not cleaned:
        raise BadInput(f"The {what} is empty.", f"Write the {what} in a sentence or two.")
    if len(cleaned) > limit:
        raise BadInput(f"The {what} is longer than {limit} characters.", "Shorten it.")
    return cleaned


def words_of(request: ReleaseRequest) -> str:
    """The digest of what the request says of itself; the trail keeps it, and not the words."""
    return sha256_hex(canonical_json([request.title, request.purpose]))


def _drafted(session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    request = store.locked(session, request_id)
    # A report run fills the draft that it made for its author.
    if actor.kind != "service":
        check_is_author(actor, request)
    policies.check_editable(request)
    return request


def _group(request: ReleaseRequest, name: str) -> FileGroup:
    wanted = name.strip()[:80] or "outputs"
    for group in request.groups:
        if group.name == wanted:
            return group
    group = FileGroup(id=new_id("grp"), name=wanted, context="", controls="")
    request.groups.append(group)
    return group
