"""The journal for people and for machines: who may read it, as JSON to be signed, as CSV, as steps of a plot."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.dp import journal
from enclave.dp.loss import NANO
from enclave.dp.model import JournalLine
from enclave.editions import store as editions
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects
from enclave.projects.permissions import check_can_see_project

COLUMNS = (
    "number", "at", "kind", "by", "project", "purse", "entry", "nano_rho", "total", "charged", "reason", "cause",
    "source", "receipt", "entry_hash", "digest", "previous", "hash",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CAP, KEPT = "edition", "kept for revisions"


@dataclass(frozen=True)
class Step:
    """A moment at which a purse or a cap came to hold something: its name, what is left and of what, as rho."""

    at: datetime
    name: str
    left: float
    total: float
    kind: str
    rho: float


def readable(session: Session, actor: Actor, edition: str, project: str | None) -> list[JournalLine]:
    """An edition's journal, when the actor may read a project's part of it (None: all of it)."""
    editions.edition(session, edition)
    if project is not None:
        check_can_see_project(session, actor, projects.get_project(session, project))
    elif not (holds(actor, Permission.BUDGETS_GRANT) or holds(actor, Permission.AUDIT_READ)):
        raise NotAllowed(
            "Only the managing entity and auditors read a whole edition's journal.", "Ask for a project's."
        )
    return journal.lines_of(session, edition)


def export(lines: Sequence[JournalLine], edition: str, project: str | None) -> dict[str, Any]:
    """The payload that the portal signs; lines of others as digests when it is for a project."""
    shown = [_line(line, project is None or line.project in (project, journal.OFFICE)) for line in lines]
    return {
        "edition": edition,
        "project": project,
        "head": lines[-1].hash if lines else journal.GENESIS,
        "lines": shown,
    }


def as_csv(payload: dict[str, Any]) -> str:
    """The same lines as a table; texts that a spreadsheet would run are quoted."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for line in payload["lines"]:
        cells = {**line.get("content", {}), **line}
        writer.writerow({name: _harmless(value) for name, value in cells.items()})
    return stream.getvalue()


def steps(lines: Sequence[JournalLine], project: str | None) -> Iterator[Step]:
    """What was left after each change: of a project's purses, or of an edition's caps when there is none."""
    last: dict[str, tuple[int, int]] = {}
    for line in lines:
        for name, total, charged in _held(line, project):
            if last.get(name) != (total, charged):
                last[name] = (total, charged)
                yield _step(line, name, total, charged, line.content.get("nano_rho", 0) / NANO)


def _held(line: JournalLine, project: str | None) -> Iterator[tuple[str, int, int]]:
    said = line.content
    if project is None and (cap := said.get("cap")):
        yield CAP, cap["total"], cap["charged"]
        yield KEPT, cap["revision_total"], cap["revision_charged"]
    elif project is not None and line.project == project and "total" in said:
        yield said["purse"], said["total"], said["charged"]


def _step(line: JournalLine, name: str, total: int, charged: int, rho: float) -> Step:
    return Step(line.at, name, (total - charged) / NANO, total / NANO, line.content["kind"], rho)


def _line(line: JournalLine, whole: bool) -> dict[str, Any]:
    said = {"number": line.number, "previous": line.previous, "digest": line.digest, "hash": line.hash}
    return said | ({"content": line.content} if whole else {})


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
