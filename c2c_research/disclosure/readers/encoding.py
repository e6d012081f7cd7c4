"""Bytes to text: byte order marks, UTF-8, then Windows-1252; control characters are not text."""

from __future__ import annotations

from c2c_research.disclosure.document import RefusedKind


def decode(content: bytes) -> str:
    """Decode a text file. Raises RefusedKind where the bytes are no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _strict(content, "utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _strict(content, "cp1252")
    if any(ord(char) < 32 and char not in "\t\n\r\f\x1b\x08" for char in text):
        raise RefusedKind("The name says text, the content holds control characters.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise RefusedKind("The name says text, the content is in no encoding that we read; use UTF-8.") from problem
