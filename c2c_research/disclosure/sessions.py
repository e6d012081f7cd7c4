"""Sessions of ACRO and SACRO (`results.json`, `config.json`, `checksums/`), read as evidence and never believed.

A session says which cells had too few contributors or a dominant one. Where such a cell is shown, that is a finding
of ours; what the session calls 'pass' or 'ok' changes nothing. The tool's threshold is 10, so its marks are a part of
ours. A checksum that differs is a finding: the file is not the one that the session recorded.

A session's own files hold no results: where they keep to their form they are read for their words alone. The form is
narrow, so that nothing travels in them. (https://github.com/AI-SDC/ACRO, formats of version 1.0.)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from c2c_research.disclosure import readers
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import RefusedKind, Unreadable
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table

RECORD = "results.json"
LEAST_DOF = 10
_CHECK = {"MinimumThresholdCheck": "min_cell", "NKCheck": "dominance", "PPercentCheck": "dominance"}
_SAW = {
    "min_cell": "The session recorded fewer contributors than its threshold for",
    "dominance": "The session recorded a dominant contributor for",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Marks:
    """What a session says of one file: `outcome` is column → row → the names of the checks that a cell failed."""

    outcome: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    small_bins: int = 0
    dof: float | None = None


@dataclass(frozen=True)
class Session:
    """A session's folder: what it says of its files, and the checksums that it wrote."""

    marks: Mapping[str, Marks]
    digests: Mapping[str, str]


def session_of(record: bytes, digests: Mapping[str, bytes]) -> Session | None:
    """The session that a `results.json` describes; None where it is no record of a session."""
    try:
        data = json.loads(record)
    except (ValueError, RecursionError):
        return None
    if not readers.is_session_record(data):
        return None
    marks: dict[str, Marks] = {}
    for result in data["results"].values():
        tables = len(result["files"]) == 1
        for file in result["files"]:
            summary = file.get("sdc", {}).get("summary", {})
            marks[str(file["name"])] = Marks(
                result["outcome"] if tables else {},
                int(summary.get("MinimumThresholdCheck", 0)),
                result["properties"].get("dof"),
            )
    known = {name.removesuffix(".txt"): _digest(body) for name, body in digests.items()}
    return Session(marks, known)


def _digest(body: bytes) -> str:
    match = _DIGEST.fullmatch(body.strip().decode("ascii", "replace").lower())
    return match[0] if match else ""


def evidence_against(session: Session, name: str, content: bytes, policy: Policy) -> Iterator[Finding]:
    """Findings on one file of a session: a checksum that differs, and shown cells that the session marked."""
    told = session.digests.get(name)
    if told is not None and told != hashlib.sha256(content).hexdigest():
        message = (
            "The file is not the one that its session recorded (the checksum differs). Finalise the session again."
        )
        yield Finding("unreadable", Status.FAIL, message)
    marks = session.marks.get(name)
    if marks is None:
        return
    model = policy.rule("model")
    if model and isinstance(marks.dof, int | float) and marks.dof < LEAST_DOF:
        yield finding(model, "The session recorded fewer than 10 residual degrees of freedom.")
    counted = policy.rule("min_cell")
    if counted and marks.small_bins and not marks.outcome and readers.kind_of(name) in ("png", "jpeg", "svg"):
        saw = f"The session recorded {many(marks.small_bins, 'bin')} of few contributors behind this figure."
        yield finding(counted, saw, status=min(Status.REVIEW, counted.status))
    yield from _marked(marks, name, content, policy)


def _marked(marks: Marks, name: str, content: bytes, policy: Policy) -> Iterator[Finding]:
    table = _table(name, content) if marks.outcome else None
    if table is None:
        return
    for kind, saw in _SAW.items():
        rule = policy.rule(kind)
        cells = [cell for cell in _cells(table, marks.outcome, kind) if _is_shown(table, *cell)]
        if rule and cells:
            yield finding(rule, f"{saw} {many(len(cells), 'shown cell')}.", table.where, cells)


def _table(name: str, content: bytes) -> Table | None:
    try:
        tables = readers.read(name, content).tables
    except (RefusedKind, Unreadable):
        return None
    return tables[0] if tables and not tables[0].reshaped else None


def _cells(table: Table, outcome: Mapping[str, Mapping[str, str]], kind: str) -> Iterator[tuple[int, int]]:
    """Cells by their places: the outcome's columns are the file's last ones, in order."""
    first = table.width - len(outcome)
    for column, said in enumerate(outcome.values(), start=first):
        if first < 1 or len(said) != len(table.rows):
            return
        for row, checks in enumerate(said.values()):
            if any(_CHECK.get(check.strip()) == kind for check in checks.split(";")):
                yield row, column


def _is_shown(table: Table, row: int, column: int) -> bool:
    """Is a number shown? A zero is the rules' own business: nobody stands behind it."""
    value = table.values[row][column]
    return value.mark is Mark.NUMBER and bool(value.number)
