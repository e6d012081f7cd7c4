"""Short secrets at rest: sealed with a key that lies outside the database, so that a copy of it gives none away.

AES-256-GCM (NIST SP 800-38D) with a random nonce; what a secret is for is bound to it, so that a sealed text cannot
be moved to another row or another use.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from enclave.core.errors import EnclaveError

_NONCE = 12


class UnreadableSecret(EnclaveError):
    """A sealed text was made with another key, for another use, or was changed."""

    code = "unreadable_secret"


@dataclass(frozen=True)
class SecretBox:
    """Seals and opens texts with one key of 32 bytes."""

    key: bytes

    @classmethod
    def at(cls, path: Path) -> SecretBox:
        """The box whose key lies at `path`; made at first use (mode 0600), never overwritten."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(base64.b64decode(path.read_bytes()))
        key = AESGCM.generate_key(256)
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.b64encode(key) + b"\n")
        return cls(key)

    def seal(self, text: str, use: str) -> str:
        """The sealed text as ASCII; the same text seals differently each time."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, text.encode(), use.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, use: str) -> str:
        """The text again; UnreadableSecret where it was not sealed with this key for this use."""
        raw = base64.b64decode(sealed)
        try:
            return AESGCM(self.key).decrypt(raw[:_NONCE], raw[_NONCE:], use.encode()).decode()
        except InvalidTag as problem:
            advice = "Restore the key that lies beside the database."
            raise UnreadableSecret("A stored secret cannot be read.", advice) from problem
