"""What a match or publication job tells the application: signed files, counts and digests only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from enclave.contributions.events import EventFolder, event_id_after


@dataclass
class Journal:
    """Tells events in an order that their names keep, also within one millisecond."""

    events: EventFolder
    _last: str = field(default="")

    def tell(self, event_type: str, subject: str, **content: Any) -> None:
        """Sign and write one event."""
        self._last = event_id_after(self._last)
        self.events.tell(self._last, {"type": event_type, "subject": subject, **content})
