"""Rooms: where the sockets of a sandbox lie below the run folder, and under which name.

    <run folder>/<sandbox id>/room.json         user, project: the guard writes, the gateway reads
    <run folder>/<sandbox id>/up/server.sock    the lab: the sandbox listens, the gateway connects
    <run folder>/<sandbox id>/relay/relay.sock  the relay: the gateway listens, the sandbox connects

Ids are lower case and short: an address of a unix socket has at most 107 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enclave.core.digests import sha256_hex

SANDBOX_UID = 1000
GATEWAY_UID = 1100


def sandbox_id(user: str, project: str, run: str = "") -> str:
    """The name of a sandbox: the same for the same user, project and report run."""
    return "sbx-" + sha256_hex(f"{user}/{project}/{run}".encode())[:20]


@dataclass(frozen=True)
class Room:
    """The folder of one sandbox."""

    folder: Path

    @property
    def up(self) -> Path:
        """Folder that the sandbox writes its server's socket to."""
        return self.folder / "up"

    @property
    def relay(self) -> Path:
        """Folder that the gateway writes the relay's socket to."""
        return self.folder / "relay"

    @property
    def card(self) -> Path:
        """Who lives here, as JSON."""
        return self.folder / "room.json"
