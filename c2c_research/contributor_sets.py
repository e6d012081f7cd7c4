"""Contributor sets on their way: which persons stand behind each cell of a table, sealed for the data zone alone.

A set is a roaring bitmap of places in the extract's *person index*: the sorted distinct `person_id` of all its tables.
The file names the extract, the digest of that index and the digest of the table that it belongs to, so that sets of
another table or extract are found out. `seal` encrypts it to the data service: portal, worker and stores hold a text
that they cannot read.

Cells stand at labels, one a dimension; a margin has None for the dimensions that it adds over and no set of its own,
because its persons are the union of its line. `shown` is false for a hidden cell: its persons still stand behind the
shown margins.

Encryption: X25519 with a fresh key a file, HKDF-SHA256, ChaCha20-Poly1305 (RFC 7748, 5869, 8439).
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from pyroaring import BitMap

SUFFIX = ".contributors.bin"
MAGIC = b"C2CSETS1"
MAX_CELLS = 20_000
MAX_BYTES = 64 * 2**20
_PURPOSE = b"c2c contributor sets"

Place = tuple[str | None, ...]
Cell = tuple[int, int]


class BadSets(ValueError):
    """The file is no contributor file, or of another form; the message carries no content."""


@dataclass(frozen=True)
class CellSet:
    """One cell. `members` is None for a margin. `years` are those of the rows behind it, empty where there are none."""

    at: Place
    cell: Cell
    measure: str
    shown: bool
    members: BitMap | None
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class TableSets:
    """All cells of one table, bound to an extract, its person index and the table's bytes."""

    project: str
    version: int
    index_sha256: str
    table_sha256: str
    cells: tuple[CellSet, ...]
    rounding: int = 0
    revision_of: str = ""

    def encode(self) -> bytes:
        """Header as JSON, then the serialised bitmaps, compressed."""
        bodies = [b"" if each.members is None else bytes(each.members.serialize()) for each in self.cells]
        header = {
            "project": self.project, "version": self.version, "index": self.index_sha256, "table": self.table_sha256,
            "rounding": self.rounding, "revision_of": self.revision_of,
            "cells": [
                [list(each.at), *each.cell, each.measure, each.shown, list(each.years), len(body)]
                for each, body in zip(self.cells, bodies, strict=True)
            ],
        }  # fmt: skip
        text = json.dumps(header).encode()
        return zlib.compress(struct.pack("<I", len(text)) + text + b"".join(bodies), 6)

    @classmethod
    def decode(cls, data: bytes) -> TableSets:
        """Rebuild it. The content is a researcher's: every size is checked. Raises BadSets."""
        try:
            return cls._decode(data)
        except (ValueError, KeyError, TypeError, struct.error, zlib.error, RecursionError) as problem:
            raise BadSets("The contributor sets cannot be read; save the table again.") from problem

    @classmethod
    def _decode(cls, data: bytes) -> TableSets:
        reader = zlib.decompressobj()
        plain = reader.decompress(data, MAX_BYTES)
        if reader.unconsumed_tail or not reader.eof:
            raise ValueError("too large")
        (size,) = struct.unpack_from("<I", plain)
        header = json.loads(plain[4 : 4 + size])
        body, offset = plain[4 + size :], 0
        if len(header["cells"]) > MAX_CELLS:
            raise ValueError("too many cells")
        cells = []
        for at, row, column, measure, shown, years, length in header["cells"]:
            piece = body[offset : offset + length]
            if not 0 <= length == len(piece):
                raise ValueError("cut off")
            offset += length
            place = tuple(None if label is None else str(label) for label in at)
            members = _bitmap(piece) if length else None
            cells.append(CellSet(place, (int(row), int(column)), str(measure), shown is True, members, _years(years)))
        return cls(
            str(header["project"]), int(header["version"]), str(header["index"]), str(header["table"]), tuple(cells),
            int(header["rounding"]), str(header["revision_of"]),
        )  # fmt: skip


def seal(public_key: bytes, body: bytes) -> bytes:
    """Encrypt to the data service's public key (32 bytes)."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    once = X25519PrivateKey.generate()
    recipient = X25519PublicKey.from_public_bytes(public_key)
    head = MAGIC + once.public_key().public_bytes_raw()
    nonce = os.urandom(12)
    return bytes(head + nonce + _cipher(once, recipient, head).encrypt(nonce, body, head))


def unseal(private_key: X25519PrivateKey, sealed: bytes) -> bytes:
    """Decrypt; BadSets where it was not sealed for this key, or a byte was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    head, nonce, text = sealed[:40], sealed[40:52], sealed[52:]
    if not sealed.startswith(MAGIC) or len(sealed) < 68:
        raise BadSets("This is no file of contributor sets.")
    try:
        sender = X25519PublicKey.from_public_bytes(head[8:])
        return bytes(_cipher(private_key, sender, head).decrypt(nonce, text, head))
    except (InvalidTag, ValueError) as problem:
        raise BadSets(
            "The contributor sets were sealed for another enclave or changed; save the table again."
        ) from problem


def _cipher(private: X25519PrivateKey, public: X25519PublicKey, head: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(SHA256(), 32, head, _PURPOSE).derive(private.exchange(public))
    return ChaCha20Poly1305(key)


def _bitmap(piece: bytes) -> BitMap:
    from pyroaring import BitMap

    return BitMap.deserialize(piece)


def _years(given: Any) -> tuple[int, ...]:
    return tuple(sorted({int(year) for year in given}))[:200]
