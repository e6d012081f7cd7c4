"""PNG and JPEG: a figure is looked at by reviewers; here we look for bytes that a viewer does not draw.

Not drawn: text chunks, comments, EXIF and XMP that hold data (the names of programs, times and sizes are normal),
thumbnails, further pictures, pixels behind the last line, and bytes behind the end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Literal

from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers.raster import spots_in
from c2c_research.disclosure.readers.unseen import holds_data

_PNG_START = b"\x89PNG\r\n\x1a\n"
_DRAWN = frozenset(
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD", b"tIME",
     b"cICP", b"oFFs", b"sTER"]
)  # fmt: skip
_HARMLESS_TEXT = frozenset(
    ["software", "creation time", "date", "title", "author", "source", "copyright", "creator", "date:create",
     "date:modify", "date:timestamp", "xml:com.adobe.xmp", "comment", "description"]
)  # fmt: skip
_PROPERTIES = re.compile(
    rb'<\?x[^>]*>|</?[a-zA-Z:]+|/?>|\b(?:xmlns|xmpMM|xmp|exif|tiff|stEvt|stRef|photoshop|rdf|x)(?::\w+)?\s*=\s*"[^"]{0,100}"'
)
_PRINTED = re.compile(rb"[\x20-\x7e]{4,}|(?:[\x20-\x7e]\x00){4,}")
_STANDALONE = frozenset([0x01, *range(0xD0, 0xD8)])
MAX_TEXT = 200
MAX_EXIF = 2_000
_PLACES = 0x8825
MAX_PROFILE = 10_000
MAX_PIXELS = 400_000_000
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
TEXT = "The picture carries text that is not drawn."
DATA = "The picture carries data that is not drawn."


def read(kind: str, content: bytes) -> Document:
    hidden = _png(content) if kind == "png" else _jpeg(content)
    messages = tuple(Hidden(message) for message in sorted(set(hidden)))
    spots = spots_in(content)
    return Document(kind, hidden=messages, clouds=(spots,) if spots is not None else ())


# ------------------------------------------------------------- PNG


def _png(content: bytes) -> Iterator[str]:
    end, header = len(_PNG_START), b""
    pixels: list[bytes] = []
    for name, body, after in _png_chunks(content):
        end = after
        if name == b"IHDR":
            header = body
        elif name == b"IDAT":
            pixels.append(body)
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            if not _harmless_text(name, body):
                yield TEXT
        elif name == b"eXIf":
            if _exif_holds_data(body):
                yield DATA
        elif name == b"iCCP":
            if len(body) > MAX_PROFILE:
                yield "The picture carries an unusually large colour profile."
        elif name not in _DRAWN:
            yield DATA
    if content[end:]:
        yield "Bytes follow the end of the picture."
    if _more_than_pixels(header, b"".join(pixels)):
        yield DATA


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


def _harmless_text(name: bytes, body: bytes) -> bool:
    keyword, _, text = body.partition(b"\x00")
    try:
        if name == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], MAX_EXIF)
        elif name == b"iTXt":
            packed, (_, _, text) = text[:1] == b"\x01", text[2:].partition(b"\x00")
            text = text.partition(b"\x00")[2] if b"\x00" in text else text
            text = zlib.decompressobj().decompress(text, MAX_EXIF) if packed else text
    except (zlib.error, ValueError):
        return False
    known = keyword.decode("latin-1").lower()
    if known == "xml:com.adobe.xmp":
        return not _properties_hold_data(text)
    return known in _HARMLESS_TEXT and len(body) <= MAX_TEXT and not holds_data(text.decode("utf-8", "replace"))


def _more_than_pixels(header: bytes, packed: bytes) -> bool:
    """Does the packed stream hold more than the picture's lines, or does anything follow it?"""
    if len(header) != 13:
        raise Unreadable("The picture is damaged; save it again.")
    wide, high = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * _CHANNELS.get(header[9], 1)
    expected = sum(
        -(-max(high - y, 0) // down) * (1 + -(-(-(-max(wide - x, 0) // across) * bits) // 8))
        for x, y, across, down in (_PASSES if header[12] else ((0, 0, 1, 1),))
        if wide > x
    )
    if expected > MAX_PIXELS:
        raise Unreadable("The picture is too large to be reviewed; save it smaller.")
    opened = zlib.decompressobj()
    try:
        lines = opened.decompress(packed, expected + 1)
        lines += opened.decompress(opened.unconsumed_tail, 1) if len(lines) <= expected else b""
    except zlib.error as problem:
        raise Unreadable("The picture is damaged; save it again.") from problem
    return len(lines) > expected or bool(opened.unused_data)


# ------------------------------------------------------------- JPEG


def _jpeg(content: bytes) -> Iterator[str]:
    place, profile = 2, 0
    while True:
        marker, place = _marker(content, place)
        if marker == 0xD9:
            break
        if marker in _STANDALONE:
            continue
        size = int.from_bytes(content[place : place + 2], "big")
        body = content[place + 2 : place + size]
        place += max(size, 2)
        profile += len(body) if marker == 0xE2 else 0
        message = _segment(marker, body)
        if message:
            yield message
        if marker == 0xDA:
            place = _behind_scan(content, place)
    if profile > MAX_PROFILE:
        yield "The picture carries an unusually large colour profile."
    if content[place:]:
        yield "Bytes follow the end of the picture."


def _marker(content: bytes, place: int) -> tuple[int, int]:
    if place + 2 > len(content):
        raise Unreadable("The picture is cut off; save it again.")
    if content[place] != 0xFF:
        raise Unreadable("The picture is damaged; save it again.")
    while place + 1 < len(content) and content[place + 1] == 0xFF:
        place += 1
    if place + 2 > len(content):
        raise Unreadable("The picture is cut off; save it again.")
    return content[place + 1], place + 2


def _behind_scan(content: bytes, place: int) -> int:
    """The next marker behind the pixels of a scan: FF 00 is a pixel, FF D0 to D7 a restart within the scan."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise Unreadable("The picture is cut off; save it again.")
        if content[place + 1] != 0 and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 2


def _segment(marker: int, body: bytes) -> str:
    if marker == 0xFE:
        long = len(body) > MAX_TEXT or holds_data(body.decode("utf-8", "replace"))
        return "The picture carries a comment that is not drawn." if long else ""
    if marker == 0xE0:
        return DATA if (len(body) > 14 and not body.startswith(b"JFIF\x00")) or len(body) > MAX_TEXT else ""
    if marker == 0xE1:
        xmp = body.startswith(b"http://ns.adobe.com/")
        found = _properties_hold_data(body.partition(b"\x00")[2]) if xmp else _exif_holds_data(body)
        return DATA if found else ""
    if marker == 0xE2:
        return "" if body.startswith(b"ICC_PROFILE\x00") or len(body) <= MAX_TEXT else DATA
    return DATA if 0xE3 <= marker <= 0xEF and len(body) > MAX_TEXT else ""


# ------------------------------------------------------------- EXIF and XMP


def _exif_holds_data(body: bytes) -> bool:
    """A picture's EXIF block: longer than a program writes of itself, or with words that hold data."""
    if len(body) > MAX_EXIF or _tells_the_place(body):
        return True
    runs = (match[0].replace(b"\x00", b"").decode("ascii") for match in _PRINTED.finditer(body))
    return any(holds_data(run) or len(run) > MAX_TEXT for run in runs)


def _tells_the_place(body: bytes) -> bool:
    """A latitude or longitude in the block's directory of places (CIPA DC-008, tags 2 and 4)."""
    block = body.removeprefix(b"Exif\x00\x00")
    order: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"
    place = _tags(block, int.from_bytes(block[4:8], order), order).get(_PLACES, 0)
    return bool(place) and bool(_tags(block, place, order).keys() & {2, 4})


def _tags(block: bytes, start: int, order: Literal["little", "big"]) -> dict[int, int]:
    """Tags of a TIFF directory with what stands in their fourth field."""
    number = int.from_bytes(block[start : start + 2], order)
    lines = [block[at : at + 12] for at in range(start + 2, min(start + 2 + 12 * number, len(block) - 11), 12)]
    return {int.from_bytes(line[:2], order): int.from_bytes(line[8:], order) for line in lines}


def _properties_hold_data(body: bytes) -> bool:
    """XMP: what stays when tags, names of vocabularies and the usual short properties are taken out."""
    rest = b" ".join(_PROPERTIES.sub(b" ", body).split())
    return len(body) > 10 * MAX_EXIF or len(rest) > 3 * MAX_TEXT or holds_data(rest.decode("utf-8", "replace"))
