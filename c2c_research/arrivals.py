"""What has been brought into this lab: each import lies read-only in a folder of its own below `/imports`.

Files come in by the portal's page “Imports”, never by upload into the lab. New ones appear while the lab runs, and
what is withdrawn goes.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CARD = "IMPORT.json"


@dataclass(frozen=True)
class Import:
    """One import: where it lies, what it is, whose, and under which licence."""

    name: str
    folder: Path
    title: str
    kind: str
    source: str
    licence: str
    files: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {**vars(self), "folder": str(self.folder), "files": list(self.files)}


def imports() -> list[Import]:
    """What has arrived, by name; empty when nothing has."""
    folder = Path(os.environ.get("C2C_IMPORTS", "/imports"))
    return [_read(card) for card in sorted(folder.glob(f"*/{CARD}"))]


def _read(card: Path) -> Import:
    said = json.loads(card.read_text(encoding="utf-8"))
    return Import(
        said["name"], card.parent, said["title"], said["kind"], said["source"], said["licence"], tuple(said["files"])
    )
