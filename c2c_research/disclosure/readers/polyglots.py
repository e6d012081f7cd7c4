"""Files that are two files at once: a second signature in a file of an accepted kind.

A program that looks for its own kind anywhere in a file (ZIP from the end, PDF in the first kilobyte, a browser at
the first tag) opens the second file. Chance does not make these marks: a ZIP needs its closing record *and* an entry.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from c2c_research.disclosure.document import Hidden

_PAGE = re.compile(rb"<(?:!doctype\s+html|html|script|body|iframe|svg)[\s>]|<\?php", re.IGNORECASE)
_PICTURES = frozenset(["png", "jpeg"])
_PAGES = frozenset(["html", "svg", "notebook", "xlsx", "pdf", "png", "jpeg", "markdown", "latex"])
_ARCHIVES = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "RAR"), (b"\xfd7zXZ\x00", "xz"))
_FIRST = 1_024


def second_signatures(kind: str, content: bytes) -> Iterator[Hidden]:
    """One finding a kind of file that the content is besides its own."""
    for other in _others(kind, content):
        yield Hidden(f"The file is a second file at once ({other}).")


def _others(kind: str, content: bytes) -> Iterator[str]:
    if kind != "xlsx" and _is_zip(content):
        yield "ZIP"
    if kind != "pdf" and (b"%PDF-" in content[:_FIRST] or (b"%PDF-" in content and b"%%EOF" in content)):
        yield "PDF"
    if kind not in _PAGES and _PAGE.match(content.lstrip(b"\xef\xbb\xbf \t\r\n")):
        yield "HTML"
    if kind in _PICTURES and _PAGE.search(content):
        yield "HTML"
    if kind in ("png", "jpeg", "pdf"):
        yield from (name for magic, name in _ARCHIVES if magic in content)
        yield from _programs(content)


def _is_zip(content: bytes) -> bool:
    """Is there a closing record that says where a directory of files lies, and an entry of it?"""
    place = content.rfind(b"PK\x05\x06")
    if place < 0 or place + 22 > len(content) or b"PK\x01\x02" not in content[:place]:
        return False
    entries, size = struct.unpack("<HI", content[place + 10 : place + 16])
    return bool(entries) and size <= place


def _programs(content: bytes) -> Iterator[str]:
    for place in (match.start() for match in re.finditer(rb"MZ", content)):
        start = int.from_bytes(content[place + 60 : place + 64], "little")
        if 64 <= start <= 4_096 and content[place + start : place + start + 4] == b"PE\x00\x00":
            yield "Windows program"
            return
    if re.search(rb"\x7fELF[\x01\x02][\x01\x02]\x01", content):
        yield "Linux program"
