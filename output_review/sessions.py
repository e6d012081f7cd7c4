"""ACRO and SACRO sessions in a request: what their record says against the files that came with it.

A session's `results.json` and checksums may lie in the request, in folders or side by side. The portal opens neither:
for each file of the session's folder the checker is given the file, the record and the checksum, and answers with
findings. A record adds findings and takes none away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from c2c_research.disclosure.sessions import checksum_of, record_of
from output_review.airlock import Airlock
from output_review.checks import Checker, read_list

Said = Collection[tuple[str, tuple[int, int]]]


@dataclass(frozen=True)
class SessionFile:
    """A file of a request, and which cells are named already, a rule. A `repaired` file has no checksum of its own."""

    name: str
    sha256: str
    said: Said
    repaired: bool = False


def session_findings(
    airlock: Airlock, checker: Checker, files: Collection[SessionFile], only: str = ""
) -> dict[str, list[Any]]:
    """Findings by file name, or on one file. Raises CheckerAway and CheckerCrashed as the checker does."""
    digests = {file.name: file.sha256 for file in files}
    found = {}
    for file in (each for each in files if only in ("", each.name)):
        record = record_of(digests, file.name)
        if record:
            news = [each for each in _said_of(airlock, checker, file, record, digests) if not _known(each, file.said)]
            if news:
                found[file.name] = news
    return found


def _said_of(
    airlock: Airlock, checker: Checker, file: SessionFile, record: str, digests: Mapping[str, str]
) -> list[dict[str, Any]]:
    checksum = checksum_of(digests, file.name)
    session = {"record": airlock.blobs.read(digests[record])}
    if checksum and not file.repaired:
        session["checksum"] = airlock.blobs.read(digests[checksum])
    return read_list(checker.session(file.name, airlock.blobs.read(file.sha256), session, airlock.policy.pack))


def _known(finding: Mapping[str, Any], said: Said) -> bool:
    """Does a finding name only cells that the file's own check has named for the same rule?"""
    cells = [tuple(cell) for cell in finding["cells"]]
    return bool(cells) and all((finding["rule"], cell) in said for cell in cells)
