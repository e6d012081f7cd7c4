"""PNG and JPEG: a figure is looked at by reviewers; here we look for bytes that a viewer does not draw."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from c2c_research.disclosure.document import Document, Hidden, Unreadable

_PNG_START = b"\x89PNG\r\n\x1a\n"
_DRAWN = frozenset(
    [
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"pHYs",
        b"sBIT",
        b"bKGD",
        b"tIME",
        b"cICP",
    ]
)
_HARMLESS_TEXT = frozenset(["software", "creation time", "date", "title", "author"])
MAX_TEXT = 200
MAX_EXIF = 2_000


def read(kind: str, content: bytes) -> Document:
    hidden = _png(content) if kind == "png" else _jpeg(content)
    return Document(kind, hidden=tuple(Hidden(message) for message in sorted(set(hidden))))


def _png(content: bytes) -> list[str]:
    found = []
    end = len(_PNG_START)
    for name, body, after in _png_chunks(content):
        end = after
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            if not _harmless_text(body):
                found.append("The picture carries text that is not drawn.")
        elif name == b"iCCP":
            if len(body) > 10_000:
                found.append("The picture carries an unusually large colour profile.")
        elif name not in _DRAWN:
            found.append("The picture carries data that is not drawn.")
    if content[end:]:
        found.append("Bytes follow the end of the picture.")
    return found


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    place = len(_PNG_START)
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        name, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        end = place + 12 + size
        if end > len(content) or zlib.crc32(name + body) != int.from_bytes(content[end - 4 : end], "big"):
            raise Unreadable("The picture is damaged; save it again.")
        yield name, body, end
        if name == b"IEND":
            return
        place = end
    raise Unreadable("The picture is cut off; save it again.")


def _harmless_text(body: bytes) -> bool:
    keyword = body.partition(b"\x00")[0].decode("latin-1").lower()
    return keyword in _HARMLESS_TEXT and len(body) <= MAX_TEXT


def _jpeg(content: bytes) -> list[str]:
    found = []
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            raise Unreadable("The picture is damaged; save it again.")
        marker = content[place + 1]
        size = int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == 0xFE and size > MAX_TEXT:
            found.append("The picture carries a comment that is not drawn.")
        if (0xE1 <= marker <= 0xEF and marker not in (0xE2, 0xEE)) and size > MAX_EXIF:
            found.append("The picture carries data that is not drawn.")
        if marker == 0xDA:
            break
        place += 2 + size
    end = content.rfind(b"\xff\xd9")
    if end < 0:
        raise Unreadable("The picture is cut off; save it again.")
    if content[end + 2 :]:
        found.append("Bytes follow the end of the picture.")
    return found
