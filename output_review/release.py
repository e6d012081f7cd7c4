"""The release itself, as a job that can be killed anywhere and run again, and the revocation.

1. Under a file lock and in a read: the state is APPROVED, the policy's demands hold, every blob is what it was.
2. A bundle is built in a folder of its own: `bundle.zip` (files and the record as JSON, HTML and PDF), and the
   records beside it.
3. The folder gets its final name in one step; then one transaction keeps the record and moves the request.
A failure before 3 leaves the request APPROVED with the reason, for the next try. Nothing is downloadable before
RELEASED, so a bundle that a crash left behind is rebuilt.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import list_events, record
from enclave.core.db import Database
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, EnclaveError, NotFound
from enclave.core.files import replace_dir_atomic, write_atomic
from enclave.core.ids import new_id
from enclave.core.signing import SigningKey, seal
from output_review import policies, second_looks, store
from output_review.airlock import Airlock
from output_review.drafting import required_text
from output_review.model import BundleDownload, ReleaseRecord, ReleaseRequest
from output_review.permissions import check_can_download, check_can_release, check_can_revoke
from output_review.record import FILES, HTML_NAME, JSON_NAME, KIND, PDF_NAME, payload_of
from output_review.render.record_page import record_page
from output_review.render.record_pdf import record_pdf
from output_review.states import LIFECYCLE, ReleaseState
from output_review.together import check_current
from output_review.vetoes.policies import check_not_held

BUNDLE = "bundle.zip"
_SUBJECT = "release_request"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def release(airlock: Airlock, database: Database, actor: Actor, request_id: str, key: SigningKey) -> dict[str, Any]:
    """Release an approved request and return its signed record; a second call returns the same one."""
    with _only_one(airlock.bundles, request_id):
        with database.read() as session:
            # waiting for a provider is no failure
            check_not_held(store.get(session, request_id))
        try:
            with database.read() as session:
                request = store.get(session, request_id)
                check_can_release(actor, request, airlock.members_of(session, request))
                done = store.record_of(session, request_id)
                if done is not None:
                    return dict(done.envelope)
                envelope, readable = _sealed(airlock, session, request, key)
                _build(airlock, request, envelope, readable)
        except EnclaveError as problem:
            _note_failure(airlock, database, actor, request_id, problem.message)
            raise
        except OSError as problem:
            _note_failure(airlock, database, actor, request_id, "The bundle could not be written.")
            raise Conflict(
                "The bundle could not be written; the release will be tried again.",
                "Ask an administrator to look at the space on the disk.",
            ) from problem
        with database.write() as session:
            _finish(airlock, session, actor, request_id, envelope)
        return envelope


def revoke(airlock: Airlock, session: Session, actor: Actor, request_id: str, reason: str) -> list[str]:
    """Take a release back after an incident; returns who downloaded it, who must be told to destroy it."""
    request = store.locked(session, request_id)
    check_can_revoke(actor, request, airlock.members_of(session, request))
    text = required_text(reason, "reason", 4000)
    told = store.downloaders(session, request_id)
    LIFECYCLE.move(session, request, ReleaseState.REVOKED, actor, airlock.clock, reason=text, downloaded_by=told)
    request.decided_at, request.decided_by, request.decision_note = airlock.clock.now(), actor.name, text
    return told


def download(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> Path:
    """The bundle's zip for a member of the project, after RELEASED only; audited."""
    request = store.get(session, request_id)
    check_can_download(actor, airlock.members_of(session, request))
    if request.state != ReleaseState.RELEASED:
        raise NotFound("There is no bundle to download.", "It is here once the request is released.")
    session.add(BundleDownload(id=new_id("dwn"), request_id=request_id, user=actor.name, at=airlock.clock.now()))
    record(session, actor, "release.downloaded", _SUBJECT, request_id, airlock.clock)
    return airlock.bundles / request_id / BUNDLE


def _sealed(
    airlock: Airlock, session: Session, request: ReleaseRequest, key: SigningKey
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The signed envelope and its readable forms by name, after everything was looked at once more."""
    LIFECYCLE.check(request.state, ReleaseState.RELEASED)
    barred = airlock.barred(session, request)
    policies.check_can_approve(request, barred)
    check_not_held(request)
    check_current(session, request)
    for file in request.votable_files:
        airlock.blobs.check(file.sha256)
    last = list_events(session, limit=1).events
    payload = payload_of(
        request,
        barred=barred,
        released_at=airlock.clock.now().isoformat(),
        audit_head=last[0].hash if last else "",
        audit_events=last[0].seq if last else 0,
    )
    page, paper = record_page(payload).encode(), record_pdf(payload)
    payload["readable"] = {"path": HTML_NAME, "sha256": sha256_hex(page)}
    payload["paper"] = {"path": PDF_NAME, "sha256": sha256_hex(paper)}
    return seal(KIND, payload, key, airlock.clock), {HTML_NAME: page, PDF_NAME: paper}


def _build(airlock: Airlock, request: ReleaseRequest, envelope: dict[str, Any], readable: dict[str, bytes]) -> None:
    final = airlock.bundles / request.id
    beginning = f".building-{request.id}-"
    for left in airlock.bundles.glob(f"{beginning}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=airlock.bundles, prefix=beginning) as name:
        made = Path(name) / request.id
        made.mkdir()
        records = {JSON_NAME: canonical_json(envelope), **readable}
        for each, data in records.items():
            write_atomic(made / each, data)
        with zipfile.ZipFile(made / BUNDLE, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, data in records.items():
                archive.writestr(_entry(each), data)
            for file in request.votable_files:
                archive.writestr(_entry(f"{FILES}{file.name}"), airlock.blobs.read(file.sha256))
        # Left by a try that was killed before its transaction: nobody could download it.
        if final.exists():
            shutil.rmtree(final)
        replace_dir_atomic(made, final)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _finish(airlock: Airlock, session: Session, actor: Actor, request_id: str, envelope: dict[str, Any]) -> None:
    request = store.locked(session, request_id)
    # of two releases of a project the second is compared with the first before it leaves
    check_current(session, request)
    check_not_held(request)
    digest = sha256_hex(canonical_json(envelope["payload"]["manifest"]))
    session.add(
        ReleaseRecord(request_id=request_id, envelope=envelope, manifest_sha256=digest, released_at=airlock.clock.now())
    )
    LIFECYCLE.move(
        session, request, ReleaseState.RELEASED, actor, airlock.clock,
        manifest=digest, record=sha256_hex(canonical_json(envelope)), files=len(request.votable_files),
    )  # fmt: skip
    request.release_problem = ""
    second_looks.draw(airlock, session, actor, request)


def _note_failure(airlock: Airlock, database: Database, actor: Actor, request_id: str, why: str) -> None:
    with database.write() as session:
        request = session.get(ReleaseRequest, request_id)
        if request is None or request.state != ReleaseState.APPROVED:
            return
        request.release_attempts += 1
        request.release_problem = why
        record(
            session, actor, "release.failed", _SUBJECT, request_id, airlock.clock,
            attempt=request.release_attempts, reason=why,
        )  # fmt: skip


@contextmanager
def _only_one(bundles: Path, request_id: str) -> Iterator[None]:
    """One process at a time releases a request; portal and worker share the folder, so they share the lock."""
    bundles.mkdir(parents=True, exist_ok=True)
    # The id is looked up before anything is written below its name; the lock's own name is a digest of it.
    with (bundles / f".lock-{sha256_hex(request_id.encode())[:16]}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
