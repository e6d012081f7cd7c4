"""Encrypted archives: a stream in chunks under AES-256-GCM, so that no size is too large and no end can be cut off.

    line 1   JSON: what it is, of which project, and a random salt; bound into the key
    then     chunks of `length (4 bytes) | ciphertext`, nonce = number of the chunk, associated data = last or not

This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as age uses it. A file that breaks off has
no last chunk and is refused; chunks cannot change places.
"""

from __future__ import annotations

import json
import secrets
import struct
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from enclave.core.digests import canonical_json
from enclave.core.errors import Conflict
from enclave.sandboxes.project_keys import derive

CHUNK = 1024 * 1024
_LINE = 4096


def encrypt(source: IO[bytes], target: IO[bytes], key: bytes, header: dict[str, Any]) -> int:
    """Encrypt a stream to its end; returns the bytes that it had."""
    line = canonical_json({**header, "salt": secrets.token_hex(16)})
    target.write(line + b"\n")
    cipher, size, number = _cipher(key, line), 0, 0
    chunk = _full(source)
    while True:
        following = _full(source) if len(chunk) == CHUNK else b""
        sealed = cipher.encrypt(_nonce(number), chunk, _mark(not following))
        target.write(struct.pack(">I", len(sealed)) + sealed)
        size, number = size + len(chunk), number + 1
        if not following:
            return size
        chunk = following


def decrypt(source: IO[bytes], key: bytes) -> Iterator[bytes]:
    """The plain chunks of a stream; Conflict when it is damaged, cut off or of another key."""
    line = source.readline(_LINE).rstrip(b"\n")
    cipher, number, last = _cipher(key, line), 0, False
    while length := source.read(4):
        if last or len(length) != 4:
            raise _damaged()
        sealed = source.read(struct.unpack(">I", length)[0])
        try:
            chunk = cipher.decrypt(_nonce(number), sealed, _mark(False))
        except InvalidTag:
            chunk, last = _last(cipher, number, sealed), True
        number += 1
        yield chunk
    if not last:
        raise _damaged()


def header_of(source: IO[bytes]) -> dict[str, Any]:
    """What an archive says of itself; not to be believed before it was decrypted."""
    found: dict[str, Any] = json.loads(source.readline(_LINE))
    return found


def _last(cipher: AESGCM, number: int, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), sealed, _mark(True))
    except InvalidTag as problem:
        raise _damaged() from problem


def _full(source: IO[bytes]) -> bytes:
    """A whole chunk, or what is left; pipes hand out less at a time."""
    parts, missing = [], CHUNK
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _cipher(key: bytes, line: bytes) -> AESGCM:
    return AESGCM(derive(key, f"archive {line.decode(errors='replace')}"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _mark(last: bool) -> bytes:
    return b"last" if last else b"more"


def _damaged() -> Conflict:
    return Conflict("The archive is damaged or of another key.", "Take another snapshot of the list.")
