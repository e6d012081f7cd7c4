"""Verifying an export of the journal offline: the chain, the sums, the caps, and one end for each question.

Reads no database and needs no trust in who made the file: with the portal's public key it also tells that the enclave
signed it. Lines of other projects are digests in an export for one project; then the caps are checked as they are said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, EnclaveError
from enclave.core.signing import Keyring, open_envelope
from enclave.dp.journal import GENESIS, link

Line = Mapping[str, Any]
LARGEST = 512 * 2**20


@dataclass
class Verification:
    """How many lines were walked and read, the head, and everything that does not hold."""

    edition: str
    lines: int = 0
    read: int = 0
    head: str = GENESIS
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """What `c2c budget verify --json` prints."""
        return {
            "edition": self.edition, "holds": self.holds, "lines": self.lines, "read": self.read, "head": self.head,
            "problems": self.problems,
        }  # fmt: skip


def verify_file(file: Path, keyring: Keyring, clock: Clock) -> Verification:
    """Verify an exported file: the portal's signature, then its lines. BadInput: it is no export of ours."""
    try:
        if file.stat().st_size > LARGEST:
            raise BadInput("The file is too large for an export.", "Give the JSON that was exported.")
        envelope = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise BadInput(f"{file} is not an export of the ledger.", "Give the JSON that was exported.") from None
    try:
        payload = open_envelope(envelope, keyring, "dp.ledger", clock, ("portal",))
    except EnclaveError as problem:
        return Verification("", problems=[f"signature: {problem.message}"])
    found = verify(str(payload["edition"]), payload["lines"])
    if found.head != payload["head"]:
        found.problems.append("the head is another")
    return found


def verify(edition: str, lines: Sequence[Line]) -> Verification:
    """Walk the lines of an export, oldest first."""
    found, books = Verification(edition), _Books()
    for line in lines:
        found.lines += 1
        found.problems += [f"line {found.lines}: {what}" for what in _chain(edition, line, found)]
        found.head = str(line.get("hash"))
        content = line.get("content")
        if isinstance(content, Mapping):
            found.read += 1
            found.problems += [f"line {found.lines}: {what}" for what in books.enter(content)]
    if found.read == found.lines:
        found.problems += books.cap_adds_up()
    return found


def _chain(edition: str, line: Line, so_far: Verification) -> Iterator[str]:
    number, previous, digest = line.get("number"), line.get("previous"), line.get("digest")
    if number != so_far.lines:
        yield "a line is missing or stands twice"
    if previous != so_far.head:
        yield "it does not follow the line before"
    if line.get("hash") != link(edition, int(number or 0), str(previous), str(digest)):
        yield "its hash is another"
    if "content" in line and sha256_hex(canonical_json(line["content"])) != digest:
        yield "its content was changed"


class _Books:
    """Purses, caps and questions as the lines tell them, kept by a second hand."""

    def __init__(self) -> None:
        self.purses: dict[tuple[str, str], tuple[int, int]] = {}
        self.open: dict[str, int] = {}
        self.cap: Mapping[str, int] = {}

    def enter(self, said: Line) -> Iterator[str]:
        """Enter one line; what does not fit."""
        kind = str(said.get("kind"))
        purse = (str(said.get("project")), str(said.get("purse")))
        total, charged = self.purses.get(purse, (0, 0))
        match kind:
            case "opened" | "carried":
                if purse in self.purses:
                    yield "the purse was opened before"
                total, charged = said.get("total", 0), said.get("charged", 0)
                if kind == "opened" and charged:
                    yield "a new purse holds a charge"
            case "granted" | "corrected":
                total += said["nano_rho"] if kind == "granted" else -said["nano_rho"]
                if not said.get("reason"):
                    yield "the grant has no reason"
            case "carried_entry":
                self.open |= {said["entry"]: said["nano_rho"]} if said.get("state") == "RESERVED" else {}
            case "reserved" | "shared":
                charged += said["nano_rho"]
                if said["entry"] in self.open or (kind == "reserved") != (said["nano_rho"] > 0):
                    yield "the question is charged twice, or not at all"
                self.open[said["entry"]] = said["nano_rho"]
            case "answered" | "unanswered" | "voided":
                yield from self._settle(kind, said)
                charged -= said["nano_rho"] if kind == "voided" else 0
            case "cap":
                pass
            case _:
                yield "its kind is not known"
        if "total" in said and (total, charged) != (said["total"], said["charged"]):
            yield f"the purse holds {charged} of {total}, the line says {said['charged']} of {said['total']}"
        if not 0 <= charged <= total and "total" in said:
            yield "the purse is overdrawn"
        if "total" in said:
            self.purses[purse] = (total, charged)
        yield from self._caps(said.get("cap"))

    def _settle(self, kind: str, said: Line) -> Iterator[str]:
        if self.open.pop(said["entry"], None) != said["nano_rho"]:
            yield "the question was not open, or at another cost"
        if kind == "answered" and not said.get("receipt"):
            yield "the answer has no receipt"
        if kind != "answered" and not said.get("cause"):
            yield "the question ended without answer and without a cause"

    def _caps(self, cap: Mapping[str, int] | None) -> Iterator[str]:
        if cap is None:
            return
        self.cap = cap
        if cap["charged"] > cap["total"] or cap["revision_charged"] > cap["revision_total"]:
            yield "a cap of the edition is passed"

    def cap_adds_up(self) -> list[str]:
        """In an export that shows all: the edition's charge is that of all purses."""
        charged = sum(value for _, value in self.purses.values())
        said = self.cap.get("charged", 0) + self.cap.get("revision_charged", 0)
        return [] if charged == said else [f"all purses are charged {charged}, the edition {said}"]
