"""One key a project, under which its workspaces, shared folder and snapshots are encrypted.

The control zone makes the key, wraps it for the guard and keeps only the wrapped form, one file a project. The guard
holds the private half (the master key) and asks for a wrapped key when it opens a volume: neither the key store nor
the guard's folder alone opens anything. Closing a project destroys its file; what lies on disks and in backups is
noise from then on.

Wrapping: an ephemeral X25519 key, HKDF-SHA256 over the shared secret, AES-256-GCM with the project's name as
associated data (the form of RFC 9180's base mode; RFC 7748, RFC 5869). Limit: a copy of the key store and of the
master key made before the destruction opens what it opened then; keep them apart and let their backups expire.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import Conflict, NotFound, Unavailable
from enclave.core.files import write_atomic

_NONCE = bytes(12)  # each wrapping has a key of its own, used once


def derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose from a secret (HKDF-SHA256)."""
    return HKDF(SHA256(), length, salt=None, info=f"c2c {purpose}".encode()).derive(secret)


@dataclass(frozen=True)
class MasterKey:
    """The guard's private key; the public half stands beside the guard's socket."""

    _private: X25519PrivateKey

    @classmethod
    def ensure(cls, private: Path, public: Path) -> MasterKey:
        """Load the master key, or make it at the first start; publish its public half."""
        if not private.exists():
            private.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(private, base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()))
            private.chmod(0o400)
        key = cls(X25519PrivateKey.from_private_bytes(base64.b64decode(private.read_bytes())))
        write_atomic(public, base64.b64encode(key._private.public_key().public_bytes_raw()))
        public.chmod(0o644)
        return key

    def unwrap(self, store: Path, project: str) -> bytes:
        """The project's key; NotFound when it was never made or is destroyed, Conflict when it does not fit."""
        try:
            document = json.loads((store / f"{project}.json").read_text())
        except FileNotFoundError as problem:
            raise NotFound("The project has no key.", "A closed project's key is gone for good.") from problem
        ephemeral = base64.b64decode(document["ephemeral"])
        shared = self._private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        cipher = AESGCM(derive(shared, "wrap"))
        try:
            return cipher.decrypt(_NONCE, base64.b64decode(document["wrapped"]), project.encode())
        except InvalidTag as problem:
            advice = "Restore the guard's folder that belongs to the key store."
            raise Conflict("The project's key is wrapped for another master key.", advice) from problem


@dataclass(frozen=True)
class KeyStore:
    """The control zone's folder of wrapped keys."""

    folder: Path
    public: Path

    def has(self, project: str) -> bool:
        """Whether the project has a key."""
        return self._path(project).exists()

    def ensure(self, project: str, clock: Clock) -> None:
        """Make the project's key unless there is one. Two at once: the first stays."""
        if self.has(project):
            return
        try:
            public = X25519PublicKey.from_public_bytes(base64.b64decode(self.public.read_bytes()))
        except FileNotFoundError as problem:
            advice = "Start the guard; see `c2c doctor`."
            raise Unavailable("The guard has not shown its public key.", advice) from problem
        document = self._wrapped(project, public) | {"made_at": clock.now().isoformat()}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f".{project}.{secrets.token_hex(4)}"
        write_atomic(part, canonical_json(document))
        try:
            os.link(part, self._path(project))
        except FileExistsError:
            return
        finally:
            part.unlink()

    def destroy(self, project: str) -> bool:
        """Overwrite and remove the project's key; False when there was none. Idempotent."""
        path = self._path(project)
        if not path.exists():
            return False
        with path.open("r+b") as stream:
            stream.write(secrets.token_bytes(path.stat().st_size))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        return True

    def _path(self, project: str) -> Path:
        return self.folder / f"{project}.json"

    @staticmethod
    def _wrapped(project: str, public: X25519PublicKey) -> dict[str, str]:
        ephemeral = X25519PrivateKey.generate()
        cipher = AESGCM(derive(ephemeral.exchange(public), "wrap"))
        wrapped = cipher.encrypt(_NONCE, secrets.token_bytes(32), project.encode())
        return {
            "project": project,
            "ephemeral": base64.b64encode(ephemeral.public_key().public_bytes_raw()).decode(),
            "wrapped": base64.b64encode(wrapped).decode(),
        }
