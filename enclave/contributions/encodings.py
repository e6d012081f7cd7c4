"""How a provider's text file is encoded: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252.

Old extracts from mainframes and spreadsheets come in Windows-1252. Any byte sequence reads as Windows-1252 or Latin-1,
so the guess is only made where UTF-8 fails, and the report names the encoding that was used.
"""

from __future__ import annotations

import codecs
import hashlib
from enum import StrEnum
from pathlib import Path

_CHUNK = 1 << 22


class Encoding(StrEnum):
    """Encodings that the intake reads; the value is Python's name."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    WINDOWS = "cp1252"


def inspect_file(path: Path) -> tuple[str, Encoding]:
    """SHA-256 and encoding of a file, in one pass."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = Encoding.UTF8
    with path.open("rb") as stream:
        first = True
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            if first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                encoding = Encoding.UTF16
            first = False
            if encoding is Encoding.UTF8:
                encoding = _still_utf8(decoder, chunk)
        if encoding is Encoding.UTF8:
            encoding = _still_utf8(decoder, b"", final=True)
    return digest.hexdigest(), encoding


def _still_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> Encoding:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return Encoding.WINDOWS
    return Encoding.UTF8
