"""Which review a request gets: a table in data (`tiers.yaml`), read from the top; the first row that fits decides.

A tier is decided at each submission from what the files *are*, which the enclave verifies itself (a receipt's
signature and digest, a run's own record, the kind of file), never from what the author says. In one request the
demand only grows: a later submission may need more people than an earlier one, never fewer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.digests import sha256_hex
from enclave.core.errors import Conflict, EnclaveError, NotAllowed
from enclave.core.signing import Keyring, open_envelope
from enclave.people.roles import Role
from output_review import policies, store
from output_review.airlock import Airlock
from output_review.blobs import BlobStore
from output_review.model import OutputFile, ReleaseRequest
from output_review.permissions import check_can_review
from output_review.states import FileKind, FindingStatus, ReleaseState, ReviewMode
from output_review.templates import template_of

TABLE_FILE = Path(__file__).with_name("tiers.yaml")
_STRICTNESS = (ReviewMode.SINGLE, ReviewMode.SEQUENTIAL, ReviewMode.INDEPENDENT)
_RECEIPT_ISSUERS = frozenset({"data"})


class Nature(StrEnum):
    """What a leaving file is, as far as the enclave can verify it."""

    RECEIPTED = "receipted"
    REPEATED = "repeated"
    CODE = "code"
    ANYTHING = "anything"


@dataclass(frozen=True)
class Tier:
    """One row of the table."""

    name: str
    title: str
    every: frozenset[Nature]
    worst: FindingStatus
    mode: ReviewMode
    blind: int
    second_look: int
    reason: str

    def fits(self, natures: list[frozenset[Nature]], worst: FindingStatus) -> bool:
        """Whether each file is of one of the row's natures, and no check came out worse than the row takes."""
        return worst.rank <= self.worst.rank and all(nature & self.every for nature in natures)


@lru_cache
def tiers() -> tuple[Tier, ...]:
    """The table. Its last row takes everything, so that every request has a tier."""
    rows = yaml.safe_load(TABLE_FILE.read_text(encoding="utf-8"))
    return tuple(
        Tier(
            name=row["name"], title=row["title"], every=frozenset(Nature(each) for each in row["every"]),
            worst=FindingStatus(row["worst"]), mode=ReviewMode(row["mode"]), blind=int(row["blind"]),
            second_look=int(row["second_look"]), reason=row["reason"],
        )
        for row in rows
    )  # fmt: skip


def tier_named(name: str) -> Tier:
    """The row of that name; the last one for names of tables before."""
    return next((tier for tier in tiers() if tier.name == name), tiers()[-1])


def natures(airlock: Airlock, session: Session, request: ReleaseRequest) -> dict[str, frozenset[Nature]]:
    """Leaving file → everything that it verifiably is. Any file is ANYTHING."""
    repeated = airlock.repeated(session, request)
    return {file.name: _natures(airlock, request, file, repeated) for file in request.votable_files}


def decide(airlock: Airlock, session: Session, request: ReleaseRequest) -> Tier:
    """Set the request's tier, reason and mode, at a submission. It never asks for fewer people than before."""
    worst = FindingStatus.worst([file.status for file in request.votable_files])
    found = list(natures(airlock, session, request).values())
    tier = next(tier for tier in tiers() if tier.fits(found, worst))
    before = ReviewMode(request.review_mode) if request.turn > 1 else ReviewMode.SINGLE
    template = template_of(request)
    least = template.review if template else ReviewMode.SINGLE
    mode = max(_mode(airlock, tier, request), before, least, key=_STRICTNESS.index)
    wanted = request.turn > 1 or least is not ReviewMode.SINGLE
    if wanted and tier.mode is ReviewMode.SINGLE and mode is not ReviewMode.SINGLE:
        tier = tiers()[-1]
    request.tier, request.review_mode = tier.name, mode.value
    request.tier_reason = _reason(tier, mode, request)
    return tier


def ask_blind(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    """The author (before a submission) or a senior checker (before the first vote) wants two independent readers."""
    request = store.locked(session, request_id)
    _check_can_ask(airlock, session, actor, request)
    if request.blind_asked_by or (request.under_review and request.review_mode == ReviewMode.INDEPENDENT):
        raise Conflict("Two independent readers are asked for already.", "Nothing is left to do.")
    request.blind_asked_by = actor.name
    if request.under_review:
        request.tier, request.review_mode = tiers()[-1].name, ReviewMode.INDEPENDENT.value
        request.tier_reason = _reason(tiers()[-1], ReviewMode.INDEPENDENT, request)
    record(session, actor, "release.blind_asked", "release_request", request.id, airlock.clock, turn=request.turn)
    return request


def may_ask_blind(actor: Actor, request: ReleaseRequest) -> bool:
    """Whether the mode can still be raised by this person (beside the rule that nobody reviews their own project)."""
    if request.blind_asked_by or request.review_mode == ReviewMode.INDEPENDENT:
        return False
    if actor.name == request.author:
        return request.editable
    return actor.has(Role.SENIOR_CHECKER) and request.state == ReleaseState.SUBMITTED and not _voted(request)


def drawn(request_id: str, purpose: str, percent: int) -> bool:
    """Whether the request is in the share; from its random id, so nobody chooses and everybody can recompute it."""
    return int(sha256_hex(f"{purpose}:{request_id}".encode())[:8], 16) % 100 < percent


def verified_receipt(blobs: BlobStore, keyring: Keyring, clock: Clock, project: str, file: OutputFile) -> bool:
    """Whether the receipt beside the file is the data service's, for this project and for exactly these bytes."""
    digest = file.sidecars.get("receipt")
    if digest is None:
        return False
    try:
        payload = open_envelope(
            json.loads(blobs.read(digest)), keyring, "dp.receipt", clock, _RECEIPT_ISSUERS
        )  # fmt: skip
    except (EnclaveError, ValueError):
        return False
    return payload.get("project") == project and payload.get("result_sha256") == file.sha256


def _natures(
    airlock: Airlock, request: ReleaseRequest, file: OutputFile, repeated: Mapping[str, str]
) -> frozenset[Nature]:
    found = {Nature.ANYTHING}
    if file.kind == FileKind.CODE:
        found.add(Nature.CODE)
    elif verified_receipt(airlock.blobs, airlock.keyring, airlock.clock, request.project_id, file):
        found.add(Nature.RECEIPTED)
    if repeated.get(file.name) == file.sha256:
        found.add(Nature.REPEATED)
    return frozenset(found)


def _mode(airlock: Airlock, tier: Tier, request: ReleaseRequest) -> ReviewMode:
    if request.blind_asked_by:
        return ReviewMode.INDEPENDENT
    if tier.mode is ReviewMode.SINGLE:
        return ReviewMode.SINGLE
    return policies.review_mode(airlock.policy, request.id, tier.blind)


def _reason(tier: Tier, mode: ReviewMode, request: ReleaseRequest) -> str:
    if mode is not ReviewMode.INDEPENDENT:
        return tier.reason
    why = f"{request.blind_asked_by} asked for it" if request.blind_asked_by else "drawn from its id"
    return f"{tier.reason} They read it independently and blind ({why})."


def _voted(request: ReleaseRequest) -> bool:
    return any(file.current_votes for file in request.votable_files)


def _check_can_ask(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    if actor.kind == "user" and actor.name == request.author:
        policies.check_editable(request)
        return
    check_can_review(actor, request, airlock.members_of(session, request))
    if not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed("Independent readers are asked for by the author or a senior checker.", "Ask one of them.")
    policies.check_under_review(request)
    if request.state != ReleaseState.SUBMITTED or _voted(request):
        raise Conflict("Somebody has voted, so a blind review can no longer begin.", "Return it to its author first.")
