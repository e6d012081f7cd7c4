"""The rooms of running sandboxes, as the guard mounts and unmounts them; looked for five times a second."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from enclave.core.logging import get_logger

INTERVAL = 0.2


@dataclass(frozen=True)
class Resident:
    """Who lives in a room; `folder` holds `up/` and `relay/`."""

    folder: Path
    user: str
    project: str
    run: str
    opened: int

    @property
    def session(self) -> str:
        """The name of this run of the lab: another one of the same lab has another name."""
        return f"{self.folder.name}-{self.opened:x}"

    @property
    def server(self) -> str:
        """Address of the lab's socket. Never followed when it is a symlink: the mount says `nosymfollow`."""
        return str(self.folder / "up" / "server.sock")

    @property
    def relay(self) -> Path:
        """Where the relay listens for this sandbox."""
        return self.folder / "relay" / "relay.sock"


Hook = Callable[[Resident], Awaitable[None]]


async def _nobody(resident: Resident) -> None:
    """Nobody wants to know yet."""


class Rooms:
    """Keeps the table of residents; calls `opened` and `closed` for each that comes and goes."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self.opened: Hook = _nobody
        self.closed: Hook = _nobody
        self._residents: dict[tuple[str, int], Resident] = {}

    def lab(self, user: str, project: str) -> Resident | None:
        """The resident of a lab, or None when none runs."""
        for each in self._residents.values():
            if (each.user, each.project, each.run) == (user, project, ""):
                return each
        return None

    async def watch(self) -> None:
        """Follow the run folder until cancelled."""
        while True:
            try:
                await self.look()
            except OSError as problem:
                get_logger().warning("rooms_unreadable", kind=type(problem).__name__)
            await asyncio.sleep(INTERVAL)

    async def look(self) -> None:
        """Compare the folder with the table once. A room that was mounted anew counts as another."""
        found = {}
        for card in sorted(self._run_dir.glob("sbx-*/room.json")):
            if (resident := _read(card)) is not None:
                found[(card.parent.name, card.parent.stat().st_dev)] = resident
        for key in self._residents.keys() - found.keys():
            await self.closed(self._residents.pop(key))
        for key in found.keys() - self._residents.keys():
            self._residents[key] = found[key]
            await self.opened(found[key])


def _read(card: Path) -> Resident | None:
    try:
        model = json.loads(card.read_text(encoding="utf-8"))
        opened = card.stat().st_mtime_ns
        return Resident(card.parent, str(model["user"]), str(model["project"]), str(model["run"]), opened)
    except (OSError, ValueError, KeyError):
        return None
