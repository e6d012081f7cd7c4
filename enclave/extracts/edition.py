"""Reading an edition only as the vault signed it: manifest, then the digest of each file that is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import sha256_file
from enclave.core.errors import Unprocessable
from enclave.core.signing import Keyring, open_envelope
from enclave.extracts.specification import Specification
from enclave.extracts.stores import Stores

KIND = "edition.manifest"
ISSUER = "vault"


def check_edition(specification: Specification, stores: Stores, keyring: Keyring, clock: Clock) -> str:
    """The SHA-256 of the edition's manifest, after every file that the specification reads was found as signed.

    Raises NotAuthenticated when the signature does not hold, Unprocessable when a file is missing or another.
    """
    path = stores.editions / specification.edition / "manifest.json"
    if not path.is_file():
        raise Unprocessable("This edition is not in the research store.", "Choose a published edition.")
    payload = open_envelope(json.loads(path.read_bytes()), keyring, KIND, clock, {ISSUER})
    if payload["edition"] != specification.edition:
        raise Unprocessable("The edition's manifest is of another edition.", "Tell the data steward.")
    signed = {(table["provider"], table["name"]): table["sha256"] for table in payload["tables"]}
    used = {(part.provider, part.table) for part in specification.parts}
    used |= {(term.provider, term.table) for term in specification.cohort}
    for provider, table in sorted(used):
        _check_file(stores.edition_table(specification.edition, provider, table), signed.get((provider, table)))
    return sha256_file(path)


def _check_file(path: Path, digest: Any) -> None:
    if digest is None or not path.is_file():
        raise Unprocessable(
            f"The edition has no table {path.stem} of {path.parent.name}.",
            "Choose another edition, or take the table out of the request.",
        )
    if sha256_file(path) != digest:
        raise Unprocessable(
            f"The edition's {path.stem} of {path.parent.name} is not as the vault signed it.",
            "Tell the data steward; nothing was built.",
        )
