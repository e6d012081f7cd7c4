"""Signed requests to the guard about a project's volumes: how full, snapshot, restore, seal, look, destroy.

The hub's socket is the guard's too, so a request counts only with the portal's or worker's signature, once, for a
minute. `name` is a volume's, `snapshot` the id of a snapshot, `path` a place below the volume's files.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any

from enclave.core.clock import Clock
from enclave.core.errors import NotAuthenticated
from enclave.core.ids import new_id
from enclave.core.signing import Envelope, Keyring, SigningKey, open_envelope, seal

KIND = "room.job"
ISSUERS = frozenset({"portal", "worker"})
LIFE = timedelta(minutes=1)
ADDRESS = "/c2c/room"
_PROJECT = re.compile(r"[a-z][a-z0-9-]{0,29}")
_NAME = re.compile(r"(_shared|_runs|[a-z][a-z0-9-]{0,29})?")
_SNAPSHOT = re.compile(r"([a-z0-9_]{1,60})?")


class RoomTask(StrEnum):
    """What may be asked."""

    USAGE = "usage"
    SNAPSHOT = "snapshot"
    RESTORE = "restore"
    DROP = "drop"
    SEAL = "seal"
    LOOK = "look"
    DESTROY = "destroy"


@dataclass(frozen=True)
class RoomJob:
    """One request."""

    task: RoomTask
    project: str
    name: str = ""
    snapshot: str = ""
    path: str = ""
    nonce: str = ""

    def check(self) -> None:
        """Raise NotAuthenticated for names that could mean another place than they say."""
        named = _PROJECT.fullmatch(self.project) and _NAME.fullmatch(self.name) and _SNAPSHOT.fullmatch(self.snapshot)
        placed = not self.path.startswith("/") and ".." not in self.path.split("/") and "\0" not in self.path
        if not (named and placed):
            raise NotAuthenticated("The request names no volume.", "Use services of the same version.")


def seal_job(job: RoomJob, key: SigningKey, clock: Clock) -> Envelope:
    """Sign a request; each is good once."""
    job.check()
    return seal(KIND, {**asdict(job), "nonce": job.nonce or new_id("room")}, key, clock, LIFE)


def open_job(envelope: Any, keyring: Keyring, clock: Clock) -> RoomJob:
    """The request inside an envelope that holds, else NotAuthenticated."""
    payload = open_envelope(envelope, keyring, KIND, clock, ISSUERS)
    if set(payload) != {field.name for field in fields(RoomJob)} or not all(
        isinstance(value, str) for value in payload.values()
    ):
        raise NotAuthenticated("The request has another form.", "Use services of the same version.")
    try:
        job = RoomJob(**{**payload, "task": RoomTask(payload["task"])})
    except ValueError as problem:
        raise NotAuthenticated("There is no such request.", "Use services of the same version.") from problem
    job.check()
    return job
