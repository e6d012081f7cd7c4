"""What a person may see of a release request, as plain values; the matrix of `output_review.visibility` decides."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from enclave.core.actors import Actor
from enclave.people.roles import Role
from output_review import appeals, exception_appeals, handing, policies, repairing, tiers
from output_review.citing import CITABLE, code_of
from output_review.model import (
    Appeal,
    Comment,
    Exception_,
    FileRepair,
    OutputFile,
    ReleaseRequest,
    SecondLook,
    Veto,
    Vote,
)
from output_review.permissions import barred, is_checker
from output_review.states import LABEL, OWNER, AppealState, LookState, ReleaseState, VoteChoice
from output_review.summaries import Summary
from output_review.templates import template_of
from output_review.vetoes.policies import open_vetoes, refusals
from output_review.vetoes.service import contestable
from output_review.vetoes.states import LABEL as VETO_LABEL
from output_review.vetoes.states import VetoState
from output_review.visibility import Shown, Thing, can_see, is_blind, visible_comments, visible_votes

S = ReleaseState


class FindingView(BaseModel):
    """One line of a check."""

    rule: str
    status: str
    message: str
    where: str
    cells: list[list[int]]


class ExceptionView(BaseModel):
    """A justification and its answer."""

    rule: str
    justification: str
    state: str
    decided_by: str | None
    reason: str
    appeal: str
    refusal: str
    appealable: bool

    @classmethod
    def of(cls, item: Exception_) -> ExceptionView:
        return cls(**{name: getattr(item, name) for name in cls.model_fields})


class VoteView(BaseModel):
    """One checker's vote on the present bytes."""

    checker: str
    choice: str
    turn: int
    cast_at: datetime

    @classmethod
    def of(cls, vote: Vote) -> VoteView:
        return cls(**{name: getattr(vote, name) for name in cls.model_fields})


class CommentView(BaseModel):
    """A remark."""

    author: str
    visibility: str
    body: str
    turn: int
    file: str | None
    written_at: datetime


class QuestionView(BaseModel):
    """What the checker asks about a column."""

    about: str
    text: str
    where: str


class RepairView(BaseModel):
    """A repaired file that its author may take: what changed, and what a comparison with others still finds."""

    id: str
    kind: str
    state: str
    name: str
    size: int
    changed: str
    cells: list[dict[str, str]]
    cells_total: int
    remains: list[FindingView]

    @classmethod
    def of(cls, repair: FileRepair) -> RepairView:
        return cls(**{name: getattr(repair, name) for name in cls.model_fields})


class FileView(BaseModel):
    """One file of a request. `repairs` is None until they were looked for; `repaired` is the one that was taken.
    `cite` is the short code of a released file."""

    id: str
    name: str
    kind: str
    group: str
    sha256: str
    binding: str
    size: int
    votable: bool
    status: str
    checked: bool
    policy: str
    findings: list[FindingView]
    questions: list[QuestionView]
    unjustified: list[str]
    ungranted: list[str]
    exceptions: list[ExceptionView]
    votes: list[VoteView]
    my_vote: str | None
    decision: str | None
    changed: bool
    repairs: list[RepairView] | None
    repair_problem: str
    repaired: RepairView | None
    cite: str


class LookView(BaseModel):
    """The second look that was drawn for a release reviewed by one person."""

    state: str
    checker: str | None
    note: str
    drawn_at: datetime
    looked_at: datetime | None

    @classmethod
    def of(cls, look: SecondLook) -> LookView:
        return cls(**{name: getattr(look, name) for name in cls.model_fields})


class AppealView(BaseModel):
    """The author's appeal against a rejection; who has it and decided is for the checkers to see."""

    state: str
    reason: str
    asked_at: datetime
    due_at: datetime | None
    checker: str | None
    answer: str
    decided_at: datetime | None

    @classmethod
    def of(cls, appeal: Appeal, named: bool) -> AppealView:
        return cls(
            state=appeal.state, reason=appeal.reason, asked_at=appeal.asked_at,
            due_at=appeals.due(appeal) if appeal.state == AppealState.OPEN else None,
            checker=appeal.checker if named else None, answer=appeal.answer, decided_at=appeal.decided_at,
        )  # fmt: skip


class PlaceView(BaseModel):
    """A place at the desk: who handed it over with which note, and when it is freed unless it is used."""

    checker: str
    handed_by: str | None
    note: str
    free_from: datetime | None


class VetoBrief(BaseModel):
    """A provider's veto of this request, as its author and checkers see it; `/vetoes/{id}` has the rest."""

    id: str
    provider: str
    turn: int
    state: str
    label: str
    opened_at: datetime
    due_at: datetime
    reason: str
    contest: str
    answer: str
    contestable: bool

    @classmethod
    def of(cls, veto: Veto, request: ReleaseRequest, author: bool) -> VetoBrief:
        plain = ("id", "provider", "turn", "state", "opened_at", "due_at", "reason", "contest", "answer")
        return cls(
            **{name: getattr(veto, name) for name in plain}, label=VETO_LABEL[VetoState(veto.state)],
            contestable=author and contestable(request, veto),
        )  # fmt: skip


class ReleaseView(BaseModel):
    """One request as this person may see it; `revision` counts its changes and is the answer's `ETag`."""

    id: str
    revision: int
    project: str
    title: str
    purpose: str
    public: bool
    author: str
    state: str
    label: str
    phase: str
    waits_for: str
    review_mode: str
    tier: str
    tier_title: str
    tier_reason: str
    second_look: LookView | None
    appeal: AppealView | None
    vetoes: list[VetoBrief]
    blind: bool
    required_votes: int
    turn: int
    status: str | None
    providers: list[str]
    template: str
    template_title: str
    created_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    decision_note: str
    release_problem: str
    checkers: list[str]
    places: list[PlaceView]
    checklist: list[str]
    files: list[FileView]
    comments: list[CommentView]
    missing: list[str]
    allowed_actions: list[str]

    @classmethod
    def of(cls, request: ReleaseRequest, actor: Actor, members: Collection[str], revision: int) -> ReleaseView:
        def sees(thing: Thing) -> bool:
            return can_see(actor, request, members, thing)

        reviewer = can_review(actor, request, members)
        findings, template = sees(Thing.FINDINGS), template_of(request)
        told = sees(Thing.PUBLIC_COMMENTS) and request.release_state in (S.RETURNED, S.REJECTED, S.REVOKED)
        return cls(
            id=request.id,
            revision=revision,
            project=request.project_id,
            title=request.title,
            purpose=request.purpose,
            public=request.public,
            author=request.author,
            state=request.state,
            label="Approved; a provider may refuse it" if _held(request) else LABEL[request.release_state],
            phase=request.phase.value,
            waits_for=_waits_for(request),
            review_mode=request.review_mode if reviewer or sees(Thing.VOTES) else "",
            tier=request.tier,
            tier_title=tiers.tier_named(request.tier).title,
            tier_reason=request.tier_reason if reviewer or sees(Thing.VOTES) else tiers.tier_named(request.tier).reason,
            second_look=LookView.of(request.second_look) if reviewer and request.second_look else None,
            appeal=AppealView.of(request.appeal, reviewer) if request.appeal and sees(Thing.VOTES) else None,
            vetoes=[VetoBrief.of(each, request, actor.name == request.author) for each in request.vetoes]
            if sees(Thing.VOTES) or reviewer
            else [],
            blind=is_blind(request),
            required_votes=policies.required_votes(request),
            turn=request.turn,
            status=policies.worst_status(request).value if findings else None,
            providers=request.providers,
            template=template.name if template else "",
            template_title=template.title if template else "",
            created_at=request.created_at,
            submitted_at=request.submitted_at,
            due_at=policies.due_at(request.submitted_at) if request.under_review and request.submitted_at else None,
            decided_at=request.decided_at,
            decided_by=request.decided_by if sees(Thing.VOTES) else None,
            decision_note=request.decision_note if told or reviewer else "",
            release_problem=request.release_problem if reviewer or sees(Thing.VOTES) else "",
            checkers=request.checkers if reviewer or actor.has(Role.ADMINISTRATOR, Role.AUDITOR) else [],
            places=_places(request, actor) if reviewer else [],
            checklist=next((c.checklist for c in request.claims if c.checker == actor.name), []),
            files=[_file(file, request, actor, members) for file in _worst_first(request)] if findings else [],
            comments=[_comment(each, request) for each in visible_comments(actor, request, members)],
            missing=policies.missing_for_approval(request, barred(request, members))
            if reviewer and not is_blind(request) and request.under_review
            else [],
            allowed_actions=_possible(request, allowed_actions(request, actor, members, _approvable(request, members)))
            + _rarer_actions(request, actor, reviewer),
        )


def _places(request: ReleaseRequest, actor: Actor) -> list[PlaceView]:
    """A note is for both who share it and, but for a blind review, for the others at the desk."""
    seated = actor.name in request.checkers and not is_blind(request)
    return [
        PlaceView(
            checker=each.checker, handed_by=each.handed_by,
            note=each.hand_note if seated or actor.name in (each.checker, each.handed_by) else "",
            free_from=handing.idle_until(request, each) if request.under_review else None,
        )
        for each in request.claims
    ]  # fmt: skip


def _held(request: ReleaseRequest) -> bool:
    return request.state == S.APPROVED and bool(open_vetoes(request))


def _waits_for(request: ReleaseRequest) -> str:
    if _appealed(request):
        return "senior checker"
    if _held(request):
        return f"provider {', '.join(sorted(each.provider for each in open_vetoes(request)))}"
    contested = any(each.state == VetoState.CONTESTED for each in refusals(request))
    return "managing entity" if contested and request.state == S.RETURNED else OWNER[request.release_state]


def _possible(request: ReleaseRequest, actions: list[str]) -> list[str]:
    """Nobody starts a release that a provider may still refuse."""
    return [each for each in actions if each != "release" or not _held(request)]


def _worst_first(request: ReleaseRequest) -> list[OutputFile]:
    return sorted(request.present_files, key=lambda file: (-file.status.rank, file.name))


def _approvable(request: ReleaseRequest, members: Collection[str]) -> Callable[[], bool]:
    return lambda: not policies.missing_for_approval(request, barred(request, members))


def can_review(actor: Actor, request: Shown, members: Collection[str]) -> bool:
    return is_checker(actor) and actor.name not in barred(request, members)


def allowed_actions(
    request: ReleaseRequest | Summary, actor: Actor, members: Collection[str], approvable: Callable[[], bool]
) -> list[str]:
    """What this person may do now; the service decides again when it is done.

    `approvable` says whether the votes are complete; it is asked only where that is the question.
    """
    found: list[str] = []
    if actor.kind == "user" and actor.name == request.author:
        found += ["edit", "submit"] if request.editable else []
        found += ["check"] if request.editable or request.under_review else []
        found += ["comment"]
        found += ["withdraw"] if request.editable or request.under_review else []
    if actor.kind == "user" and actor.name in members and request.state == S.RELEASED:
        found.append("download")
    if can_review(actor, request, members):
        found += _checkers_actions(request, actor, approvable)
    return found


def _rarer_actions(request: ReleaseRequest, actor: Actor, reviewer: bool) -> list[str]:
    """What depends on more than a list knows: independent readers, the second look after the release."""
    found = []
    if (reviewer or actor.name == request.author) and tiers.may_ask_blind(actor, request):
        found.append("ask_blind")
    if actor.name == request.author and request.editable and any(f.failing_rules for f in request.present_files):
        found.append("justify")
    asked = any(file.current_exceptions for file in request.present_files)
    if reviewer and asked and request.under_review and actor.has(Role.SENIOR_CHECKER):
        found.append("decide_exception")
    if (reviewer or actor.kind == "operator") and request.state == S.APPROVED and not open_vetoes(request):
        found.append("release")
    if actor.name == request.author and exception_appeals.possible(request):
        found.append("appeal_exception")
    if actor.name == request.author and any(contestable(request, each) for each in request.vetoes):
        found.append("contest_veto")
    if reviewer and request.under_review:
        found += ["hand_to"] if actor.name in request.checkers else []
        found += ["take_back"] if handing.returnable(request, actor.name) else []
    return found + look_actions(request, actor, reviewer) + appeal_actions(request, actor, reviewer)


def look_actions(request: ReleaseRequest, actor: Actor, reviewer: bool) -> list[str]:
    """What this person may do about the second look."""
    look = request.second_look
    if not reviewer or look is None or look.state != LookState.OPEN or request.state != S.RELEASED:
        return []
    if look.checker is None:
        return [] if actor.name in request.checkers else ["take_second_look"]
    return ["close_second_look"] if look.checker == actor.name else []


def _appealed(request: ReleaseRequest) -> bool:
    return request.appeal is not None and request.appeal.state == AppealState.OPEN


def appeal_actions(request: ReleaseRequest, actor: Actor, reviewer: bool) -> list[str]:
    """What this person may do about an appeal."""
    if appeals.may_ask(actor, request):
        return ["appeal"]
    found = request.appeal
    if found is None or not _appealed(request) or not reviewer or not actor.has(Role.SENIOR_CHECKER):
        return []
    if found.checker is None:
        return [] if appeals.involved(actor, request) else ["take_appeal"]
    return ["decide_appeal"] if found.checker == actor.name else []


def _checkers_actions(request: ReleaseRequest | Summary, actor: Actor, approvable: Callable[[], bool]) -> list[str]:
    if request.state == S.APPROVED:
        return ["return"]
    senior = actor.has(Role.SENIOR_CHECKER)
    if request.state == S.RELEASED:
        return ["revoke"] if senior else []
    if not request.under_review:
        return []
    seated = actor.name in request.checkers
    if not seated and not senior and len(request.checkers) >= policies.required_votes(request):
        return []
    found = ["vote", "comment", "check", "return", "reject"]
    found += [] if seated else ["claim"]
    found += ["hand_over"] if seated else []
    found += ["free_place"] if senior and set(request.checkers) - {actor.name} else []
    if request.state == S.REVIEWED and approvable():
        found.append("approve")
    return found


def _file(file: OutputFile, request: ReleaseRequest, actor: Actor, members: Collection[str]) -> FileView:
    report = file.report
    votes = visible_votes(actor, request, members, file.current_votes)
    mine = next((vote.choice for vote in file.current_votes if vote.checker == actor.name), None)
    decided = (
        can_see(actor, request, members, Thing.VOTES) and not is_blind(request) and file.votable and request.turn > 0
    )
    named = actor.name != request.author
    return FileView(
        id=file.id,
        name=file.name,
        kind=file.kind,
        group=file.group.name,
        sha256=file.sha256,
        binding=file.binding,
        size=file.size,
        votable=file.votable,
        status=file.status.value,
        checked=report is not None and report.complete and bool(report.linked),
        policy=f"{report.policy_name} {report.policy_version}".strip() if report else "",
        findings=[FindingView(**item) for item in report.findings] if report else [],
        questions=[QuestionView(**item) for item in report.questions] if report else [],
        unjustified=policies.unjustified_rules(file),
        ungranted=policies.ungranted_rules(file),
        exceptions=[ExceptionView.of(item) for item in file.current_exceptions.values()],
        # The author learns what was decided, not who voted how.
        votes=[VoteView.of(vote) for vote in votes] if named else [],
        my_vote=mine if mine in set(VoteChoice) else None,
        decision=policies.decision(request, file, barred(request, members)).value if decided else None,
        changed=_changed(file, request),
        cite=code_of(request.id, file.sha256) if file.votable and request.state in CITABLE else "",
        **_repairs(file, request, actor),
    )


def _repairs(file: OutputFile, request: ReleaseRequest, actor: Actor) -> dict[str, Any]:
    """What the author may take or undo; others learn what a taken repair changed."""
    taken = next((each for each in request.repairs if each.taken_binding == file.binding), None)
    shown = taken is not None and (actor.name != request.author or repairing.undoable(request, taken))
    mine = actor.name == request.author and request.editable
    search = repairing.search_of(file) if mine else None
    return {
        "repairs": None if search is None else [RepairView.of(each) for each in search.offers],
        "repair_problem": "" if search is None else search.problem,
        "repaired": RepairView.of(taken) if taken is not None and shown else None,
    }


def _changed(file: OutputFile, request: ReleaseRequest) -> bool:
    """Whether the file is new or other than in the turn before."""
    before = next((turn.manifest for turn in request.turns if turn.number == request.turn - 1), None)
    return before is not None and before.get(file.name) != file.binding


def _comment(comment: Comment, request: ReleaseRequest) -> CommentView:
    names = {file.id: file.name for file in request.files}
    fields: dict[str, Any] = {name: getattr(comment, name) for name in CommentView.model_fields if name != "file"}
    return CommentView(**fields, file=names.get(comment.file_id or ""))
