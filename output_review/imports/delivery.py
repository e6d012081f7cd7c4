"""Delivering: the files of an approved import, read-only in the folder that its project's sandboxes mount.

    <imports>/<project>/<name>/…            what sandboxes see at /imports/<name>; whole or not there
    <imports>/<project>/<name>/IMPORT.json  what it is: id, source, licence, who approved it, digests
    <imports>/.incoming/<project>/          what is being made, or being taken away

The project's own folder is mounted while labs run, so it is filled and emptied, never replaced. What stands there is
made to follow the database again and again (`wanted` against what is found); a kill at any moment loses nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from enclave.core.files import replace_dir_atomic, write_atomic
from output_review.blobs import BlobStore
from output_review.imports.model import ImportRequest

CARD = "IMPORT.json"
_INCOMING = ".incoming"


@dataclass(frozen=True)
class Parcel:
    """An import on its way, as plain values."""

    id: str
    project: str
    name: str
    title: str
    kind: str
    source: str
    licence: str
    description: str
    purpose: str
    submitted_by: str
    approved_by: str
    approved_at: str
    files: Mapping[str, str]
    """Name → SHA-256."""

    @classmethod
    def of(cls, row: ImportRequest) -> Parcel:
        return cls(
            row.id, row.project, row.name, row.title, row.kind, row.source, row.licence, row.description, row.purpose,
            row.submitter, row.decided_by or "", row.decided_at.isoformat() if row.decided_at else "",
            {file.name: file.sha256 for file in row.files},
        )  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """The folder of all projects' imports."""

    root: Path

    def folder(self, project: str) -> Path:
        """What sandboxes of a project mount; made when it is not there."""
        place = self.root / project
        place.mkdir(parents=True, exist_ok=True, mode=0o755)
        return place

    def standing(self) -> dict[tuple[str, str], str]:
        """(project, name) → id of every import that lies there; empty for a folder that tells none."""
        folders = self.root.glob("[!.]*/*") if self.root.is_dir() else ()
        return {(place.parent.name, place.name): _id_of(place) for place in folders}

    def put(self, parcel: Parcel, blobs: BlobStore) -> None:
        """Make the folder whole, from verified bytes; nothing happens when it lies there already."""
        final = self.folder(parcel.project) / parcel.name
        if final.exists() and _id_of(final) == parcel.id:
            return
        made = self.root / _INCOMING / parcel.project / parcel.id
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        for name, sha256 in parcel.files.items():
            target = made / name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, blobs.read(sha256), 0o444)
        write_atomic(made / CARD, json.dumps(asdict(parcel), indent=1, ensure_ascii=False).encode(), 0o444)
        for folder in (made, *(each for each in made.rglob("*") if each.is_dir())):
            folder.chmod(0o755)
        self.remove(parcel.project, parcel.name)
        replace_dir_atomic(made, final)

    def remove(self, project: str, name: str) -> None:
        """Take one out of the labs; nothing happens when it is gone. It leaves by its name first, so whole."""
        place = self.root / project / name
        if not place.exists():
            return
        leaving = self.root / _INCOMING / project / f"{name}.leaving"
        shutil.rmtree(leaving, ignore_errors=True)
        leaving.parent.mkdir(parents=True, exist_ok=True)
        place.rename(leaving)
        shutil.rmtree(leaving)

    def destroy(self, project: str, blobs: Path) -> list[dict[str, Any]]:
        """Remove what a closed project brought in, from the labs' folder and from the airlock; each place with its
        bytes, as a certificate of destruction lists it."""
        shutil.rmtree(self.root / _INCOMING / project, ignore_errors=True)
        places: list[dict[str, Any]] = []
        for what, place in (("imports", self.root / project), ("imports in the airlock", blobs)):
            if place.is_dir():
                size = sum(each.stat().st_size for each in place.rglob("*") if each.is_file())
                shutil.rmtree(place)
                places.append({"place": what, "outcome": "destroyed", "bytes": size})
        return places


def _id_of(place: Path) -> str:
    try:
        return str(json.loads((place / CARD).read_bytes())["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
