"""Do rows and bytes still say what the audit trail says? Every difference is named.

The chain proves that nobody changed the trail. This proves that nobody changed, beside it, what people decided on:
requests, files, votes, exceptions, comments, checks and records in the database, the blobs and the bundles on disk.
What it does not see: a change of words that no event digests (a decision's note, a group's description, a checklist),
and a change by somebody who can also write the trail; for that compare the chain's head with one exported before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from enclave.core.audit import AuditEvent
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import EnclaveError
from enclave.core.signing import Keyring
from output_review import record, store
from output_review.airlock import Airlock
from output_review.checks import evidence_digest
from output_review.drafting import words_of
from output_review.model import OutputFile, ReleaseRequest, binding_of
from output_review.release import BUNDLE
from output_review.states import ReleaseState
from output_review.told import Told, replay

_BATCH = 100
_SUBJECT = "release_request"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the trail tells it."""

    request: str
    what: str


@dataclass
class Reconciliation:
    """How much was compared, and what differs."""

    requests: int = 0
    blobs: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.differences


def reconcile(airlock: Airlock, session: Session, keyring: Keyring, clock: Clock) -> Reconciliation:
    """Compare every release request with the trail. Reads every blob once: minutes for a hundred gigabytes."""
    found = Reconciliation()
    ids = list(session.scalars(select(ReleaseRequest.id).order_by(ReleaseRequest.id)))
    drafted = select(AuditEvent.subject_id).where(AuditEvent.action == "release.drafted")
    for gone in sorted(set(session.scalars(drafted)) - set(ids)):
        found.differences.append(Difference(gone, "the request is gone"))
    seen: set[str] = set()
    for start in range(0, len(ids), _BATCH):
        for request, told in _batch(session, ids[start : start + _BATCH]):
            found.requests += 1
            problems = [
                *_rows(request, told), *_blobs(airlock, request, seen), *_release(airlock, session, request, told),
                *_bundle(airlock, request, keyring, clock),
            ]  # fmt: skip
            found.differences += [Difference(request.id, what) for what in problems]
        session.expunge_all()
    found.blobs = len(seen)
    return found


def _batch(session: Session, ids: list[str]) -> Iterator[tuple[ReleaseRequest, Told]]:
    query = select(AuditEvent).where(AuditEvent.subject_type.in_((_SUBJECT, "appeal")), AuditEvent.subject_id.in_(ids))
    events: dict[str, list[AuditEvent]] = {each: [] for each in ids}
    for event in session.scalars(query.order_by(AuditEvent.seq)):
        events[event.subject_id].append(event)
    for event in session.scalars(_of_vetoes(events)):
        events[str(event.details["release"])].append(event)
    for request in session.scalars(select(ReleaseRequest).where(ReleaseRequest.id.in_(ids))):
        yield request, replay(events[request.id])


def _of_vetoes(events: dict[str, list[AuditEvent]]) -> Select[AuditEvent]:
    """The events of the vetoes that the requests' own events name, oldest first."""
    held = [event for found in events.values() for event in found if event.action == "release.held"]
    named = [identity for event in held for identity in event.details["vetoes"].values()]
    query = select(AuditEvent).where(AuditEvent.subject_type == "veto", AuditEvent.subject_id.in_(named))
    return query.order_by(AuditEvent.seq)


def _rows(request: ReleaseRequest, told: Told) -> Iterator[str]:
    if not told.drafted:
        yield "the trail knows no such request"
        return
    yield from _differ(
        "the request", state=(request.state, told.state), author=(request.author, told.author),
        project=(request.project_id, told.project), public=(request.public, told.public),
        turn=(request.turn, told.turn), words=(words_of(request), told.words or words_of(request)),
        members=(request.members, request.members if told.members is None else told.members),
        mode=(request.review_mode, told.mode or request.review_mode),
    )  # fmt: skip
    yield from _appeal(request, told)
    yield from _vetoes(request, told)
    yield from _missing("checker", told.checkers, set(request.checkers))
    yield from _missing("file", set(told.files), {file.id for file in request.files})
    for file in request.files:
        yield from _file(file, told)
    yield from _comments(request, told)
    for turn in request.turns:
        manifest = told.manifests.get(turn.number, [])
        if "" not in manifest and sorted(turn.manifest.values()) != manifest:
            yield f"the manifest of turn {turn.number} is another"


def _appeal(request: ReleaseRequest, told: Told) -> Iterator[str]:
    found = request.appeal
    words = "" if found is None else sha256_hex(found.reason.encode())
    yield from _differ(
        "the appeal", state=("" if found is None else found.state, told.appeal), words=(words, told.appeal_words)
    )


def _vetoes(request: ReleaseRequest, told: Told) -> Iterator[str]:
    yield from _missing("veto", set(told.vetoes), {veto.id for veto in request.vetoes})
    for veto in request.vetoes:
        was = told.vetoes.get(veto.id)
        if was is not None:
            words = sha256_hex(veto.reason.encode()) if veto.reason else ""
            yield from _differ(
                f"the veto of {veto.provider}", state=(veto.state, was.state), words=(words, was.words)
            )  # fmt: skip


def _file(file: OutputFile, told: Told) -> Iterator[str]:
    was = told.files.get(file.id)
    if was is None:
        return
    yield from _differ(
        file.name, sha256=(file.sha256, was.sha256), size=(file.size, was.size), kind=(file.kind, was.kind),
        withdrawn=(file.withdrawn, was.withdrawn), binding=(file.binding, was.binding or file.binding),
    )  # fmt: skip
    if file.binding != binding_of(file.name, file.kind, file.sha256, file.sidecars):
        yield f"{file.name}: name, kind, bytes and sidecars do not belong together"
    yield from _votes(file, told)
    yield from _exceptions(file, told)
    yield from _checks(file, told)


def _votes(file: OutputFile, told: Told) -> Iterator[str]:
    expected = {(who, about): choice for (name, who, about), choice in told.votes.items() if name == file.id}
    for vote in file.votes:
        key = next(
            (key for key in ((vote.checker, vote.binding), (vote.checker, vote.sha256)) if key in expected), None
        )
        if key is None:
            yield f"{file.name}: the trail knows no such vote of {vote.checker}"
        else:
            yield from _differ(f"{file.name}: the vote of {vote.checker}", choice=(vote.choice, expected.pop(key)))
    for checker, _about in expected:
        yield f"{file.name}: a vote of {checker} is gone"


def _exceptions(file: OutputFile, told: Told) -> Iterator[str]:
    expected = {(rule, about): was for (name, rule, about), was in told.exceptions.items() if name == file.id}
    for item in file.exceptions:
        # an event from before bindings knows the bytes alone, and perhaps other bytes since
        key = next((key for key in expected if key[0] == item.rule and key[1] in (item.binding, file.sha256)), None)
        if key is None:
            yield f"{file.name}: the trail knows no such exception to {item.rule}"
        else:
            was = expected.pop(key)
            yield from _differ(
                f"{file.name}: the exception to {item.rule}", state=(item.state, was.state),
                decided_by=(item.decided_by, was.decided_by),
            )  # fmt: skip
    for rule, _about in expected:
        yield f"{file.name}: an exception to {rule} is gone"


def _checks(file: OutputFile, told: Told) -> Iterator[str]:
    """Each report of the present bytes says what its evidence digests, and the trail knows that digest."""
    for report in file.reports:
        if report.binding != file.binding:
            continue
        policy = (report.policy_name, report.policy_version)
        evidence = evidence_digest(report.sha256, file.sidecars, report.status, policy, report.findings)
        known = report.evidence in told.evidence or (bool(report.linked) and not told.every_evidence)
        if evidence != report.evidence or not known:
            yield f"{file.name}: a check of {report.checked_at:%Y-%m-%d %H:%M} is not the one that was made"


def _comments(request: ReleaseRequest, told: Told) -> Iterator[str]:
    yield from _missing("comment", set(told.comments), {each.id for each in request.comments})
    for each in request.comments:
        was = told.comments.get(each.id)
        if was is not None:
            digest = sha256_hex(each.body.encode())
            yield from _differ(
                f"the comment {each.id}", author=(each.author, was.author),
                visibility=(each.visibility, was.visibility), words=(digest, was.body or digest),
            )  # fmt: skip


def _blobs(airlock: Airlock, request: ReleaseRequest, seen: set[str]) -> Iterator[str]:
    for file in request.files:
        for part, digest in {"": file.sha256, **file.sidecars}.items():
            name = f"{file.name} ({part})" if part else file.name
            if digest in seen:
                continue
            seen.add(digest)
            try:
                airlock.blobs.check(digest)
            except EnclaveError as problem:
                yield f"{name}: {problem.message}"


def _release(airlock: Airlock, session: Session, request: ReleaseRequest, told: Told) -> Iterator[str]:
    kept = store.record_of(session, request.id)
    digest = "" if kept is None else sha256_hex(canonical_json(kept.envelope))
    yield from _differ("the release record", digest=(digest, told.record))


def _bundle(airlock: Airlock, request: ReleaseRequest, keyring: Keyring, clock: Clock) -> Iterator[str]:
    if request.state not in (ReleaseState.RELEASED, ReleaseState.REVOKED):
        return
    try:
        result = record.verify(airlock.bundles / request.id / BUNDLE, keyring, clock)
    except (EnclaveError, OSError):
        yield "the bundle is gone or unreadable"
        return
    if not result.holds:
        yield "the bundle is not what was signed"


def _differ(thing: str, **pairs: tuple[object, object]) -> Iterator[str]:
    for name, (found, told) in pairs.items():
        if found != told:
            yield f"{thing}: {name} is {_short(found)}, the trail says {_short(told)}"


def _short(value: object) -> str:
    text = str(value)
    return f"{text[:12]}…" if len(text) >= 64 else text or "nothing"


def _missing(what: str, told: set[str], found: set[str]) -> Iterator[str]:
    for name in sorted(told - found):
        yield f"the {what} {name} is gone"
    for name in sorted(found - told):
        yield f"the trail knows no {what} {name}"
