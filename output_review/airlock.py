"""What the use cases need beside a session and an actor, and the plain values that other parts hand in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.clock import Clock
from enclave.core.signing import Keyring
from output_review.blobs import BlobStore
from output_review.model import ReleaseRequest
from output_review.permissions import barred
from output_review.policies import ReviewPolicy
from output_review.states import FileKind

Members = Callable[[Session, str], Collection[str]]
"""Names of the people who belong to a project now."""

Repeated = Callable[[Session, ReleaseRequest], Mapping[str, str]]
"""Name → SHA-256 of the outputs of the registered report's run that a request holds, where two people released that
notebook before; else nothing."""


Absent = Callable[[Session, Collection[str]], Collection[str]]
"""Who of these people is away now."""


@dataclass(frozen=True)
class Airlock:
    """The house rules and stores of one enclave's airlock."""

    clock: Clock
    blobs: BlobStore
    bundles: Path
    members: Members
    policy: ReviewPolicy = field(default_factory=ReviewPolicy)
    keyring: Keyring = field(default_factory=lambda: Keyring({}))
    repeated: Repeated = field(default=lambda _session, _request: {})

    absent: Absent = field(default=lambda _session, _names: ())

    def members_of(self, session: Session, request: ReleaseRequest) -> frozenset[str]:
        return frozenset(self.members(session, request.project_id))

    def barred(self, session: Session, request: ReleaseRequest) -> frozenset[str]:
        return barred(request, self.members_of(session, request))


@dataclass(frozen=True)
class Submission:
    """The project that outputs come from. Unknown lineage means every provider of its extract."""

    project_id: str
    project_members: Collection[str]
    providers: Collection[str]
    lineage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    """A file whose bytes are in the blob store already. `sidecars`: kind (context, evidence, receipt) → SHA-256."""

    name: str
    sha256: str
    size: int
    kind: FileKind = FileKind.OUTPUT
    sidecars: Mapping[str, str] = field(default_factory=dict)
    group: str = "outputs"
