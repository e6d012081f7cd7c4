"""Repairs of a draft's files: looked for in the checker's container, shown to the author, taken and undone.

A *search* belongs to one binding of a file. Each *repair* that it found was checked alone, and beside the request's
other files and the project's releases, before it is offered; `remains` says what the comparison still finds. Taking
one replaces the file as the author's own upload would: other bytes, another binding, and everything that was said of
the old bytes stops counting. Undoing it puts the old bytes back, until the request is submitted.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotFound, Unavailable
from enclave.core.ids import new_id
from output_review import drafting, policies, store
from output_review.airlock import Airlock, Upload
from output_review.checks import Checker, CheckerAway, CheckerCrashed, read_findings
from output_review.model import CheckReport, FileRepair, OutputFile, ReleaseRequest, RepairSearch
from output_review.permissions import check_is_author
from output_review.sessions import SessionFile, session_findings
from output_review.states import EDITABLE, REPAIR, FileKind, FindingStatus, RepairState
from output_review.together import Gathered, Item, gathered_now

KINDS = ("rounded", "banded", "merged", "suppressed", "stripped")
_TEXT = 600
_KEPT_SIDECARS = ("answers",)
_SIDECAR_BYTES = 8 * 2**20


@dataclass(frozen=True)
class _Question:
    """The file that is to be repaired, as plain values: nothing of the database is held while the checker works."""

    upload: Upload
    file_id: str
    binding: str
    flagged: bool
    together: FindingStatus
    others: frozenset[str]
    gathered: Gathered | None


def look(airlock: Airlock, database: Database, checker: Checker, actor: Actor, request_id: str, file_id: str) -> str:
    """Look for repairs of a file; the id of the search. What was found for these bytes before is not looked for again.

    Raises Conflict where the file is unchecked or the request is not editable, Unavailable without a checker.
    """
    with database.read() as session:
        request = store.get(session, request_id)
        check_editable_by(actor, request)
        file = drafting.file_of(request, file_id)
        before = search_of(file)
        if before is not None and not before.problem:
            return before.id
        question = _question(session, request, file)
    offers, problem = _offers(airlock, checker, question)
    with database.write() as session:
        file = session.get_one(OutputFile, question.file_id)
        session.refresh(file, attribute_names=["searches"])
        return _keep(airlock, session, actor, request_id, file, question, offers, problem)


def take(airlock: Airlock, session: Session, actor: Actor, request_id: str, repair_id: str) -> FileRepair:
    """Put the repaired file in the place of the one that it repairs."""
    request = store.locked(session, request_id)
    check_editable_by(actor, request)
    repair = repair_of(request, repair_id)
    file = session.get_one(OutputFile, repair.search.file_id)
    if file.withdrawn or file.binding != repair.search.binding:
        raise Conflict("The file was changed since this repair was made.", "Look for repairs of the present file.")
    repair.before = _as_json(_upload_of(file))
    if repair.name != file.name:
        drafting.withdraw_file(airlock, session, actor, request_id, file.id)
    new = drafting.put_file(airlock, session, actor, request_id, _repaired(repair, file))
    repair.taken_binding, repair.turn, repair.taken_at = new.binding, request.turn, airlock.clock.now()
    session.flush()
    REPAIR.move(
        session, repair, RepairState.TAKEN, actor, airlock.clock,
        request=request.id, file=new.id, kind=repair.kind, sha256=repair.sha256,
    )  # fmt: skip
    return repair


def undo(airlock: Airlock, session: Session, actor: Actor, request_id: str, repair_id: str) -> FileRepair:
    """Put the file as it was back, while nothing was submitted since."""
    request = store.locked(session, request_id)
    check_editable_by(actor, request)
    repair = repair_of(request, repair_id)
    if not undoable(request, repair):
        raise Conflict("This repair can no longer be undone.", "Add the file again as it should be.")
    before = Upload(**{**repair.before, "kind": FileKind(repair.before["kind"])})
    if before.name != repair.name:
        drafting.withdraw_file(airlock, session, actor, request_id, repair.name)
    file = drafting.put_file(airlock, session, actor, request_id, before)
    session.flush()
    REPAIR.move(
        session, repair, RepairState.UNDONE, actor, airlock.clock,
        request=request.id, file=file.id, kind=repair.kind, sha256=file.sha256,
    )  # fmt: skip
    return repair


def undoable(request: ReleaseRequest, repair: FileRepair) -> bool:
    """Is the repaired file still there as it was taken, in the turn in which it was taken?"""
    file = request.file(repair.name)
    present = file is not None and not file.withdrawn and file.binding == repair.taken_binding
    return present and request.editable and repair.state == RepairState.TAKEN and repair.turn == request.turn


def repair_of(request: ReleaseRequest, repair_id: str) -> FileRepair:
    """One of a request's repairs; NotFound when there is none."""
    found = next((each for each in request.repairs if each.id == repair_id), None)
    if found is None:
        raise NotFound("The request has no such repair.", "Reload the page; the file may have been changed.")
    return found


def unsearched(session: Session) -> list[tuple[str, str]]:
    """(request, file) of drafts whose checked file does not pass and for which no repair was looked for yet."""
    looked = exists().where(RepairSearch.file_id == OutputFile.id, RepairSearch.binding == OutputFile.binding)
    passes_not = exists().where(
        CheckReport.file_id == OutputFile.id,
        CheckReport.binding == OutputFile.binding,
        CheckReport.complete.is_(True),
        CheckReport.linked != "",
        CheckReport.status != FindingStatus.PASS.value,
    )
    query = (
        select(ReleaseRequest.id, OutputFile.id)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(
            ReleaseRequest.state.in_(EDITABLE), OutputFile.withdrawn.is_(False),
            OutputFile.kind != FileKind.SUPPORTING, passes_not, ~looked,
        )
        .order_by(OutputFile.id)
    )  # fmt: skip
    return [(request_id, file_id) for request_id, file_id in session.execute(query)]


def check_editable_by(actor: Actor, request: ReleaseRequest) -> None:
    """Repairs are the author's, while the files may change; the worker looks for them beforehand."""
    if actor.kind != "service":
        check_is_author(actor, request)
    policies.check_editable(request)


def search_of(file: OutputFile) -> RepairSearch | None:
    """The search for repairs of a file's present bytes."""
    return next((each for each in file.searches if each.binding == file.binding), None)


def _question(session: Session, request: ReleaseRequest, file: OutputFile) -> _Question:
    report = file.report
    if report is None or not report.complete:
        raise Conflict("The file is not checked yet.", "Run the checks first.")
    if not file.votable:
        raise BadInput("The file never leaves, so there is nothing to repair.", "Repair the files that leave.")
    flagged, together = bool(report.own), _worst(report.findings[report.own :])
    others = frozenset(each.name for each in request.files if each.id != file.id)
    return _Question(_upload_of(file), file.id, file.binding, flagged, together, others, gathered_now(session, request))


def _upload_of(file: OutputFile) -> Upload:
    return Upload(file.name, file.sha256, file.size, FileKind(file.kind), dict(file.sidecars), file.group.name)


def _as_json(upload: Upload) -> dict[str, Any]:
    return {**vars(upload), "kind": upload.kind.value, "sidecars": dict(upload.sidecars)}


def _repaired(repair: FileRepair, file: OutputFile) -> Upload:
    return Upload(repair.name, repair.sha256, repair.size, FileKind(file.kind), dict(repair.sidecars), file.group.name)


def _offers(airlock: Airlock, checker: Checker, asked: _Question) -> tuple[list[FileRepair], str]:
    """(repairs that pass alone and are no worse beside others, why none where the search broke off)."""
    upload, blobs = asked.upload, airlock.blobs
    beside = {kind: blobs.read(digest) for kind, digest in upload.sidecars.items()}
    pack, data = airlock.policy.pack, blobs.read(upload.sha256)
    try:
        answer = checker.repair(upload.name, data, beside, pack, anyway=not asked.flagged)
        found = answer.get("repairs")
        if not isinstance(found, list):
            raise CheckerCrashed
        offers = [_offer(airlock, checker, asked, item) for item in found if isinstance(item, dict)]
        return [each for each in offers if each is not None], str(answer.get("problem", ""))[:_TEXT]
    except CheckerAway as problem:
        raise Unavailable("The checker does not answer.", "Try again in a minute.") from problem
    except CheckerCrashed:
        return [], "The search for repairs broke off."


def _offer(airlock: Airlock, checker: Checker, asked: _Question, item: Mapping[str, Any]) -> FileRepair | None:
    """One answer of the checker's as a row, or None where it helps nothing."""
    content = _bytes(item.get("content"))
    name = _free_name(asked, str(item.get("name", "")))
    if content is None or item.get("kind") not in KINDS or len(content) > airlock.policy.max_file_bytes:
        raise CheckerCrashed
    sha256, size = airlock.blobs.put(io.BytesIO(content), airlock.policy.max_file_bytes)
    sidecars = {kind: digest for kind, digest in asked.upload.sidecars.items() if kind in _KEPT_SIDECARS}
    for kind in ("context", "evidence"):
        if item.get(kind):
            sidecars[kind] = airlock.blobs.put(io.BytesIO(str(item[kind]).encode()), _SIDECAR_BYTES)[0]
    statements = item.get("statements")
    if not isinstance(statements, list):
        raise CheckerCrashed
    remains = _remaining(airlock, checker, asked, Upload(name, sha256, size), statements)
    worse = _worst(remains).rank - asked.together.rank
    if worse > 0 or (worse == 0 and not asked.flagged):
        return None
    cells = [_cell(each) for each in item.get("cells") or () if isinstance(each, dict)]
    return FileRepair(
        id=new_id("rep"), kind=item["kind"], state=RepairState.OFFERED.value, name=name, sha256=sha256, size=size,
        sidecars=dict(sorted(sidecars.items())), changed=str(item.get("changed", ""))[:_TEXT], cells=cells,
        cells_total=int(item.get("cells_total", len(cells))), remains=remains,
    )  # fmt: skip


def _remaining(
    airlock: Airlock, checker: Checker, asked: _Question, new: Upload, statements: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What the comparison says of the repaired file beside the others."""
    if asked.gathered is None:
        return []
    told = SessionFile(new.name, new.sha256, frozenset(), repaired=True)
    stand_in = Item(asked.file_id, new.name, True, "", statements, told)
    answer = checker.compare(asked.gathered.question(airlock.policy.pack, {asked.file_id: stand_in}))
    items = [stand_in if item.file_id == asked.file_id else item for item in asked.gathered.items]
    found = read_findings(answer, [item.name for item in items]).get(new.name, [])
    by_session = session_findings(airlock, checker, [item.file for item in items], only=new.name)
    return [*found, *by_session.get(new.name, [])]


def _worst(findings: list[dict[str, Any]]) -> FindingStatus:
    return FindingStatus.worst([FindingStatus.PASS, *(FindingStatus.parse(each.get("status")) for each in findings)])


def _free_name(asked: _Question, name: str) -> str:
    """The repaired file's name in the request: beside the old one, and nobody else's."""
    place = PurePosixPath(asked.upload.name)
    wanted = place.with_name(PurePosixPath(policies.check_name(name)).name)
    if str(wanted) in asked.others:
        wanted = place.with_name(f"{wanted.stem}-repaired{wanted.suffix}")
    return str(wanted)


def _bytes(text: Any) -> bytes | None:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return None


def _cell(raw: Mapping[str, Any]) -> dict[str, str]:
    return {part: str(raw.get(part, ""))[:200] for part in ("label", "before", "after")}


def _keep(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, file: OutputFile, asked: _Question,
    offers: list[FileRepair], problem: str,
) -> str:  # fmt: skip
    search = next((each for each in file.searches if each.binding == asked.binding), None)
    if search is None:
        search = RepairSearch(id=new_id("rps"), file_id=file.id, binding=asked.binding)
        session.add(search)
    search.problem, search.searched_at = problem, airlock.clock.now()
    if not search.offers:
        for offer in offers:
            offer.request_id = request_id
            search.offers.append(offer)
    record(
        session, actor, "release.repairs_sought", "release_request", request_id, airlock.clock,
        file=file.id, found=[offer.kind for offer in offers],
    )  # fmt: skip
    session.flush()
    return search.id
