"""Destruction, with a certificate that names each place.

Removing a file does not scrub the medium below it: the certificate says what was removed and where, and the
operator's disposal of disks and backups is a duty that the agreements name.  When the project ends the pseudonym tables
go too: without them no code of the project can be led back to a person.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import sha256_file
from enclave.core.signing import SigningKey, seal
from enclave.extracts.manifest import NAME
from enclave.extracts.pseudonyms import project_lock
from enclave.extracts.stores import Stores

KIND = "extract.destruction"


def destroy(
    project: str, versions: list[int], with_pseudonyms: bool, stores: Stores, key: SigningKey, clock: Clock
) -> dict[str, Any]:
    """Remove the versions, whatever half-built folders stand beside them, and the pseudonyms when asked; idempotent."""
    with project_lock(stores.project_pseudonyms(project)):
        places = [_remove(f"extract {project}/{version}", stores.extract(project, version)) for version in versions]
        folder = stores.project_extracts(project)
        for left in sorted(folder.glob(".*")) if folder.exists() else ():
            places.append(_remove("unfinished build", left))
        if with_pseudonyms:
            for name in ("person", "employer"):
                path = stores.project_pseudonyms(project) / f"{name}.parquet"
                places.append(_remove(f"pseudonym table {name}", path))
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    payload = {"project": project, "versions": versions, "places": places}
    return seal(KIND, payload, key, clock)


def _remove(place: str, path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"place": place, "outcome": "was not there", "files": 0, "bytes": 0}
    listed = [path] if path.is_file() else [entry for entry in path.rglob("*") if entry.is_file()]
    sizes = sum(entry.stat().st_size for entry in listed)
    manifest = path / NAME
    digest = sha256_file(manifest) if manifest.is_file() else None
    if path.is_file():
        path.unlink()
    else:
        # The rename takes the version away at once, so that a kill half-way never leaves a mountable half.
        going = path.with_name(f".destroying-{path.name.lstrip('.')}-{os.getpid()}")
        path.rename(going)
        shutil.rmtree(going)
    return {
        "place": place, "outcome": "destroyed", "files": len(listed), "bytes": sizes, "manifest_sha256": digest,
    }  # fmt: skip
