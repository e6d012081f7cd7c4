"""The airlock joined to the enclave: its stores and clock, the checker's socket, and projects as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import BadInput, Conflict
from enclave.notices import store as notices
from enclave.projects import store as projects
from enclave.projects.policies import is_live
from enclave.reports.model import ReportRun
from enclave.reports.states import RunState
from output_review import pack_decisions, repairing, service, templates
from output_review.airlock import Airlock, Submission, Upload
from output_review.blobs import BlobStore
from output_review.checks import SocketChecker
from output_review.model import ReleaseRequest
from output_review.policies import KINDS, check_name
from output_review.states import FileKind, ReleaseState, ReviewMode
from services.api.context import Context
from services.contributors import SIDECAR, contributor_findings

_SIDECARS = {".context.yaml": "context", ".evidence.json": "evidence", ".receipt.json": "receipt",
             ".contributors.bin": SIDECAR}  # fmt: skip
_SIDECAR_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Incoming:
    """A file on its way in: its name inside the request, and its bytes to be read once."""

    name: str
    stream: BinaryIO
    supporting: bool = False


def airlock_of(ctx: Context) -> Airlock:
    """The airlock of this process."""
    return Airlock(
        clock=ctx.clock,
        blobs=BlobStore(ctx.settings.paths.blobs),
        bundles=ctx.settings.paths.bundles,
        members=projects.members,
        keyring=ctx.keyring,
        repeated=repeated_outputs,
        absent=lambda session, names: notices.away(session, names, ctx.clock.now()),
    )


def repeated_outputs(session: Session, request: ReleaseRequest) -> Mapping[str, str]:
    """The outputs of the run that made a request, when two people released the same notebook's outputs before."""
    run = session.get(ReportRun, str(request.lineage.get("run", "")))
    if run is None or run.release != request.id or run.state != RunState.SUCCEEDED:
        return {}
    before = (
        select(ReleaseRequest.id)
        .join(ReportRun, ReportRun.release == ReleaseRequest.id)
        .where(
            ReportRun.notebook_digest == run.notebook_digest,
            ReleaseRequest.state == ReleaseState.RELEASED,
            ReleaseRequest.review_mode != ReviewMode.SINGLE,
        )
    )
    return dict(run.outputs) if session.scalar(before.limit(1)) is not None else {}


def checking(ctx: Context) -> Airlock:
    """The airlock with the pack as its owner's decisions left it: what checks are made under now."""
    airlock = airlock_of(ctx)
    with ctx.database.read() as session:
        pack = pack_decisions.in_force(session, airlock.policy.pack)
    return replace(airlock, policy=replace(airlock.policy, pack=pack))


def checker_of(ctx: Context) -> SocketChecker:
    """The checker container."""
    return SocketChecker(ctx.settings.paths.socket("checker"))


def submission_of(ctx: Context, session: Session, project_id: str, lineage: Mapping[str, Any]) -> Submission:
    """A live project as the airlock knows it; without a lineage, every provider of the extract is meant."""
    project = projects.get_project(session, project_id)
    if not is_live(project, ctx.clock.now()):
        raise Conflict("The project is not active, so nothing is submitted from it.", "Ask the office to reopen it.")
    providers = lineage.get("providers") or project.providers
    rest = {key: value for key, value in lineage.items() if key != "providers"}
    if project.extract_version is not None:
        rest.setdefault("extract", f"{project.id}/{project.extract_version}")
    return Submission(project.id, frozenset(projects.members(session, project.id)), list(providers), rest)


def receive(airlock: Airlock, files: Iterable[Incoming]) -> list[Upload]:
    """Store the bytes, and pair each sidecar (`t1.context.yaml`) with its file (`t1.csv`)."""
    uploads: dict[str, Upload] = {}
    beside: dict[tuple[str, str], str] = {}
    for file in files:
        sidecar = next((ending for ending in _SIDECARS if file.name.endswith(ending)), None)
        limit = airlock.policy.max_file_bytes if sidecar is None else _SIDECAR_BYTES
        if sidecar is None:
            check_name(file.name)
        sha256, size = airlock.blobs.put(file.stream, limit)
        if sidecar is None:
            uploads[file.name] = Upload(file.name, sha256, size, _kind(file))
        else:
            beside[file.name.removesuffix(sidecar), _SIDECARS[sidecar]] = sha256
    _check_paired(uploads, beside)
    return [_with_sidecars(upload, beside) for upload in uploads.values()]


def start_draft(
    ctx: Context, actor: Actor, project_id: str, uploads: Iterable[Upload],
    *, title: str, purpose: str = "", public: bool = False, author: str | None = None,
    lineage: Mapping[str, Any] | None = None, template: templates.Template | None = None,
) -> str:  # fmt: skip
    """A draft with these files, in one transaction; its id. A service (a report run) names the `author`."""
    airlock = airlock_of(ctx)
    uploads = list(uploads)
    templates.check_kinds(template, [upload.name for upload in uploads if upload.kind is not FileKind.SUPPORTING])
    chosen = {templates.LINEAGE_KEY: template.name} if template else {}
    with ctx.database.write() as session:
        submission = submission_of(ctx, session, project_id, {**(lineage or {}), **chosen})
        request = service.create_draft(
            airlock, session, actor, submission, title=title, purpose=purpose, public=public, author=author
        )
        session.flush()
        for upload in uploads:
            service.put_file(airlock, session, actor, request.id, upload)
        return request.id


def check_draft(ctx: Context, actor: Actor, request_id: str) -> str:
    """Run the checks that are still to do; the worst status as a word."""
    sets = partial(contributor_findings, ctx)
    return service.run_checks(checking(ctx), ctx.database, checker_of(ctx), actor, request_id, sets).value


def look_for_repairs(ctx: Context, actor: Actor, request_id: str, file: str) -> str:
    """Look for repairs of a draft's file in the checker; the id of the search."""
    return repairing.look(checking(ctx), ctx.database, checker_of(ctx), actor, request_id, file)


def _kind(file: Incoming) -> FileKind:
    if file.supporting:
        return FileKind.SUPPORTING
    is_code = KINDS[PurePosixPath(file.name).suffix.lower()] == "code"
    return FileKind.CODE if is_code else FileKind.OUTPUT


def _stems(name: str) -> tuple[str, str]:
    """What a sidecar of this file may begin with: `t1.csv` or `t1`."""
    return name, name.removesuffix(PurePosixPath(name).suffix)


def _with_sidecars(upload: Upload, beside: Mapping[tuple[str, str], str]) -> Upload:
    found = {kind: digest for (stem, kind), digest in sorted(beside.items()) if stem in _stems(upload.name)}
    return Upload(upload.name, upload.sha256, upload.size, upload.kind, found, upload.group)


def _check_paired(uploads: Mapping[str, Upload], beside: Mapping[tuple[str, str], str]) -> None:
    stems = {stem for name in uploads for stem in _stems(name)}
    if any(stem not in stems for stem, _ in beside):
        raise BadInput(
            "A sidecar belongs to none of the files.", "Send `t1.context.yaml` together with its table `t1.csv`."
        )
