"""What the vault tells the application: one signed file an event, counts and digests only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.files import write_atomic
from enclave.core.ids import new_id
from enclave.core.signing import SigningKey, seal

KIND = "vault.event"


@dataclass(frozen=True)
class Journal:
    """A folder of events, named so that they sort by the time they were told; the worker ingests them in that order."""

    folder: Path
    key: SigningKey
    clock: Clock

    def tell(self, event_type: str, subject: str, **content: Any) -> str:
        """Sign and write one event; its id."""
        event_id = new_id("evt")
        payload = {"id": event_id, "type": event_type, "subject": subject, **content}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / f"{event_id}.json", json.dumps(seal(KIND, payload, self.key, self.clock)).encode())
        return event_id
