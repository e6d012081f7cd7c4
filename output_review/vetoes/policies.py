"""What stands between an approved request and its release: open vetoes, and refusals of these very files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict
from output_review.vetoes.states import STANDING, VetoState

if TYPE_CHECKING:
    from output_review.model import ReleaseRequest, Veto

MOST_DAYS = 15
"""Three weeks: longer, and a study that only has to be waited out is refused without a reason."""


def manifest_of(request: ReleaseRequest) -> str:
    """The digest of what a provider reads: the files that leave, the words about them, whether they become public."""
    bindings = sorted(file.binding for file in request.votable_files)
    return sha256_hex(canonical_json([bindings, request.title, request.purpose, request.public]))


def open_vetoes(request: ReleaseRequest) -> list[Veto]:
    """Providers who may still refuse."""
    return [veto for veto in request.vetoes if veto.state == VetoState.OPEN]


def refusals(request: ReleaseRequest) -> list[Veto]:
    """Refusals of the request as it stands now; one of other files counts no more."""
    manifest = manifest_of(request)
    return [veto for veto in request.vetoes if veto.state in STANDING and veto.manifest == manifest]


def refusal_sentences(request: ReleaseRequest) -> Iterable[str]:
    """A standing refusal as a reason why the request may not leave."""
    for veto in refusals(request):
        yield f"The provider {veto.provider} refused these very files: {veto.reason}"


def check_not_held(request: ReleaseRequest) -> None:
    """Conflict while a provider may still refuse."""
    waiting = open_vetoes(request)
    if waiting:
        names = ", ".join(sorted(veto.provider for veto in waiting))
        day = max(veto.due_at for veto in waiting)
        raise Conflict(
            f"The provider may refuse this release until {day:%Y-%m-%d}: {names}.",
            "It is released by itself when they have no objection or the day has passed.",
        )
