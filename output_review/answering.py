"""What the author answers to the checker's questions ("does this column count persons?"), kept a column.

Answers lie beside each file as a sidecar of their own, so they are part of what a check and a vote are about: an
answer changes the binding, and the file is checked anew. The checker takes an answer as declared, never as proof.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from c2c_research.disclosure.answers import Answers
from c2c_research.disclosure.context import BadContext
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import canonical_json
from enclave.core.errors import BadInput
from output_review import policies, store
from output_review.airlock import Airlock
from output_review.model import ReleaseRequest, binding_of
from output_review.permissions import check_is_author

SIDECAR = "answers"
MAX_BYTES = 200_000


def answer(airlock: Airlock, session: Session, actor: Actor, request_id: str, answers: Mapping[str, Any]) -> None:
    """Add answers to those given before. Raises BadInput for what is no answer, Conflict once the request is sent."""
    request = store.locked(session, request_id)
    check_is_author(actor, request)
    policies.check_editable(request)
    try:
        known = known_answers(airlock, request).with_answers(Answers.from_json(dict(answers)))
    except BadContext as problem:
        raise BadInput(str(problem), "Answer a column with count, rate, mean, magnitude, key or other.") from problem
    digest, _ = airlock.blobs.put(io.BytesIO(canonical_json(known.to_json())), MAX_BYTES)
    for file in request.votable_files:
        file.sidecars = dict(sorted({**file.sidecars, SIDECAR: digest}.items()))
        file.binding = binding_of(file.name, file.kind, file.sha256, file.sidecars)
    record(
        session, actor, "release.answered", "release_request", request.id, airlock.clock,
        columns=len(known.columns), sha256=digest, bindings={file.id: file.binding for file in request.votable_files},
    )  # fmt: skip


def known_answers(airlock: Airlock, request: ReleaseRequest) -> Answers:
    """What was answered in a request so far."""
    digests = {file.sidecars[SIDECAR] for file in request.present_files if SIDECAR in file.sidecars}
    known = Answers()
    for digest in sorted(digests):
        known = known.with_answers(Answers.from_json(json.loads(airlock.blobs.read(digest))))
    return known
