"""Nonces that were used: a grant counts once, through restarts and kills of the guard as well."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from enclave.core.errors import NotAllowed

_NONCE = re.compile(r"[a-z0-9_]{1,60}")


class Spent:
    """One empty file a nonce, whose time of change says when it may be forgotten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def spend(self, nonce: str, until: datetime) -> None:
        """Use a nonce up; NotAllowed when it was used before. `until`: the end of the life of what carries it."""
        if not _NONCE.fullmatch(nonce):
            raise NotAllowed("The grant names no nonce.", "Ask the portal for a new one.")
        path = self._folder / nonce
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as problem:
            raise NotAllowed("The grant was used before.", "Ask the portal for a new one.") from problem
        os.utime(path, (until.timestamp() + 60, until.timestamp() + 60))
        self._forget(until.timestamp())

    def _forget(self, now: float) -> None:
        """Remove what nobody can use again; `now` is the newest end of a life, so a little is kept longer."""
        for entry in os.scandir(self._folder):
            if entry.stat().st_mtime < now - 600:
                Path(entry.path).unlink(missing_ok=True)
