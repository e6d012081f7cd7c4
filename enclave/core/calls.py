"""Signed calls between services: a header that says who calls what, good for one minute and one body."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from datetime import timedelta

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import NotAuthenticated
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal

HEADER = "X-C2C-Call"
_KIND = "service.call"
_LIFE = timedelta(seconds=60)


def sign_call(key: SigningKey, clock: Clock, method: str, path: str, body: bytes = b"") -> str:
    """The header's value for a call; `path` includes the query string."""
    payload = {"method": method.upper(), "path": path, "body": sha256_hex(body)}
    return base64.urlsafe_b64encode(canonical_json(seal(_KIND, payload, key, clock, _LIFE))).decode()


def verify_call(
    header: str, keyring: Keyring, clock: Clock, method: str, path: str, body: bytes, issuers: Collection[str]
) -> str:
    """The issuer of a call whose header fits its method, path and body; else NotAuthenticated."""
    try:
        envelope = json.loads(base64.urlsafe_b64decode(header))
    except (ValueError, RecursionError) as problem:
        raise NotAuthenticated("The call is not signed.", "Only services of the enclave may call this.") from problem
    payload = open_envelope(envelope, keyring, _KIND, clock, issuers)
    if payload != {"method": method.upper(), "path": path, "body": sha256_hex(body)}:
        raise NotAuthenticated("The signature is of another call.", "Sign each call by itself.")
    return str(envelope["issuer"])
