"""What the guard did and refused: a log line, and a signed event that the worker takes into the audit."""

from __future__ import annotations

from pathlib import Path

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.files import write_atomic
from enclave.core.ids import new_id
from enclave.core.logging import get_logger
from enclave.core.signing import SigningKey, seal

KIND = "guard.event"
UNLOGGED = frozenset({"path"})
"""Names that researchers chose can carry data: they stand in the audit, which few read, and in no log."""


class Events:
    """Writes envelopes of kind `guard.event` to the events folder, one file each, sortable by name."""

    def __init__(self, folder: Path, key: SigningKey, clock: Clock) -> None:
        self._folder, self._key, self._clock = folder, key, clock

    def record(self, kind: str, subject: str, **details: str) -> None:
        """Record `sandbox.<kind>` about a sandbox; details are names and reasons, never values of variables."""
        event = new_id("guard")
        payload = {"id": event, "type": f"sandbox.{kind}", "subject": subject, "details": details}
        envelope = seal(KIND, payload, self._key, self._clock)
        write_atomic(self._folder / f"{event}.json", canonical_json(envelope))
        logged = {name: value for name, value in details.items() if name not in UNLOGGED}
        get_logger().info(f"sandbox_{kind}", sandbox=subject, event_id=event, **logged)
