"""How many bytes each lab's session moved, of which kind and for which files; and the end when it is too much.

A session is one run of a lab: loading its page again does not begin a new count. What is counted is what a browser was
sent, never what it holds. The portal keeps the sums (`reports`), so a restart of the gateway forgets a few seconds.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from enclave.core.errors import NotAllowed
from enclave.core.ids import new_id
from enclave.traffic.limits import Kind, Limits
from services.gateway.rooms import Resident

EVERY = 20.0
NUDGE = 1_000_000
PATHS = 200
LONGEST_PATH = 300


@dataclass
class Flow:
    """The bytes of one request or websocket; without a meter nobody counts them."""

    meter: Meter | None = None
    kind: Kind = Kind.OTHER
    path: str = ""
    """The file that is read, when one is."""
    _begun: bool = False

    def up(self, size: int) -> None:
        """Bytes that came from the browser."""
        if self.meter is not None:
            self.meter.add_up(size)

    def down(self, size: int) -> None:
        """Bytes about to go to the browser; NotAllowed when they may not, and then they must not be sent."""
        if self.meter is not None:
            self.meter.add_down(self, size, first=not self._begun)
            self._begun = True


@dataclass
class Meter:
    """One session's count: what the portal knows of, what is on its way there, what came since."""

    resident: Resident
    limits: Limits
    refusal: str = ""
    ended: bool = False
    _known: Counter[Kind] = field(default_factory=Counter)
    _sending: dict[str, Any] | None = None
    _down: Counter[Kind] = field(default_factory=Counter)
    _up: int = 0
    _reads: dict[str, list[int]] = field(default_factory=dict)
    _heard: float = float("-inf")

    def check(self) -> None:
        """Raise NotAllowed when the session has sent as much as one may."""
        if self.refusal or self.limits.stops(self._all()):
            raise NotAllowed(
                self.refusal or "This session has sent too much to the browser.", "See the lab's page in the portal."
            )

    def add_up(self, size: int) -> None:
        self._up += size

    def add_down(self, flow: Flow, size: int, first: bool) -> None:
        """Count, then check: what breaks the limit is not sent."""
        self._down[flow.kind] += size
        if flow.path:
            path = flow.path[:LONGEST_PATH]
            pair = self._reads.setdefault(path if path in self._reads or len(self._reads) < PATHS else "", [0, 0])
            pair[0] += first
            pair[1] += size
        self.check()

    @property
    def due(self) -> bool:
        """Whether the portal should hear now: at the start, at the end, after much, and from time to time."""
        moved = bool(self._down or self._up or self._sending)
        quiet = time.monotonic() - self._heard
        return self.ended or quiet == float("inf") or self._down.total() >= NUDGE or (moved and quiet >= EVERY)

    def next_report(self) -> dict[str, Any]:
        """The report to send: the same until it was heard, so that the portal never counts one twice."""
        if self._sending is None:
            self._sending = {
                "id": new_id("rep"),
                "run": self.resident.session,
                "user": self.resident.user,
                "project": self.resident.project,
                "down": dict(self._down),
                "up": self._up,
                "reads": self._reads,
                "ended": self.ended,
            }
            self._down, self._up, self._reads = Counter(), 0, {}
        return self._sending

    def heard(self, answer: dict[str, Any]) -> bool:
        """Take the portal's answer in; whether nothing is left to tell of a session that is over."""
        over = self._sending is not None and self._sending["ended"]
        self._sending = None
        self._known = Counter({Kind(kind): int(size) for kind, size in answer["down"].items()})
        self.refusal = str(answer.get("refusal", ""))
        self._heard = time.monotonic()
        return over

    def _all(self) -> Counter[Kind]:
        sending = Counter(self._sending["down"]) if self._sending else Counter()
        return self._known + sending + self._down


class TrafficBook:
    """The meters of all sessions."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._meters: dict[str, Meter] = {}

    def meter(self, resident: Resident) -> Meter:
        """The meter of a running lab."""
        return self._meters.setdefault(resident.session, Meter(resident, self._limits))

    def end(self, resident: Resident) -> None:
        """The lab has stopped; its last report is due."""
        if (meter := self._meters.get(resident.session)) is not None:
            meter.ended = True

    def forget(self, meter: Meter) -> None:
        """All was told."""
        self._meters.pop(meter.resident.session, None)

    def due(self, everything: bool = False) -> list[Meter]:
        """Meters of which the portal should hear now."""
        return [meter for meter in self._meters.values() if everything or meter.due]
