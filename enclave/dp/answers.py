"""What the research store remembers of each ledger entry, so that a question runs once, whatever crashes.

For an entry there is first a `started` mark (made before any data is read, never removed), then the answer, or a
`failed` mark. An entry that was never seen can be *closed*: a job for it that still arrives is refused, so the
ledger may give the charge back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from enclave.core.digests import canonical_json
from enclave.core.errors import BadInput, Conflict
from enclave.core.files import sync_dir, write_atomic

_ENTRY = re.compile(r"\A[a-z]{2,8}_[0-9a-z]{26}\Z")


class EntryState(StrEnum):
    """Where an entry stands in the research store."""

    UNKNOWN = "unknown"
    """No job for it has touched data."""
    STARTED = "started"
    """Data may have been read; without an answer later, it was lost in a crash."""
    ANSWERED = "answered"
    FAILED = "failed"
    """Data was read, then something failed."""
    CLOSED = "closed"
    """No job for it will ever be run."""


class Answers:
    """The memory of entries in a folder, one per entry and file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    @contextmanager
    def holding(self, entry: str) -> Iterator[None]:
        """One thread at a time works on an entry; the service is one process."""
        if not _ENTRY.match(entry):
            raise BadInput("This is not a ledger entry.", "Send the id of the entry.")
        with self._guard:
            lock = self._locks.setdefault(entry, Lock())
        with lock:
            yield
        with self._guard:
            if not lock.locked():
                self._locks.pop(entry, None)

    def state(self, entry: str) -> EntryState:
        """Where the entry stands; holding() it makes the answer current."""
        for state in (EntryState.ANSWERED, EntryState.FAILED, EntryState.STARTED, EntryState.CLOSED):
            if self._file(entry, state).exists():
                return state
        return EntryState.UNKNOWN

    def start(self, entry: str) -> None:
        """Mark that data will now be read; Conflict when the entry was started or closed before."""
        self._mark(entry, EntryState.STARTED)

    def close(self, entry: str) -> None:
        """Make sure that no later job for the entry runs."""
        self._mark(entry, EntryState.CLOSED)

    def fail(self, entry: str) -> None:
        """Mark that the entry failed after data was read."""
        write_atomic(self._file(entry, EntryState.FAILED), b"{}")

    def keep(self, entry: str, answer: dict[str, Any]) -> None:
        """Keep the answer; on disk when this returns."""
        write_atomic(self._file(entry, EntryState.ANSWERED), canonical_json(answer))

    def answer(self, entry: str) -> dict[str, Any]:
        """The kept answer."""
        content: dict[str, Any] = json.loads(self._file(entry, EntryState.ANSWERED).read_bytes())
        return content

    def _mark(self, entry: str, state: EntryState) -> None:
        if self.state(entry) is not EntryState.UNKNOWN:
            raise Conflict("This entry was handled before.", "Ask for its state.")
        path = self._file(entry, state)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.fsync(handle)
        os.close(handle)
        sync_dir(self._folder)

    def _file(self, entry: str, state: EntryState) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{entry}.{state.value}.json"
