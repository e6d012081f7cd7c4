"""Contributor sets between the airlock and the data zone: sealed bytes go in, findings come out.

Portal and worker hold only ciphertext. They tell the data service which tables are new and which are released, name the
tables in its answer, and note which sets it keeps, so that those of revoked and rejected requests can be forgotten.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from c2c_research.disclosure.policy import load_pack
from output_review import store, together
from output_review.model import KeptContributors, OutputFile, ReleaseRequest
from output_review.states import FileKind, ReleaseState
from services.api.context import Context
from services.data_client import DataClient

SIDECAR = "contributors"
GONE = (ReleaseState.REVOKED, ReleaseState.REJECTED, ReleaseState.WITHDRAWN)
APART = "Persons behind this table and behind {others} are the same but for 1 to 10."


@dataclass(frozen=True)
class Sealed:
    """A file of the request that brought its sets."""

    name: str
    binding: str
    sha256: str
    sidecar: str
    counts: list[list[int]]


def contributor_findings(ctx: Context, request_id: str) -> together.Findings:
    """Findings of the comparison by contributors, by file name. Raises Unavailable where the data zone is away."""
    from services.airlock import airlock_of

    with ctx.database.read() as session:
        if not _brought(session, request_id):
            return {}
        request = store.get(session, request_id)
        project, files, released = request.project_id, _files(request), _released(session, request.project_id)
    if not files:
        return {}
    client, blobs = data_client(ctx), airlock_of(ctx).blobs
    findings: together.Findings = {}
    names = {**released}
    for file in files:
        sealed = base64.b64encode(blobs.read(file.sidecar)).decode()
        answer = client.call("contributors.put", project=project, binding=file.binding, table=file.sha256,
                             counts=file.counts, sealed=sealed)  # fmt: skip
        if answer["kept"]:
            names[file.binding] = file.name
        else:
            findings[file.name] = [_finding("review", str(answer["problem"]), "", [])]
    kept = [file for file in files if file.binding in names]
    _note(ctx, project, request_id, [file.binding for file in kept])
    answer = client.call(
        "contributors.compare", project=project, new=[file.binding for file in kept], released=sorted(released)
    )
    for file in kept:
        mine = [each for each in answer["overlaps"] if each["table"] == file.binding]
        if mine:
            findings.setdefault(file.name, []).append(_apart(ctx, mine, names))
    return findings


def forgettable(ctx: Context) -> list[str]:
    """Requests that will not be released, or were revoked, and of which the data zone still keeps sets."""
    query = (
        select(KeptContributors.request_id)
        .join(ReleaseRequest, ReleaseRequest.id == KeptContributors.request_id)
        .where(KeptContributors.kept.is_(True), ReleaseRequest.state.in_(GONE))
        .distinct()
    )
    with ctx.database.read() as session:
        return sorted(session.scalars(query))


def forget(ctx: Context, request_id: str) -> None:
    """Let the data zone forget the sets of a request; those that another request still needs stay."""
    with ctx.database.read() as session:
        project = store.get(session, request_id).project_id
        rows = session.scalars(select(KeptContributors).where(KeptContributors.kept.is_(True))).all()
        mine = {row.binding for row in rows if row.request_id == request_id}
        others = {row.binding for row in rows if row.request_id != request_id}
    data_client(ctx).call("contributors.forget", project=project, bindings=sorted(mine - others))
    with ctx.database.write() as session:
        for row in session.scalars(select(KeptContributors).where(KeptContributors.request_id == request_id)):
            row.kept = False


def data_client(ctx: Context) -> DataClient:
    """The way to the research store."""
    return DataClient(ctx.settings.paths.socket("data"), ctx.key, ctx.keyring, ctx.clock)


def _brought(session: Session, request_id: str) -> bool:
    """Whether any file of the request came with its sets."""
    return any(
        SIDECAR in each
        for each in session.scalars(select(OutputFile.sidecars).where(OutputFile.request_id == request_id))
    )


def _files(request: ReleaseRequest) -> list[Sealed]:
    return [
        Sealed(file.name, file.binding, file.sha256, file.sidecars[SIDECAR], _counts(file))
        for file in request.votable_files
        if SIDECAR in file.sidecars
    ]


def _counts(file: OutputFile) -> list[list[int]]:
    """Persons of each shown cell: as the evidence says, else the count itself."""
    statements = file.report.statements if file.report is not None else None
    found = []
    for statement in statements or ():
        exact = statement.get("measure") == "persons" and not statement.get("rounding")
        for _, row, column, number, _, units in statement["cells"]:
            persons = units if units is not None else number if exact else None
            if persons is not None:
                found.append([int(row), int(column), int(persons)])
    return found


def _released(session: Session, project: str) -> dict[str, str]:
    """Binding → name of every released file that brought its sets."""
    query = (
        select(ReleaseRequest.id, OutputFile.name, OutputFile.binding, OutputFile.sidecars)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(
            ReleaseRequest.project_id == project,
            ReleaseRequest.state == ReleaseState.RELEASED,
            OutputFile.withdrawn.is_(False),
            OutputFile.kind != FileKind.SUPPORTING,
        )
    )
    rows = session.execute(query)
    return {binding: f"{request_id}: {name}" for request_id, name, binding, sidecars in rows if SIDECAR in sidecars}


def _note(ctx: Context, project: str, request_id: str, bindings: list[str]) -> None:
    with ctx.database.write() as session:
        for binding in bindings:
            session.merge(
                KeptContributors(
                    binding=binding, request_id=request_id, project_id=project, kept=True, at=ctx.clock.now()
                )
            )


def _apart(ctx: Context, overlaps: list[dict[str, Any]], names: dict[str, str]) -> dict[str, Any]:
    from services.airlock import checking

    rule = load_pack(checking(ctx).policy.pack).rule("differencing")
    others = ", ".join(dict.fromkeys(names.get(each["other"], "another table") for each in overlaps[:4]))
    more = f" and {len(overlaps) - 4} more" if len(overlaps) > 4 else ""
    cells = sorted({tuple(cell) for each in overlaps for cell in each["cells"]})
    sentence = rule.sentence if rule else "Use the same population, or round both to 5."
    text = f"{APART.format(others=others + more)} {sentence}"
    status = "review" if rule is None else "pass" if rule.advice else rule.status.word
    return _finding(status, text, f"with {others}", [list(cell) for cell in cells])


def _finding(status: str, message: str, where: str, cells: list[Any]) -> dict[str, Any]:
    return {"rule": "differencing", "status": status, "message": message[:600], "where": where[:200], "cells": cells}
