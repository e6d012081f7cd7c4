"""What the audit trail tells of one release request: its events replayed into what the rows should say.

Events carry ids, digests and states, so the replay knows every file by its digests, every vote by the binding that it
was about, every word by its SHA-256. Events of older versions carry less; what they do not say is not known (""), and
what is not known is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from enclave.core.audit import AuditEvent
from output_review.states import AppealState, ExceptionState, ReleaseState, ReviewMode, VoteChoice
from output_review.vetoes.states import VetoState


@dataclass(frozen=True)
class ToldFile:
    """A file as its last event left it."""

    sha256: str
    size: int
    kind: str
    binding: str
    withdrawn: bool = False


@dataclass(frozen=True)
class ToldException:
    """A justification and the answer to it."""

    state: str
    decided_by: str | None = None


@dataclass(frozen=True)
class ToldComment:
    """Who wrote it, for whom, and the digest of the words."""

    author: str
    visibility: str
    body: str


@dataclass(frozen=True)
class ToldVeto:
    """Where a provider's veto stands, and the digest of the reason of its refusal."""

    state: str
    words: str = ""


@dataclass
class Told:
    """One request as the trail tells of it. Votes and exceptions are keyed by the binding, or by the bytes' SHA-256
    where an old event knows no binding."""

    drafted: bool = False
    author: str = ""
    project: str = ""
    public: bool = False
    words: str = ""
    members: list[str] | None = None
    mode: str = ""
    state: str = ReleaseState.DRAFT.value
    turn: int = 0
    record: str = ""
    files: dict[str, ToldFile] = field(default_factory=dict)
    votes: dict[tuple[str, str, str], str] = field(default_factory=dict)
    exceptions: dict[tuple[str, str, str], ToldException] = field(default_factory=dict)
    comments: dict[str, ToldComment] = field(default_factory=dict)
    checkers: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    every_evidence: bool = True
    manifests: dict[int, list[str]] = field(default_factory=dict)
    vetoes: dict[str, ToldVeto] = field(default_factory=dict)
    appeal: str = ""
    appeal_words: str = ""


def replay(events: Iterable[AuditEvent]) -> Told:
    """The events of one request, oldest first."""
    told = Told()
    for event in events:
        details = event.details
        if event.subject_type == "veto":
            _veto(told, event.subject_id, details)
        elif "to" in details and event.subject_type != "appeal":
            _move(told, details)
        handler = _HANDLERS.get(event.action)
        if handler is not None:
            handler(told, details, event.actor.removeprefix("user:"))
    return told


def _move(told: Told, details: dict[str, Any]) -> None:
    told.state = details["to"]
    told.record = details.get("record", told.record)
    if told.state != ReleaseState.SUBMITTED:
        return
    told.turn = details["turn"]
    told.members = details.get("members", told.members)
    told.mode = details.get("mode", told.mode)
    present = {name: file for name, file in told.files.items() if not file.withdrawn}
    told.manifests[told.turn] = sorted(file.binding for file in present.values())
    for (name, checker, about), choice in list(told.votes.items()):
        current = name in present and about in (present[name].binding, present[name].sha256)
        if current and choice == VoteChoice.CHANGES_REQUESTED:
            told.votes[name, checker, about] = VoteChoice.UNDECIDED.value


def _drafted(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.drafted, told.author, told.project = True, details["author"], details["project"]
    _described(told, details, _actor)
    told.members = details.get("members", told.members)


def _described(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.public, told.words = details["public"], details.get("words", "")


def _file(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.files[details["file"]] = ToldFile(
        details["sha256"], details["size"], details["kind"], details.get("binding", "")
    )


def _file_withdrawn(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.files[details["file"]] = replace(told.files[details["file"]], withdrawn=True)


def _answered(told: Told, details: dict[str, Any], _actor: str) -> None:
    bindings = details.get("bindings")
    for name, file in told.files.items():
        told.files[name] = replace(file, binding=file.binding if bindings is not None else "")
    for name, binding in (bindings or {}).items():
        told.files[name] = replace(told.files[name], binding=binding)


def _voted(told: Told, details: dict[str, Any], actor: str) -> None:
    told.votes[details["file"], actor, _about(details)] = details["choice"]


def _exception(state: ExceptionState) -> Callable[[Told, dict[str, Any], str], None]:
    def handle(told: Told, details: dict[str, Any], actor: str) -> None:
        answered = None if state is ExceptionState.REQUESTED else actor
        told.exceptions[details["file"], details["rule"], _about(details)] = ToldException(state.value, answered)

    return handle


def _commented(told: Told, details: dict[str, Any], actor: str) -> None:
    told.comments[details["comment"]] = ToldComment(actor, details["visibility"], details.get("body", ""))


def _claimed(told: Told, _details: dict[str, Any], actor: str) -> None:
    told.checkers.add(actor)


def _handed_over(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.checkers.discard(details["checker"])
    if details.get("colleague"):
        told.checkers.add(details["colleague"])


def _checked(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.evidence.add(details["evidence"])


def _compared(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.every_evidence = told.every_evidence and "evidence" in details
    told.evidence |= set(details.get("evidence", {}).values())


def _blind_asked(told: Told, _details: dict[str, Any], _actor: str) -> None:
    """Asked before a submission it is in that event's mode; asked during the review it takes effect at once."""
    if told.state == ReleaseState.SUBMITTED:
        told.mode = ReviewMode.INDEPENDENT.value


def _appealed(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.appeal, told.appeal_words = AppealState.OPEN.value, details["words"]


def _appeal_decided(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.appeal = details["to"]


def _held(told: Told, details: dict[str, Any], _actor: str) -> None:
    told.vetoes |= {identity: ToldVeto(VetoState.OPEN.value) for identity in details["vetoes"].values()}


def _veto(told: Told, identity: str, details: dict[str, Any]) -> None:
    before = told.vetoes.get(identity, ToldVeto(""))
    told.vetoes[identity] = ToldVeto(details["to"], details.get("words", before.words))


def _about(details: dict[str, Any]) -> str:
    return str(details.get("binding") or details["sha256"])


_HANDLERS: dict[str, Callable[[Told, dict[str, Any], str], None]] = {
    "release.drafted": _drafted,
    "release.described": _described,
    "release.file_added": _file,
    "release.file_replaced": _file,
    "release.file_withdrawn": _file_withdrawn,
    "release.answered": _answered,
    "release.voted": _voted,
    "release.exception_requested": _exception(ExceptionState.REQUESTED),
    "release.exception_appealed": _exception(ExceptionState.REQUESTED),
    "release.exception_granted": _exception(ExceptionState.GRANTED),
    "release.exception_refused": _exception(ExceptionState.REFUSED),
    "release.commented": _commented,
    "release.claimed": _claimed,
    "release.handed_over": _handed_over,
    "release.handed_to": _handed_over,
    "release.handed_back": _handed_over,
    "release.place_expired": _handed_over,
    "release.checked": _checked,
    "release.compared": _compared,
    "release.blind_asked": _blind_asked,
    "release.held": _held,
    "release.second_look_taken": _claimed,
    "release.appealed": _appealed,
    "release.appeal_taken": _claimed,
    "release.appeal_upheld": _appeal_decided,
    "release.appeal_reopened": _appeal_decided,
}
