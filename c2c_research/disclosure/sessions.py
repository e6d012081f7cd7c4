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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from c2c_research.disclosure import readers
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import RefusedKind, Unreadable
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table

RECORD = "results.json"
CHECKSUMS = "checksums"
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
    known = {name.removesuffix(".txt"): digest for name, body in digests.items() if (digest := _digest(body))}
    return Session(marks, known)


def sessions_among(names: Collection[str], read: Callable[[str], bytes]) -> dict[str, Session]:
    """The sessions that files of these names hold, by folder ("" for none); only their own files are read.

    A checksum lies in the session's folder `checksums`, or, where the files were sent without folders, beside its file
    as `t1.csv.txt`.
    """
    found = {}
    for name in names:
        place = PurePosixPath(name)
        if place.name == RECORD:
            sums = {other: read(path) for path, other in _checksums(names, place.parent)}
            session = session_of(read(name), sums)
            if session is not None:
                found[folder_of(name)] = session
    return found


def checksum_of(names: Collection[str], name: str) -> str:
    """The name of the file that may hold a file's checksum; '' where there is none."""
    place = PurePosixPath(name)
    places = (place.parent / CHECKSUMS / f"{place.name}.txt", place.parent / f"{place.name}.txt")
    return next((str(each) for each in places if str(each) in names), "")


def record_of(names: Collection[str], name: str) -> str:
    """The name of the record in a file's folder; '' where there is none, and for the record itself."""
    record = str(PurePosixPath(name).parent / RECORD)
    return record if record in names and record != name else ""


def folder_of(name: str) -> str:
    """The folder of a file in a request."""
    return str(PurePosixPath(name).parent)


def _checksums(names: Collection[str], folder: PurePosixPath) -> Iterator[tuple[str, str]]:
    """(the checksum file, its name inside the session) of the files of a folder."""
    for name in names:
        if folder_of(name) == str(folder) and (path := checksum_of(names, name)):
            yield path, f"{PurePosixPath(name).name}.txt"


def against_file(record: bytes, checksum: bytes, name: str, content: bytes, policy: Policy) -> Iterator[Finding]:
    """Findings that a session's record and the file's checksum (empty: none) add to one file."""
    session = session_of(record, {f"{name}.txt": checksum} if checksum else {})
    return iter(()) if session is None else evidence_against(session, name, content, policy)


def unsaid(found: Iterable[Finding], said: Collection[Finding]) -> list[Finding]:
    """What a session adds to findings that are there already: a cell is named once a rule."""
    places = {(each.rule, cell) for each in said for cell in each.cells or (None,)}
    return [
        each
        for each in found
        if each.rule == "unreadable" or not all((each.rule, cell) in places for cell in each.cells or (None,))
    ]


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
