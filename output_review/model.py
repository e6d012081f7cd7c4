"""The rows of the airlock. Bytes live in `blobs`; rows carry their SHA-256.

A file's *binding* is the digest of its name, its kind, its bytes and its sidecars: what a check, a vote and an
exception are about. Change any of them and the binding changes, so nothing said about the old bytes counts for the new.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.core.digests import canonical_json, sha256_hex
from output_review.states import (
    EDITABLE,
    PHASE,
    UNDER_REVIEW,
    VOTABLE,
    AppealState,
    ExceptionState,
    FileKind,
    FindingStatus,
    LookState,
    ReleaseState,
    ReviewMode,
    ReviewPhase,
)


class ReleaseRequest(Base):
    """One author's wish to take files out of one project."""

    __tablename__ = "release_request"
    __table_args__ = (
        CheckConstraint("turn >= 0", name="turn_not_negative"),
        Index("release_request_state", "state", "submitted_at"),
        Index("release_request_project", "project_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    author: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str]
    public: Mapped[bool]
    state: Mapped[str] = mapped_column(default=ReleaseState.DRAFT)
    review_mode: Mapped[str] = mapped_column(default=ReviewMode.SEQUENTIAL)
    tier: Mapped[str] = mapped_column(default="standard", server_default="standard")
    tier_reason: Mapped[str] = mapped_column(default="", server_default="")
    blind_asked_by: Mapped[str | None] = mapped_column(default=None)
    turn: Mapped[int] = mapped_column(default=0)
    providers: Mapped[list[str]] = mapped_column(JsonValue)
    lineage: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    members: Mapped[list[str]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    decision_note: Mapped[str] = mapped_column(default="")
    release_attempts: Mapped[int] = mapped_column(default=0)
    release_problem: Mapped[str] = mapped_column(default="")

    groups: Mapped[list[FileGroup]] = relationship(order_by="FileGroup.name", lazy="selectin")
    files: Mapped[list[OutputFile]] = relationship(order_by="OutputFile.name", lazy="selectin")
    claims: Mapped[list[Claim]] = relationship(order_by="Claim.slot", lazy="selectin")
    turns: Mapped[list[Turn]] = relationship(order_by="Turn.number", lazy="selectin")
    comments: Mapped[list[Comment]] = relationship(order_by="Comment.id", lazy="selectin")
    second_look: Mapped[SecondLook | None] = relationship(lazy="selectin", viewonly=True)
    appeal: Mapped[Appeal | None] = relationship(lazy="selectin", viewonly=True)
    repairs: Mapped[list[FileRepair]] = relationship(order_by="FileRepair.id", lazy="selectin")
    vetoes: Mapped[list[Veto]] = relationship(order_by="Veto.id", lazy="selectin", viewonly=True)

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

    @property
    def present_files(self) -> list[OutputFile]:
        return [file for file in self.files if not file.withdrawn]

    @property
    def votable_files(self) -> list[OutputFile]:
        return [file for file in self.present_files if FileKind(file.kind) in VOTABLE]

    @property
    def checkers(self) -> list[str]:
        return [claim.checker for claim in self.claims]

    def file(self, file_id: str) -> OutputFile | None:
        return next((file for file in self.files if file_id in (file.id, file.name)), None)


class FileGroup(Base):
    """Files that share a context (what they show) and controls (what was done to protect people)."""

    __tablename__ = "release_group"
    __table_args__ = (UniqueConstraint("request_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"))
    name: Mapped[str]
    context: Mapped[str] = mapped_column(default="")
    controls: Mapped[str] = mapped_column(default="")


class OutputFile(Base):
    """A named file of a request. Replacing it keeps the row and changes the digest; withdrawing keeps the history."""

    __tablename__ = "release_file"
    __table_args__ = (UniqueConstraint("request_id", "name"), Index("release_file_sha256", "sha256"))

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"))
    group_id: Mapped[str] = mapped_column(ForeignKey("release_group.id"))
    name: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    sidecars: Mapped[dict[str, str]] = mapped_column(JsonValue)
    binding: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    group: Mapped[FileGroup] = relationship(lazy="joined")
    votes: Mapped[list[Vote]] = relationship(order_by="Vote.id", lazy="selectin")
    reports: Mapped[list[CheckReport]] = relationship(order_by="CheckReport.id", lazy="selectin")
    exceptions: Mapped[list[Exception_]] = relationship(order_by="Exception_.id", lazy="selectin")
    searches: Mapped[list[RepairSearch]] = relationship(order_by="RepairSearch.id", back_populates="file")

    @property
    def votable(self) -> bool:
        return FileKind(self.kind) in VOTABLE

    @property
    def report(self) -> CheckReport | None:
        """The newest report about exactly these bytes and sidecars."""
        current = [report for report in self.reports if report.binding == self.binding]
        return current[-1] if current else None

    @property
    def status(self) -> FindingStatus:
        report = self.report
        return FindingStatus.REVIEW if report is None else FindingStatus.parse(report.status)

    @property
    def current_votes(self) -> list[Vote]:
        return [vote for vote in self.votes if vote.binding == self.binding]

    @property
    def current_exceptions(self) -> dict[str, Exception_]:
        """By rule; only what was asked about the present bytes."""
        return {item.rule: item for item in self.exceptions if item.binding == self.binding}

    @property
    def failing_rules(self) -> list[str]:
        report = self.report
        return [] if report is None else report.failing_rules


def binding_of(name: str, kind: str, sha256: str, sidecars: dict[str, str]) -> str:
    return sha256_hex(canonical_json({"name": name, "kind": kind, "sha256": sha256, "sidecars": sidecars}))


class CheckReport(Base):
    """What the checker said of one binding. `complete` is false when it could not say (away, crashed): try again.

    `statements` is what the file says in numbers. The first `own` findings are about the file alone, the rest about it
    beside others; `linked` names what it was compared with ("" before that). Reports older than statements have None
    until the worker has read the file again; `unread` says why it could not.
    """

    __tablename__ = "release_check"
    __table_args__ = (Index("release_check_newest", "file_id", "binding", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("release_file.id"))
    binding: Mapped[str]
    sha256: Mapped[str]
    status: Mapped[str]
    complete: Mapped[bool]
    detected_kind: Mapped[str]
    policy_name: Mapped[str]
    policy_version: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list, server_default="[]")
    evidence: Mapped[str]
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    statements: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonValue, default=None)
    unread: Mapped[str] = mapped_column(default="", server_default="")
    linked: Mapped[str] = mapped_column(default="", server_default="")
    own: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def failing_rules(self) -> list[str]:
        rules = [
            str(finding.get("rule", "unreadable"))
            for finding in self.findings
            if FindingStatus.parse(finding.get("status")) is FindingStatus.FAIL
        ]
        # A FAIL without a finding that explains it still has to be answered for.
        if not rules and FindingStatus.parse(self.status) is FindingStatus.FAIL:
            rules = ["unreadable"]
        return list(dict.fromkeys(rules))


class RepairSearch(Base):
    """Repairs were looked for, for one binding of a file; `problem` says why the search broke off ("": it did not)."""

    __tablename__ = "release_repair_search"
    __table_args__ = (UniqueConstraint("file_id", "binding"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("release_file.id"), index=True)
    binding: Mapped[str]
    problem: Mapped[str] = mapped_column(default="")
    searched_at: Mapped[datetime] = mapped_column(UtcDateTime)

    file: Mapped[OutputFile] = relationship(back_populates="searches")
    offers: Mapped[list[FileRepair]] = relationship(order_by="FileRepair.id", lazy="selectin", back_populates="search")


class FileRepair(Base):
    """A repaired file that passes the check: its bytes, what changed, and what the comparison with others still finds.

    `before` is the file that it replaced when it was taken, so that this can be undone in the same `turn`.
    """

    __tablename__ = "release_repair"

    id: Mapped[str] = mapped_column(primary_key=True)
    search_id: Mapped[str] = mapped_column(ForeignKey("release_repair_search.id"), index=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    sidecars: Mapped[dict[str, str]] = mapped_column(JsonValue)
    changed: Mapped[str]
    cells: Mapped[list[dict[str, str]]] = mapped_column(JsonValue)
    cells_total: Mapped[int]
    remains: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    before: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    taken_binding: Mapped[str] = mapped_column(default="")
    turn: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    search: Mapped[RepairSearch] = relationship(back_populates="offers")


class Exception_(Base):
    """The author's reason why a failing rule should not hold this file back, and a senior checker's answer."""

    __tablename__ = "release_exception"
    __table_args__ = (UniqueConstraint("file_id", "binding", "rule"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("release_file.id"), index=True)
    binding: Mapped[str]
    rule: Mapped[str]
    justification: Mapped[str]
    state: Mapped[str]
    decided_by: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    appeal: Mapped[str] = mapped_column(default="", server_default="")
    """What the author said against a refusal, once; then another senior checker decides for good."""
    refused_by: Mapped[str | None] = mapped_column(default=None)
    refusal: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def appealable(self) -> bool:
        return self.state == ExceptionState.REFUSED and not self.appeal


class Vote(Base):
    """One checker on one binding. The database holds one vote a checker and binding; a change of mind overwrites it."""

    __tablename__ = "release_vote"
    __table_args__ = (UniqueConstraint("file_id", "checker", "binding"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("release_file.id"), index=True)
    checker: Mapped[str]
    binding: Mapped[str]
    sha256: Mapped[str]
    choice: Mapped[str]
    turn: Mapped[int]
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Claim(Base):
    """A checker's place at the desk. Slots are unique: of two who press at once, one gets the place."""

    __tablename__ = "release_claim"
    __table_args__ = (UniqueConstraint("request_id", "slot"), UniqueConstraint("request_id", "checker"))

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"))
    slot: Mapped[int]
    checker: Mapped[str]
    checklist: Mapped[list[str]] = mapped_column(JsonValue)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_by: Mapped[str | None] = mapped_column(default=None)
    hand_note: Mapped[str] = mapped_column(default="", server_default="")


class Duty(Base):
    """A checker is on duty from one day to another, both included; the days are UTC's."""

    __tablename__ = "review_duty"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days"), Index("review_duty_last_day", "last_day"))

    id: Mapped[str] = mapped_column(primary_key=True)
    checker: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Turn(Base):
    """From one submission to the next; `manifest` is name → binding as submitted, for the diff to the last turn."""

    __tablename__ = "release_turn"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"))
    number: Mapped[int]
    manifest: Mapped[dict[str, str]] = mapped_column(JsonValue)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    returned_by: Mapped[str | None] = mapped_column(default=None)


class Comment(Base):
    """A remark on the request or on one of its files, in a turn, for everyone or for the checkers alone."""

    __tablename__ = "release_comment"

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), index=True)
    file_id: Mapped[str | None] = mapped_column(ForeignKey("release_file.id"), default=None)
    author: Mapped[str]
    visibility: Mapped[str]
    body: Mapped[str]
    turn: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseRecord(Base):
    """The signed envelope of a release, as it lies in the bundle."""

    __tablename__ = "release_record"

    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), primary_key=True)
    envelope: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    manifest_sha256: Mapped[str]
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BundleDownload(Base):
    """Who took the bundle, so that a revocation can reach them."""

    __tablename__ = "release_download"

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), index=True)
    user: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondLook(Base):
    """A release that one checker let out and that was drawn for another's look afterwards."""

    __tablename__ = "release_second_look"

    id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), primary_key=True)
    state: Mapped[str] = mapped_column(default=LookState.OPEN)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checker: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class Appeal(Base):
    """An author's appeal against a rejection, once for a request: its key is the request's."""

    __tablename__ = "release_appeal"

    id: Mapped[str] = mapped_column(ForeignKey("release_request.id"), primary_key=True)
    state: Mapped[str] = mapped_column(default=AppealState.OPEN)
    reason: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checker: Mapped[str | None] = mapped_column(default=None)
    answer: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class Veto(Base):
    """One provider's veto of one approval (`vetoes`). `manifest` is the digest of what the provider read."""

    __tablename__ = "release_veto"
    __table_args__ = (UniqueConstraint("request_id", "provider", "turn"), Index("release_veto_state", "state"))

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("release_request.id"))
    provider: Mapped[str]
    turn: Mapped[int]
    state: Mapped[str]
    manifest: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    said_by: Mapped[str | None] = mapped_column(default=None)
    said_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    reason: Mapped[str] = mapped_column(default="")
    contest: Mapped[str] = mapped_column(default="")
    contested_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[str | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class VetoRule(Base):
    """The office's word on one provider's veto: how many working days it has; 0 is off. The last one counts."""

    __tablename__ = "release_veto_rule"
    __table_args__ = (UniqueConstraint("provider", "revision"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    revision: Mapped[int]
    days: Mapped[int]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnownTotal(Base):
    """Counts that an agency has published, for one project's persons or for all: they count as shown cells."""

    __tablename__ = "known_total"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str | None] = mapped_column(default=None)
    source: Mapped[str]
    statements: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    added_by: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PolicyDecision(Base):
    """The pack owner's word on a rule that is seldom right: it becomes advice, or a rule again; a new pack version."""

    __tablename__ = "policy_decision"
    __table_args__ = (UniqueConstraint("pack", "revision"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    pack: Mapped[str]
    revision: Mapped[int]
    rule: Mapped[str]
    advice: Mapped[bool]
    reason: Mapped[str]
    raised: Mapped[int]
    upheld: Mapped[int]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeptContributors(Base):
    """The data zone keeps contributor sets of this binding, until they are forgotten."""

    __tablename__ = "release_contributors"

    binding: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    kept: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedReply(Base):
    """A sentence or more under a short title; `shared` with all checkers or its owner's."""

    __tablename__ = "saved_reply"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    shared: Mapped[bool]
    title: Mapped[str]
    body: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
