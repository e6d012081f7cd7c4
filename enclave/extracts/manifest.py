"""The signed statement of what an extract is: recipe, counts, risk and a digest a file."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_file, sha256_hex
from enclave.core.errors import Unprocessable
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal
from enclave.extracts.specification import Specification
from enclave.extracts.verifier import Report

NAME = "manifest.json"
KIND = "extract.manifest"
ISSUER = "data"


def sign(
    specification: Specification, edition_digest: str, report: Report, key: SigningKey, clock: Clock
) -> dict[str, Any]:
    """The envelope for a folder that the verifier found right."""
    payload = {
        "project": specification.project,
        "version": specification.version,
        "edition": specification.edition,
        "edition_manifest_sha256": edition_digest,
        "providers": list(specification.providers),
        "specification": specification.model_dump(mode="json"),
        "specification_digest": specification.digest,
        "code_version": code_version(),
        "tables": report.tables,
        "files": report.files,
        "risk": report.risk,
        "persons": report.persons,
        # the sandbox seals contributor sets to it: nobody between there and here can read them
        "contributors_key": key.exchange_text,
    }
    return seal(KIND, payload, key, clock)


def read(folder: Path, keyring: Keyring, clock: Clock) -> dict[str, Any]:
    """The payload of a folder's manifest, its signature checked; the files are not read."""
    path = folder / NAME
    if not path.is_file():
        raise Unprocessable("The extract has no manifest.", "Build it again.")
    return open_envelope(json.loads(path.read_bytes()), keyring, KIND, clock, {ISSUER})


def changed_files(folder: Path, payload: dict[str, Any]) -> list[str]:
    """Names of files that are missing, changed or not in the manifest."""
    listed: dict[str, Any] = payload["files"]
    present = {entry.name for entry in folder.iterdir()} - {NAME}
    wrong = present ^ set(listed)
    wrong |= {name for name in present & set(listed) if sha256_file(folder / name) != listed[name]["sha256"]}
    return sorted(wrong)


def answer(payload: dict[str, Any]) -> dict[str, Any]:
    """What the builder tells the control side about a finished version."""
    return {
        "state": "READY",
        "problems": [],
        "risk": payload["risk"],
        "tables": payload["tables"],
        "files": payload["files"],
        "persons": payload["persons"],
        "manifest_digest": sha256_hex(canonical_json(payload)),
        "code_version": payload["code_version"],
    }


def code_version() -> str:
    """The version of this program, as its package says."""
    try:
        return version("c2c-enclave")
    except PackageNotFoundError:
        return "source"
