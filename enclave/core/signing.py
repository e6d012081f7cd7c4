"""Signed envelopes: the one format of jobs, results, events, receipts, records, manifests and tickets.

An **envelope** says what it is (`kind`), who vouches for it (`issuer`), since when and until when, and carries a
`payload`. The signature is Ed25519 (RFC 8032) over the canonical JSON of all the rest. A **keyring** holds the
public keys of the services, one file `<issuer>.pub` each. An envelope proves who said something and that not a
byte changed; it hides nothing, and it does not stop a replay inside its life: receivers that must act once keep the
ids that they have seen.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import NotAuthenticated

Envelope = dict[str, Any]
_FIELDS = {"kind", "issuer", "issued_at", "expires_at", "payload", "signature"}


@dataclass(frozen=True)
class SigningKey:
    """A service's private key."""

    issuer: str
    _key: Ed25519PrivateKey

    @classmethod
    def create(cls, path: Path, issuer: str) -> SigningKey:
        """Make a new key at `path` (mode 0600); an existing file is never overwritten."""
        key = cls(issuer, Ed25519PrivateKey.generate())
        raw = key._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.b64encode(raw) + b"\n")
        return key

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a key; the issuer is the file's name without its ending."""
        raw = base64.b64decode(path.read_bytes())
        return cls(path.stem, Ed25519PrivateKey.from_private_bytes(raw))

    @property
    def public_text(self) -> str:
        """The public key as the line that a keyring file holds."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def exchange_key(self) -> X25519PrivateKey:
        """The service's key for messages that only it may read, derived from its seed (HKDF-SHA256)."""
        seed = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        derived = HKDF(SHA256(), 32, None, b"c2c exchange key").derive(seed)
        return X25519PrivateKey.from_private_bytes(derived)

    @property
    def exchange_text(self) -> str:
        """The public half of the exchange key, in base 64."""
        raw = self.exchange_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign(self, data: bytes) -> str:
        """The signature over `data`, in base 64."""
        return base64.b64encode(self._key.sign(data)).decode()


class Keyring:
    """The public keys that a service trusts, by issuer."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = dict(keys)

    @classmethod
    def load(cls, folder: Path) -> Keyring:
        """Read every `<issuer>.pub` of a folder."""
        return cls({path.stem: path.read_text().strip() for path in sorted(folder.glob("*.pub"))})

    def as_dict(self) -> dict[str, str]:
        """Issuer → public key in base 64."""
        return dict(self._keys)

    def verify(self, issuer: str, data: bytes, signature: str) -> None:
        """Raise NotAuthenticated unless `signature` is the issuer's over `data`."""
        text = self._keys.get(issuer)
        if text is None:
            raise NotAuthenticated("The signature is of an unknown issuer.", "Check the public keys of the enclave.")
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
            key.verify(base64.b64decode(signature, validate=True), data)
        except (InvalidSignature, ValueError) as problem:
            raise NotAuthenticated(
                "The signature does not hold.", "The content was changed, or it was signed with another key."
            ) from problem


def seal(
    kind: str, payload: Mapping[str, Any], key: SigningKey, clock: Clock, expires_in: timedelta | None = None
) -> Envelope:
    """Put `payload` (JSON values only) into an envelope signed by `key`."""
    now = clock.now()
    body: Envelope = {
        "kind": kind,
        "issuer": key.issuer,
        "issued_at": now.isoformat(),
        "expires_at": (now + expires_in).isoformat() if expires_in else None,
        "payload": dict(payload),
    }
    return {**body, "signature": key.sign(canonical_json(body))}


def open_envelope(envelope: Any, keyring: Keyring, kind: str, clock: Clock, issuers: Collection[str]) -> dict[str, Any]:
    """The payload of an envelope that holds: form, kind, issuer, signature, time. Else NotAuthenticated."""
    if not isinstance(envelope, dict) or set(envelope) != _FIELDS or not isinstance(envelope["payload"], dict):
        raise NotAuthenticated("This is not a signed envelope.", "Send it as the issuing service made it.")
    if envelope["kind"] != kind or envelope["issuer"] not in tuple(issuers):  # a list has no hash
        raise NotAuthenticated("The envelope is of another kind or issuer.", "Ask the service that should issue it.")
    body = {name: envelope[name] for name in _FIELDS - {"signature"}}
    try:
        signed = canonical_json(body)
    except (ValueError, RecursionError):  # NaN, half a character, a well of lists: nobody signed that
        raise NotAuthenticated("The signature does not hold.", "Send it as the issuing service made it.") from None
    keyring.verify(envelope["issuer"], signed, str(envelope["signature"]))
    expires = envelope["expires_at"]
    if expires is not None and clock.now() > datetime.fromisoformat(expires):
        raise NotAuthenticated("The envelope has expired.", "Ask for a new one.")
    payload: dict[str, Any] = envelope["payload"]
    return payload
