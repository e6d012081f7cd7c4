"""What the vault tells the application about contributions: one signed file an event, counts and digests only.

An event's id is drawn before the event is written and kept with the contribution, so telling it again after a crash
writes the same file and the receiver knows it by its id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.files import write_atomic
from enclave.core.ids import new_id
from enclave.core.signing import SigningKey, seal

EVENT_KIND = "vault.event"


@dataclass(frozen=True)
class EventFolder:
    """The folder from which the worker reads events in the order of their names."""

    folder: Path
    key: SigningKey
    clock: Clock

    def tell(self, event_id: str, payload: dict[str, Any]) -> None:
        """Sign and write one event; writing it again replaces it."""
        envelope = seal(EVENT_KIND, {"id": event_id, **payload}, self.key, self.clock)
        write_atomic(self.folder / f"{event_id}.json", json.dumps(envelope).encode())


def event_id_after(previous: str) -> str:
    """A new event id that sorts after `previous`, also within one millisecond."""
    while (fresh := new_id("evt")) <= previous:
        continue
    return fresh
